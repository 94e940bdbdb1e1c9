//! Spoilt safetensors files and their index.

use std::rc::Rc;

use easel_core::weights::Memory;
use safetensors::tensor::{Dtype, TensorView, serialize};

use crate::gguf::{spoil_bytes, spoil_length};
use crate::json::{spoil_number, spoil_string};
use crate::random::Random;
use crate::rounds::{Files, Spoilt, read_tensors, run};

pub fn read(files: Files) -> Result<(), String> {
    read_tensors(Rc::new(Memory::new("mem", files)))
}

/// A file of these tensors, of small numbers.
pub fn file(tensors: &[(&str, Dtype, &[usize])]) -> Vec<u8> {
    let data = [0x11; 4096];
    let view = |&(name, dtype, shape): &(&str, Dtype, &[usize])| {
        let bytes = shape.iter().product::<usize>() * dtype.bitsize() / 8;
        (name.to_owned(), TensorView::new(dtype, shape.to_vec(), &data[..bytes]).unwrap())
    };
    serialize(tensors.iter().map(view), None).unwrap()
}

/// A checkpoint of one file, or of two with an index.
fn base(random: &mut Random) -> Files {
    let first = file(&[
        ("model.embed_tokens.weight", Dtype::BF16, &[9, 40]),
        ("model.layers.0.mlp.up_proj.weight", Dtype::F16, &[16, 32]),
        ("empty", Dtype::F32, &[0, 7]),
    ]);
    if random.below(2) == 0 {
        return Files::from([("model.safetensors".to_owned(), first)]);
    }
    let second = file(&[
        ("model.norm.weight", Dtype::F32, &[40]),
        ("visual.patch_embed.proj.weight", Dtype::BF16, &[4, 3, 2, 2, 2]),
        ("scalar", Dtype::F64, &[]),
    ]);
    let index = r#"{"metadata": {"total_size": 2000}, "weight_map": {
        "model.embed_tokens.weight": "a.safetensors", "empty": "a.safetensors",
        "model.layers.0.mlp.up_proj.weight": "a.safetensors",
        "model.norm.weight": "b.safetensors", "scalar": "b.safetensors",
        "visual.patch_embed.proj.weight": "b.safetensors"}}"#;
    let files = [("a.safetensors", first), ("b.safetensors", second)];
    let files = files.into_iter().chain([("model.safetensors.index.json", index.into())]);
    files.map(|(name, bytes)| (name.to_owned(), bytes)).collect()
}

/// Changes a header's text, and its length with it.
pub fn spoil_header(
    file: &mut Vec<u8>,
    spoil: impl FnOnce(&mut Vec<u8>, usize) -> String,
) -> String {
    let size = file.len();
    let end = 8 + u64::from_le_bytes(file[..8].try_into().unwrap()) as usize;
    let mut header = file[8..end].to_vec();
    let change = spoil(&mut header, size);
    let length = (header.len() as u64).to_le_bytes();
    file.splice(..end, [&length[..], &header].concat());
    change
}

/// One of the base's files with the ending.
fn spoil(random: &mut Random, spoil: impl FnOnce(&mut Random, &mut Vec<u8>) -> String) -> Spoilt {
    let mut files = base(random);
    let names: Vec<String> = files.keys().filter(|name| !name.ends_with("json")).cloned().collect();
    let name = random.pick(&names).clone();
    let change = spoil(random, files.get_mut(&name).unwrap());
    Spoilt { files, change: name + &change }
}

#[test]
fn safetensors_lengths() {
    let length = |random: &mut Random, file: &mut Vec<u8>| {
        let old = u64::from_le_bytes(file[..8].try_into().unwrap());
        let new = random.number(old, file.len());
        file[..8].copy_from_slice(&new.to_le_bytes());
        format!(", header of {old} to {new} bytes")
    };
    run("safetensors_lengths", 1000, |random| spoil(random, length), read);
}

#[test]
fn safetensors_numbers() {
    let number = |random: &mut Random, file: &mut Vec<u8>| {
        spoil_header(file, |header, size| spoil_number(random, header, size))
    };
    run("safetensors_numbers", 1000, |random| spoil(random, number), read);
}

#[test]
fn safetensors_strings() {
    let string = |random: &mut Random, file: &mut Vec<u8>| {
        spoil_header(file, |header, _| spoil_string(random, header))
    };
    run("safetensors_strings", 1000, |random| spoil(random, string), read);
}

#[test]
fn safetensors_index() {
    let index = |random: &mut Random| {
        let mut files = base(random);
        while files.len() == 1 {
            files = base(random);
        }
        let index = files.get_mut("model.safetensors.index.json").unwrap();
        let length = index.len();
        let change = match random.below(3) {
            0 => spoil_string(random, index),
            1 => spoil_bytes(random, index, 0, length),
            _ => spoil_length(random, index),
        };
        Spoilt { files, change }
    };
    run("safetensors_index", 1000, index, read);
}

#[test]
fn safetensors_bytes() {
    let bytes = |random: &mut Random, file: &mut Vec<u8>| {
        let length = file.len();
        match random.below(2) {
            0 => spoil_bytes(random, file, 0, length),
            _ => spoil_length(random, file),
        }
    };
    run("safetensors_bytes", 1000, |random| spoil(random, bytes), read);
}
