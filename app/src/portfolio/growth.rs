//! What changed from one drawing to the next, as far as the scores can tell.

use easel_core::{Assessment, Attribute, Score};

/// How one attribute's score changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// The attribute.
    pub attribute: Attribute,
    /// By how many points, from -4 to 4.
    pub points: f64,
    /// The standard deviation of that difference, in points: `sqrt(s0² + s1²)`, as the two scores'
    /// distributions are made from two pictures, each on its own.
    pub spread: f64,
}

impl Change {
    fn new(attribute: Attribute, before: &Score, now: &Score) -> Self {
        let points = now.expected() - before.expected();
        Self { attribute, points, spread: before.std().hypot(now.std()) }
    }

    /// Whether the difference is larger than what is not known of it.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        self.points.abs() > self.spread
    }
}

/// The changes of all attributes that both drawings have, in the rubric's order.
#[must_use]
pub fn changes(before: &Assessment, now: &Assessment) -> Vec<Change> {
    let change = |(attribute, score): (Attribute, &Score)| {
        before.get(attribute).map(|earlier| Change::new(attribute, earlier, score))
    };
    now.iter().filter_map(change).collect()
}

/// The attributes of which there is clearly more than before, the clearest first: what a pupil is
/// told in words. What there is less of is left to a teacher, who sees the drawing, too.
#[must_use]
pub fn new_in(before: &Assessment, now: &Assessment) -> Vec<Attribute> {
    let mut more = changes(before, now);
    more.retain(|change| change.is_clear() && change.points > 0.0);
    let clear = |change: &Change| change.points - change.spread;
    more.sort_by(|a, b| clear(b).total_cmp(&clear(a)));
    more.into_iter().map(|change| change.attribute).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn assessment(scores: &[(Attribute, [f64; 5])]) -> Assessment {
        let scores = scores.iter().map(|&(attribute, probs)| (attribute, Score { probs }));
        Assessment::new(scores.collect::<BTreeMap<_, _>>())
    }

    #[test]
    fn a_difference_counts_beyond_its_own_uncertainty_only() {
        use Attribute::{ColorContrast, ColorRichness, Imagination, Realism};
        let (two, four) = ([0.0, 1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0, 0.0]);
        let (even, five) = ([0.2; 5], [0.0, 0.0, 0.0, 0.0, 1.0]);
        let before = assessment(&[
            (Realism, two),
            (Imagination, even),
            (ColorRichness, four),
            (ColorContrast, two),
        ]);
        let now = assessment(&[
            (Realism, four),
            (Imagination, four),
            (ColorRichness, two),
            (ColorContrast, five),
        ]);
        let found = changes(&before, &now);
        // 3 to 4 with a spread of sqrt(2): nobody knows.
        assert_eq!(found[1].points, 1.0);
        assert!((found[1].spread - 2.0_f64.sqrt()).abs() < 1e-12 && !found[1].is_clear());
        // Less is clear, but nothing that is new.
        assert_eq!((found[2].points, found[2].is_clear()), (-2.0, true));
        assert_eq!(new_in(&before, &now), [ColorContrast, Realism]);
        assert!(new_in(&before, &before).is_empty());
    }

    #[test]
    fn attributes_that_only_one_drawing_has_are_left_out() {
        let one = assessment(&[(Attribute::Realism, [1.0, 0.0, 0.0, 0.0, 0.0])]);
        assert!(changes(&one, &Assessment::default()).is_empty());
        assert!(changes(&Assessment::default(), &one).is_empty());
    }
}
