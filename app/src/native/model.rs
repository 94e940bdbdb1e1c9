//! The model on its thread: loading, scoring, writing.

use std::path::Path;
use std::rc::Rc;

use easel_core::assess::{CommentOptions, Framing, TextOptions};
use easel_core::device::{Choice, open};
use easel_core::prompt::Language;
use easel_core::weights::{Folder, Source as Weights};
use easel_core::{Assessor, Error, LoadOptions, demo};
use pollster::block_on;

use crate::ui::{Edit, Fault, FaultKind, ModelChoice, ModelInfo, Source, Step, Tell};

/// The most tokens of a comment.
const MOST_TOKENS: usize = 160;

/// A loaded model.
pub(super) struct Loaded {
    assessor: Assessor,
    info: ModelInfo,
}

impl Loaded {
    /// Opens a device and loads a model; `tell` hears how far it is.
    ///
    /// # Errors
    /// When there is no device, or the files are no model.
    pub(super) fn load(choice: &ModelChoice, tell: &mut dyn FnMut(Tell)) -> Result<Self, Fault> {
        let fault = |error: Error| Fault::new(FaultKind::Model, error.to_string());
        let (model, adapters) = files(choice).map_err(fault)?;
        let opened =
            open(Choice::Auto).map_err(|error| Fault::new(FaultKind::Device, error.to_string()))?;
        let mut last = 0;
        let mut progress = |at: easel_core::model::Loading| {
            let part = at.done as f32 / at.total.max(1) as f32;
            let percent = (part * 100.0) as u32;
            if percent > last {
                last = percent;
                tell(Tell::Loading(part));
            }
        };
        let options = LoadOptions::new();
        let loading =
            Assessor::load_with_progress(model, adapters, options, &opened.device, &mut progress);
        let assessor = block_on(loading).map_err(fault)?;
        let info = ModelInfo {
            name: match choice {
                ModelChoice::Demo => String::new(),
                ModelChoice::Folder(folder) => Path::new(folder)
                    .file_name()
                    .map_or_else(|| folder.clone(), |name| name.to_string_lossy().into_owned()),
            },
            demo: *choice == ModelChoice::Demo,
            adapters: assessor.has_adapters(),
            device: opened.name,
            attributes: assessor.attributes().to_vec(),
        };
        Ok(Self { assessor, info })
    }

    /// What is known of it.
    pub(super) const fn info(&self) -> &ModelInfo {
        &self.info
    }

    /// Scores a picture and writes about it, as long as `go_on` says so.
    ///
    /// # Errors
    /// When the picture cannot be read, or the device fails.
    pub(super) fn assess(
        &mut self,
        source: &Source,
        edit: Edit,
        language: Language,
        go_on: &dyn Fn() -> bool,
        tell: &mut dyn FnMut(Tell),
    ) -> Result<(), Fault> {
        let picture_fault = |error| Fault::of_picture(&error);
        tell(Tell::Step(Step::Reading));
        let image = source.decode().map_err(picture_fault)?;
        let image = edit.apply(&image).map_err(picture_fault)?;
        if !go_on() {
            return given_up(tell);
        }
        tell(Tell::Step(Step::Looking));
        let picture = self.assessor.encode(&image, Framing::default()).map_err(computing)?;
        if !go_on() {
            return given_up(tell);
        }
        tell(Tell::Step(Step::Thinking));
        let assessment = block_on(self.assessor.score(&picture)).map_err(computing)?;
        if !go_on() {
            return given_up(tell);
        }
        tell(Tell::Scored(assessment.clone()));
        tell(Tell::Step(Step::Writing));
        let text = TextOptions { max_tokens: MOST_TOKENS, sampling: None };
        let options = CommentOptions { language, text };
        let comment = self.assessor.comment(&picture, &assessment, options);
        let mut stream = block_on(comment).map_err(computing)?;
        while let Some(words) = block_on(stream.next()).map_err(computing)? {
            if !go_on() {
                return given_up(tell);
            }
            if !words.is_empty() {
                tell(Tell::Words(words));
            }
        }
        tell(Tell::Done);
        Ok(())
    }
}

fn given_up(tell: &mut dyn FnMut(Tell)) -> Result<(), Fault> {
    tell(Tell::Cancelled);
    Ok(())
}

fn computing(error: Error) -> Fault {
    match error {
        Error::Image(error) => Fault::of_picture(&error),
        other => Fault::new(FaultKind::Computing, other.to_string()),
    }
}

type Files = (Rc<dyn Weights>, Option<Rc<dyn Weights>>);

/// The files of a model and, where it has some, of its adapters.
fn files(choice: &ModelChoice) -> Result<Files, Error> {
    let ModelChoice::Folder(folder) = choice else {
        return Ok((demo::model(), Some(demo::adapters())));
    };
    let model: Rc<dyn Weights> = Rc::new(Folder::open(folder)?);
    let own = block_on(model.files())?.iter().any(|file| file.starts_with("adapters/"));
    let adapters = own.then(|| Rc::clone(&model));
    Ok((model, adapters))
}
