//! `easel pack`.

use std::rc::Rc;

use easel_core::Error;
use easel_core::lora::find_adapters;
use easel_core::model::{Keeping, Loading};
use easel_core::weights::{Checkpoint, PackOptions, Source, pack, verify};

use crate::args::{DeviceArg, MemoryArgs, ModelArgs, PackArgs};
use crate::failure::Failure;
use crate::progress::LoadBar;
use crate::session;
use crate::terminal::{note, print};

/// The largest file of an adapter, in bytes.
const MOST: u64 = 1 << 30;

/// Packs a model, or verifies a pack.
pub fn run(args: &PackArgs) -> Result<(), Failure> {
    let source = session::model(&args.model, args.mmproj.as_deref())?;
    let checkpoint = pollster::block_on(Checkpoint::open(Rc::clone(&source)));
    let checkpoint = checkpoint.map_err(Error::from)?;
    let Some(out) = &args.out else {
        let mut files = 0;
        pollster::block_on(verify(&checkpoint, &mut |_| files += 1)).map_err(Error::from)?;
        return print(&format!("{}: all {files} files are whole\n", args.model));
    };
    let model = ModelArgs {
        model: args.model.clone(),
        mmproj: None,
        adapters: args.adapters.clone(),
        tokenizer: None,
        device: DeviceArg::Cpu,
        memory: MemoryArgs::default(),
    };
    let adapters = match session::adapters(&model, &source)? {
        Some(folder) => pollster::block_on(read_adapters(&*folder))?,
        None => Vec::new(),
    };
    let config = session::config(&*source)?;
    let keeping = Keeping::new(args.precision.asked(), &config, &checkpoint);
    let keeping = keeping.map_err(Error::from)?;
    let options =
        PackOptions { keeping, source: args.model.clone(), licence: args.licence.clone() };
    note(&format!("packing {} weights of {}", keeping.weights(&checkpoint), args.model));
    let bar = LoadBar::new();
    let mut show = |at: easel_core::weights::Packing| {
        bar.set(Loading { done: at.done, total: at.total });
    };
    let packing = pack(&checkpoint, &adapters, options, out, &mut show);
    pollster::block_on(packing).map_err(Error::from)?;
    bar.clear();
    print(&format!("{}\n", out.display()))
}

/// The adapters' files, under their paths in the pack.
async fn read_adapters(folder: &dyn Source) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let mut files = Vec::new();
    for (attribute, path) in find_adapters(folder).await.map_err(Error::from)? {
        for name in ["adapter_config.json", "adapter_model.safetensors"] {
            let from = if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
            let content = folder.read_all(&from, MOST).await.map_err(Error::from)?;
            files.push((format!("adapters/{attribute}/{name}"), content));
        }
    }
    Ok(files)
}
