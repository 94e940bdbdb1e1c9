//! Scores of a data set's pictures: by the digit tokens, or by the heads of the ablations.

use std::collections::BTreeMap;

use crate::assess::{Assessor, Framing, Picture};
use crate::error::Error;
use crate::image::Image;
use crate::lora::find_adapters;
use crate::model::Tower;
use crate::rubric::Attribute;
use crate::train::TrainError;
use crate::train::heads::{self, ScoreHead};
use crate::train::objective::{self, Outputs, Prediction};
use crate::train::parameters::Parameters;
use crate::train::settings::Objective;
use crate::weights::{Source, join};

/// The largest file of a head that is read, in bytes.
const MAX_HEAD: u64 = 256 << 20;

/// A loaded model with its adapters, and the heads that some of them bring.
#[derive(Debug)]
pub struct Predictor {
    assessor: Assessor,
    heads: BTreeMap<Attribute, (Objective, ScoreHead, Parameters)>,
}

impl Predictor {
    /// Looks for heads beside the adapters that `assessor` was loaded with.
    ///
    /// # Errors
    /// When a head is broken or does not fit the model.
    pub fn new(assessor: Assessor, adapters: Option<&dyn Source>) -> Result<Self, TrainError> {
        let mut found = BTreeMap::new();
        if let Some(source) = adapters {
            let folders = pollster::block_on(find_adapters(source)).map_err(Error::from)?;
            for (attribute, folder) in folders {
                let file = if folder.is_empty() {
                    heads::FILE.to_owned()
                } else {
                    format!("{folder}/{}", heads::FILE)
                };
                let there = pollster::block_on(source.exists(&file)).map_err(Error::from)?;
                if !there {
                    continue;
                }
                let bytes = pollster::block_on(source.read_all(&file, MAX_HEAD));
                let bytes = bytes.map_err(Error::from)?;
                let inputs = assessor.model.config.text.hidden_size;
                let head = heads::read(&bytes, inputs, &assessor.device);
                let head = head.map_err(|reason| TrainError::Run {
                    path: join(&source.name(), &file).into(),
                    reason: format!("is no head for this model: {reason}"),
                })?;
                found.insert(attribute, head);
            }
        }
        Ok(Self { assessor, heads: found })
    }

    /// The attributes that are scored.
    #[must_use]
    pub fn attributes(&self) -> &[Attribute] {
        self.assessor.attributes()
    }

    /// Runs the vision tower over pictures, which then wait on the host.
    ///
    /// # Errors
    /// When a picture is too flat or too narrow (with its place among them), or the device fails.
    pub fn encode<'a>(
        &mut self,
        images: impl IntoIterator<Item = &'a Image>,
    ) -> Result<Vec<Picture>, (usize, TrainError)> {
        let staged = pollster::block_on(self.assessor.stage(Tower::Vision, &mut |_| ()));
        staged.map_err(|error| (0, error.into()))?;
        let images = images.into_iter().enumerate();
        images
            .map(|(at, image)| {
                let picture = self.assessor.encode(image, Framing::default());
                let parked = picture.and_then(|picture| pollster::block_on(picture.parked()));
                parked.map_err(|error| (at, error.into()))
            })
            .collect()
    }

    /// Scores one picture for all attributes, in one pass.
    ///
    /// # Errors
    /// When the device fails.
    pub fn predict(
        &mut self,
        picture: &Picture,
    ) -> Result<BTreeMap<Attribute, Prediction>, TrainError> {
        let hidden = pollster::block_on(self.assessor.hidden(picture))?;
        let digits = Outputs {
            digits: &self.assessor.digits,
            vocabulary: None,
            tokens: self.assessor.tokenizer.digits(),
            score: None,
        };
        let none = Parameters::default();
        let mut found = BTreeMap::new();
        for (row, &attribute) in self.assessor.attributes().iter().enumerate() {
            let (objective, outputs, parameters) = match self.heads.get(&attribute) {
                Some((objective, head, parameters)) => {
                    (*objective, Outputs { score: Some(head), ..digits }, parameters)
                }
                None => (Objective::Raft, digits, &none),
            };
            let hidden = hidden.clone().narrow(0, row, 1);
            let leaves = parameters.fixed(|_| true);
            let mut prediction = objective::predict(objective, hidden, outputs, &leaves)?;
            found.extend(prediction.pop().map(|prediction| (attribute, prediction)));
        }
        Ok(found)
    }
}
