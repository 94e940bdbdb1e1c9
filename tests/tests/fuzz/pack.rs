//! Spoilt packs.

use std::rc::Rc;
use std::sync::OnceLock;

use easel_core::Precision;
use easel_core::model::Keeping;
use easel_core::weights::{Checkpoint, Memory, PackOptions, pack, verify};
use pollster::block_on;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView, serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::gguf::{spoil_bytes, spoil_length};
use crate::json::{spoil_number, spoil_string};
use crate::random::Random;
use crate::rounds::{Files, Spoilt, read_tensors, run, said};
use crate::safetensors::{file, spoil_header};

const MANIFEST: &str = "manifest.json";
const SHARD: &str = "weights-00001.safetensors";
const MATRIX: &str = "model.layers.0.mlp.up_proj.weight";

/// Reads all tensors, then checks the whole pack.
pub fn read(files: Files) -> Result<(), String> {
    let source = Rc::new(Memory::new("pack", files));
    let tensors = read_tensors(source.clone());
    let checkpoint = block_on(Checkpoint::open(source)).map_err(said)?;
    tensors.and(block_on(verify(&checkpoint, &mut |_| ())).map_err(said))
}

/// A pack of each precision.
fn packs() -> &'static [Files; 4] {
    static PACKS: OnceLock<[Files; 4]> = OnceLock::new();
    PACKS.get_or_init(|| {
        let [f32, bf16, q8, q4] =
            [Precision::F32, Precision::Bf16, Precision::Q8, Precision::Q4].map(packed);
        [f32, bf16, split(q8), split(q4)]
    })
}

fn packed(weights: Precision) -> Files {
    let model = file(&[
        (MATRIX, Dtype::BF16, &[9, 72]),
        ("model.embed_tokens.weight", Dtype::BF16, &[9, 40]),
        ("model.norm.weight", Dtype::BF16, &[40]),
        ("visual.patch_embed.proj.weight", Dtype::BF16, &[4, 3, 2, 2, 2]),
    ]);
    let files = [("model.safetensors", model), ("config.json", b"{}".to_vec())];
    let files = files.map(|(name, bytes)| (name.to_owned(), bytes));
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("pack");
    let keeping = Keeping::at(weights);
    let options = PackOptions { keeping, source: "a test".to_owned(), licence: "none".to_owned() };
    let adapters = [("adapters/realism/adapter_config.json".to_owned(), b"{}".to_vec())];
    block_on(async {
        let model = Checkpoint::open(Rc::new(Memory::new("mem", files.into()))).await.unwrap();
        pack(&model, &adapters, options, &out, &mut |_| ()).await.unwrap();
    });
    let names = [MANIFEST, SHARD, "config.json", "adapters/realism/adapter_config.json"];
    names.map(|name| (name.to_owned(), std::fs::read(out.join(name)).unwrap())).into()
}

/// The same pack with the matrix in two parts, as large ones are.
fn split(mut files: Files) -> Files {
    let shard = SafeTensors::deserialize(&files[SHARD]).unwrap();
    let mut streams = Vec::new();
    for (name, view) in shard.iter() {
        let stream = name.strip_prefix(&format!("{MATRIX}/0/"));
        let Some(stream) = stream else {
            streams.push((name.to_owned(), view.dtype(), view.shape().to_vec(), view.data()));
            continue;
        };
        // Nine rows of three blocks; a row has as many words of quants as another, and of scales
        // two share some.
        let words = view.shape()[0];
        let cut = if stream == "quants" { words / 9 * 4 } else { 6 };
        let (head, tail) = view.data().split_at(4 * cut);
        streams.push((format!("{MATRIX}/0/{stream}"), Dtype::U32, vec![cut], head));
        streams.push((format!("{MATRIX}/4/{stream}"), Dtype::U32, vec![words - cut], tail));
    }
    let views = streams
        .into_iter()
        .map(|(name, dtype, shape, data)| (name, TensorView::new(dtype, shape, data).unwrap()));
    let shard = serialize(views, None).unwrap();
    let mut manifest: Value = serde_json::from_slice(&files[MANIFEST]).unwrap();
    let part = |first: usize, end: usize| json!({"rows": [first, end], "file": SHARD});
    manifest["tensors"][MATRIX]["parts"] = json!([part(0, 4), part(4, 9)]);
    files.insert(SHARD.to_owned(), shard);
    files.insert(MANIFEST.to_owned(), manifest.to_string().into_bytes());
    summed(&mut files);
    files
}

/// Lets the manifest say what the shard is now.
fn summed(files: &mut Files) {
    let mut manifest: Value = serde_json::from_slice(&files[MANIFEST]).unwrap();
    let shard = &files[SHARD];
    let sum: String = Sha256::digest(shard).iter().map(|byte| format!("{byte:02x}")).collect();
    manifest["files"][SHARD] = json!({"bytes": shard.len(), "sha256": sum});
    files.insert(MANIFEST.to_owned(), manifest.to_string().into_bytes());
}

/// Spoils one file of a pack; a shard mostly with its sum put right.
fn spoil(
    random: &mut Random,
    name: &str,
    spoil: impl FnOnce(&mut Random, &mut Vec<u8>) -> String,
) -> Spoilt {
    let mut files = random.pick(packs()).clone();
    let change = spoil(random, files.get_mut(name).unwrap());
    if name == SHARD && random.below(8) > 0 {
        summed(&mut files);
    }
    Spoilt { files, change: name.to_owned() + &change }
}

#[test]
fn pack_numbers() {
    let number = |random: &mut Random, manifest: &mut Vec<u8>| {
        let mut change = String::new();
        for _ in 0..=random.below(3) {
            change += &spoil_number(random, manifest, 8000);
        }
        change
    };
    run("pack_numbers", 1000, |random| spoil(random, MANIFEST, number), read);
}

/// Shapes, rows and sizes that fit together, but not to the files.
#[test]
fn pack_sizes() {
    let sizes = |random: &mut Random| {
        let mut files = random.pick(packs()).clone();
        let mut manifest: Value = serde_json::from_slice(&files[MANIFEST]).unwrap();
        let bytes = match random.below(4) {
            0 => random.number(8000, 8000),
            _ => random.next() % (1 << 30),
        };
        // Mostly as much as the files are said to hold.
        let width = match random.below(4) {
            0 => random.number(72, 8000),
            _ => 1 + random.below(200) as u64,
        };
        let rows = match random.below(4) {
            0 => random.number(9, 8000),
            _ => 1 + bytes / 64 / width.div_ceil(32).max(1),
        };
        manifest["tensors"][MATRIX]["shape"] = json!([rows, width]);
        manifest["tensors"][MATRIX]["parts"] = json!([{"rows": [0, rows], "file": SHARD}]);
        manifest["files"][*random.pick(&[SHARD, "config.json"])]["bytes"] = json!(bytes);
        files.insert(MANIFEST.to_owned(), manifest.to_string().into_bytes());
        let change = format!("shape [{rows}, {width}], a file of {bytes} bytes");
        Spoilt { files, change }
    };
    run("pack_sizes", 1000, sizes, read);
}

#[test]
fn pack_strings() {
    run("pack_strings", 1000, |random| spoil(random, MANIFEST, spoil_string), read);
}

#[test]
fn pack_shards() {
    let shard = |random: &mut Random, file: &mut Vec<u8>| {
        let length = file.len();
        match random.below(5) {
            0 => spoil_header(file, |header, size| spoil_number(random, header, size)),
            1 => spoil_header(file, |header, _| spoil_string(random, header)),
            2 => spoil_bytes(random, file, 0, 8),
            3 => spoil_bytes(random, file, 0, length),
            _ => spoil_length(random, file),
        }
    };
    run("pack_shards", 1000, |random| spoil(random, SHARD, shard), read);
}

#[test]
fn pack_bytes() {
    let bytes = |random: &mut Random, file: &mut Vec<u8>| {
        let length = file.len();
        match random.below(2) {
            0 => spoil_bytes(random, file, 0, length),
            _ => spoil_length(random, file),
        }
    };
    let name = |random: &mut Random| *random.pick(&[MANIFEST, MANIFEST, SHARD, "config.json"]);
    let spoil = |random: &mut Random| {
        let name = name(random);
        spoil(random, name, bytes)
    };
    run("pack_bytes", 1000, spoil, read);
}

#[test]
fn good_packs_are_read() {
    for files in packs() {
        read(files.clone()).unwrap();
    }
}
