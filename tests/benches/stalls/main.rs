//! How long the interface's frames take while the model's thread computes with 3B's widths on all
//! cores of the processor, and how long a press waits until it is seen.
//!
//! A frame is what the interface's thread does for it, from input to what it hands to the GPU. What a
//! GPU then takes to paint is told beside it: where there is none, it is imitated on the same cores.
//!
//! `cargo bench --workspace --bench stalls`; `EASEL_LAYERS` names another number of layers than 2.

#![allow(clippy::unwrap_used, missing_docs, reason = "a bench fails by panicking")]
#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

mod paint;
mod window;

use std::path::{Path, PathBuf};
use std::rc::Rc;

use easel::ui::{EaselApp, Run, Writing};
use easel_core::Precision;
use easel_core::model::{Asked, Keeping, ModelConfig, Published, RandomModel};
use easel_core::weights::{Checkpoint, Memory, PackOptions, Source, pack};
use easel_core::{Attribute, demo};
use pollster::block_on;

use window::{TITLE, Window};

fn main() {
    let layers = std::env::var("EASEL_LAYERS").ok().and_then(|layers| layers.parse().ok());
    let folder = tempfile::tempdir().unwrap();
    let model = packed(folder.path(), layers.unwrap_or(2));
    println!("{TITLE}");
    let mut window = Window::new(folder.path(), &model);
    window.measure("starting", |app| app.current().is_none(), Some("Sample drawing 1"));
    window.measure("opening a picture", |app| app.current().is_none(), Some("Look at my drawing"));
    let run = |app: &EaselApp, is: fn(&Run) -> bool| app.current().is_some_and(is);
    window.measure("loading the model", |app| run(app, |run| run.step.is_none()), None);
    window.measure("nine scores", |app| run(app, |run| run.scored.is_none()), None);
    window.measure("writing", |app| run(app, |run| run.writing == Writing::Going), None);
}

/// Packs a model of random weights, of 3B's widths, with adapters, in 4 bits.
fn packed(folder: &Path, layers: usize) -> PathBuf {
    let json = Published::ThreeB.config_json(Some(layers));
    let config = ModelConfig::from_json(&json).unwrap();
    let tokenizer = block_on(demo::model().read_all("tokenizer.json", u64::MAX)).unwrap();
    let random = Rc::new(RandomModel::new(&json, tokenizer).unwrap());
    let checkpoint = block_on(Checkpoint::open(random as Rc<dyn Source>)).unwrap();
    let asked = Asked { weights: Some(Precision::Q4), ..Asked::default() };
    let keeping = Keeping::new(asked, &config, &checkpoint).unwrap();
    let adapters: Memory = RandomModel::adapters(&config);
    let mut files = Vec::new();
    for attribute in Attribute::ALL {
        for name in ["adapter_config.json", "adapter_model.safetensors"] {
            let file = format!("{attribute}/{name}");
            let bytes = block_on(adapters.read_all(&file, u64::MAX)).unwrap();
            files.push((format!("adapters/{file}"), bytes));
        }
    }
    let [source, licence] = ["random", "none"].map(str::to_owned);
    let options = PackOptions { keeping, source, licence };
    let out = folder.join("pack");
    block_on(pack(&checkpoint, &files, options, &out, &mut |_| {})).unwrap();
    out
}
