//! Keys and values of what the language model has read, so that each new token is one row.

use burn::tensor::Tensor;

/// One layer's keys and values, `[batch, length, kv_heads, head_dim]` each.
#[derive(Debug, Clone, Default)]
pub struct LayerCache {
    held: Option<(Tensor<4>, Tensor<4>)>,
}

impl LayerCache {
    /// Adds keys and values behind those held, and returns all of them.
    pub fn extend(&mut self, k: Tensor<4>, v: Tensor<4>) -> (Tensor<4>, Tensor<4>) {
        let (k, v) = match self.held.take() {
            Some((held_k, held_v)) => {
                (Tensor::cat(vec![held_k, k], 1), Tensor::cat(vec![held_v, v], 1))
            }
            None => (k, v),
        };
        self.held = Some((k.clone(), v.clone()));
        (k, v)
    }
}

/// All layers' keys and values; lent to the model, which holds weights only.
#[derive(Debug, Clone, Default)]
pub struct Cache {
    pub(crate) layers: Vec<LayerCache>,
    length: usize,
}

impl Cache {
    /// An empty cache for `layers` layers.
    #[must_use]
    pub fn new(layers: usize) -> Self {
        Self { layers: vec![LayerCache::default(); layers], length: 0 }
    }

    /// How many tokens are held.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.length
    }

    /// Whether nothing has been read yet.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    pub(crate) const fn advance(&mut self, tokens: usize) {
        self.length += tokens;
    }
}
