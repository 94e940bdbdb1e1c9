//! One model in every layout that is out there gives the same scores.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use easel_core::Attribute;
use easel_tests::golden::own;
use half::{bf16, f16};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView, serialize_to_file};
use serde_json::{Value, json};

use crate::run::{Ran, adapters, command, drawing, on_case};

type Tensors = BTreeMap<String, (Vec<usize>, Vec<f32>)>;

fn read(file: &Path) -> Tensors {
    let bytes = fs::read(file).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let mut all = Tensors::new();
    for (name, view) in tensors.iter() {
        let values = match view.dtype() {
            Dtype::BF16 => {
                let pairs = view.data().chunks_exact(2);
                pairs.map(|b| bf16::from_le_bytes([b[0], b[1]]).to_f32()).collect()
            }
            _ => {
                let quads = view.data().chunks_exact(4);
                quads.map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect()
            }
        };
        all.insert(name.to_owned(), (view.shape().to_vec(), values));
    }
    all
}

fn write(file: &Path, tensors: &Tensors, dtype: Dtype) {
    let encode = |values: &[f32]| -> Vec<u8> {
        match dtype {
            Dtype::F16 => values.iter().flat_map(|v| f16::from_f32(*v).to_le_bytes()).collect(),
            Dtype::BF16 => values.iter().flat_map(|v| bf16::from_f32(*v).to_le_bytes()).collect(),
            _ => values.iter().flat_map(|v| v.to_le_bytes()).collect(),
        }
    };
    let data: Vec<_> = tensors
        .iter()
        .map(|(name, (shape, values))| (name.clone(), shape.clone(), encode(values)))
        .collect();
    let views = data.iter().map(|(name, shape, bytes)| {
        (name.clone(), TensorView::new(dtype, shape.clone(), bytes).unwrap())
    });
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    serialize_to_file(views, None, file).unwrap();
}

/// The scores of one drawing.
fn scores(model: &Path, adapters: &Path) -> Value {
    let mut line = command(["score", "--format", "json", "--device", "cpu", "--model"]);
    let ran = Ran::of(line.arg(model).arg("--adapters").arg(adapters).arg(drawing(0)));
    assert_eq!(ran.status, 0, "{}", ran.err);
    ran.json()[0]["scores"].clone()
}

fn reference() -> Value {
    let rest = ["--format", "json", "--adapters", &adapters()];
    on_case("score", &[&drawing(0)], &rest).json()[0]["scores"].clone()
}

fn assert_equal(found: &Value, expected: &Value, within: f64) {
    let score = |scores: &Value, attribute: Attribute| scores[attribute.name()]["score"].as_f64();
    for attribute in Attribute::ALL {
        let (found, expected) = (score(found, attribute), score(expected, attribute));
        let error = (found.unwrap() - expected.unwrap()).abs();
        assert!(error <= within, "{attribute}: {error}");
    }
}

/// A model folder without weights, its configuration in the hub's flat form.
fn bare_model(folder: &Path) {
    let model = own().model();
    for name in ["tokenizer.json", "preprocessor_config.json"] {
        fs::copy(model.join(name), folder.join(name)).unwrap();
    }
    let nested = fs::read_to_string(model.join("config.json")).unwrap();
    let mut nested: Value = serde_json::from_str(&nested).unwrap();
    let mut flat = nested["text_config"].take();
    let rope = flat["rope_parameters"].take();
    flat["rope_theta"] = rope["rope_theta"].clone();
    flat["rope_scaling"] = json!({"type": "mrope", "mrope_section": rope["mrope_section"]});
    flat["model_type"] = "qwen2_5_vl".into();
    flat["tie_word_embeddings"] = false.into();
    let mut vision = nested["vision_config"].take();
    vision["in_chans"] = vision["in_channels"].take();
    flat["vision_config"] = vision;
    for object in [&mut flat["vision_config"], &mut nested] {
        object.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    }
    flat.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    fs::write(folder.join("config.json"), flat.to_string()).unwrap();
}

/// A name as re-saved checkpoints spell it, or as the hub's do.
fn spelled(name: &str, resaved: bool) -> String {
    let name = name.replace("model.language_model.", "model.").replace("model.visual.", "visual.");
    match name.strip_prefix("model.") {
        Some(rest) if resaved => format!("model.language_model.{rest}"),
        None if resaved && name.starts_with("visual.") => format!("model.{name}"),
        _ => name,
    }
}

#[test]
fn checkpoints_of_every_spelling_type_and_number_of_shards() {
    let expected = reference();
    let tensors = read(&own().model().join("model.safetensors"));
    for resaved in [false, true] {
        for (dtype, within) in [(Dtype::BF16, 1e-9), (Dtype::F32, 1e-9), (Dtype::F16, 1e-2)] {
            let folder = tempfile::tempdir().unwrap();
            bare_model(folder.path());
            let renamed: Tensors = tensors
                .iter()
                .map(|(name, tensor)| (spelled(name, resaved), tensor.clone()))
                .collect();
            let mut weight_map = serde_json::Map::new();
            for (index, name) in renamed.keys().enumerate() {
                weight_map.insert(name.clone(), format!("part-{}.safetensors", index % 3).into());
            }
            for part in 0..3 {
                let file = format!("part-{part}.safetensors");
                let mut shard = renamed.clone();
                shard.retain(|name, _| weight_map[name] == file);
                write(&folder.path().join(&file), &shard, dtype);
            }
            let index = json!({"metadata": {}, "weight_map": weight_map}).to_string();
            fs::write(folder.path().join("model.safetensors.index.json"), index).unwrap();
            assert_equal(&scores(folder.path(), &own().adapters()), &expected, within);
        }
    }
}

#[test]
fn adapters_of_every_layout_key_and_rank() {
    let expected = reference();
    let layouts: [fn(Attribute) -> String; 3] = [
        |attribute| format!("dimension_{attribute}/best_model"),
        |attribute| attribute.name().replace('_', " ").to_uppercase(),
        |attribute| format!("runs/qwen-{}-lora", attribute.name().replace('_', "-")),
    ];
    for (index, layout) in layouts.into_iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        for (rank, attribute) in Attribute::ALL.into_iter().enumerate() {
            // Ranks that differ: rows and columns of zeros add nothing.
            let rank = 8 + index * rank;
            let from = own().adapters().join(attribute.name());
            let to = folder.path().join(layout(attribute));
            let mut tensors = Tensors::new();
            for (name, (shape, values)) in read(&from.join("adapter_model.safetensors")) {
                let name = match index {
                    1 => name.replace("model.model.language_model.", "model.model."),
                    _ => name,
                };
                tensors.insert(name.clone(), widen(&name, &shape, &values, rank));
            }
            write(&to.join("adapter_model.safetensors"), &tensors, Dtype::F32);
            let config = fs::read_to_string(from.join("adapter_config.json")).unwrap();
            let mut config: Value = serde_json::from_str(&config).unwrap();
            config["r"] = rank.into();
            // The scale stays 2, by rank or by its root.
            config["use_rslora"] = (index == 2).into();
            let root = (rank as f64).sqrt();
            config["lora_alpha"] = if index == 2 { json!(2.0 * root) } else { json!(2 * rank) };
            fs::write(to.join("adapter_config.json"), config.to_string()).unwrap();
        }
        assert_equal(&scores(&own().model(), folder.path()), &expected, 1e-5);
    }
}

/// The same factor at a higher rank.
fn widen(name: &str, shape: &[usize], values: &[f32], rank: usize) -> (Vec<usize>, Vec<f32>) {
    if name.contains("lora_A") {
        let mut wide = values.to_vec();
        wide.resize(rank * shape[1], 0.0);
        return (vec![rank, shape[1]], wide);
    }
    let mut wide = Vec::with_capacity(shape[0] * rank);
    for row in values.chunks_exact(shape[1]) {
        wide.extend_from_slice(row);
        wide.resize(wide.len() + rank - shape[1], 0.0);
    }
    (vec![shape[0], rank], wide)
}
