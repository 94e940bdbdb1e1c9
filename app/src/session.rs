//! From arguments to a loaded model.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use easel::native;
use easel_core::assess::read_config;
use easel_core::device::Opened;
use easel_core::hub::{Hub, ModelId, wanted_for_adapters, wanted_for_model};
use easel_core::model::{ModelConfig, Work};
use easel_core::prompt::MAX_TOKENIZER;
use easel_core::weights::{Folder, Source};
use easel_core::{Assessor, Error, LoadOptions, demo, device};

use crate::args::ModelArgs;
use crate::failure::Failure;
use crate::plan::{Limits, Planner};
use crate::progress::{FetchBars, LoadBar};
use crate::terminal::note;
use crate::{file, gguf};

/// The tokenizer's file in a model's folder.
const TOKENIZER: &str = "tokenizer.json";

/// Opens the device and loads the model and, with `adapters`, the adapters, where the plan for
/// `work` fits.
pub fn load(
    args: &ModelArgs,
    with_adapters: bool,
    work: Work,
    options: LoadOptions,
) -> Result<(Assessor, Opened), Failure> {
    // Files first: opening a device takes longer than finding that a folder is missing.
    let model = model(&args.model, args.mmproj.as_deref())?;
    let adapters = if with_adapters { adapters(args, &model)? } else { None };
    let mut options = args.memory.apply(options);
    let asked = options.asked();
    let tokenizer = match tokenizer_beside(args.tokenizer.as_deref(), &model.name()) {
        Some(file) => {
            let json = file::read(&file, "tokenizer", MAX_TOKENIZER)?;
            options = options.with_tokenizer(json);
            file
        }
        None => Path::new(&model.name()).join(TOKENIZER),
    };
    if args.is_demo() {
        note(demo::NOTICE);
    }
    let opened = device::open(args.device.into())?;
    native::tune(&opened);
    if args.device != crate::args::DeviceArg::Cpu {
        note(&format!("computing on {}: {}", opened.name, opened.reason));
    }
    let limits = Limits::new(args.memory, opened.max_binding)?;
    let low_memory = args.memory.low_memory;
    let work = Work { adapters: adapters.is_some(), low_memory, ..work };
    Planner::new(&model)?.check(asked, work, limits)?;
    let bar = LoadBar::new();
    let mut show = |at| bar.set(at);
    let loading = Assessor::load_with_progress(model, adapters, options, &opened.device, &mut show);
    let assessor = pollster::block_on(loading).map_err(|error| match error {
        // The library does not know where it came from.
        Error::Prompt(error) => Failure::file(&tokenizer, error.to_string()),
        other => other.into(),
    })?;
    bar.clear();
    Ok((assessor, opened))
}

/// The adapters' folder; `None` where none are asked for and `model` brings none.
pub fn adapters(
    args: &ModelArgs,
    model: &Rc<dyn Source>,
) -> Result<Option<Rc<dyn Source>>, Failure> {
    match args.adapters.as_deref() {
        Some("none") => Ok(None),
        None if args.is_demo() => Ok(Some(demo::adapters())),
        None => {
            let files = pollster::block_on(model.files()).map_err(Error::from)?;
            let own = files.iter().any(|file| file.starts_with("adapters/"));
            Ok(own.then(|| Rc::clone(model)))
        }
        Some(name) => Ok(Some(open(find(name, "--adapters", wanted_for_adapters)?)?)),
    }
}

/// The model's files: the demo's, a folder's, a GGUF pair's, or brought from the hub.
pub fn model(name: &str, mmproj: Option<&str>) -> Result<Rc<dyn Source>, Failure> {
    match name {
        demo::NAME => Ok(demo::model()),
        _ if gguf::is_one(name) => gguf::open(name, mmproj),
        _ if mmproj.is_some() => {
            Err(Failure::Usage("--mmproj goes with a --model that is a GGUF file too".to_owned()))
        }
        _ => open(find(name, "--model", wanted_for_model)?),
    }
}

/// A model's sizes.
pub fn config(model: &dyn Source) -> Result<ModelConfig, Failure> {
    Ok(pollster::block_on(read_config(model))?)
}

/// The tokenizer of a model, and its place for messages.
#[cfg(feature = "train")]
pub fn read_tokenizer(
    asked: Option<&Path>,
    model: &dyn Source,
) -> Result<(Vec<u8>, PathBuf), Failure> {
    match tokenizer_beside(asked, &model.name()) {
        Some(file) => Ok((file::read(&file, "tokenizer", MAX_TOKENIZER)?, file)),
        None => {
            let bytes = pollster::block_on(model.read_all(TOKENIZER, MAX_TOKENIZER));
            Ok((bytes.map_err(Error::from)?, Path::new(&model.name()).join(TOKENIZER)))
        }
    }
}

pub fn open(folder: PathBuf) -> Result<Rc<dyn Source>, Failure> {
    let folder = Folder::open(folder).map_err(Error::from)?;
    Ok(Rc::new(folder))
}

/// The folder that `name` is, or that the hub's model is brought to.
fn find(name: &str, option: &str, wanted: fn(&str) -> bool) -> Result<PathBuf, Failure> {
    let path = Path::new(name);
    if path.is_dir() {
        return Ok(path.to_owned());
    }
    if path.exists() {
        return Err(Failure::file(path, format!("{option} wants a folder, and this is a file")));
    }
    match name.parse::<ModelId>() {
        Ok(id) => fetch(&id, wanted),
        Err(_) => {
            let expected = format!("{option} wants a folder or a hub id such as owner/name");
            Err(Failure::file(path, format!("there is no such folder; {expected}")))
        }
    }
}

/// Brings a model's files to the cache and returns their folder.
pub fn fetch(id: &ModelId, wanted: impl Fn(&str) -> bool) -> Result<PathBuf, Failure> {
    let hub = Hub::from_env()?;
    let mut bars = FetchBars::new();
    let folder = hub.fetch(id, wanted, &mut |progress| bars.show(&progress))?;
    Ok(folder)
}

/// The tokenizer that was asked for, or one near a model folder that has none: a file of that
/// name in one of the three folders around it, or in their `tokenizer` folder.
fn tokenizer_beside(asked: Option<&Path>, folder: &str) -> Option<PathBuf> {
    if let Some(file) = asked {
        return Some(file.to_owned());
    }
    if folder == demo::NAME {
        return None;
    }
    let folder = Path::new(folder);
    if folder.join(TOKENIZER).exists() {
        return None;
    }
    let folder = folder.canonicalize().ok()?;
    let around = folder.ancestors().skip(1).take(3);
    let places =
        around.flat_map(|near| [near.join(TOKENIZER), near.join("tokenizer").join(TOKENIZER)]);
    let file = places.into_iter().find(|place| place.is_file())?;
    note(&format!("the model has no {TOKENIZER}; using {}", file.display()));
    Some(file)
}
