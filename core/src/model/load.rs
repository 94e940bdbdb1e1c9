//! From a checkpoint to modules on a device, tensor by tensor.

use std::collections::BTreeSet;
use std::rc::Rc;

use burn::tensor::{Device, Tensor, TensorData};

use crate::device::settle;
use crate::model::build::{Builder, Tensors};
use crate::model::config::ModelConfig;
use crate::model::text::TextModel;
use crate::model::vision::VisionTower;
use crate::model::{Embedding, Keeping, Precision, Weight};
use crate::weights::{Checkpoint, WeightsError};

/// How a model is loaded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoadOptions {
    /// Waits for the device between the stages of an assessment, so that their times can be told
    /// apart (native only); off by default, since waiting costs time.
    pub timings: bool,
    /// Takes adapters that bring a head of their own (`head.safetensors`), as the trainer's
    /// ablations write them; the digit tokens' scores mean nothing then.
    pub heads: bool,
    /// How large matrices are kept. Without it: 4 bits for models of a billion weights and more,
    /// else 32-bit floats.
    pub weights: Option<Precision>,
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

    /// Sets [`LoadOptions::heads`].
    #[must_use]
    pub const fn with_heads(mut self, heads: bool) -> Self {
        self.heads = heads;
        self
    }

    /// Sets [`LoadOptions::weights`].
    #[must_use]
    pub const fn with_weights(mut self, weights: Precision) -> Self {
        self.weights = Some(weights);
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
    /// How its large matrices are kept.
    pub keeping: Keeping,
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
        weights: Option<Precision>,
        device: &Device,
        progress: &mut dyn FnMut(Loading),
    ) -> Result<Self, WeightsError> {
        let [vocab, hidden] = [config.text.vocab_size, config.text.hidden_size];
        let embedding = Embedding::new(Rc::clone(&checkpoint), vocab, hidden)?;
        let total = checkpoint.bytes(is_tower);
        let keeping = Keeping::new(weights, &config, &checkpoint)?;
        let mut loader = Loader {
            keeping,
            checkpoint: &checkpoint,
            device,
            progress,
            at: Loading { done: 0, total },
            unsettled: 0,
            bytes: 0,
            used: BTreeSet::new(),
        };
        let mut builder = Builder(&mut loader);
        let vision = builder.vision(config.vision.clone()).await?;
        let text = builder.text(config.text.clone()).await?;
        settle(device);
        let (bytes, used) = (loader.bytes, loader.used);
        // What the configuration does not know would be left out of the model without a word.
        let ours = |name: &str| is_tower(name) && !name.ends_with("inv_freq");
        if let Some(tensor) = checkpoint.unused(|name| used.contains(name) || !ours(name)).first() {
            let file = checkpoint.file(tensor)?;
            return Err(WeightsError::Unused { file, tensor: (*tensor).to_owned() });
        }
        let name = checkpoint.source().name();
        Ok(Self { config, vision, text, embedding, keeping, bytes, name })
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
    keeping: Keeping,
    checkpoint: &'a Checkpoint,
    device: &'a Device,
    progress: &'a mut dyn FnMut(Loading),
    at: Loading,
    unsettled: u64,
    bytes: u64,
    used: BTreeSet<String>,
}

impl Tensors for Loader<'_> {
    async fn tensor<const D: usize>(
        &mut self,
        name: &str,
        shape: &[usize],
        device_shape: [usize; D],
    ) -> Result<Tensor<D>, WeightsError> {
        let values = self.checkpoint.read(name, shape).await?;
        let sent = values.len() as u64 * 4;
        let tensor = Tensor::from_data(TensorData::new(values, device_shape), self.device);
        self.sent(name, sent)?;
        Ok(tensor)
    }

    async fn weight(&mut self, name: &str, shape: [usize; 2]) -> Result<Weight, WeightsError> {
        self.checkpoint.expect_shape(name, &shape)?;
        let [rows, width] = shape;
        let loading = self.keeping.load(self.checkpoint, name, width, 0..rows, self.device);
        let (weight, sent) = loading.await?;
        self.sent(name, sent)?;
        Ok(weight)
    }
}

impl Loader<'_> {
    /// Counts a tensor that went to the device.
    fn sent(&mut self, name: &str, bytes: u64) -> Result<(), WeightsError> {
        self.bytes += bytes;
        self.unsettled += bytes;
        if self.unsettled >= SETTLE {
            settle(self.device);
            self.unsettled = 0;
        }
        self.at.done += self.checkpoint.bytes(|other| other == name);
        (self.progress)(self.at);
        self.used.insert(name.to_owned());
        Ok(())
    }
}
