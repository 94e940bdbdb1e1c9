//! Where the program looked, attribute by attribute, as far as somebody asked.

use std::collections::BTreeMap;

use easel_core::Attribute;
use easel_core::assess::Occlusion;

use super::protocol::RequestId;

/// What was found of the drawing that is shown, and what is being asked.
#[derive(Debug, Default)]
pub struct Looked {
    /// The question on its way.
    pub asked: Option<(RequestId, Attribute)>,
    /// Answers.
    pub found: BTreeMap<Attribute, Occlusion>,
}

/// Changes below this, in points, are nothing that stands out.
const LEAST: f64 = 0.05;

/// How strongly a cell is coloured: its fall as a part of the largest change, from -1 where the score
/// rises to 1. `None` where nothing stands out.
pub fn strengths(occlusion: &Occlusion) -> Option<[[f32; 4]; 4]> {
    let [row, column] = occlusion.most();
    let most = occlusion.falls[row][column].abs();
    let part = |fall: f64| (fall / most) as f32;
    (most >= LEAST).then(|| occlusion.falls.map(|row| row.map(part)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_follow_the_largest_change() {
        let mut falls = [[0.0; 4]; 4];
        falls[0] = [0.4, 0.1, -0.2, 0.0];
        let occlusion = Occlusion { attribute: Attribute::Realism, score: 3.0, falls };
        let strengths = strengths(&occlusion).unwrap();
        assert_eq!(strengths[0], [1.0, 0.25, -0.5, 0.0]);
    }

    #[test]
    fn where_nothing_stands_out_nothing_is_coloured() {
        let falls = [[0.04; 4]; 4];
        let occlusion = Occlusion { attribute: Attribute::Realism, score: 3.0, falls };
        assert_eq!(strengths(&occlusion), None);
    }
}
