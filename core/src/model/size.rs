//! How many weights a model's matrices have, from its sizes alone.

use crate::model::config::{TextConfig, VisionConfig};
use crate::model::{ModelConfig, Precision};

/// From so many weights on a model is quantized where nothing else is asked for.
const LARGE: usize = 1_000_000_000;

impl TextConfig {
    /// Weights of the blocks' matrices.
    #[must_use]
    pub const fn weights(&self) -> usize {
        let queries = self.num_attention_heads * self.head_dim;
        let keys = self.num_key_value_heads * self.head_dim;
        let layer = self.hidden_size * (2 * queries + 2 * keys + 3 * self.intermediate_size);
        self.num_hidden_layers * layer
    }
}

impl VisionConfig {
    /// Weights of the patch embedding, the blocks' matrices and the merger.
    #[must_use]
    pub const fn weights(&self) -> usize {
        let width = self.hidden_size;
        let unit = self.spatial_merge_size * self.spatial_merge_size * width;
        let patch = self.in_channels * self.temporal_patch_size * self.patch_size * self.patch_size;
        let block = width * (4 * width + 3 * self.intermediate_size);
        self.depth * block + patch * width + unit * (unit + self.out_hidden_size)
    }
}

impl Precision {
    /// How a model is kept where nothing is asked for: 4 bits from a billion weights on.
    #[must_use]
    pub const fn of(config: &ModelConfig) -> Self {
        match config.text.weights() + config.vision.weights() {
            LARGE.. => Self::Q4,
            _ => Self::F32,
        }
    }
}
