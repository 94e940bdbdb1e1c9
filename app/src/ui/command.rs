//! What screens ask for.

use easel_core::model::Published;
use easel_core::prompt::Language;
use easel_core::{Attribute, Precision};

use super::class::Lesson;
use super::drawing::Edit;
use super::portfolio::Keeping;
use super::protocol::{Item, ModelChoice};
use super::settings::{TextSize, Theme, View};
#[cfg(feature = "train")]
use super::training::Act;
use crate::papers::Paper;

/// Something to be done after drawing.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Let the person choose a picture.
    Choose,
    /// Take the picture on the clipboard.
    Paste,
    /// Take a photograph.
    Photograph,
    /// Take a sample drawing, by its number from 0.
    Sample(usize),
    /// Open a file from before.
    Recent(String),
    /// Turn the picture by a quarter.
    Turn {
        /// To the right, or to the left.
        clockwise: bool,
    },
    /// Begin or end cutting.
    Crop(bool),
    /// Turn and cut like this.
    Edit(Edit),
    /// Ask for an assessment.
    Look,
    /// Give up what goes on.
    Cancel,
    /// To the first screen, for another picture.
    Home,
    /// One screen back.
    Back,
    /// Open or close the settings.
    Settings(bool),
    /// Open or close the models' screen.
    Models(bool),
    /// Do something with the models on this device.
    Shelf(Deed),
    /// Read a paper about the program.
    About(Paper),
    /// Change a setting.
    Set(Change),
    /// Show all levels of an attribute, or the nearest only.
    Levels(Attribute),
    /// Ask where the program looked for an attribute.
    WhereLooked(Attribute),
    /// Let the person choose a model's folder.
    ChooseModel,
    /// Load a model.
    Model(ModelChoice),
    /// Close the notice.
    Dismiss,
    /// Try again what the notice is about.
    Again,
    /// Something of the portfolios.
    Portfolio(Keeping),
    /// Something of classes.
    Class(Lesson),
    /// Something of the Train tab.
    #[cfg(feature = "train")]
    Train(Act),
}

/// Something to be done with the models on this device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Fetch it, or what is missing of it.
    Get(Item),
    /// Stop fetching, checking or copying it; what came stays.
    Pause(Item),
    /// Check its files.
    Verify(Item),
    /// Ask whether it is to be deleted.
    Delete(Item),
    /// Delete what was asked about, or keep it.
    Confirm(bool),
    /// Take a folder off the list.
    Forget(String),
    /// Keep a published model like this.
    Weights(Published, Precision),
    /// Ask for the address of a pack.
    Address,
}

/// A change of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The language.
    Language(Language),
    /// Who is reading.
    View(View),
    /// Light or dark.
    Theme(Theme),
    /// How large text is.
    TextSize(TextSize),
    /// Whether nothing glides.
    ReducedMotion(bool),
    /// Whether the pupil sees numbers.
    Released(bool),
}
