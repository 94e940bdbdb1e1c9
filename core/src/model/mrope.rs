//! Positions of the language model: M-RoPE (Qwen2-VL, arXiv 2409.12191, section 2.1).
//!
//! Text moves along all three axes (time, height, width) together. A picture's tokens share one
//! time and spread over height and width; what follows goes on after the largest of them.

use burn::tensor::Device;

use crate::model::config::TextConfig;
use crate::model::rotary::{Rotary, inverse_frequencies};

/// Three positions a token: time, height, width.
pub type Position = [u32; 3];

/// The positions of `ids`, and the first one after them.
///
/// Runs of `image_token` are read as the merged grids of `grids`, `[time, height, width]` each in
/// patches, in order.
#[must_use]
pub fn positions(
    ids: &[u32],
    image_token: u32,
    grids: &[[usize; 3]],
    merge: usize,
) -> (Vec<Position>, u32) {
    let mut positions = Vec::with_capacity(ids.len());
    let (mut next, mut grids) = (0, grids.iter());
    let mut index = 0;
    while index < ids.len() {
        let grid = if ids[index] == image_token { grids.next() } else { None };
        let Some(&[time, height, width]) = grid else {
            positions.push([next; 3]);
            next += 1;
            index += 1;
            continue;
        };
        let (height, width) = (height / merge, width / merge);
        for t in 0..time {
            for h in 0..height {
                for w in 0..width {
                    positions.push([next + t as u32, next + h as u32, next + w as u32]);
                }
            }
        }
        index += time * height * width;
        next += time.max(height).max(width) as u32;
    }
    (positions, next)
}

/// The turns of the language model at `rows` of positions, all of one length.
#[must_use]
pub fn rotary(rows: &[Vec<Position>], config: &TextConfig, device: &Device) -> Rotary {
    Rotary::new(&angles(rows, config), rows.len(), config.head_dim / 2, device)
}

/// Their angles, in radians: `[rows, length, head_dim / 2]`, row-major.
pub(crate) fn angles(rows: &[Vec<Position>], config: &TextConfig) -> Vec<f32> {
    let half = config.head_dim / 2;
    let frequencies = inverse_frequencies(config.rope_theta, half);
    let axes = axes(config.mrope_section);
    let mut angles = Vec::with_capacity(rows.iter().map(Vec::len).sum::<usize>() * half);
    for position in rows.iter().flatten() {
        angles.extend(axes.iter().zip(&frequencies).map(|(&axis, f)| position[axis] as f32 * f));
    }
    angles
}

/// Which axis each frequency reads: the first section time, then height, then width.
fn axes(sections: [usize; 3]) -> Vec<usize> {
    (0..3).flat_map(|axis| std::iter::repeat_n(axis, sections[axis])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_goes_on_after_the_larger_side_of_the_picture() {
        // Two words, a picture of 2 x 3 merged tokens, one word.
        let ids = [7, 7, 9, 9, 9, 9, 9, 9, 7];
        let (found, next) = positions(&ids, 9, &[[1, 4, 6]], 2);
        let expected: Vec<Position> = vec![
            [0, 0, 0],
            [1, 1, 1],
            [2, 2, 2],
            [2, 2, 3],
            [2, 2, 4],
            [2, 3, 2],
            [2, 3, 3],
            [2, 3, 4],
            [5, 5, 5],
        ];
        assert_eq!(found, expected);
        assert_eq!(next, 6);
    }

    #[test]
    fn sections_choose_the_axis() {
        assert_eq!(axes([1, 2, 2]), [0, 1, 1, 2, 2]);
    }
}
