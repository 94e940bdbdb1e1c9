//! How the patch embedding begins: as the lowest waves of a discrete cosine transform.

use std::f64::consts::PI;

use crate::model::VisionConfig;

/// The size of an embedded patch's features beside the others' at the beginning.
const SCALE: f64 = 0.3;

/// Brightness and two differences of colour.
const AXES: [[f64; 3]; 3] = [[1.0, 1.0, 1.0], [1.0, 0.0, -1.0], [-0.5, 1.0, -0.5]];

/// A patch embedding's kernel `[width, channels x time x height x width]`, row-major: the lowest
/// two-dimensional cosine waves (DCT-II, as JPEG has it) along three axes of colour, each of length
/// [`SCALE`]. From chance a small tower takes thousands of pictures to find as good a basis.
///
/// Only pictures of three channels have these axes.
pub(super) fn cosine_kernel(config: &VisionConfig) -> Vec<f32> {
    let (side, frames) = (config.patch_size, config.temporal_patch_size);
    let mut waves: Vec<[usize; 2]> =
        (0..side * side).map(|index| [index / side, index % side]).collect();
    waves.sort_by_key(|[u, v]| (u + v, *u));
    let kernels = waves.into_iter().flat_map(|wave| AXES.map(|axis| (wave, axis)));
    let mut values = Vec::new();
    for ([u, v], axis) in kernels.take(config.hidden_size) {
        let cosine =
            |at: usize, k: usize| (PI * (2 * at + 1) as f64 * k as f64 / (2 * side) as f64).cos();
        let mut kernel = Vec::with_capacity(AXES.len() * frames * side * side);
        for colour in axis {
            for _ in 0..frames {
                let at = (0..side * side).map(|index| (index / side, index % side));
                kernel.extend(at.map(|(y, x)| colour * cosine(y, u) * cosine(x, v)));
            }
        }
        let length = kernel.iter().map(|value| value * value).sum::<f64>().sqrt();
        // Both frames of a still picture are the same one: their parts add up.
        let scale = SCALE / length / (frames as f64).sqrt();
        values.extend(kernel.iter().map(|value| (value * scale) as f32));
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waves_are_of_one_length_and_at_right_angles() {
        let config = VisionConfig {
            depth: 1,
            hidden_size: 30,
            intermediate_size: 32,
            num_heads: 1,
            in_channels: 3,
            out_hidden_size: 32,
            patch_size: 14,
            spatial_merge_size: 2,
            temporal_patch_size: 2,
            window_size: 112,
            fullatt_block_indexes: vec![0],
        };
        let kernel = cosine_kernel(&config);
        let width = 3 * config.temporal_patch_size * config.patch_size.pow(2);
        assert_eq!(kernel.len(), 30 * width);
        let rows: Vec<&[f32]> = kernel.chunks(width).collect();
        for (i, a) in rows.iter().enumerate() {
            for (j, b) in rows.iter().enumerate() {
                let product: f32 = a.iter().zip(*b).map(|(a, b)| a * b).sum();
                let expected = if i == j { 0.045 } else { 0.0 };
                assert!((product - expected).abs() < 1e-6, "{i} {j} {product}");
            }
        }
    }
}
