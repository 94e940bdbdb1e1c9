//! The files of gguf-py, pairs, and broken bytes.

use std::rc::Rc;

use pollster::block_on;

use super::super::{Folder, Source};
use super::fixtures::{Draft, memory, open, small_text, small_vision};
use super::header::Header;
use super::types::GgufType;
use super::{GgufFolder, GgufPair, dequantize};

const FIXTURES: &str = "../tests/fixtures/gguf";

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn every_type_has_the_bits_of_gguf_py() {
    let bytes = std::fs::read(format!("{FIXTURES}/types.gguf")).unwrap();
    let source = memory(vec![("types.gguf", bytes.clone())]);
    let header = block_on(Header::read(&*source, "types.gguf")).unwrap();
    let data = |name: &str| {
        let entry = header.tensor(name).unwrap();
        (entry.kind, &bytes[entry.range.start as usize..entry.range.end as usize])
    };
    let mut kinds = Vec::new();
    for entry in header.tensors.iter().filter(|entry| !entry.name.ends_with(".f32")) {
        let (kind, quantized) = data(&entry.name);
        let expected = dequantize(GgufType::F32, data(&format!("{}.f32", entry.name)).1);
        assert_eq!(expected.len(), 1024);
        assert_eq!(bits(&dequantize(kind, quantized)), bits(&expected), "{}", entry.name);
        kinds.push(kind.name());
    }
    kinds.sort_unstable();
    let all = "BF16 F16 F32 Q4_0 Q4_1 Q4_K Q5_0 Q5_1 Q5_K Q6_K Q8_0";
    assert_eq!(kinds.join(" "), all);
}

/// What make_gguf.py says of a tensor: bits that depend on each value and its place.
fn checksum(values: &[f32]) -> u64 {
    let terms = values.iter().zip((1_u64..).step_by(2));
    terms
        .fold(0, |sum, (value, odd)| sum.wrapping_add(u64::from(value.to_bits()).wrapping_mul(odd)))
}

#[test]
fn a_pair_by_gguf_py_holds_the_values_it_was_made_of() {
    let folder: Rc<dyn Source> = Rc::new(Folder::open(format!("{FIXTURES}/case3")).unwrap());
    let half = |name: &str| (Rc::clone(&folder), name.to_owned());
    let pair = block_on(GgufPair::open(half("text.gguf"), half("mmproj.gguf"))).unwrap();
    let json = std::fs::read(format!("{FIXTURES}/case3/values.json")).unwrap();
    let expected: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let expected = expected.as_object().unwrap();
    assert_eq!(pair.names().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    let mut quantized = 0;
    for (name, tensor) in expected {
        let shape: Vec<usize> = serde_json::from_value(tensor["shape"].clone()).unwrap();
        let values = block_on(pair.read(name, &shape)).unwrap();
        assert_eq!(checksum(&values).to_string(), tensor["sum"].as_str().unwrap(), "{name}");
        let &[rows, width] = shape.as_slice() else { continue };
        let part = rows / 4..rows - rows / 8;
        let some = block_on(pair.read_rows(name, width, part.clone())).unwrap();
        assert_eq!(bits(&some), bits(&values[part.start * width..part.end * width]), "{name}");
        let Some(blocks) = block_on(pair.block_rows(name, part)).unwrap() else { continue };
        assert_eq!(bits(&blocks.dequantize(0..blocks.rows)), bits(&some), "{name}");
        quantized += 1;
    }
    assert!(quantized > 40, "{quantized}");
}

#[test]
fn a_pair_is_a_folder_for_whatever_reads_one() {
    let pair = Rc::new(open(small_text().write().0, small_vision().write().0).unwrap());
    let folder = GgufFolder::new(Rc::clone(&pair));
    let files = block_on(folder.files()).unwrap();
    assert_eq!(files, ["config.json", "preprocessor_config.json", "tokenizer.json"]);
    let config = block_on(folder.read_all("config.json", 1 << 20)).unwrap();
    assert_eq!(config, pair.config_json().as_bytes());
    assert!(folder.gguf().is_some() && folder.name() == "mem/t.gguf");
}

#[test]
fn frames_are_interleaved() {
    let frame = |start: u32| -> Vec<u8> {
        (0..32 * 48).flat_map(|at| ((start + at) as f32).to_le_bytes()).collect()
    };
    let mut vision = small_vision();
    vision.tensors.retain(|(name, ..)| name != "v.patch_embd.weight.1");
    let vision = vision.tensor("v.patch_embd.weight.1", &[32, 3, 4, 4], 0);
    let vision = vision.data("v.patch_embd.weight", frame(0));
    let vision = vision.data("v.patch_embd.weight.1", frame(5000));
    let pair = open(small_text().write().0, vision.write().0).unwrap();
    let values = block_on(pair.read("visual.patch_embed.proj.weight", &[32, 3, 2, 4, 4])).unwrap();
    // Channel 0 of frame 0, of frame 1, then channel 1.
    assert_eq!((values[0], values[15], values[16], values[32]), (0.0, 15.0, 5000.0, 16.0));
    assert_eq!(values[values.len() - 1], 5000.0 + 32.0 * 48.0 - 1.0);
}

#[test]
fn bad_requests_and_values_are_named() {
    let message = |error: super::super::WeightsError| error.to_string();
    let pair = open(small_text().write().0, small_vision().write().0).unwrap();
    let name = "model.layers.0.mlp.up_proj.weight";
    let error = message(block_on(pair.read(name, &[64, 31])).unwrap_err());
    let expected = "mem/t.gguf: tensor model.layers.0.mlp.up_proj.weight (blk.0.ffn_up.weight): \
                    expected shape [64, 31], found [64, 32]";
    assert_eq!(error, expected);
    let error = message(block_on(pair.read("model.norm.weights", &[32])).unwrap_err());
    assert!(error.ends_with("is missing; the nearest name is model.norm.weight"), "{error}");
    let error = message(block_on(pair.read_rows(name, 32, 60..65)).unwrap_err());
    assert!(error.ends_with("rows 60 to 65 are wanted, but it has 64"), "{error}");
    // A row of Q4_0 has one block here; the sixth block's scale is an infinity.
    let mut data = vec![0; 64 * 18];
    data[5 * 18 + 1] = 0x7c;
    let text = small_text().data("blk.0.ffn_up.weight", data);
    let pair = open(text.write().0, small_vision().write().0).unwrap();
    let error = message(block_on(pair.read_rows(name, 32, 2..7)).unwrap_err());
    assert!(error.ends_with("value 160 is -inf, expected a finite number"), "{error}");
    let error = message(block_on(pair.block_rows(name, 2..7)).unwrap_err());
    assert!(error.ends_with("value 160 is inf, expected a finite number"), "{error}");
    assert!(block_on(pair.blocks("model.layers.0.self_attn.v_proj.weight")).unwrap().is_none());
    let qkv = block_on(pair.blocks("visual.blocks.0.attn.qkv.weight")).unwrap().unwrap();
    assert_eq!((qkv.rows, qkv.width, qkv.bits), (96, 32, 8));
    assert_eq!(pair.bytes("visual.blocks.0.attn.qkv.weight"), 96 * 34);
    assert_eq!(pair.file("visual.blocks.0.attn.qkv.weight"), "mem/v.gguf");
}

/// Opens the files, and reads all that they hold where that works.
fn read_all(text: Vec<u8>, vision: Vec<u8>) -> bool {
    let Ok(pair) = open(text, vision) else { return false };
    for name in pair.names() {
        let shape = pair.shape(name).unwrap();
        let _ = block_on(pair.read(name, shape));
        let _ = block_on(pair.blocks(name));
    }
    true
}

#[test]
fn mutated_files_never_panic() {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let good = [small_text(), small_vision()].map(|draft: Draft| draft.write());
    assert!(read_all(good[0].0.clone(), good[1].0.clone()));
    let (mut tried, mut accepted) = (0, 0);
    let mut check = |which: usize, bytes: Vec<u8>| {
        let mut files = [good[0].0.clone(), good[1].0.clone()];
        files[which] = bytes;
        let [text, vision] = files;
        tried += 1;
        accepted += usize::from(read_all(text, vision));
    };
    for (which, (bytes, fields)) in good.iter().enumerate() {
        // Every length, count, kind and offset.
        for &(at, size) in fields {
            let mut old = [0; 8];
            old[..size].copy_from_slice(&bytes[at..at + size]);
            let old = u64::from_le_bytes(old);
            let length = bytes.len() as u64;
            let edges = [0, 1, old ^ 1, old + 32, old << 1, length, 1 << 31, 1 << 32, 1 << 62];
            for value in edges.into_iter().chain([u64::MAX, u64::MAX - 31, random()]) {
                let mut bytes = bytes.clone();
                bytes[at..at + size].copy_from_slice(&value.to_le_bytes()[..size]);
                check(which, bytes);
            }
        }
        // Any bytes of the header.
        let header = bytes.len().min(fields.last().unwrap().0 + 8);
        for _ in 0..1500 {
            let mut bytes = bytes.clone();
            for _ in 0..=random() % 3 {
                let at = random() as usize % header;
                match random() % 3 {
                    0 => bytes[at] = random() as u8,
                    1 => drop(bytes.remove(at)),
                    _ => bytes.insert(at, random() as u8),
                }
            }
            check(which, bytes);
        }
    }
    // Some changes hit names or values only.
    assert!((200..tried / 2).contains(&accepted) && tried > 5000, "{accepted} of {tried}");
}
