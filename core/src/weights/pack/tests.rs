//! Packs there and back, and broken ones.

use std::collections::BTreeMap;
use std::rc::Rc;

use half::bf16;
use pollster::block_on;
use safetensors::tensor::{Dtype, TensorView};

use super::*;
use crate::model::{Keeping, Precision};
use crate::weights::gguf::fixtures::{open, small_text, small_vision};
use crate::weights::{GgufFolder, Memory};

const MATRIX: &str = "model.layers.1.mlp.up_proj.weight";

/// A checkpoint of a matrix of odd sizes, a table and a norm.
fn checkpoint() -> Checkpoint {
    let shapes: [(&str, &[usize]); 3] =
        [(MATRIX, &[7, 33]), ("model.embed_tokens.weight", &[9, 40]), ("model.norm.weight", &[40])];
    let values: Vec<u8> = (0..400_u32)
        .flat_map(|i| bf16::from_f32((i * 37 % 101) as f32 / 50.0 - 1.0).to_le_bytes())
        .collect();
    let views = shapes.map(|(name, shape)| {
        let bytes = 2 * shape.iter().product::<usize>();
        (name, TensorView::new(Dtype::BF16, shape.to_vec(), &values[..bytes]).unwrap())
    });
    let bytes = safetensors::serialize(views, None).unwrap();
    let files = [("model.safetensors", bytes), ("config.json", b"{}".to_vec())];
    let files = files.map(|(name, bytes)| (name.to_owned(), bytes));
    block_on(Checkpoint::open(Rc::new(Memory::new("mem", files.into())))).unwrap()
}

/// Its pack's files.
fn packed(weights: Precision) -> BTreeMap<String, Vec<u8>> {
    pack_of(&checkpoint(), Keeping::at(weights))
}

fn pack_of(checkpoint: &Checkpoint, keeping: Keeping) -> BTreeMap<String, Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("pack");
    let options = PackOptions { keeping, source: "a test".to_owned(), licence: "none".to_owned() };
    let adapters = [("adapters/realism/adapter_config.json".to_owned(), b"{}".to_vec())];
    block_on(pack(checkpoint, &adapters, options, &out, &mut |_| ())).unwrap();
    let mut files = BTreeMap::new();
    for name in ["manifest.json", "weights-00001.safetensors", "config.json"] {
        files.insert(name.to_owned(), std::fs::read(out.join(name)).unwrap());
    }
    let adapter = "adapters/realism/adapter_config.json";
    files.insert(adapter.to_owned(), std::fs::read(out.join(adapter)).unwrap());
    files
}

/// Everything that can be done with a pack.
fn read(files: BTreeMap<String, Vec<u8>>) -> Result<Vec<f32>, WeightsError> {
    let source = Rc::new(Memory::new("pack", files));
    block_on(async {
        let pack = Checkpoint::open(source).await?;
        verify(&pack, &mut |_| ()).await?;
        let mut all = pack.read(MATRIX, &[7, 33]).await?;
        for row in 0..9 {
            all.extend(pack.read_rows("model.embed_tokens.weight", 40, row..row + 1).await?);
        }
        all.extend(pack.read("model.norm.weight", &[40]).await?);
        pack.packed(MATRIX, 33, 2..7).await?;
        Ok(all)
    })
}

#[test]
fn what_was_packed_comes_back() {
    let original = checkpoint();
    let names = [(MATRIX, [7, 33]), ("model.embed_tokens.weight", [9, 40])];
    let mut exact = Vec::new();
    for (name, shape) in names {
        exact.extend(block_on(original.read(name, &shape)).unwrap());
    }
    exact.extend(block_on(original.read("model.norm.weight", &[40])).unwrap());
    for (weights, most) in [
        (Precision::F32, 0.0),
        (Precision::Bf16, 0.0),
        (Precision::Q8, 0.01),
        (Precision::Q4, 0.15),
    ] {
        let found = read(packed(weights)).unwrap();
        let apart = exact.iter().zip(&found).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(found.len() == exact.len() && apart <= most, "{weights}: {apart}");
    }
}

#[test]
fn blocks_come_back_as_quantizing_makes_them() {
    let values = block_on(checkpoint().read(MATRIX, &[7, 33])).unwrap();
    let bits = easel_shaders::quant::Bits::Four;
    let expected = easel_shaders::quant::Packed::quantize(&values, [7, 33], bits);
    let source = Rc::new(Memory::new("pack", packed(Precision::Q4)));
    let pack = block_on(Checkpoint::open(source)).unwrap();
    assert_eq!(block_on(pack.packed(MATRIX, 33, 0..7)).unwrap(), Some(expected));
}

/// A pair with matrices of every way to keep blocks.
fn pair() -> Checkpoint {
    let mut text = small_text();
    let kinds = [("attn_q", 8), ("ffn_gate", 12), ("ffn_up", 14), ("ffn_down", 3)];
    for (name, kind) in kinds.map(|(name, kind)| (format!("blk.0.{name}.weight"), kind)) {
        text.tensors.retain(|tensor| tensor.0 != name);
        // Three rows: the last one begins in the middle of a word of scales.
        text = text.tensor(&name, &[7, 256], kind);
    }
    for (_, _, kind, data) in text.tensors.iter_mut().filter(|tensor| tensor.2 > 1) {
        // Halves of such bytes are numbers.
        let byte = |at: usize| ((at as u32 * (2 * *kind + 41)) >> 3) as u8 & 0x3b;
        data.iter_mut().enumerate().for_each(|(at, data)| *data = byte(at));
    }
    let pair = open(text.write().0, small_vision().write().0).unwrap();
    block_on(Checkpoint::open(Rc::new(GgufFolder::new(Rc::new(pair))))).unwrap()
}

#[test]
fn blocks_of_a_pair_are_packed_as_they_are() {
    let pair = pair();
    let files = pack_of(&pair, Keeping::at(Precision::F32));
    let pack = block_on(Checkpoint::open(Rc::new(Memory::new("pack", files)))).unwrap();
    assert_eq!(pack.packed_as(), Some(Precision::Q8));
    let (mut blocks, mut full, mut mins) = (0, 0, 0);
    for name in pair.names() {
        let shape = pair.shape(name).unwrap();
        assert_eq!(pair.layout(name), pack.layout(name), "{name}");
        if let (Some(layout), &[rows, width]) = (pair.layout(name), shape) {
            for rows in [0..rows, 2..rows - 1] {
                let of = |of: &Checkpoint| {
                    block_on(of.packed(name, width, rows.clone())).unwrap().unwrap()
                };
                // The last word of an odd number of rows may hold the next one's, too.
                let bits = |packed: easel_shaders::quant::Packed| {
                    packed.dequantize().into_iter().map(f32::to_bits).collect::<Vec<_>>()
                };
                assert!(bits(of(&pack)) == bits(of(&pair)), "{name}");
            }
            let whole = block_on(pair.packed(name, width, 0..rows)).unwrap().unwrap();
            assert_eq!(
                (whole.bytes(), pack.bytes(|n| n == name)),
                (layout.bytes(), layout.bytes())
            );
            blocks += 1;
            full += usize::from(layout.kept.full);
            mins += usize::from(layout.mins);
        }
        let values = block_on(pair.read(name, shape)).unwrap();
        assert_eq!(block_on(pack.read(name, shape)).unwrap(), values, "{name}");
    }
    assert!(blocks > 8 && full == 2 && mins == 2, "{blocks} {full} {mins}");
}

#[test]
fn any_changed_byte_is_an_error_and_no_panic() {
    let files = packed(Precision::Q4);
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = |bound: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random >> 16) as usize % bound
    };
    let names: Vec<String> = files.keys().cloned().collect();
    let mut refused = 0;
    for round in 0..3000 {
        let mut changed = files.clone();
        let name = if round % 2 == 0 { "manifest.json" } else { &names[next(names.len())] };
        let bytes = changed.get_mut(name).unwrap();
        let at = next(bytes.len());
        match round % 3 {
            0 => bytes[at] = b"0123456789[]{},:\""[next(16)],
            1 => bytes.truncate(at),
            _ => bytes[at] ^= 1 << next(8),
        }
        let same = changed[name] == files[name];
        let outcome = read(changed);
        refused += usize::from(outcome.is_err());
        // In the manifest a word about source or licence may change without harm.
        assert!(same || outcome.is_err() || name == "manifest.json", "{name} at {at}");
    }
    assert!(refused > 2500, "{refused}");
}

/// The pack with a changed manifest.
fn changed(change: impl FnOnce(&mut serde_json::Value)) -> BTreeMap<String, Vec<u8>> {
    let mut files = packed(Precision::Q4);
    let mut json: serde_json::Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
    change(&mut json);
    files.insert("manifest.json".to_owned(), json.to_string().into_bytes());
    files
}

#[test]
fn sizes_that_only_the_manifest_has_make_no_room() {
    // 256 MiB of values in rows of one block each: a GiB of numbers, by what the manifest says.
    let rows = 1_u64 << 26;
    let files = changed(|json| {
        json["tensors"][MATRIX]["shape"] = serde_json::json!([rows, 1]);
        json["tensors"][MATRIX]["parts"][0]["rows"] = serde_json::json!([0, rows]);
        json["files"]["config.json"]["bytes"] = serde_json::json!(1 << 30);
        json["files"]["weights-00001.safetensors"]["bytes"] = serde_json::json!(1 << 30);
    });
    let pack = block_on(Checkpoint::open(Rc::new(Memory::new("pack", files)))).unwrap();
    assert_eq!(pack.bytes(|name| name == MATRIX), rows * 18);
    let error = block_on(pack.read_rows(MATRIX, 1, 0..rows as usize)).unwrap_err().to_string();
    assert!(error.contains("expected 1073741824 bytes, found"), "{error}");
    let files = changed(|json| json["files"]["config.json"]["bytes"] = (1_u64 << 62).into());
    let error = read(files).unwrap_err().to_string();
    let expected = "'config.json': expected at most 1073741824 bytes, found 4611686018427387904";
    assert!(error.ends_with(expected), "{error}");
}

#[test]
fn tensors_must_fit_into_the_files_together() {
    let files = changed(|json| {
        let tensor = json["tensors"]["model.norm.weight"].clone();
        for copy in 0..200 {
            json["tensors"][format!("copy{copy}")] = tensor.clone();
        }
    });
    let error = read(files).unwrap_err().to_string();
    assert!(error.ends_with("shape [40] is more than the pack's files can hold"), "{error}");
}

#[test]
fn messages_about_names_are_one_line() {
    let files = changed(|json| {
        json["tensors"][MATRIX]["parts"][0]["file"] = "x\n".repeat(5000).into();
    });
    let error = read(files).unwrap_err().to_string();
    assert!(error.len() < 500 && !error.contains('\n'), "{error}");
    let files = changed(|json| json["a\nb"] = 1.into());
    let error = read(files).unwrap_err().to_string();
    assert!(error.contains("unknown field `a b`"), "{error}");
}

#[test]
fn shapes_beyond_the_files_are_refused_before_anything_is_made() {
    let mut files = packed(Precision::Q4);
    let manifest = String::from_utf8(files["manifest.json"].clone()).unwrap();
    let mut json: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    json["tensors"][MATRIX]["shape"] = serde_json::json!([1_u64 << 40, 1_u64 << 20]);
    json["tensors"][MATRIX]["parts"][0]["rows"] = serde_json::json!([0, 1_u64 << 40]);
    files.insert("manifest.json".to_owned(), json.to_string().into_bytes());
    let message = read(files).unwrap_err().to_string();
    assert!(message.contains(MATRIX) && message.contains("can hold"), "{message}");
}
