//! The model's modules, put together from named tensors.

use burn::tensor::Tensor;

use crate::model::config::{TextConfig, VisionConfig};
use crate::model::text::{TextAttention, TextBlock, TextModel};
use crate::model::vision::{PatchMerger, VisionBlock, VisionTower};
use crate::model::{Linear, Mlp, RmsNorm, Together, Weight};
use crate::weights::WeightsError;

/// Where tensors come from: a checkpoint, or parameters that are trained.
pub trait Tensors {
    /// The tensor `name`, of `shape` in a checkpoint, as `device_shape`.
    async fn tensor<const D: usize>(
        &mut self,
        name: &str,
        shape: &[usize],
        device_shape: [usize; D],
    ) -> Result<Tensor<D>, WeightsError>;

    /// The matrix `name` of a linear layer, `[outputs, inputs]`.
    async fn weight(&mut self, name: &str, shape: [usize; 2]) -> Result<Weight, WeightsError> {
        Ok(Weight::Float(self.tensor(name, &shape, shape).await?))
    }
}

/// Asks for the tensors of the towers, in order.
pub struct Builder<'a, T>(pub &'a mut T);

impl<T: Tensors> Builder<'_, T> {
    async fn tensor<const D: usize>(
        &mut self,
        name: &str,
        shape: &[usize],
        device_shape: [usize; D],
    ) -> Result<Tensor<D>, WeightsError> {
        self.0.tensor(name, shape, device_shape).await
    }

    async fn linear(
        &mut self,
        name: &str,
        [outputs, inputs]: [usize; 2],
        bias: bool,
    ) -> Result<Linear, WeightsError> {
        let weight = self.0.weight(&format!("{name}.weight"), [outputs, inputs]).await?;
        let bias = match bias {
            true => Some(self.tensor(&format!("{name}.bias"), &[outputs], [outputs]).await?),
            false => None,
        };
        Ok(Linear::new(weight, bias))
    }

    async fn norm(
        &mut self,
        name: &str,
        width: usize,
        epsilon: f64,
    ) -> Result<RmsNorm, WeightsError> {
        let weight = self.tensor(&format!("{name}.weight"), &[width], [width]).await?;
        Ok(RmsNorm::new(weight, epsilon))
    }

    async fn mlp(
        &mut self,
        name: &str,
        hidden: usize,
        inner: usize,
        bias: bool,
    ) -> Result<Mlp, WeightsError> {
        let gate = self.linear(&format!("{name}.gate_proj"), [inner, hidden], bias).await?;
        let up = self.linear(&format!("{name}.up_proj"), [inner, hidden], bias).await?;
        Ok(Mlp {
            gate_up: Together::new([gate, up]),
            down_proj: self.linear(&format!("{name}.down_proj"), [hidden, inner], bias).await?,
        })
    }

    /// The vision tower.
    pub async fn vision(&mut self, config: VisionConfig) -> Result<VisionTower, WeightsError> {
        let (width, patch) = (config.hidden_size, config.patch_size);
        let stored = [width, config.in_channels, config.temporal_patch_size, patch, patch];
        let flat = [width, stored[1..].iter().product()];
        // The convolution's kernel, flattened as the processor flattens patches.
        let kernel = self.tensor("visual.patch_embed.proj.weight", &stored, flat).await?;
        let patch_embed = Linear::new(Weight::Float(kernel), None);

        let mut blocks = Vec::with_capacity(config.depth);
        for index in 0..config.depth {
            let name = |part: &str| format!("visual.blocks.{index}.{part}");
            blocks.push(VisionBlock {
                norm1: self.norm(&name("norm1"), width, VisionConfig::RMS_NORM_EPS).await?,
                norm2: self.norm(&name("norm2"), width, VisionConfig::RMS_NORM_EPS).await?,
                qkv: self.linear(&name("attn.qkv"), [3 * width, width], true).await?,
                proj: self.linear(&name("attn.proj"), [width, width], true).await?,
                mlp: self.mlp(&name("mlp"), width, config.intermediate_size, true).await?,
            });
        }
        let unit = width * config.spatial_merge_size * config.spatial_merge_size;
        let merger = PatchMerger {
            ln_q: self.norm("visual.merger.ln_q", width, VisionConfig::RMS_NORM_EPS).await?,
            fc1: self.linear("visual.merger.mlp.0", [unit, unit], true).await?,
            fc2: self.linear("visual.merger.mlp.2", [config.out_hidden_size, unit], true).await?,
        };
        Ok(VisionTower { config, patch_embed, blocks, merger })
    }

    /// The language model, without embeddings and head.
    pub async fn text(&mut self, config: TextConfig) -> Result<TextModel, WeightsError> {
        let (hidden, epsilon) = (config.hidden_size, config.rms_norm_eps);
        let all_heads = config.num_attention_heads * config.head_dim;
        let key_heads = config.num_key_value_heads * config.head_dim;

        let mut layers = Vec::with_capacity(config.num_hidden_layers);
        for index in 0..config.num_hidden_layers {
            let name = |part: &str| format!("model.layers.{index}.{part}");
            let q = self.linear(&name("self_attn.q_proj"), [all_heads, hidden], true).await?;
            let k = self.linear(&name("self_attn.k_proj"), [key_heads, hidden], true).await?;
            let v = self.linear(&name("self_attn.v_proj"), [key_heads, hidden], true).await?;
            let (qkv, bias) = Together::new([q, k, v]).biases_apart();
            let self_attn = TextAttention {
                qkv,
                bias,
                o_proj: self.linear(&name("self_attn.o_proj"), [hidden, all_heads], false).await?,
            };
            let after = name("post_attention_layernorm");
            layers.push(TextBlock {
                input_layernorm: self.norm(&name("input_layernorm"), hidden, epsilon).await?,
                self_attn,
                post_attention_layernorm: self.norm(&after, hidden, epsilon).await?,
                mlp: self.mlp(&name("mlp"), hidden, config.intermediate_size, false).await?,
            });
        }
        let norm = self.norm("model.norm", hidden, epsilon).await?;
        Ok(TextModel { config, layers, norm })
    }
}
