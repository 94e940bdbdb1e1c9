//! The native model: a folder's files or the demo's, on the device of this machine.

use std::future::ready;
use std::path::Path;
use std::rc::Rc;

use easel_core::Attribute;
use easel_core::device::{Choice, open};
use easel_core::hub::{HubError, ModelId, wanted_for_model};
use easel_core::prompt::Language;
use easel_core::weights::Folder;
use pollster::block_on;

use super::place;
use crate::model::{Computer, Files, Loaded};
use crate::ui::{Begun, Edit, Fault, FaultKind, ModelChoice, Source, Tell};

/// Opens a device and loads a model; `tell` hears how far it is.
///
/// # Errors
/// When there is no device, or the files are no model.
pub(super) fn load(choice: &ModelChoice, tell: &mut dyn FnMut(Tell)) -> Result<Loaded, Fault> {
    let files = files(choice)?;
    let opened =
        open(Choice::Auto).map_err(|error| Fault::new(FaultKind::Device, error.to_string()))?;
    super::tune(&opened);
    let computer = Computer { device: opened.device, name: opened.name, no_webgpu: false };
    block_on(Loaded::load(files, computer, tell))
}

/// As [`Loaded::assess`], with the thread waiting.
///
/// # Errors
/// As [`Loaded::assess`].
pub(super) fn assess(
    loaded: &mut Loaded,
    picture: (&Source, Edit, Language),
    begun: Option<Begun>,
    go_on: &dyn Fn() -> bool,
    tell: &mut dyn FnMut(Tell),
) -> Result<Tell, Fault> {
    block_on(loaded.assess(picture, begun, &|| Box::pin(ready(go_on())), tell))
}

/// Finds where one attribute's score comes from.
///
/// # Errors
/// As [`assess`].
pub(super) fn occlude(
    loaded: &mut Loaded,
    (source, edit): (&Source, Edit),
    attribute: Attribute,
) -> Result<Tell, Fault> {
    block_on(loaded.occlude(source, edit, attribute))
}

/// The files of a model that was chosen.
///
/// # Errors
/// When they are not there.
pub(super) fn files(choice: &ModelChoice) -> Result<Files, Fault> {
    match choice {
        ModelChoice::Demo => Ok(Files::demo()),
        ModelChoice::Folder(folder) => {
            let name = Path::new(folder)
                .file_name()
                .map_or_else(|| folder.clone(), |name| name.to_string_lossy().into_owned());
            folder_files(name, Path::new(folder))
        }
        ModelChoice::Hub { id, weights } => {
            let wrong = |error: HubError| Fault::new(FaultKind::Model, error.to_string());
            let id: ModelId = id.parse().map_err(wrong)?;
            // What was fetched once is used without a network.
            let hub = place::hub().map_err(wrong)?.with_offline(true);
            let folder = hub.fetch(&id, wanted_for_model, &mut |_| {}).map_err(|_| {
                let message =
                    format!("{id} is not on this device as a whole; the models' screen gets it");
                Fault::new(FaultKind::Model, message)
            })?;
            let files = folder_files(id.repo().to_owned(), &folder)?;
            Ok(Files { weights: Some(*weights), ..files })
        }
    }
}

fn folder_files(name: String, folder: &Path) -> Result<Files, Fault> {
    let opened = Folder::open(folder).map_err(|error| {
        Fault::new(FaultKind::Model, easel_core::Error::from(error).to_string())
    })?;
    block_on(Files::folder(name, Rc::new(opened)))
}
