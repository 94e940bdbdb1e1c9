//! The linears of a language layer that an adapter may change.

use std::fmt;

use crate::model::TextConfig;

/// One of a layer's seven linears.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// Queries.
    Q,
    /// Keys.
    K,
    /// Values.
    V,
    /// The attention's output.
    O,
    /// The MLP's gate.
    Gate,
    /// The MLP's first half.
    Up,
    /// The MLP's output.
    Down,
}

impl Target {
    /// All seven, in the order in which a layer computes them.
    pub const ALL: [Self; 7] =
        [Self::Q, Self::K, Self::V, Self::O, Self::Gate, Self::Up, Self::Down];

    /// Its name within its module.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Q => "q_proj",
            Self::K => "k_proj",
            Self::V => "v_proj",
            Self::O => "o_proj",
            Self::Gate => "gate_proj",
            Self::Up => "up_proj",
            Self::Down => "down_proj",
        }
    }

    /// The module within a layer that holds it.
    #[must_use]
    pub const fn module(self) -> &'static str {
        match self {
            Self::Q | Self::K | Self::V | Self::O => "self_attn",
            Self::Gate | Self::Up | Self::Down => "mlp",
        }
    }

    /// How many values go in and come out.
    #[must_use]
    pub const fn sizes(self, config: &TextConfig) -> (usize, usize) {
        let hidden = config.hidden_size;
        let queries = config.num_attention_heads * config.head_dim;
        match self {
            Self::Q => (hidden, queries),
            Self::K | Self::V => (hidden, config.num_key_value_heads * config.head_dim),
            Self::O => (queries, hidden),
            Self::Gate | Self::Up => (hidden, config.intermediate_size),
            Self::Down => (config.intermediate_size, hidden),
        }
    }

    /// The target of this name.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|target| target.name() == name)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_of_the_published_3b() {
        let config = TextConfig {
            vocab_size: 151_936,
            hidden_size: 2048,
            intermediate_size: 11_008,
            num_hidden_layers: 36,
            num_attention_heads: 16,
            num_key_value_heads: 2,
            head_dim: 128,
            rms_norm_eps: 1e-6,
            rope_theta: 1e6,
            mrope_section: [16, 24, 24],
            max_position_embeddings: 128_000,
        };
        let sizes = Target::ALL.map(|target| target.sizes(&config));
        let (small, wide, down) = ((2048, 256), (2048, 11_008), (11_008, 2048));
        assert_eq!(sizes, [(2048, 2048), small, small, (2048, 2048), wide, wide, down]);
    }

    #[test]
    fn names_lead_back_to_targets() {
        for target in Target::ALL {
            assert_eq!(Target::from_name(&target.to_string()), Some(target));
        }
        assert_eq!(Target::from_name("qkv"), None);
    }
}
