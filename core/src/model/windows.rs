//! The vision tower's order of patches: attention windows, and where each patch sits in the
//! picture (Qwen2.5-VL, arXiv 2502.13923, section 2.1.1).

use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::model::attention::MASKED;
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
    /// Patches in a full window.
    full: usize,
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
        Self { units, windows, full: side * side * unit, unit }
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

    /// How attention within windows is laid out as a batch.
    #[must_use]
    pub fn layout(&self, device: &Device) -> WindowLayout {
        let count = self.windows.len();
        if self.windows.iter().all(|&window| window == self.full) {
            return WindowLayout { count, length: self.full, padding: None };
        }
        // Partial windows are filled up with the picture's first patch, which nobody sees.
        let (mut spread, mut gather, mut mask) = (Vec::new(), Vec::new(), Vec::new());
        let mut start = 0;
        for (index, &window) in self.windows.iter().enumerate() {
            spread.extend(start..start + window);
            spread.extend(std::iter::repeat_n(0, self.full - window));
            gather.extend(index * self.full..index * self.full + window);
            mask.extend((0..self.full).map(|i| if i < window { 0.0 } else { MASKED }));
            start += window;
        }
        let padding = Padding {
            spread: indices(spread, device),
            gather: indices(gather, device),
            mask: Tensor::from_data(TensorData::new(mask, [count, 1, self.full]), device),
        };
        WindowLayout { count, length: self.full, padding: Some(padding) }
    }
}

/// Windows as a batch of equally long sequences.
#[derive(Debug, Clone)]
pub struct WindowLayout {
    /// How many windows.
    pub count: usize,
    /// Patches in each, filled up where partial.
    pub length: usize,
    /// What partial windows need; `None` where all are full.
    pub padding: Option<Padding>,
}

/// How partial windows are filled up.
#[derive(Debug, Clone)]
pub struct Padding {
    /// For each place in the batch, the patch: `[count * length]`.
    pub spread: Tensor<1, Int>,
    /// For each patch, its place in the batch: `[patches]`.
    pub gather: Tensor<1, Int>,
    /// Hides what was filled up: `[count, 1, length]`.
    pub mask: Tensor<3>,
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
        let layout = order.layout(&device);
        assert_eq!((layout.count, layout.length), (4, 16));
        assert_eq!(layout.padding.unwrap().gather.dims(), [36]);
    }

    #[test]
    fn full_windows_need_no_padding() {
        let order = WindowOrder::new([1, 8, 4], &config());
        assert_eq!(order.windows, [16, 16]);
        assert!(order.layout(&Device::flex()).padding.is_none());
    }
}
