//! What the interface asks of the model's worker, and what the worker tells.
//!
//! The worker is a thread natively and a web worker in the page; both take and send these values.
//! Every event bears the id of its request, so that what comes late for a request that was given
//! up is told apart.

use easel_core::assess::Occlusion;
use easel_core::model::Published;
use easel_core::prompt::Language;
use easel_core::{Assessment, Attribute, Precision};
use serde::{Deserialize, Serialize};

use super::drawing::{Edit, Source};
use crate::portfolio;

/// The number of a request: they count up from 1.
pub type RequestId = u64;

/// One request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Its number.
    pub id: RequestId,
    /// What is asked.
    pub ask: Ask,
}

/// What can be asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Ask {
    /// Load a model; it replaces the one before.
    Load(ModelChoice),
    /// Decode a picture and answer with a small copy of it.
    Open(Source),
    /// Score a picture, then write a comment on it.
    Assess {
        /// The picture.
        source: Source,
        /// How it is turned and cut.
        edit: Edit,
        /// The comment's language.
        language: Language,
        /// What is there already, where an assessment was broken off.
        begun: Option<Begun>,
    },
    /// Do something with the models that are kept on this device.
    Shelf(Chore),
    /// Cover the picture part by part, to find where one attribute's score comes from.
    Occlude {
        /// The picture.
        source: Source,
        /// How it is turned and cut.
        edit: Edit,
        /// The attribute.
        attribute: Attribute,
    },
    /// Give a request up, the one of this number.
    Cancel(RequestId),
    /// Something of the portfolios.
    Portfolio(portfolio::Ask),
}

/// What there is of an assessment that was broken off while its comment was written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Begun {
    /// The scores.
    pub assessment: Assessment,
    /// The comment's tokens.
    pub written: Vec<u32>,
}

/// What can be done with the models that are kept on this device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Chore {
    /// Tell what is kept, and of these folders what they hold.
    List {
        /// Folders and addresses that were used before.
        folders: Vec<String>,
    },
    /// Fetch what is missing of a model, each file checked; given up, it goes on another time.
    Get(Item),
    /// Read all files of a model and check them; what is damaged is removed where it can be fetched
    /// again.
    Verify(Item),
    /// Delete a model.
    Delete(Item),
    /// Copy the pack of a folder that a person chose, each file checked.
    Import(String),
}

/// A model that is kept on this device, or could be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Item {
    /// One of the hub, by its id.
    Hub(String),
    /// A pack in the browser, by its address; `kept:NAME` was copied from a folder.
    Pack(String),
    /// A folder that is used where it lies.
    Folder(String),
}

impl Item {
    /// What people call it: a published model's name, else the last part of its place.
    #[must_use]
    pub fn name(&self) -> &str {
        let (Self::Hub(place) | Self::Pack(place) | Self::Folder(place)) = self;
        if let Some(model) = Published::ALL.into_iter().find(|model| model.id() == place) {
            return model.name();
        }
        let place = place.trim_end_matches(['/', '\\']);
        place.rsplit(['/', '\\', ':']).next().unwrap_or(place)
    }
}

/// What is kept, and what the device grants to a model.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stock {
    /// What the device grants.
    pub grant: Grant,
    /// Whether models of the hub can be fetched from here.
    pub hub: bool,
    /// The models, those of the hub also where little or nothing of them is here.
    pub kept: Vec<Kept>,
}

/// What a device grants to a model, as far as it tells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Bytes of memory in all.
    pub memory: Option<u64>,
    /// Bytes of the largest buffer that a kernel may bind.
    pub binding: Option<u64>,
    /// Whether this is a page on a device that gives pages too little memory for any real model.
    pub small_page: bool,
}

/// A model on this device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Which.
    pub item: Item,
    /// Bytes of its files that are here.
    pub bytes: u64,
    /// Whether all of it is.
    pub whole: bool,
    /// Whether there are sums to check it by.
    pub checkable: bool,
}

/// How far a job is, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// Done.
    pub done: u64,
    /// In all.
    pub total: u64,
}

/// Which model.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelChoice {
    /// The one within the program.
    #[default]
    Demo,
    /// A folder, where the platform has them.
    Folder(String),
    /// One of the hub that was fetched.
    Hub {
        /// Its id.
        id: String,
        /// How its large matrices are kept.
        weights: Precision,
    },
}

/// One event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Of which request.
    pub id: RequestId,
    /// What is told.
    pub tell: Tell,
}

/// What can be told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Tell {
    /// A model is loading: the part that is done, from 0 to 1.
    Loading(f32),
    /// A model is loaded.
    Ready(ModelInfo),
    /// A picture is decoded.
    Opened(Preview),
    /// An assessment came to a step.
    Step(Step),
    /// The scores are there; the comment follows.
    Scored(Assessment),
    /// A token of the comment.
    Words {
        /// The text that it completes; a character may take several tokens.
        text: String,
        /// Its number.
        token: u32,
    },
    /// Where an attribute's score comes from.
    Occluded(Occlusion),
    /// The assessment is complete.
    Done,
    /// What is kept.
    Shelf(Stock),
    /// A job with a model's files came so far.
    Moved(Moved),
    /// A model is here as a whole.
    Got(Item),
    /// A model's files were checked: so many were damaged.
    Checked(usize),
    /// A model is deleted.
    Deleted,
    /// The request was given up.
    Cancelled,
    /// The request failed.
    Failed(Fault),
    /// Something of the portfolios.
    Portfolio(portfolio::Tell),
}

/// The steps of an assessment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Step {
    /// Decoding.
    Reading,
    /// The vision tower.
    Looking,
    /// The nine attributes, in one pass.
    Thinking,
    /// The comment.
    Writing,
}

/// What is known of a loaded model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelInfo {
    /// Its name; empty for the demo.
    pub name: String,
    /// Whether it is the demo.
    pub demo: bool,
    /// Whether adapters answer.
    pub adapters: bool,
    /// What computes, in words.
    pub device: String,
    /// Whether that is the processor because the browser has no WebGPU.
    pub no_webgpu: bool,
    /// The attributes that are scored.
    pub attributes: Vec<Attribute>,
}

/// A small copy of a picture, upright.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// Width of the copy in pixels.
    pub width: u32,
    /// Height of the copy in pixels.
    pub height: u32,
    /// Its samples, `[height, width, 3]`.
    pub rgb: Vec<u8>,
}

impl std::fmt::Debug for Preview {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Preview({} x {})", self.width, self.height)
    }
}

/// Something that went wrong: what kind it is decides what people read and can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The kind.
    pub kind: FaultKind,
    /// The library's own words.
    pub message: String,
}

/// Kinds of faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FaultKind {
    /// A damaged picture.
    Picture,
    /// No picture, or one of another kind.
    Format,
    /// A picture beyond the limits.
    TooLarge,
    /// A picture too long and thin.
    Shape,
    /// A file that cannot be read.
    File,
    /// A model that cannot be loaded.
    Model,
    /// No device.
    Device,
    /// A device that failed.
    Computing,
    /// A worker that is gone.
    Stopped,
    /// Nothing to paste.
    Clipboard,
    /// No camera, or it is not allowed.
    Camera,
    /// A model's files that cannot be fetched, checked or deleted.
    Shelf,
    /// Portfolios that cannot be used.
    Portfolio,
}

impl Fault {
    /// A fault with the library's own words.
    #[must_use]
    pub fn new(kind: FaultKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// What was wrong with a picture.
    #[must_use]
    pub fn of_picture(error: &easel_core::image::ImageError) -> Self {
        use easel_core::image::ImageError as E;
        let kind = match error {
            E::Empty | E::UnknownFormat { .. } | E::Unsupported { .. } => FaultKind::Format,
            E::TooLarge { .. } | E::Memory { .. } => FaultKind::TooLarge,
            E::AspectRatio { .. } => FaultKind::Shape,
            _ => FaultKind::Picture,
        };
        Self::new(kind, error.to_string())
    }
}

/// The worker as the interface sees it. Neither call waits.
pub trait Worker {
    /// Sends a request.
    fn send(&mut self, request: Request);
    /// The next event, where there is one.
    fn poll(&mut self) -> Option<Event>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use easel_core::image::ImageError;

    #[test]
    fn messages_cross_as_json() {
        let source = Source::File { name: "a.png".into(), bytes: vec![1, 2] };
        let (edit, language) = (Edit::default(), Language::Zh);
        let begun = Some(Begun { assessment: Assessment::default(), written: vec![3, 1] });
        let ask = Ask::Assess { source, edit, language, begun };
        let request = Request { id: 7, ask };
        let json = serde_json::to_string(&request).unwrap();
        assert_eq!(serde_json::from_str::<Request>(&json).unwrap(), request);
        let event = Event { id: 7, tell: Tell::Step(Step::Looking) };
        let json = serde_json::to_string(&event).unwrap();
        assert_eq!(json, r#"{"id":7,"tell":{"Step":"Looking"}}"#);
    }

    #[test]
    fn models_are_called_by_the_last_part_of_their_place() {
        for (item, name) in [
            (Item::Hub("Qwen/Qwen2.5-VL-3B-Instruct".into()), "Qwen2.5-VL 3B"),
            (Item::Hub("owner/other".into()), "other"),
            (Item::Pack("https://school.test/packs/three/".into()), "three"),
            (Item::Pack("kept:my pack".into()), "my pack"),
            (Item::Folder("C:\\models\\seven\\".into()), "seven"),
        ] {
            assert_eq!(item.name(), name);
        }
    }

    #[test]
    fn faults_of_pictures_are_told_apart() {
        let kind = |error| Fault::of_picture(&error).kind;
        assert_eq!(kind(ImageError::Empty), FaultKind::Format);
        assert_eq!(kind(ImageError::TooLarge { width: 1, height: 1 }), FaultKind::TooLarge);
        assert_eq!(kind(ImageError::AspectRatio { width: 1, height: 999 }), FaultKind::Shape);
        let damaged = ImageError::Damaged { format: "PNG", reason: "cut".into() };
        assert_eq!(kind(damaged), FaultKind::Picture);
    }
}
