//! The language model of Qwen2.5-VL: a decoder of pre-normed blocks with grouped-query attention
//! and M-RoPE (Qwen2.5, arXiv 2412.15115; Qwen2.5-VL, arXiv 2502.13923).

use burn::tensor::Tensor;
use easel_shaders::{Spans, attention};

use crate::lora::{Adapted, LoraBatch, Target};
use crate::model::cache::{Cache, LayerCache};
use crate::model::config::TextConfig;
use crate::model::rotary::Rotary;
use crate::model::{Linear, Mlp, RmsNorm, Together};

/// The decoder's weights, named as in the checkpoint. Embeddings and head are apart: see
/// [`crate::model::Embedding`] and [`crate::model::Head`].
#[derive(Debug, Clone)]
pub struct TextModel {
    /// What the weights were made for.
    pub config: TextConfig,
    /// The transformer blocks.
    pub layers: Vec<TextBlock>,
    /// After the last block.
    pub norm: RmsNorm,
}

/// One transformer block of the decoder.
#[derive(Debug, Clone)]
pub struct TextBlock {
    /// Before attention.
    pub input_layernorm: RmsNorm,
    /// Attention's four projections.
    pub self_attn: TextAttention,
    /// Before the feed-forward layer.
    pub post_attention_layernorm: RmsNorm,
    /// The feed-forward layer.
    pub mlp: Mlp,
}

/// Grouped-query attention.
#[derive(Debug, Clone)]
pub struct TextAttention {
    /// Queries of all heads, and keys and values of the fewer key heads.
    pub qkv: Together<3>,
    /// Their biases, where they are not added with the product; see [`Together::biases_apart`].
    pub bias: Option<Tensor<1>>,
    /// From all heads back to hidden.
    pub o_proj: Linear,
}

/// What all layers of one pass share.
#[derive(Debug)]
pub struct Pass<'a> {
    rows: usize,
    rotary: &'a Rotary,
    spans: Spans,
    config: &'a TextConfig,
}

impl TextModel {
    /// Reads a batch of sequences of one length and returns the last block's output, before the
    /// final norm, which only the positions that are read need.
    ///
    /// Every token sees itself and what stands before it in its row. A shorter row is filled up
    /// at its end: nothing real ever sees the filling.
    ///
    /// # Shapes
    /// - `embeddings`: `[rows, length, hidden]`
    /// - `rotary`: of the same positions, `rows` or 1 of them
    /// - `adapters`: of as many rows, or none
    /// - `cache`: what these rows read before; extended
    /// - output: `[rows, length, hidden]`
    #[must_use]
    pub fn forward(
        &self,
        embeddings: Tensor<3>,
        rotary: &Rotary,
        adapters: Option<&LoraBatch>,
        mut cache: Option<&mut Cache>,
    ) -> Tensor<3> {
        let [rows, length, hidden] = embeddings.dims();
        let device = embeddings.device();
        let (before, keys) = match cache.as_deref_mut() {
            Some(cache) => (cache.len(), cache.reserve([rows, length], &device)),
            None => (0, length),
        };
        let spans = Spans::causal_within(before, length, keys, &device);
        let pass = self.pass(rows, rotary, spans);
        let x = embeddings.reshape([rows * length, hidden]);
        let y = self.forward_within(x, &pass, adapters, cache.as_deref_mut());
        if let Some(cache) = cache {
            cache.advance(length);
        }
        y.reshape([rows, length, hidden])
    }

    /// The same within a pass that is prepared, with a cache that has room for it and does not count.
    ///
    /// # Shapes
    /// - `x`, output: `[rows * length, hidden]`
    #[must_use]
    pub fn forward_within(
        &self,
        mut x: Tensor<2>,
        pass: &Pass<'_>,
        adapters: Option<&LoraBatch>,
        mut cache: Option<&mut Cache>,
    ) -> Tensor<2> {
        let mut added = None;
        for (index, layer) in self.layers.iter().enumerate() {
            let adapted = adapters.map_or_else(Adapted::none, |adapters| adapters.layer(index));
            let held = cache.as_deref_mut().map(|cache| &mut cache.layers[index]);
            let (next, fed) = layer.parts(x, added, pass, adapted, held);
            (x, added) = (next, Some(fed));
        }
        match added {
            Some(added) => x + added,
            None => x,
        }
    }

    /// What the layers share of a pass over `rows` sequences whose tokens see what `spans` tell.
    #[must_use]
    pub const fn pass<'a>(&'a self, rows: usize, rotary: &'a Rotary, spans: Spans) -> Pass<'a> {
        Pass { rows, rotary, spans, config: &self.config }
    }
}

impl TextBlock {
    /// Runs the block.
    ///
    /// # Shapes
    /// - `x`, output: `[rows * length, hidden]`
    #[must_use]
    pub fn forward(
        &self,
        x: Tensor<2>,
        pass: &Pass<'_>,
        adapted: Adapted<'_>,
        cache: Option<&mut LayerCache>,
    ) -> Tensor<2> {
        let (x, fed) = self.parts(x, None, pass, adapted, cache);
        x + fed
    }

    /// What goes in by two parts that are to be added, and what comes out by two: the norm that follows
    /// adds them on its way.
    fn parts(
        &self,
        x: Tensor<2>,
        added: Option<Tensor<2>>,
        pass: &Pass<'_>,
        adapted: Adapted<'_>,
        cache: Option<&mut LayerCache>,
    ) -> (Tensor<2>, Tensor<2>) {
        let (x, normed) = match added {
            Some(added) => self.input_layernorm.forward_sum(x, added),
            None => (x.clone(), self.input_layernorm.forward(x)),
        };
        let seen = self.self_attn.forward(normed, pass, adapted, cache);
        let (x, normed) = self.post_attention_layernorm.forward_sum(x, seen);
        (x, self.mlp.forward(normed, adapted))
    }
}

impl TextAttention {
    fn forward(
        &self,
        x: Tensor<2>,
        pass: &Pass<'_>,
        adapted: Adapted<'_>,
        cache: Option<&mut LayerCache>,
    ) -> Tensor<2> {
        let config = pass.config;
        let length = x.dims()[0] / pass.rows;
        let heads = |flat: Tensor<2>, count: usize| {
            flat.reshape([pass.rows, length, count, config.head_dim])
        };
        let targets = [Target::Q, Target::K, Target::V];
        let [q, k, v] = adapted.forward_all(targets, &self.qkv, x);

        let q = heads(q, config.num_attention_heads);
        let [k, v] = [k, v].map(|flat| heads(flat, config.num_key_value_heads));
        let [q, k, v] = match &self.bias {
            Some(bias) => pass.rotary.apply_qkv([q, k, v], bias.clone()),
            None => [pass.rotary.apply(q), pass.rotary.apply(k), v],
        };
        let [k, v] = match cache {
            Some(cache) => cache.extend(k, v, &pass.spans),
            None => [k, v],
        };
        let y = attention(q, k, v, &pass.spans);
        let width = config.num_attention_heads * config.head_dim;
        adapted.forward(Target::O, &self.o_proj, y.reshape([pass.rows * length, width]))
    }
}
