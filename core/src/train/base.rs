//! The frozen model that adapters are trained over.

use std::rc::Rc;

use burn::tensor::Device;
use sha2::{Digest, Sha256};

use crate::assess::{Assessor, Framing};
use crate::error::Error;
use crate::image::Image;
use crate::lora::{LoraWeights, Target, load_adapter};
use crate::model::{Head, ModelConfig};
use crate::train::TrainError;
use crate::train::batch::{Batch, Encoded, Prompted};
use crate::train::heads::ScoreHead;
use crate::train::lora::LoraShape;
use crate::train::objective::Outputs;
use crate::train::pass::Learner;
use crate::train::settings::{Objective, Probabilities};
use crate::weights::Source;

/// A loaded model whose weights stay as they are.
#[derive(Debug)]
pub struct Base {
    pub(crate) assessor: Assessor,
    fingerprint: String,
}

impl Base {
    /// Takes over a loaded model; adapters that it has are not used.
    ///
    /// # Errors
    /// When the checkpoint cannot be read.
    pub fn new(assessor: Assessor) -> Result<Self, TrainError> {
        let fingerprint = fingerprint(&assessor)?;
        Ok(Self { assessor, fingerprint })
    }

    /// What tells this model from others: its sizes, and a row of each of its matrices.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Where the model lies.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.assessor.model.name
    }

    /// Its sizes.
    #[must_use]
    pub const fn config(&self) -> &ModelConfig {
        &self.assessor.model.config
    }

    /// Where it computes.
    #[must_use]
    pub const fn device(&self) -> &Device {
        &self.assessor.device
    }

    /// Brings the whole language head to the device, which probabilities over the vocabulary need.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn want_vocabulary(&mut self) -> Result<(), TrainError> {
        if self.assessor.head.is_none() {
            let config = &self.assessor.model.config;
            let shape = [config.text.vocab_size, config.text.hidden_size];
            let (tied, checkpoint) = (config.tie_word_embeddings, &self.assessor.checkpoint);
            let head = Head::whole(
                checkpoint,
                tied,
                shape,
                self.assessor.model.keeping,
                &self.assessor.device,
            );
            self.assessor.head = Some(pollster::block_on(head).map_err(Error::from)?);
        }
        Ok(())
    }

    /// Runs the vision tower over one picture, letterboxed to `side` pixels.
    ///
    /// # Errors
    /// When the picture is too flat or too narrow, or the device fails.
    pub fn encode(&mut self, image: &Image, side: u32) -> Result<Encoded, TrainError> {
        let picture = self.assessor.encode(image, Framing::Letterbox(side))?;
        let values = pollster::block_on(picture.values())?;
        Ok(Encoded { values, grid: picture.grid() })
    }

    /// How a picture letterboxed to `side` pixels comes out of the vision tower.
    #[must_use]
    pub const fn tokens(&self, side: u32) -> Tokens {
        let vision = &self.assessor.model.config.vision;
        let patches = side as usize / vision.patch_size;
        let merged = patches / vision.spatial_merge_size;
        let values = merged * merged * self.assessor.model.config.text.hidden_size;
        Tokens { grid: [1, patches, patches], values }
    }

    /// The chat of one user turn, `text` about `picture`.
    ///
    /// # Errors
    /// When the tokenizer refuses the text.
    pub fn prompt(&self, text: &str, picture: Rc<Encoded>) -> Result<Prompted, TrainError> {
        let tokens = picture.values.len() / self.config().text.hidden_size;
        let ids = self.assessor.tokenizer.chat(text, tokens).map_err(Error::from)?;
        Ok(Prompted { ids, picture })
    }

    /// Puts prompts together.
    ///
    /// # Errors
    /// When the embeddings cannot be read.
    pub fn batch(&mut self, rows: &[Prompted]) -> Result<Batch, TrainError> {
        let Assessor { model, tokenizer, device, .. } = &mut self.assessor;
        let image = tokenizer.image_pad();
        Ok(Batch::new(rows, image, &model.config, &mut model.embedding, device)?)
    }

    /// A learner over this model, which keeps all activations.
    ///
    /// # Errors
    /// When the language model is not on the device.
    pub fn learner<'a>(
        &'a self,
        lora: &'a LoraShape,
        objective: Objective,
        probabilities: Probabilities,
        score: Option<&'a ScoreHead>,
    ) -> Result<Learner<'a>, TrainError> {
        let outputs = Outputs {
            digits: &self.assessor.digits,
            vocabulary: self.assessor.head.as_ref(),
            tokens: self.assessor.tokenizer.digits(),
            score,
        };
        Ok(Learner {
            text: self.assessor.model.text()?,
            lora,
            objective,
            probabilities,
            outputs,
            head_dropout: 0.0,
            recompute: false,
            device: &self.assessor.device,
        })
    }

    /// Reads one PEFT folder of `source`.
    ///
    /// # Errors
    /// As [`load_adapter`].
    pub fn read_adapter(
        &self,
        source: &dyn Source,
        folder: &str,
    ) -> Result<std::collections::BTreeMap<(usize, Target), LoraWeights>, TrainError> {
        let adapter = pollster::block_on(load_adapter(source, folder, &self.config().text));
        Ok(adapter.map_err(Error::from)?.weights)
    }
}

/// How much a picture is, once encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tokens {
    /// Time, height and width in patches.
    pub grid: [usize; 3],
    /// All values of its tokens.
    pub values: usize,
}

fn fingerprint(assessor: &Assessor) -> Result<String, TrainError> {
    let checkpoint = &assessor.checkpoint;
    let mut sum = Sha256::new();
    for name in checkpoint.names() {
        let shape = checkpoint.shape(name).map_err(Error::from)?;
        sum.update(format!("{name} {:?}\n", shape));
        if let [_, width] = shape[..] {
            let row = checkpoint.read_rows(name, width, 0..1);
            let row = pollster::block_on(row).map_err(Error::from)?;
            row.iter().for_each(|value| sum.update(value.to_le_bytes()));
        }
    }
    Ok(sum.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect())
}
