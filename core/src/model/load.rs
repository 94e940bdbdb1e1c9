//! From a checkpoint to modules on a device, tensor by tensor.

use std::collections::BTreeSet;
use std::fmt;
use std::rc::Rc;

use burn::tensor::{Device, Tensor};

use crate::device::{lasting, settle, trim};
use crate::error::Error;
use crate::model::build::{Builder, Tensors};
use crate::model::config::ModelConfig;
use crate::model::shapes::tensors;
use crate::model::text::TextModel;
use crate::model::vision::VisionTower;
use crate::model::{Embedding, Keeping, Weight};
use crate::weights::{Checkpoint, WeightsError};

/// How far loading has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loading {
    /// Bytes of the checkpoint that were sent to the device.
    pub done: u64,
    /// Bytes that will be sent: all but the embeddings and the head.
    pub total: u64,
}

/// One of the two halves of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tower {
    /// From pictures to tokens.
    Vision,
    /// From tokens to tokens.
    Text,
}

impl Tower {
    /// Whether a tensor is one of its own.
    pub(crate) fn has(self, name: &str) -> bool {
        match self {
            Self::Vision => name.starts_with("visual."),
            Self::Text => name.starts_with("model.layers.") || name.starts_with("model.norm."),
        }
    }
}

/// The towers on a device, and the table of embeddings on the host.
#[derive(Debug)]
pub struct Model {
    /// What the weights were made for.
    pub config: ModelConfig,
    /// From token ids to embeddings.
    pub embedding: Embedding,
    /// How its large matrices are kept.
    pub keeping: Keeping,
    /// Where the checkpoint lies, for messages.
    pub name: String,
    pub(crate) vision: Option<VisionTower>,
    pub(crate) text: Option<TextModel>,
    /// Bytes of either tower, where it is on the device.
    bytes: [u64; 2],
    low_memory: bool,
    checkpoint: Rc<Checkpoint>,
}

impl Model {
    /// Loads the towers from `checkpoint`, or with `low_memory` the vision tower alone, since both are
    /// not to be on the device at once; `progress` hears of each tensor.
    ///
    /// Each tensor is read, converted, sent to the device and let go before the next one.
    ///
    /// # Errors
    /// When a tensor is missing, of another shape or type, not finite, or cannot be read.
    pub async fn load(
        config: ModelConfig,
        checkpoint: Rc<Checkpoint>,
        keeping: Keeping,
        low_memory: bool,
        device: &Device,
        progress: &mut dyn FnMut(Loading),
    ) -> Result<Self, WeightsError> {
        let [vocab, hidden] = [config.text.vocab_size, config.text.hidden_size];
        let mut model = Self {
            embedding: Embedding::new(Rc::clone(&checkpoint), vocab, hidden)?,
            keeping,
            name: checkpoint.source().name(),
            vision: None,
            text: None,
            bytes: [0; 2],
            low_memory,
            config,
            checkpoint,
        };
        model.check_names()?;
        let towers: &[Tower] = match low_memory {
            true => &[Tower::Vision],
            false => &[Tower::Vision, Tower::Text],
        };
        let total = towers.iter().map(|tower| model.checkpoint.bytes(|name| tower.has(name)));
        let mut at = Loading { done: 0, total: total.sum() };
        for tower in towers {
            at.done = model.tower(*tower, at, device, progress).await?;
        }
        Ok(model)
    }

    /// What the configuration does not know would be left out of the model without a word.
    fn check_names(&self) -> Result<(), WeightsError> {
        let known: BTreeSet<String> =
            tensors(&self.config).into_iter().map(|(name, _)| name).collect();
        let ours = |name: &str| {
            let towers = Tower::Vision.has(name) || Tower::Text.has(name);
            towers && !name.ends_with("inv_freq")
        };
        let unused = self.checkpoint.unused(|name| known.contains(name) || !ours(name));
        match unused.first() {
            Some(tensor) => {
                let file = self.checkpoint.file(tensor)?;
                Err(WeightsError::Unused { file, tensor: (*tensor).to_owned() })
            }
            None => Ok(()),
        }
    }

    /// Sees to it that a tower is on the device. Where both are not to be there at once, the other
    /// one leaves it first.
    ///
    /// # Errors
    /// As [`Model::load`].
    pub async fn bring(
        &mut self,
        tower: Tower,
        device: &Device,
        progress: &mut dyn FnMut(Loading),
    ) -> Result<(), WeightsError> {
        let there = match tower {
            Tower::Vision => self.vision.is_some(),
            Tower::Text => self.text.is_some(),
        };
        if there {
            return Ok(());
        }
        if self.low_memory {
            (self.vision, self.text, self.bytes) = (None, None, [0; 2]);
            trim(device);
        }
        let total = self.checkpoint.bytes(|name| tower.has(name));
        self.tower(tower, Loading { done: 0, total }, device, progress).await?;
        Ok(())
    }

    /// Loads one tower; returns the bytes of the checkpoint that were read by then.
    async fn tower(
        &mut self,
        tower: Tower,
        at: Loading,
        device: &Device,
        progress: &mut dyn FnMut(Loading),
    ) -> Result<u64, WeightsError> {
        let mut loader = Loader {
            keeping: self.keeping,
            checkpoint: &self.checkpoint,
            device,
            progress,
            at,
            unsettled: 0,
            bytes: 0,
        };
        let mut builder = Builder(&mut loader);
        match tower {
            Tower::Vision => {
                self.vision = Some(builder.vision(self.config.vision.clone()).await?);
                self.bytes[0] = loader.bytes;
            }
            Tower::Text => {
                self.text = Some(builder.text(self.config.text.clone()).await?);
                self.bytes[1] = loader.bytes;
            }
        }
        let done = loader.at.done;
        // Matrices that were joined leave buffers behind, which nothing of their size will want again.
        trim(device);
        Ok(done)
    }

    /// Bytes of the weights on the device.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes[0] + self.bytes[1]
    }

    /// The language model.
    ///
    /// # Errors
    /// When it is not on the device.
    pub fn text(&self) -> Result<&TextModel, Error> {
        self.text.as_ref().ok_or(Error::Away(Tower::Text))
    }

    /// The vision tower.
    ///
    /// # Errors
    /// When it is not on the device.
    pub fn vision(&self) -> Result<&VisionTower, Error> {
        self.vision.as_ref().ok_or(Error::Away(Tower::Vision))
    }
}

impl fmt::Display for Tower {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Vision => "vision tower",
            Self::Text => "language model",
        })
    }
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
        let tensor = lasting(values, device_shape, self.device);
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
        Ok(())
    }
}
