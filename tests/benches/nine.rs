//! Nine attributes in one batch against nine passes with one adapter each, on both devices. The
//! ratio of the two is the figure; both are measured in one run.

#![allow(clippy::unwrap_used, missing_docs, reason = "a bench fails by panicking")]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use criterion::{Criterion, criterion_group, criterion_main};
use easel_core::assess::{Framing, Picture};
use easel_core::device::Device;
use easel_core::weights::{Folder, Source};
use easel_core::{Assessor, Attribute, Image, LoadOptions};
use easel_tests::devices;
use easel_tests::golden::{answering_tokenizer, own};
use easel_tests::synthetic::{Shape, write, write_adapters};
use pollster::block_on;

/// Small enough for a GPU in software, large enough that matrices and not launches are measured.
const SHAPE: Shape =
    Shape { hidden: 256, intermediate: 768, layers: 4, heads: 4, vocab: 2048, depth: 4 };

fn load(model: &Path, adapters: &str, device: &Device) -> Assessor {
    load_with(model, adapters, LoadOptions::new(), device)
}

fn load_with(model: &Path, adapters: &str, options: LoadOptions, device: &Device) -> Assessor {
    let open = |path: PathBuf| Rc::new(Folder::open(path).unwrap()) as Rc<dyn Source>;
    let options = options.with_tokenizer(answering_tokenizer());
    let adapters = Some(open(model.join("adapters").join(adapters)));
    block_on(Assessor::load(open(model.to_owned()), adapters, options, device)).unwrap()
}

fn encode(assessor: &mut Assessor) -> Picture {
    let image = Image::decode(&own().picture("drawing_0.png")).unwrap();
    assessor.encode(&image, Framing::default()).unwrap()
}

fn nine(c: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), SHAPE).unwrap();
    let claims = r#"{"chat_template": "{{ messages }}"}"#;
    std::fs::write(folder.path().join("tokenizer_config.json"), claims).unwrap();
    write_adapters(&folder.path().join("adapters"), SHAPE).unwrap();
    for opened in devices() {
        let name = if opened.device == Device::flex() { "flex" } else { "wgpu" };
        let mut group = c.benchmark_group(format!("nine/{name}"));
        group.sample_size(10);

        let mut together = load(folder.path(), "", &opened.device);
        let picture = encode(&mut together);
        group.bench_function("one batch of nine", |bench| {
            bench.iter(|| black_box(block_on(together.score(&picture)).unwrap()));
        });

        // The question whether it is a drawing is the tenth row.
        let options = LoadOptions::new().with_drawing(true);
        let mut asked = load_with(folder.path(), "", options, &opened.device);
        assert!(block_on(asked.score(&picture)).unwrap().drawing().is_some());
        group.bench_function("one batch of nine and the question", |bench| {
            bench.iter(|| black_box(block_on(asked.score(&picture)).unwrap()));
        });

        let mut apart: Vec<_> =
            Attribute::ALL.iter().map(|a| load(folder.path(), a.name(), &opened.device)).collect();
        group.bench_function("nine passes of one, vision once", |bench| {
            bench.iter(|| {
                for assessor in &mut apart {
                    black_box(block_on(assessor.score(&picture)).unwrap());
                }
            });
        });
        group.bench_function("nine passes of one, vision each time", |bench| {
            bench.iter(|| {
                for assessor in &mut apart {
                    let picture = encode(assessor);
                    black_box(block_on(assessor.score(&picture)).unwrap());
                }
            });
        });
        group.finish();
    }
}

criterion_group!(benches, nine);
criterion_main!(benches);
