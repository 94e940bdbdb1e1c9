//! The published models by their sizes: what they take can be told before a byte of them is here.

use serde_json::json;

use crate::model::ModelConfig;
use crate::model::shapes::tensors;

/// A published Qwen2.5-VL (arXiv 2502.13923).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    /// The one of 3 billion parameters.
    ThreeB,
    /// The one of 7 billion.
    SevenB,
}

impl Published {
    /// All, the smallest first.
    pub const ALL: [Self; 2] = [Self::ThreeB, Self::SevenB];

    /// Its name on the hub.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::ThreeB => "Qwen/Qwen2.5-VL-3B-Instruct",
            Self::SevenB => "Qwen/Qwen2.5-VL-7B-Instruct",
        }
    }

    /// What people call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ThreeB => "Qwen2.5-VL 3B",
            Self::SevenB => "Qwen2.5-VL 7B",
        }
    }

    /// Its `config.json` as far as sizes go, with so many layers in either tower instead of all.
    #[must_use]
    pub fn config_json(self, layers: Option<usize>) -> String {
        let (hidden, inner, all, heads, keys, vocabulary, tied) = match self {
            Self::ThreeB => (2048, 11_008, 36, 16, 2, 151_936, true),
            Self::SevenB => (3584, 18_944, 28, 28, 4, 152_064, false),
        };
        let depth = layers.unwrap_or(32);
        // All blocks but some see windows; the last one sees all in any depth.
        let full: Vec<usize> =
            (0..depth).filter(|block| block % 8 == 7 || block + 1 == depth).collect();
        let config = json!({
            "model_type": "qwen2_5_vl", "hidden_act": "silu", "tie_word_embeddings": tied,
            "hidden_size": hidden, "intermediate_size": inner,
            "num_hidden_layers": layers.unwrap_or(all), "num_attention_heads": heads,
            "num_key_value_heads": keys, "vocab_size": vocabulary, "rms_norm_eps": 1e-6,
            "rope_theta": 1e6, "max_position_embeddings": 128_000,
            "rope_scaling": {"type": "mrope", "mrope_section": [16, 24, 24]},
            "vision_config": {
                "depth": depth, "hidden_size": 1280, "intermediate_size": 3420, "num_heads": 16,
                "in_chans": 3, "out_hidden_size": hidden, "patch_size": 14,
                "spatial_merge_size": 2, "temporal_patch_size": 2, "window_size": 112,
                "hidden_act": "silu", "fullatt_block_indexes": full,
            },
        });
        config.to_string()
    }

    /// Its sizes.
    #[must_use]
    pub fn config(self) -> ModelConfig {
        ModelConfig::from_json(&self.config_json(None)).expect("sizes that fit together")
    }

    /// Parameters of all tensors.
    #[must_use]
    pub fn parameters(self) -> u64 {
        let count = |shape: Vec<usize>| shape.into_iter().map(|side| side as u64).product::<u64>();
        tensors(&self.config()).into_iter().map(|(_, shape)| count(shape)).sum()
    }

    /// Bytes of its weights on the hub: they are published as bfloat16.
    #[must_use]
    pub fn download_bytes(self) -> u64 {
        self.parameters() * 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn downloads_are_as_large_as_the_model_cards_say() {
        // 3.75 and 8.29 billion parameters of two bytes.
        let millions = Published::ALL.map(|model| model.download_bytes() / 1_000_000);
        assert_eq!(millions, [7_509, 16_584]);
        let bench = ModelConfig::from_json(&Published::SevenB.config_json(Some(2))).unwrap();
        assert_eq!((bench.text.num_hidden_layers, bench.vision.depth), (2, 2));
    }
}
