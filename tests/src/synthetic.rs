//! Random checkpoints of any size, written tensor by tensor.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use half::bf16;
use serde_json::{Map, Value, json};

/// The sizes of a random model; everything else follows Qwen2.5-VL.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Width of the language model.
    pub hidden: usize,
    /// Width of its feed-forward layers.
    pub intermediate: usize,
    /// Its layers.
    pub layers: usize,
    /// Its heads; half as many key heads.
    pub heads: usize,
    /// Rows of embeddings and head.
    pub vocab: usize,
    /// Blocks of the vision tower, which is as wide as the reference cases'.
    pub depth: usize,
}

const VISION: usize = 64;

/// Writes `config.json` and `model.safetensors` (bfloat16, tied embeddings) into `folder`.
///
/// # Errors
/// When the disk is full or the folder cannot be written.
pub fn write(folder: &Path, shape: Shape) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("config.json"), config(shape).to_string())?;

    let norm = |name: &str| name.contains("norm") || name.ends_with("ln_q.weight");
    write_tensors(&folder.join("model.safetensors"), &tensors(shape), |name, dims| {
        match dims.len() == 1 && norm(name) {
            true => Fill::Ones,
            false => Fill::Uniform(1.0 / (dims.iter().skip(1).product::<usize>() as f32).sqrt()),
        }
    })
}

/// Writes a random adapter of rank 8 on q, k, v and o for each attribute into its own folder.
///
/// # Errors
/// As [`write`].
pub fn write_adapters(folder: &Path, shape: Shape) -> io::Result<()> {
    const RANK: usize = 8;
    let config = json!({
        "peft_type": "LORA", "r": RANK, "lora_alpha": 16, "bias": "none",
        "target_modules": ["q_proj", "k_proj", "v_proj", "o_proj"],
    });
    let mut all = Vec::new();
    for layer in 0..shape.layers {
        for (module, outputs) in [("q", 1), ("k", 2), ("v", 2), ("o", 1)] {
            let name = format!("base_model.model.model.layers.{layer}.self_attn.{module}_proj");
            all.push((format!("{name}.lora_A.weight"), vec![RANK, shape.hidden]));
            all.push((format!("{name}.lora_B.weight"), vec![shape.hidden / outputs, RANK]));
        }
    }
    for attribute in easel_core::Attribute::ALL {
        let folder = folder.join(attribute.name());
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("adapter_config.json"), config.to_string())?;
        let file = folder.join("adapter_model.safetensors");
        write_tensors(&file, &all, |_, _| Fill::Uniform(0.05))?;
    }
    Ok(())
}

/// What a tensor is filled with.
enum Fill {
    Ones,
    /// Between minus and plus this.
    Uniform(f32),
}

/// Writes tensors of bfloat16 one after another.
fn write_tensors(
    file: &Path,
    tensors: &[(String, Vec<usize>)],
    fill: impl Fn(&str, &[usize]) -> Fill,
) -> io::Result<()> {
    let (mut header, mut offset) = (Map::new(), 0);
    for (name, dims) in tensors {
        let end = offset + dims.iter().product::<usize>() * 2;
        let entry = json!({"dtype": "BF16", "shape": dims, "data_offsets": [offset, end]});
        header.insert(name.clone(), entry);
        offset = end;
    }
    let header = Value::Object(header).to_string();
    let mut file = BufWriter::new(File::create(file)?);
    file.write_all(&(header.len() as u64).to_le_bytes())?;
    file.write_all(header.as_bytes())?;
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for (name, dims) in tensors {
        let fill = fill(name, dims);
        for _ in 0..dims.iter().product::<usize>() {
            let value = match fill {
                Fill::Ones => 1.0,
                Fill::Uniform(bound) => random.next() * bound,
            };
            file.write_all(&bf16::from_f32(value).to_le_bytes())?;
        }
    }
    file.flush()
}

/// Uniform in -1..1, by xorshift (Marsaglia, 2003).
struct Random(u64);

impl Random {
    fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as f32 / (1 << 23) as f32 - 1.0
    }
}

fn config(shape: Shape) -> Value {
    let half = shape.hidden / shape.heads / 2;
    let rest = (half - half / 4) / 2;
    json!({
        "model_type": "qwen2_5_vl", "hidden_act": "silu", "tie_word_embeddings": true,
        "hidden_size": shape.hidden, "intermediate_size": shape.intermediate,
        "num_hidden_layers": shape.layers, "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.heads / 2, "vocab_size": shape.vocab,
        "rms_norm_eps": 1e-6, "rope_theta": 1e6, "max_position_embeddings": 4096,
        "rope_scaling": {"type": "mrope", "mrope_section": [half - 2 * rest, rest, rest]},
        "vision_config": {
            "depth": shape.depth, "hidden_size": VISION, "intermediate_size": 2 * VISION,
            "num_heads": 4, "in_chans": 3, "out_hidden_size": shape.hidden, "patch_size": 14,
            "spatial_merge_size": 2, "temporal_patch_size": 2, "window_size": 112,
            "fullatt_block_indexes": [shape.depth - 1], "hidden_act": "silu",
        },
    })
}

/// Names and shapes in the order in which they lie in the file.
fn tensors(shape: Shape) -> Vec<(String, Vec<usize>)> {
    let mut all = vec![
        ("model.embed_tokens.weight".to_owned(), vec![shape.vocab, shape.hidden]),
        ("model.norm.weight".to_owned(), vec![shape.hidden]),
        ("visual.patch_embed.proj.weight".to_owned(), vec![VISION, 3, 2, 14, 14]),
        ("visual.merger.ln_q.weight".to_owned(), vec![VISION]),
    ];
    let mut linear = |name: String, outputs: usize, inputs: usize, bias: bool| {
        all.push((format!("{name}.weight"), vec![outputs, inputs]));
        if bias {
            all.push((format!("{name}.bias"), vec![outputs]));
        }
    };
    linear("visual.merger.mlp.0".into(), 4 * VISION, 4 * VISION, true);
    linear("visual.merger.mlp.2".into(), shape.hidden, 4 * VISION, true);
    for index in 0..shape.depth {
        let name = |part: &str| format!("visual.blocks.{index}.{part}");
        linear(name("attn.qkv"), 3 * VISION, VISION, true);
        linear(name("attn.proj"), VISION, VISION, true);
        linear(name("mlp.gate_proj"), 2 * VISION, VISION, true);
        linear(name("mlp.up_proj"), 2 * VISION, VISION, true);
        linear(name("mlp.down_proj"), VISION, 2 * VISION, true);
    }
    for index in 0..shape.layers {
        let name = |part: &str| format!("model.layers.{index}.{part}");
        linear(name("self_attn.q_proj"), shape.hidden, shape.hidden, true);
        linear(name("self_attn.k_proj"), shape.hidden / 2, shape.hidden, true);
        linear(name("self_attn.v_proj"), shape.hidden / 2, shape.hidden, true);
        linear(name("self_attn.o_proj"), shape.hidden, shape.hidden, false);
        linear(name("mlp.gate_proj"), shape.intermediate, shape.hidden, false);
        linear(name("mlp.up_proj"), shape.intermediate, shape.hidden, false);
        linear(name("mlp.down_proj"), shape.hidden, shape.intermediate, false);
    }
    for index in 0..shape.depth {
        all.push((format!("visual.blocks.{index}.norm1.weight"), vec![VISION]));
        all.push((format!("visual.blocks.{index}.norm2.weight"), vec![VISION]));
    }
    for index in 0..shape.layers {
        all.push((format!("model.layers.{index}.input_layernorm.weight"), vec![shape.hidden]));
        let after = format!("model.layers.{index}.post_attention_layernorm.weight");
        all.push((after, vec![shape.hidden]));
    }
    all
}
