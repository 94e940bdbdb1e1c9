//! Whole adapters, made here, good and bad.

use half::{bf16, f16};
use pollster::block_on;
use safetensors::Dtype;
use safetensors::tensor::{TensorView, serialize};

use super::*;

const CONFIG_JSON: &str = r#"{"peft_type": "LORA", "r": 2, "lora_alpha": 3, "bias": "none",
    "target_modules": ["q_proj", "down_proj"], "rank_pattern": {"down_proj": 1}}"#;
const Q: &str = "base_model.model.model.language_model.layers.1.self_attn.q_proj";
const DOWN: &str = "base_model.model.model.layers.0.mlp.down_proj";

fn sizes() -> TextConfig {
    TextConfig {
        vocab_size: 16,
        hidden_size: 4,
        intermediate_size: 6,
        num_hidden_layers: 2,
        num_attention_heads: 2,
        num_key_value_heads: 1,
        head_dim: 4,
        rms_norm_eps: 1e-6,
        rope_theta: 1e4,
        mrope_section: [0, 1, 1],
        max_position_embeddings: 32,
    }
}

/// A tensor whose values are 0, 1, 2 and so on.
type Made = (String, Dtype, Vec<usize>);

fn made(key: &str, dtype: Dtype, shape: &[usize]) -> Made {
    (key.to_owned(), dtype, shape.to_vec())
}

fn good() -> Vec<Made> {
    vec![
        made(&format!("{Q}.lora_A.weight"), Dtype::F32, &[2, 4]),
        made(&format!("{Q}.lora_B.weight"), Dtype::BF16, &[8, 2]),
        made(&format!("{DOWN}.lora_A.default.weight"), Dtype::F16, &[1, 6]),
        made(&format!("{DOWN}.lora_B.default.weight"), Dtype::F32, &[4, 1]),
    ]
}

fn file(tensors: &[Made]) -> Vec<u8> {
    let bytes = |(_, dtype, shape): &Made| -> Vec<u8> {
        let values = (0..shape.iter().product::<usize>()).map(|v| v as f32);
        match dtype {
            Dtype::F16 => values.flat_map(|v| f16::from_f32(v).to_le_bytes()).collect(),
            Dtype::BF16 => values.flat_map(|v| bf16::from_f32(v).to_le_bytes()).collect(),
            _ => values.flat_map(f32::to_le_bytes).collect(),
        }
    };
    let data: Vec<Vec<u8>> = tensors.iter().map(bytes).collect();
    let pairs = tensors.iter().zip(&data).map(|((name, dtype, shape), data)| {
        (name, TensorView::new(*dtype, shape.clone(), data).unwrap())
    });
    serialize(pairs, None).unwrap()
}

fn load(config: &str, weights: (&str, Vec<u8>)) -> Result<Adapter, PeftError> {
    let files = [(CONFIG, config.as_bytes().to_vec()), weights];
    let files = files.map(|(name, bytes)| (join_folder("realism", name), bytes));
    block_on(load_adapter(&Memory::new("mem", files.into()), "realism", &sizes()))
}

fn message(tensors: &[Made]) -> String {
    load(CONFIG_JSON, (WEIGHTS, file(tensors))).unwrap_err().to_string()
}

#[test]
fn both_namings_types_and_ranks_are_read() {
    let adapter = load(CONFIG_JSON, (WEIGHTS, file(&good()))).unwrap();
    assert_eq!(adapter.name, "mem/realism");
    assert_eq!(adapter.weights.len(), 2);
    let counted = |count: u8| (0..count).map(f32::from).collect::<Vec<_>>();
    let q = &adapter.weights[&(1, Target::Q)];
    assert_eq!((q.rank, q.scale), (2, 1.5));
    assert_eq!((&q.a, &q.b), (&counted(8), &counted(16)));
    let down = &adapter.weights[&(0, Target::Down)];
    assert_eq!((down.rank, down.scale), (1, 3.0));
    assert_eq!((&down.a, &down.b), (&counted(6), &counted(4)));
}

#[test]
fn an_adapter_at_the_top_is_read() {
    let files = [(CONFIG, CONFIG_JSON.into()), (WEIGHTS, file(&good()))];
    let files = files.map(|(name, bytes)| (name.to_owned(), bytes));
    let adapter = block_on(load_adapter(&Memory::new("mem", files.into()), "", &sizes())).unwrap();
    assert_eq!(adapter.name, "mem");
}

#[test]
fn keys_that_fit_nothing_are_named() {
    let with = |key: &str| {
        let mut tensors = good();
        tensors.push(made(key, Dtype::F32, &[2, 4]));
        message(&tensors)
    };
    let key = "base_model.model.visual.blocks.0.attn.qkv.lora_A.weight";
    let said = with(key);
    let start = format!("mem/realism/{WEIGHTS}: key {key}: the vision tower takes no adapter");
    assert!(said.starts_with(&start), "{said}");
    assert!(with("base_model.model.lm_head.lora_A.weight").contains("expected model.layers.N"));
    let said = with("base_model.model.model.layers.2.self_attn.q_proj.lora_A.weight");
    assert!(said.ends_with("expected a layer below 2, found 2"), "{said}");
    let said = with("base_model.model.model.layers.1.self_attn.q_proj.lora_A.weight");
    assert!(said.ends_with("are the same factor"), "{said}");
    let said = with("base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight");
    assert!(said.ends_with("its lora_B is missing"), "{said}");
    let said = with("base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight");
    assert!(said.ends_with("its lora_A is missing"), "{said}");
}

#[test]
fn wrong_ranks_shapes_and_types_are_refused() {
    let with = |at: usize, dtype, shape: &[usize]| {
        let mut tensors = good();
        tensors[at] = made(&tensors[at].0.clone(), dtype, shape);
        message(&tensors)
    };
    let rank = "expected rank 2 as in adapter_config.json, found 3";
    assert!(with(0, Dtype::F32, &[3, 4]).ends_with(rank));
    assert!(with(1, Dtype::F32, &[8, 3]).ends_with(rank));
    assert!(with(0, Dtype::F32, &[2, 5]).ends_with("expected shape [2, 4], found [2, 5]"));
    assert!(with(1, Dtype::F32, &[4, 2]).ends_with("expected shape [8, 2], found [4, 2]"));
    assert!(with(3, Dtype::F32, &[4]).ends_with("expected shape [4, 1], found [4]"));
    assert!(with(0, Dtype::I32, &[2, 4]).ends_with("F16 or BF16 values, found I32"));
}

#[test]
fn values_that_are_no_numbers_are_refused() {
    let mut bytes = file(&good());
    let end = bytes.len();
    // F16 tensors come last in the file.
    bytes[end - 2..].copy_from_slice(&f16::NAN.to_le_bytes());
    let said = load(CONFIG_JSON, (WEIGHTS, bytes)).unwrap_err().to_string();
    assert!(said.contains("is NaN, expected a finite number"), "{said}");
}

#[test]
fn missing_broken_and_empty_files_are_named() {
    let said = load(CONFIG_JSON, ("adapter_model.bin", vec![0])).unwrap_err().to_string();
    assert!(said.starts_with("mem/realism/adapter_model.bin: PyTorch files"), "{said}");
    let said = load(CONFIG_JSON, ("notes", vec![])).unwrap_err().to_string();
    assert_eq!(said, format!("mem/realism/{WEIGHTS}: there is no such file"));
    let said = load("{", (WEIGHTS, file(&good()))).unwrap_err().to_string();
    assert!(said.starts_with(&format!("mem/realism/{CONFIG}: EOF while")), "{said}");
    assert!(message(&[]).ends_with("holds no tensors, so it would change nothing"));
    let said = load(CONFIG_JSON, (WEIGHTS, vec![9; 20])).unwrap_err().to_string();
    assert!(said.contains("not a safetensors file: its header claims"), "{said}");
    let none = block_on(load_adapter(&Memory::default(), "x", &sizes()));
    assert!(
        none.unwrap_err().to_string().ends_with("x/adapter_config.json: there is no such file")
    );
}
