//! From a checkpoint to modules on a device, tensor by tensor.

use std::collections::BTreeSet;
use std::rc::Rc;

use burn::tensor::{Device, Tensor, TensorData};

use crate::device::settle;
use crate::model::config::{ModelConfig, TextConfig, VisionConfig};
use crate::model::text::{TextAttention, TextBlock, TextModel};
use crate::model::vision::{PatchMerger, VisionBlock, VisionTower};
use crate::model::{Embedding, Linear, Mlp, RmsNorm, Weight};
use crate::weights::{Checkpoint, WeightsError, join};

/// How a model is loaded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoadOptions {
    /// Waits for the device between the stages of an assessment, so that their times can be told
    /// apart (native only); off by default, since waiting costs time.
    pub timings: bool,
    /// The tokenizer (`tokenizer.json`) of a model whose folder has none.
    pub tokenizer: Option<Vec<u8>>,
}

impl LoadOptions {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`LoadOptions::timings`].
    #[must_use]
    pub const fn with_timings(mut self, timings: bool) -> Self {
        self.timings = timings;
        self
    }

    /// Sets [`LoadOptions::tokenizer`].
    #[must_use]
    pub fn with_tokenizer(mut self, json: Vec<u8>) -> Self {
        self.tokenizer = Some(json);
        self
    }
}

/// How far loading has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loading {
    /// Bytes of the checkpoint that were sent to the device.
    pub done: u64,
    /// Bytes that will be sent: all but the embeddings and the head.
    pub total: u64,
}

/// Both towers on a device, and the table of embeddings on the host.
#[derive(Debug)]
pub struct Model {
    /// What the weights were made for.
    pub config: ModelConfig,
    /// From patches to picture tokens.
    pub vision: VisionTower,
    /// From tokens to hidden states.
    pub text: TextModel,
    /// From token ids to embeddings.
    pub embedding: Embedding,
    /// Bytes of the weights on the device.
    pub bytes: u64,
    /// Where the checkpoint lies, for messages.
    pub name: String,
}

impl Model {
    /// Loads the towers from `checkpoint`; `progress` hears of each tensor.
    ///
    /// Each tensor is read, converted, sent to the device and let go before the next one.
    ///
    /// # Errors
    /// When a tensor is missing, of another shape or type, not finite, or cannot be read.
    pub async fn load(
        config: ModelConfig,
        checkpoint: Rc<Checkpoint>,
        device: &Device,
        progress: &mut dyn FnMut(Loading),
    ) -> Result<Self, WeightsError> {
        let [vocab, hidden] = [config.text.vocab_size, config.text.hidden_size];
        let embedding = Embedding::new(Rc::clone(&checkpoint), vocab, hidden)?;
        let total = checkpoint.bytes(is_tower);
        let mut loader = Loader {
            checkpoint: &checkpoint,
            device,
            progress,
            at: Loading { done: 0, total },
            unsettled: 0,
            bytes: 0,
            used: BTreeSet::new(),
        };
        let vision = loader.vision(config.vision.clone()).await?;
        let text = loader.text(config.text.clone()).await?;
        settle(device);
        let (bytes, used) = (loader.bytes, loader.used);
        // What the configuration does not know would be left out of the model without a word.
        let ours = |name: &str| is_tower(name) && !name.ends_with("inv_freq");
        if let Some(tensor) = checkpoint.unused(|name| used.contains(name) || !ours(name)).first() {
            let file = join(&checkpoint.source().name(), &checkpoint.tensor(tensor)?.file);
            return Err(WeightsError::Unused { file, tensor: (*tensor).to_owned() });
        }
        let name = checkpoint.source().name();
        Ok(Self { config, vision, text, embedding, bytes, name })
    }
}

/// Whether a tensor belongs to one of the towers: all but the embeddings and the head.
fn is_tower(name: &str) -> bool {
    ["visual.", "model.layers.", "model.norm."].iter().any(|tower| name.starts_with(tower))
}

/// After how many bytes the device is waited for: uploads that pile up unsubmitted are lost on
/// some devices, and cost host memory on all.
const SETTLE: u64 = 64 << 20;

struct Loader<'a> {
    checkpoint: &'a Checkpoint,
    device: &'a Device,
    progress: &'a mut dyn FnMut(Loading),
    at: Loading,
    unsettled: u64,
    bytes: u64,
    used: BTreeSet<String>,
}

impl Loader<'_> {
    /// One tensor of `shape` in the checkpoint, as `device_shape` on the device.
    async fn tensor<const D: usize>(
        &mut self,
        name: &str,
        shape: &[usize],
        device_shape: [usize; D],
    ) -> Result<Tensor<D>, WeightsError> {
        let values = self.checkpoint.read(name, shape).await?;
        let sent = values.len() as u64 * 4;
        let tensor = Tensor::from_data(TensorData::new(values, device_shape), self.device);
        self.bytes += sent;
        self.unsettled += sent;
        if self.unsettled >= SETTLE {
            settle(self.device);
            self.unsettled = 0;
        }
        self.at.done += self.checkpoint.tensor(name)?.bytes();
        (self.progress)(self.at);
        self.used.insert(name.to_owned());
        Ok(tensor)
    }

    async fn linear(
        &mut self,
        name: &str,
        [outputs, inputs]: [usize; 2],
        bias: bool,
    ) -> Result<Linear, WeightsError> {
        let shape = [outputs, inputs];
        let weight = self.tensor(&format!("{name}.weight"), &shape, shape).await?;
        let bias = match bias {
            true => Some(self.tensor(&format!("{name}.bias"), &[outputs], [outputs]).await?),
            false => None,
        };
        Ok(Linear::new(Weight::Float(weight), bias))
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
        Ok(Mlp {
            gate_proj: self.linear(&format!("{name}.gate_proj"), [inner, hidden], bias).await?,
            up_proj: self.linear(&format!("{name}.up_proj"), [inner, hidden], bias).await?,
            down_proj: self.linear(&format!("{name}.down_proj"), [hidden, inner], bias).await?,
        })
    }

    async fn vision(&mut self, config: VisionConfig) -> Result<VisionTower, WeightsError> {
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

    async fn text(&mut self, config: TextConfig) -> Result<TextModel, WeightsError> {
        let (hidden, epsilon) = (config.hidden_size, config.rms_norm_eps);
        let all_heads = config.num_attention_heads * config.head_dim;
        let key_heads = config.num_key_value_heads * config.head_dim;

        let mut layers = Vec::with_capacity(config.num_hidden_layers);
        for index in 0..config.num_hidden_layers {
            let name = |part: &str| format!("model.layers.{index}.{part}");
            let self_attn = TextAttention {
                q_proj: self.linear(&name("self_attn.q_proj"), [all_heads, hidden], true).await?,
                k_proj: self.linear(&name("self_attn.k_proj"), [key_heads, hidden], true).await?,
                v_proj: self.linear(&name("self_attn.v_proj"), [key_heads, hidden], true).await?,
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
