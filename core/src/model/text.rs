//! The language model of Qwen2.5-VL: a decoder of pre-normed blocks with grouped-query attention
//! and M-RoPE (Qwen2.5, arXiv 2412.15115; Qwen2.5-VL, arXiv 2502.13923).

use burn::tensor::Tensor;
use easel_shaders::{LateNorm, Normed, Spans, attention, quant_matmul_row};

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
        x: Tensor<2>,
        pass: &Pass<'_>,
        adapters: Option<&LoraBatch>,
        mut cache: Option<&mut Cache>,
    ) -> Tensor<2> {
        let adapted = |index| adapters.map_or_else(Adapted::none, |adapters| adapters.layer(index));
        let mut between = Between::Sum(x, None);
        for (index, layer) in self.layers.iter().enumerate() {
            let held = cache.as_deref_mut().map(|cache| &mut cache.layers[index]);
            let next = self.layers.get(index + 1).map(|next| (next, adapted(index + 1)));
            between = layer.step(between, pass, adapted(index), held, next);
        }
        between.sum()
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
        self.step(Between::Sum(x, None), pass, adapted, cache, None).sum()
    }

    /// From one block to the `next`, whose norm takes part of the work where rows are few.
    fn step(
        &self,
        between: Between,
        pass: &Pass<'_>,
        adapted: Adapted<'_>,
        cache: Option<&mut LayerCache>,
        next: Option<(&Self, Adapted<'_>)>,
    ) -> Between {
        let Self { input_layernorm, self_attn, post_attention_layernorm, mlp } = self;
        let (x, normed) = match between {
            Between::Sum(x, None) => (x.clone(), input_layernorm.forward(x).into()),
            Between::Sum(x, Some(added)) => whole(input_layernorm.forward_sum(x, added)),
            Between::Late(norm) => late(norm),
        };
        let seen = self_attn.forward(normed, pass, adapted, cache);

        let wide = [Target::Gate, Target::Up];
        let reads = !adapted.has(&wide) && mlp.gate_up.fused(&x).is_some();
        let (x, normed) = match self_attn.o_proj.fused(&x) {
            Some(weight) if reads && !adapted.has(&[Target::O]) => {
                late(post_attention_layernorm.forward_product(seen, weight, x))
            }
            _ => {
                let seen = adapted.forward(Target::O, &self_attn.o_proj, seen);
                whole(post_attention_layernorm.forward_sum(x, seen))
            }
        };

        let reads = |(next, adapted): &(&Self, Adapted<'_>)| {
            !adapted.has(&QKV) && next.self_attn.qkv.fused(&x).is_some()
        };
        match (mlp.down_proj.fused(&x), next.filter(reads)) {
            (Some(weight), Some((next, _))) if !adapted.has(&[Target::Down]) => {
                let fed = mlp.wide(normed, adapted);
                Between::Late(next.input_layernorm.forward_product(fed, weight, x))
            }
            _ => Between::Sum(x, Some(mlp.forward(normed, adapted))),
        }
    }
}

/// What goes from block to block.
#[allow(clippy::large_enum_variant, reason = "there is one at a time")]
enum Between {
    /// Rows, and what is yet to be added to them: the norm that follows does it on its way.
    Sum(Tensor<2>, Option<Tensor<2>>),
    /// Their sum, on its way through the norm that follows.
    Late(LateNorm),
}

impl Between {
    /// The rows.
    fn sum(self) -> Tensor<2> {
        match self {
            Self::Sum(x, None) => x,
            Self::Sum(x, Some(added)) => x + added,
            Self::Late(norm) => norm.x().clone(),
        }
    }
}

/// Rows, and these behind their norm.
fn whole((x, normed): (Tensor<2>, Tensor<2>)) -> (Tensor<2>, Normed) {
    (x, normed.into())
}

/// The same, where what follows divides.
fn late(norm: LateNorm) -> (Tensor<2>, Normed) {
    (norm.x().clone(), norm.into())
}

/// What reads the first norm of a block.
const QKV: [Target; 3] = [Target::Q, Target::K, Target::V];

impl TextAttention {
    /// What the heads see, which is yet to go from all of them back to hidden.
    ///
    /// # Shapes
    /// - `x`: `[rows * length, hidden]`
    /// - output: `[rows * length, heads * head_dim]`
    fn forward(
        &self,
        x: Normed,
        pass: &Pass<'_>,
        adapted: Adapted<'_>,
        cache: Option<&mut LayerCache>,
    ) -> Tensor<2> {
        let config = pass.config;
        let all = x.multiplied().dims()[0];
        let width = config.num_attention_heads * config.head_dim;
        let room = match adapted.has(&QKV) {
            true => None,
            false => cache.as_deref().and_then(|cache| cache.room(&pass.spans)),
        };
        let (q, [k, v]) = match (self.qkv.joined(), &self.bias, room, cache) {
            (Some(joined), Some(bias), Some(held), Some(cache)) if all == 1 => {
                let qkv = quant_matmul_row(x, joined);
                let (q, held) = pass.rotary.append(qkv, bias.clone(), held, &pass.spans);
                cache.hold(held.clone());
                (q, held)
            }
            (.., cache) => self.turned(x, pass, adapted, cache),
        };
        attention(q, k, v, &pass.spans).reshape([all, width])
    }

    /// Queries, and keys and values of all that the cache holds.
    fn turned(
        &self,
        x: Normed,
        pass: &Pass<'_>,
        adapted: Adapted<'_>,
        cache: Option<&mut LayerCache>,
    ) -> (Tensor<4>, [Tensor<4>; 2]) {
        let config = pass.config;
        let length = x.multiplied().dims()[0] / pass.rows;
        let heads = |flat: Tensor<2>, count: usize| {
            flat.reshape([pass.rows, length, count, config.head_dim])
        };
        let [q, k, v] = adapted.forward_all(QKV, &self.qkv, x);

        let q = heads(q, config.num_attention_heads);
        let [k, v] = [k, v].map(|flat| heads(flat, config.num_key_value_heads));
        let [q, k, v] = match &self.bias {
            Some(bias) => pass.rotary.apply_qkv([q, k, v], bias.clone()),
            None => [pass.rotary.apply(q), pass.rotary.apply(k), v],
        };
        match cache {
            Some(cache) => (q, cache.extend(k, v, &pass.spans)),
            None => (q, [k, v]),
        }
    }
}

#[cfg(test)]
mod tests;
