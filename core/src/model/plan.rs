//! What a model will take on a device, computed from its sizes before anything is loaded.

use std::fmt;

use crate::model::{ModelConfig, Precision};

/// Rank of an adapter, as published, and the matrices of a layer that have one.
const RANK: usize = 8;

/// Bytes on the device while pictures are scored, and while text is written too.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DevicePlan {
    precision: Precision,
    /// Matrices of the language model's layers, with their norms and biases.
    pub text: f64,
    /// The vision tower.
    pub vision: f64,
    /// The nine adapters on q, k, v and o.
    pub adapters: f64,
    /// What a pass over nine prompts holds at its peak.
    pub activations: f64,
    /// The whole head, which only text needs.
    pub head: f64,
    /// Keys and values of what was read and written, which only text needs.
    pub cache: f64,
    /// The largest buffer that a kernel binds.
    pub largest: f64,
}

impl DevicePlan {
    /// For prompts of `length` tokens, the picture's included, and as many of text.
    #[must_use]
    pub fn new(config: &ModelConfig, precision: Precision, length: usize) -> Self {
        const F32: f64 = 4.0;
        const ROWS: f64 = 9.0;
        let (text, vision) = (&config.text, &config.vision);
        let (hidden, inner) = (text.hidden_size as f64, text.intermediate_size as f64);
        let queries = (text.num_attention_heads * text.head_dim) as f64;
        let keys = (text.num_key_value_heads * text.head_dim) as f64;
        let (layers, length) = (text.num_hidden_layers as f64, length as f64);
        let careful = precision.careful().bits() / 8.0;

        let small = layers * (2.0 * hidden + queries + 2.0 * keys) + hidden;
        let patch = vision.in_channels * vision.temporal_patch_size * vision.patch_size.pow(2);
        // The patches' convolution stays in floats.
        let floats = (patch * vision.hidden_size) as f64;
        let lora = layers * RANK as f64 * (3.0 * hidden + 2.0 * queries + queries + 2.0 * keys);
        let tokens = ROWS * length;
        // The stream and its norm beside the feed-forward layer's three, or beside queries, keys,
        // values and two times the attention's scores.
        let feed_forward = tokens * (2.0 * hidden + 3.0 * inner);
        let scores = ROWS * text.num_attention_heads as f64 * length * length;
        let attention = tokens * (2.0 * hidden + 3.0 * queries + 4.0 * keys) + 2.0 * scores;
        let head = text.vocab_size as f64 * hidden * careful;
        let widest = hidden * inner.max(queries) * precision.bits() / 8.0;
        Self {
            precision,
            text: text.weights() as f64 * precision.bits() / 8.0 + small * F32,
            vision: (vision.weights() as f64 - floats) * careful + floats * F32,
            adapters: ROWS * lora * F32,
            activations: feed_forward.max(attention) * F32,
            head,
            cache: 2.0 * layers * 2.0 * length * keys * F32,
            largest: widest.max((16 << 20) as f64 * careful.min(F32)).max(feed_forward / 5.0 * F32),
        }
    }

    /// Bytes of a session that only scores.
    #[must_use]
    pub const fn scores(&self) -> f64 {
        self.text + self.vision + self.adapters + self.activations
    }

    /// Bytes of one that writes text, too.
    #[must_use]
    pub const fn with_text(&self) -> f64 {
        self.scores() + self.head + self.cache
    }
}

impl fmt::Display for DevicePlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let careful = self.precision.careful();
        let lines = [
            (format!("language model, {}", self.precision), self.text),
            (format!("vision tower, {careful}"), self.vision),
            ("nine adapters".to_owned(), self.adapters),
            ("a pass over nine prompts".to_owned(), self.activations),
            ("together, for scores".to_owned(), self.scores()),
            (format!("head, {careful}, and cache, for text"), self.head + self.cache),
            ("together, with text".to_owned(), self.with_text()),
        ];
        for (what, bytes) in lines {
            writeln!(f, "  {what:<40}{:8.2} GB", bytes / 1e9)?;
        }
        write!(f, "  {:<40}{:8.2} MiB", "largest buffer", self.largest / f64::from(1 << 20))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn published(seven: bool) -> ModelConfig {
        let (hidden, inner, layers, heads, keys, vocabulary) = match seven {
            false => (2048, 11_008, 36, 16, 2, 151_936),
            true => (3584, 18_944, 28, 28, 4, 152_064),
        };
        let config = serde_json::json!({
            "model_type": "qwen2_5_vl", "hidden_act": "silu", "tie_word_embeddings": !seven,
            "hidden_size": hidden, "intermediate_size": inner, "num_hidden_layers": layers,
            "num_attention_heads": heads, "num_key_value_heads": keys, "vocab_size": vocabulary,
            "rms_norm_eps": 1e-6, "rope_theta": 1e6, "max_position_embeddings": 128_000,
            "rope_scaling": {"type": "mrope", "mrope_section": [16, 24, 24]},
            "vision_config": {
                "depth": 32, "hidden_size": 1280, "intermediate_size": 3420, "num_heads": 16,
                "in_chans": 3, "out_hidden_size": hidden, "patch_size": 14,
                "spatial_merge_size": 2, "temporal_patch_size": 2, "window_size": 112,
                "hidden_act": "silu", "fullatt_block_indexes": [7, 15, 23, 31],
            },
        });
        ModelConfig::from_json(&config.to_string()).unwrap()
    }

    #[test]
    fn the_published_sizes_fit_what_people_have() {
        let three = DevicePlan::new(&published(false), Precision::Q4, 180);
        assert!(three.scores() < 2.75e9, "{three}");
        assert!(three.with_text() < 3.1e9, "{three}");
        let seven = DevicePlan::new(&published(true), Precision::Q4, 180);
        assert!(seven.scores() < 5.3e9, "{seven}");
        assert!(three.largest < (128 << 20) as f64 && seven.largest < (128 << 20) as f64);
    }

    #[test]
    fn fewer_bits_take_less() {
        let total = |precision| DevicePlan::new(&published(false), precision, 180).scores();
        let all = [Precision::F32, Precision::Bf16, Precision::Q8, Precision::Q4].map(total);
        assert!(all.windows(2).all(|pair| pair[1] < pair[0]), "{all:?}");
        assert!(all[0] > 13e9, "{all:?}");
    }
}
