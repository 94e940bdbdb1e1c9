//! The model behind the interface, for a thread and a web worker alike: loading, scoring, writing.

use std::rc::Rc;

use easel_core::assess::{CommentOptions, Framing, TextOptions};
use easel_core::device::Device;
use easel_core::prompt::Language;
use easel_core::weights::{Pending, Source as Weights};
use easel_core::{Assessor, Attribute, Error, LoadOptions, Precision, demo};

use crate::ui::{Begun, Edit, Fault, FaultKind, ModelInfo, Source, Step, Tell};

/// The most tokens of a comment.
pub(crate) const MOST_TOKENS: usize = 160;

/// Whether one half of a model is on the device at a time: the vision tower leaves before the language
/// model comes. Tablets share little memory between everything that runs.
pub(crate) const STAGED: bool = cfg!(any(target_os = "android", target_os = "ios"));

/// Whether an answer is still wanted. A web worker takes its messages while this waits.
pub type GoOn<'a> = &'a dyn Fn() -> Pending<'static, bool>;

/// The files of a model.
#[derive(Debug, Clone)]
pub struct Files {
    /// What people call it; empty for the demo.
    pub name: String,
    /// Whether it is the demo.
    pub demo: bool,
    /// The folder.
    pub model: Rc<dyn Weights>,
    /// Its adapters, where it has some.
    pub adapters: Option<Rc<dyn Weights>>,
    /// How its large matrices are kept, where that was chosen.
    pub weights: Option<Precision>,
}

impl Files {
    /// The model within the program.
    #[must_use]
    pub fn demo() -> Self {
        let (model, adapters) = (demo::model(), Some(demo::adapters()));
        Self { name: String::new(), demo: true, model, adapters, weights: None }
    }

    /// A folder that holds a model and, in it, perhaps a folder `adapters`.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub async fn folder(name: String, model: Rc<dyn Weights>) -> Result<Self, Fault> {
        let files = model.files().await.map_err(|error| unloadable(&error.into()))?;
        let own = files.iter().any(|file| file.starts_with("adapters/"));
        let adapters = own.then(|| Rc::clone(&model));
        Ok(Self { name, demo: false, model, adapters, weights: None })
    }
}

/// What computes.
#[derive(Debug, Clone)]
pub struct Computer {
    /// Where tensors live.
    pub device: Device,
    /// What it is, in words.
    pub name: String,
    /// Whether it is the processor of a browser without WebGPU.
    pub no_webgpu: bool,
}

/// A loaded model.
pub struct Loaded {
    assessor: Assessor,
    info: ModelInfo,
}

impl Loaded {
    /// Loads a model; `tell` hears how far it is.
    ///
    /// # Errors
    /// When the files are no model.
    pub async fn load(
        files: Files,
        computer: Computer,
        tell: &mut dyn FnMut(Tell),
    ) -> Result<Self, Fault> {
        let mut last = 0;
        let mut progress = |at: easel_core::model::Loading| {
            let part = at.done as f32 / at.total.max(1) as f32;
            let percent = (part * 100.0) as u32;
            if percent > last {
                last = percent;
                tell(Tell::Loading(part));
            }
        };
        let Files { name, demo, model, adapters, weights } = files;
        // Whoever opens a photograph of a cat is to hear that it is no drawing.
        let mut options = LoadOptions::new().with_drawing(true).with_low_memory(STAGED);
        options.weights = weights;
        let device = &computer.device;
        let loading = Assessor::load_with_progress(model, adapters, options, device, &mut progress);
        let assessor = loading.await.map_err(|error| unloadable(&error))?;
        let info = ModelInfo {
            name,
            demo,
            adapters: assessor.has_adapters(),
            device: computer.name,
            no_webgpu: computer.no_webgpu,
            attributes: assessor.attributes().to_vec(),
        };
        Ok(Self { assessor, info })
    }

    /// What is known of it.
    #[must_use]
    pub const fn info(&self) -> &ModelInfo {
        &self.info
    }

    /// Scores a picture and writes about it, as long as `go_on` says so; returns how it ended. What
    /// was begun and broken off keeps its scores, and goes on after its words.
    ///
    /// # Errors
    /// When the picture cannot be read, or the device fails.
    pub async fn assess(
        &mut self,
        (source, edit, language): (&Source, Edit, Language),
        begun: Option<Begun>,
        go_on: GoOn<'_>,
        tell: &mut dyn FnMut(Tell),
    ) -> Result<Tell, Fault> {
        let picture_fault = |error| Fault::of_picture(&error);
        tell(Tell::Step(Step::Reading));
        let image = source.decode().map_err(picture_fault)?;
        let image = edit.apply(&image).map_err(picture_fault)?;
        if !go_on().await {
            return Ok(Tell::Cancelled);
        }
        tell(Tell::Step(Step::Looking));
        let picture = self.assessor.encode(&image, Framing::default()).map_err(computing)?;
        if !go_on().await {
            return Ok(Tell::Cancelled);
        }
        let Begun { assessment, written } = match begun {
            Some(begun) => begun,
            None => {
                tell(Tell::Step(Step::Thinking));
                let assessment = self.assessor.score(&picture).await.map_err(computing)?;
                if !go_on().await {
                    return Ok(Tell::Cancelled);
                }
                tell(Tell::Scored(assessment.clone()));
                Begun { assessment, written: Vec::new() }
            }
        };
        tell(Tell::Step(Step::Writing));
        let text = TextOptions { max_tokens: MOST_TOKENS, sampling: None };
        let options = CommentOptions { language, text, written };
        let comment = self.assessor.comment(&picture, &assessment, options);
        let mut stream = comment.await.map_err(computing)?;
        while let Some(text) = stream.next().await.map_err(computing)? {
            if !go_on().await {
                return Ok(Tell::Cancelled);
            }
            if let Some(&token) = stream.tokens().last() {
                tell(Tell::Words { text, token });
            }
        }
        Ok(Tell::Done)
    }

    /// Finds where one attribute's score comes from.
    ///
    /// # Errors
    /// When the picture cannot be read, the attribute has no adapter, or the device fails.
    pub async fn occlude(
        &mut self,
        source: &Source,
        edit: Edit,
        attribute: Attribute,
    ) -> Result<Tell, Fault> {
        let picture_fault = |error| Fault::of_picture(&error);
        let image = source.decode().map_err(picture_fault)?;
        let image = edit.apply(&image).map_err(picture_fault)?;
        let occlusion = self.assessor.occlusion(&image, attribute).await.map_err(computing)?;
        Ok(Tell::Occluded(occlusion))
    }
}

fn unloadable(error: &Error) -> Fault {
    Fault::new(FaultKind::Model, error.to_string())
}

fn computing(error: Error) -> Fault {
    match error {
        Error::Image(error) => Fault::of_picture(&error),
        other => Fault::new(FaultKind::Computing, other.to_string()),
    }
}
