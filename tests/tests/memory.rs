//! Host memory while a large checkpoint is loaded.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests panic and print figures")]

use std::rc::Rc;

use easel_core::device::{Choice, open};
use easel_core::model::{Keeping, Published, RandomModel};
use easel_core::weights::{Checkpoint, Folder, PackOptions, Source, pack};
use easel_core::{Assessor, LoadOptions, Precision};
use easel_tests::golden::own;
use easel_tests::synthetic::{Shape, write};

/// A line of `/proc/self/status`, in bytes.
fn status(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
    line.trim_start_matches(':').trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

/// A model on the processor, and what its weights take there.
fn load(source: Rc<dyn Source>) -> Assessor {
    let tokenizer = std::fs::read(own().model().join("tokenizer.json")).unwrap();
    let device = open(Choice::Cpu).unwrap().device;
    let options = LoadOptions::new().with_tokenizer(tokenizer);
    pollster::block_on(Assessor::load(source, None, options, &device)).unwrap()
}

/// Loads a random model and returns the peak of host memory that does not hold weights.
///
/// On the processor the weights themselves live in host memory: what counts is the rest.
fn overhead(shape: Shape) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), shape).unwrap();
    let assessor = load(Rc::new(Folder::open(folder.path()).unwrap()));
    status("VmHWM") - assessor.weight_bytes()
}

#[test]
fn loading_holds_little_more_than_the_weights() {
    let shape =
        Shape { hidden: 512, intermediate: 2048, layers: 6, heads: 4, vocab: 40_000, depth: 2 };
    // The largest tensor that is read whole: a feed-forward matrix.
    let largest = (512 * 2048 * 4) as u64;
    let found = overhead(shape);
    assert!(found < 3 * largest + (200 << 20), "{} MiB", found >> 20);
    // Only now: what a GPU in software holds is this process's memory, too.
    if std::env::var_os("EASEL_NO_GPU").is_none() {
        a_device_holds_little_more_than_the_weights();
    }
}

/// Streams of weights that are joined lie on the device once more until they are: 46 MB of 3B.
fn a_device_holds_little_more_than_the_weights() {
    let device = open(Choice::Gpu).unwrap().device;
    let tokenizer = std::fs::read(own().model().join("tokenizer.json")).unwrap();
    let config = Published::ThreeB.config_json(Some(1));
    let model = RandomModel::new(&config, tokenizer).unwrap();
    let options = LoadOptions::new().with_weights(Precision::Q4);
    let loading = Assessor::load(Rc::new(model), None, options, &device);
    let assessor = pollster::block_on(loading).unwrap();
    let reserved = device.memory_pool_usage().unwrap().bytes_reserved;
    let found = reserved - assessor.weight_bytes();
    // A page for all that is small.
    assert!(found < 16 << 20, "{} of {} MiB", found >> 20, reserved >> 20);
}

/// 2.2 GB on the disk, twice that in memory; run by hand:
/// `cargo test --release --workspace --test memory -- --ignored --nocapture`.
#[test]
#[ignore = "writes 2.2 GB and needs 6 GB of memory"]
fn loading_two_gigabytes_holds_little_more_than_the_weights() {
    let shape =
        Shape { hidden: 2048, intermediate: 8192, layers: 16, heads: 16, vocab: 60_000, depth: 2 };
    let largest = (2048 * 8192 * 4) as u64;
    let found = overhead(shape);
    let allowed = 3 * largest + (200 << 20);
    println!("beside the weights: {} MiB; allowed: {} MiB", found >> 20, allowed >> 20);
    assert!(found < allowed);
}

/// A pack of 1.1 GB. What is measured is the peak of the process less the bytes of the weights, which
/// on the processor lie in the same memory; run by hand and alone:
/// `cargo test --release --workspace --test memory -- --ignored --nocapture gigabyte_pack`.
#[test]
#[ignore = "writes 4 GB and takes minutes"]
fn loading_a_gigabyte_pack_holds_at_most_600_megabytes_more() {
    let shape = Shape {
        hidden: 2048,
        intermediate: 11_008,
        layers: 24,
        heads: 16,
        vocab: 60_000,
        depth: 2,
    };
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), shape).unwrap();
    let source: Rc<dyn Source> = Rc::new(Folder::open(folder.path()).unwrap());
    let out = folder.path().join("pack");
    pollster::block_on(async {
        let checkpoint = Checkpoint::open(source).await.unwrap();
        let keeping = Keeping::at(Precision::Q4);
        let options = PackOptions { keeping, source: String::new(), licence: String::new() };
        pack(&checkpoint, &[], options, &out, &mut |_| ()).await.unwrap();
    });
    // The peak so far was packing's.
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let assessor = load(Rc::new(Folder::open(&out).unwrap()));
    let (peak, weights) = (status("VmHWM"), assessor.weight_bytes());
    println!("peak {} MB, weights {} MB", peak / 1_000_000, weights / 1_000_000);
    assert!(weights > 1_000_000_000 && peak - weights < 600_000_000);
}
