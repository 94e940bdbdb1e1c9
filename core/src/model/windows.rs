//! The vision tower's order of patches: attention windows, and where each patch sits in the
//! picture (Qwen2.5-VL, arXiv 2502.13923, section 2.1.1).

use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::model::config::VisionConfig;
use crate::model::rotary::{Rotary, inverse_frequencies};

/// The order of one picture's patches in the tower.
///
/// A *unit* is a square of patches that becomes one token. Units come window by window; windows
/// at the right and lower edge may be partial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowOrder {
    /// For each place in the tower, the unit that stands there.
    pub units: Vec<usize>,
    /// How many patches each window holds, in order.
    pub windows: Vec<usize>,
    /// Patches in a unit.
    unit: usize,
}

impl WindowOrder {
    /// The order for a grid `[time, height, width]` in patches.
    #[must_use]
    pub fn new([time, height, width]: [usize; 3], config: &VisionConfig) -> Self {
        let merge = config.spatial_merge_size;
        let unit = merge * merge;
        let side = config.window_size / merge / config.patch_size;
        let (height, width) = (height / merge, width / merge);

        let mut units = Vec::with_capacity(time * height * width);
        let mut windows = Vec::new();
        for t in 0..time {
            for top in (0..height).step_by(side) {
                for left in (0..width).step_by(side) {
                    let before = units.len();
                    for h in top..(top + side).min(height) {
                        let row = (t * height + h) * width;
                        units.extend((left..(left + side).min(width)).map(|w| row + w));
                    }
                    windows.push((units.len() - before) * unit);
                }
            }
        }
        Self { units, windows, unit }
    }

    /// For each place in the tower, the patch that stands there. `[patches]`
    #[must_use]
    pub fn patches(&self, device: &Device) -> Tensor<1, Int> {
        let patches = self.units.iter().flat_map(|u| u * self.unit..(u + 1) * self.unit);
        indices(patches, device)
    }

    /// For each unit of the picture, its place in the tower. `[units]`
    #[must_use]
    pub fn places(&self, device: &Device) -> Tensor<1, Int> {
        let mut places = vec![0; self.units.len()];
        for (place, &unit) in self.units.iter().enumerate() {
            places[unit] = place;
        }
        indices(places, device)
    }
}

/// The turns of the patches at their rows and columns, in the tower's order.
#[must_use]
pub fn rotary(
    order: &WindowOrder,
    [_, height, width]: [usize; 3],
    config: &VisionConfig,
    device: &Device,
) -> Rotary {
    let merge = config.spatial_merge_size;
    let quarter = config.head_dim() / 4;
    let frequencies = inverse_frequencies(VisionConfig::ROPE_THETA, quarter);
    let columns = width / merge;
    let per_frame = (height / merge) * columns;

    let mut angles = Vec::with_capacity(order.units.len() * order.unit * 2 * quarter);
    for unit in order.units.iter().map(|unit| unit % per_frame) {
        for patch in 0..order.unit {
            let row = unit / columns * merge + patch / merge;
            let column = unit % columns * merge + patch % merge;
            angles.extend(frequencies.iter().map(|f| row as f32 * f));
            angles.extend(frequencies.iter().map(|f| column as f32 * f));
        }
    }
    Rotary::new(&angles, 1, 2 * quarter, device)
}

fn indices(values: impl IntoIterator<Item = usize>, device: &Device) -> Tensor<1, Int> {
    let values: Vec<i32> = values.into_iter().map(|value| value as i32).collect();
    let length = values.len();
    Tensor::from_data(TensorData::new(values, [length]), device)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Windows of 2 x 2 units of 2 x 2 patches.
    fn config() -> VisionConfig {
        VisionConfig {
            depth: 1,
            hidden_size: 8,
            intermediate_size: 8,
            num_heads: 1,
            in_channels: 3,
            out_hidden_size: 8,
            patch_size: 7,
            spatial_merge_size: 2,
            temporal_patch_size: 2,
            window_size: 28,
            fullatt_block_indexes: vec![],
        }
    }

    #[test]
    fn edges_make_partial_windows() {
        // 3 x 3 units: a full window, two halves and a corner.
        let order = WindowOrder::new([1, 6, 6], &config());
        assert_eq!(order.units, [0, 1, 3, 4, 2, 5, 6, 7, 8]);
        assert_eq!(order.windows, [16, 8, 8, 4]);
        let device = Device::flex();
        let places: Vec<i32> = order.places(&device).into_data().iter().collect();
        assert_eq!(places, [0, 1, 4, 2, 3, 5, 6, 7, 8]);
    }

    #[test]
    fn each_frame_has_windows_of_its_own() {
        let order = WindowOrder::new([2, 8, 4], &config());
        assert_eq!(order.windows, [16; 4]);
        assert_eq!(order.units[8..10], [8, 9]);
    }
}
