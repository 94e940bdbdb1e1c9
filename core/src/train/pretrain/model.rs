//! A whole model as parameters: its beginning, and its way to a checkpoint.

use std::collections::BTreeMap;
use std::path::Path;

use burn::tensor::{Device, Tensor};
use half::bf16;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use safetensors::tensor::{Dtype, TensorView};
use serde_json::json;

use crate::model::ModelConfig;
use crate::model::build::{Builder, Tensors};
use crate::model::text::TextModel;
use crate::model::vision::VisionTower;
use crate::prompt::Tokenizer;
use crate::train::TrainError;
use crate::train::output::write_atomic;
use crate::train::parameters::{HostTensor, Leaves, Parameters};
use crate::train::pretrain::patches::cosine_kernel;
use crate::train::pretrain::readout;
use crate::weights::WeightsError;

/// The table that is both embedding and head: tied, as the published 3B model's.
pub(super) const TABLE: &str = "model.embed_tokens.weight";

/// The embedding of a picture's patches.
const PATCH_EMBED: &str = "visual.patch_embed.proj.weight";

/// The sizes of a small model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Width of the language model; its heads are 32 wide, half as many are key heads.
    pub hidden: usize,
    /// Width of its feed-forward layers.
    pub intermediate: usize,
    /// Its layers.
    pub layers: usize,
    /// Width of the vision tower; its heads are 32 wide.
    pub vision_hidden: usize,
    /// Width of its feed-forward layers.
    pub vision_intermediate: usize,
    /// Its blocks; the last one sees the whole picture.
    pub depth: usize,
}

/// The `config.json` of a model of these sizes.
#[must_use]
pub fn config_json(sizes: Sizes, vocabulary: usize, tokenizer: &Tokenizer) -> String {
    const HEAD: usize = 32;
    let special = tokenizer.special();
    let config = json!({
        "architectures": ["Qwen2_5_VLForConditionalGeneration"],
        "model_type": "qwen2_5_vl",
        "vocab_size": vocabulary,
        "hidden_size": sizes.hidden,
        "intermediate_size": sizes.intermediate,
        "num_hidden_layers": sizes.layers,
        "num_attention_heads": sizes.hidden / HEAD,
        "num_key_value_heads": (sizes.hidden / HEAD / 2).max(1),
        "max_position_embeddings": 2048,
        "rms_norm_eps": 1e-6,
        "rope_theta": 10000.0,
        "rope_scaling": {"type": "mrope", "mrope_section": [4, 6, 6]},
        "hidden_act": "silu",
        "tie_word_embeddings": true,
        "torch_dtype": "bfloat16",
        "use_sliding_window": false,
        "eos_token_id": special.im_end,
        "pad_token_id": special.end_of_text,
        "image_token_id": special.image_pad,
        "vision_start_token_id": special.vision_start,
        "vision_end_token_id": special.vision_end,
        "vision_config": {
            "model_type": "qwen2_5_vl",
            "depth": sizes.depth,
            "hidden_size": sizes.vision_hidden,
            "intermediate_size": sizes.vision_intermediate,
            "num_heads": sizes.vision_hidden / HEAD,
            "in_channels": 3,
            "out_hidden_size": sizes.hidden,
            "patch_size": 14,
            "spatial_merge_size": 2,
            "temporal_patch_size": 2,
            "window_size": 112,
            "fullatt_block_indexes": [sizes.depth - 1],
            "hidden_act": "silu"
        }
    });
    format!("{config:#}\n")
}

/// A model whose every weight is trained.
#[derive(Debug)]
pub struct Trainable {
    /// Its sizes.
    pub config: ModelConfig,
    /// Its weights, under their published names.
    pub parameters: Parameters,
    /// Their shapes in a checkpoint.
    shapes: BTreeMap<String, Vec<usize>>,
}

impl Trainable {
    /// A new model: matrices normal with a deviation of 1/√inputs (the last of each residual
    /// branch less, by the number of branches, as GPT-2 has it), the patch embedding cosine waves,
    /// biases zero, norms one.
    pub fn new(config: ModelConfig, seed: u64, device: &Device) -> Result<Self, TrainError> {
        let mut seen = Shapes { device, shapes: BTreeMap::new() };
        pollster::block_on(async {
            let mut builder = Builder(&mut seen);
            builder.vision(config.vision.clone()).await?;
            builder.text(config.text.clone()).await.map(|_| ())
        })
        .map_err(crate::Error::from)?;
        let table = vec![config.text.vocab_size, config.text.hidden_size];
        let mut shapes = seen.shapes;
        shapes.insert(TABLE.to_owned(), (table.clone(), table));

        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut parameters = Parameters::default();
        for (name, (_, shape)) in &shapes {
            let count = shape.iter().product();
            let values = match shape[..] {
                _ if name == PATCH_EMBED => cosine_kernel(&config.vision),
                [_, inputs] => {
                    let branches = 2.0 * config.text.num_hidden_layers as f64;
                    let deviation = match name {
                        name if name == TABLE => 0.02_f64.max(1.0 / (inputs as f64).sqrt()),
                        name if name.contains("o_proj") || name.contains("down_proj") => {
                            1.0 / (inputs as f64 * branches).sqrt()
                        }
                        _ => 1.0 / (inputs as f64).sqrt(),
                    };
                    (0..count).map(|_| (normal(&mut rng) * deviation) as f32).collect()
                }
                _ if name.ends_with("bias") => vec![0.0; count],
                _ => vec![1.0; count],
            };
            let tensor = HostTensor { shape: shape.clone(), values };
            parameters.insert(name.clone(), tensor, device);
        }
        readout::insert(&mut parameters, config.vision.out_hidden_size, &mut rng, device);
        let shapes = shapes.into_iter().map(|(name, (stored, _))| (name, stored)).collect();
        Ok(Self { config, parameters, shapes })
    }

    /// Whether the parameter `name` is the matrix of a linear layer.
    pub(super) fn is_matrix(&self, name: &str) -> bool {
        let matrix = self.shapes.get(name).is_some_and(|shape| shape.len() == 2);
        (matrix && name != TABLE) || readout::is_matrix(name)
    }

    /// The towers over `leaves`, and the table.
    pub(super) fn modules(
        &self,
        leaves: Leaves,
    ) -> Result<(VisionTower, TextModel, Tensor<2>), TrainError> {
        let mut held = Held(leaves);
        let modules = pollster::block_on(async {
            let mut builder = Builder(&mut held);
            let vision = builder.vision(self.config.vision.clone()).await?;
            let text = builder.text(self.config.text.clone()).await?;
            let width = [self.config.text.vocab_size, self.config.text.hidden_size];
            let table = held.tensor(TABLE, &width, width).await?;
            Ok::<_, WeightsError>((vision, text, table))
        });
        Ok(modules.map_err(crate::Error::from)?)
    }

    /// Writes `model.safetensors` in bfloat16.
    ///
    /// # Errors
    /// When the device fails or the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), TrainError> {
        let values = self.parameters.values()?;
        let mut tensors = Vec::new();
        for (name, shape) in &self.shapes {
            let Some(tensor) = values.get(name) else { continue };
            let round = |value: &f32| bf16::from_f32(*value).to_le_bytes();
            tensors.push((name, shape, tensor.values.iter().flat_map(round).collect::<Vec<_>>()));
        }
        let views = tensors.iter().map(|(name, shape, bytes)| {
            Ok((name.as_str(), TensorView::new(Dtype::BF16, (*shape).clone(), bytes)?))
        });
        let refuse = |error: safetensors::SafeTensorError| TrainError::Run {
            path: path.to_owned(),
            reason: format!("cannot be put together: {error}"),
        };
        let views: Vec<_> = views.collect::<Result<_, _>>().map_err(refuse)?;
        let metadata = [("format".to_owned(), "pt".to_owned())].into();
        let bytes = safetensors::serialize(views, Some(metadata)).map_err(refuse)?;
        Ok(write_atomic(path, &bytes)?)
    }
}

/// One draw of the standard normal distribution (Box and Muller, 1958).
pub(super) fn normal(rng: &mut Xoshiro256PlusPlus) -> f64 {
    let (u, v): (f64, f64) = (rng.random(), rng.random());
    (-2.0 * (1.0 - u).ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

/// Answers with zeros and remembers what was asked: the stored shape and the one on the device.
struct Shapes<'a> {
    device: &'a Device,
    shapes: BTreeMap<String, (Vec<usize>, Vec<usize>)>,
}

impl Tensors for Shapes<'_> {
    async fn tensor<const D: usize>(
        &mut self,
        name: &str,
        shape: &[usize],
        device_shape: [usize; D],
    ) -> Result<Tensor<D>, WeightsError> {
        self.shapes.insert(name.to_owned(), (shape.to_vec(), device_shape.to_vec()));
        Ok(Tensor::zeros(device_shape, self.device))
    }
}

/// Answers with parameters.
struct Held(Leaves);

impl Tensors for Held {
    async fn tensor<const D: usize>(
        &mut self,
        name: &str,
        _shape: &[usize],
        _device_shape: [usize; D],
    ) -> Result<Tensor<D>, WeightsError> {
        match self.0.get(name) {
            Some(tensor) => Ok(tensor),
            None => unreachable!("every tensor that the builder asks for is a parameter: {name}"),
        }
    }
}
