//! The settings of a pair, as the `config.json` and `preprocessor_config.json` of a published
//! checkpoint have them.
//!
//! Keys: `gguf-py/gguf/constants.py`. What llama.cpp does not write comes from the shapes of
//! tensors, or is the same in all models of the family.

use serde_json::{Value as Json, json};

use super::super::WeightsError;
use super::error::GgufError;
use super::header::Header;
use super::value::Value;

/// The side of an attention window in pixels, where a file does not say.
const WINDOW: u64 = 112;
/// Frames of a patch: the two tensors of its convolution.
const FRAMES: usize = 2;
/// More blocks than any vision tower has.
const MOST_BLOCKS: u64 = 1024;

/// Checks that the two files are what they are taken for.
pub(super) fn check_kinds(text: &Header, vision: &Header) -> Result<(), GgufError> {
    const KEY: &str = "general.architecture";
    check(text, KEY, "qwen2vl", "qwen2vl, as the language model of a pair has it")?;
    check(vision, KEY, "clip", "clip, as the mmproj file of a pair has it")?;
    let keys = ["clip.vision.projector_type", "clip.projector_type"];
    let key = keys.into_iter().find(|key| vision.value(key).is_some()).unwrap_or(keys[1]);
    check(vision, key, "qwen2.5vl_merger", "qwen2.5vl_merger: only Qwen2.5-VL is read")
}

fn check(header: &Header, key: &str, value: &str, expected: &str) -> Result<(), GgufError> {
    let found = header.need(key, header.text(key)?)?;
    match found == value {
        true => Ok(()),
        false => Err(header.wrong(key, expected, super::value::shortened(found))),
    }
}

/// The text of a `config.json`.
pub(super) fn config_json(text: &Header, vision: &Header) -> Result<String, WeightsError> {
    let needed = |key: &str| -> Result<u64, GgufError> {
        let key = format!("qwen2vl.{key}");
        text.need(&key, text.integer(&key)?)
    };
    let number = |key: &str| -> Result<f64, GgufError> {
        let key = format!("qwen2vl.{key}");
        text.need(&key, text.double(&key)?)
    };
    let heads = needed("attention.head_count")?;
    let mut config = json!({
        "model_type": "qwen2_5_vl",
        "architectures": ["Qwen2_5_VLForConditionalGeneration"],
        "vocab_size": first_axis(text, "token_embd.weight")?,
        "hidden_size": needed("embedding_length")?,
        "intermediate_size": needed("feed_forward_length")?,
        "num_hidden_layers": needed("block_count")?,
        "num_attention_heads": heads,
        "num_key_value_heads": needed("attention.head_count_kv")?,
        "rms_norm_eps": number("attention.layer_norm_rms_epsilon")?,
        "max_position_embeddings": needed("context_length")?,
        "rope_theta": number("rope.freq_base")?,
        "rope_scaling": rope_scaling(text)?,
        "hidden_act": "silu",
        "tie_word_embeddings": text.tensor("output.weight").is_err(),
        "vision_config": vision_config(vision)?,
    });
    // There is a key where a head's width is not the usual one, and the rows of q say it too.
    let rows = first_axis(text, "blk.0.attn_q.weight")? as u64;
    let width = rows.checked_div(heads).filter(|_| heads > 0 && rows.is_multiple_of(heads));
    if let Some(width) = text.integer("qwen2vl.attention.key_length")?.or(width) {
        config["head_dim"] = width.into();
    }
    Ok(config.to_string())
}

/// The rotary settings; a scaling that stretches positions is passed on, to be refused by name.
fn rope_scaling(text: &Header) -> Result<Json, GgufError> {
    const SECTIONS: &str = "qwen2vl.rope.dimension_sections";
    let scaling = text.text("qwen2vl.rope.scaling.type")?.filter(|&kind| kind != "none");
    let sections = text.need(SECTIONS, text.value(SECTIONS))?;
    let wrong = || text.wrong(SECTIONS, "three whole numbers, then zeros", sections.describe());
    let Value::Numbers(numbers) = sections else { return Err(wrong()) };
    // Time, height, width, and a fourth that Qwen2.5-VL does not have.
    let numbers = (numbers.len() <= 4).then(|| numbers.iter());
    let numbers = numbers.ok_or_else(wrong)?.map(|number| number.unsigned());
    let numbers = numbers.collect::<Option<Vec<u64>>>().ok_or_else(wrong)?;
    match numbers[..] {
        [time, height, width] | [time, height, width, 0] => Ok(json!({
            "type": scaling.unwrap_or("mrope"),
            "mrope_section": [time, height, width],
        })),
        _ => Err(wrong()),
    }
}

fn vision_config(vision: &Header) -> Result<Json, WeightsError> {
    let needed = |key: &str| -> Result<u64, GgufError> {
        let key = format!("clip.vision.{key}");
        vision.need(&key, vision.integer(&key)?)
    };
    let depth = needed("block_count")?;
    if !(1..=MOST_BLOCKS).contains(&depth) {
        let expected = format!("1 to {MOST_BLOCKS}");
        return Err(vision.wrong("clip.vision.block_count", &expected, depth.to_string()).into());
    }
    let hidden = needed("embedding_length")?;
    let channels = vision.tensor("v.patch_embd.weight")?.shape.get(1).copied();
    let gelu = vision.value("clip.use_gelu") == Some(&Value::Truth(true));
    Ok(json!({
        "depth": depth,
        "hidden_size": hidden,
        "intermediate_size": first_axis(vision, "v.blk.0.ffn_gate.weight")?,
        "num_heads": needed("attention.head_count")?,
        "in_chans": channels,
        "out_hidden_size": first_axis(vision, "mm.2.weight")?,
        "patch_size": needed("patch_size")?,
        "spatial_merge_size": merge_size(vision, hidden)?,
        "temporal_patch_size": FRAMES,
        "window_size": vision.integer("clip.vision.window_size")?.unwrap_or(WINDOW),
        "fullatt_block_indexes": full_attention(vision, depth)?,
        "hidden_act": if gelu { "gelu" } else { "silu" },
    }))
}

/// The first length of a tensor's shape: a matrix's rows.
fn first_axis(header: &Header, tensor: &str) -> Result<usize, WeightsError> {
    // A tensor has at least one axis.
    Ok(header.tensor(tensor)?.shape[0])
}

/// How many patches lie along a token's side: the merger takes the square of that many.
fn merge_size(vision: &Header, hidden: u64) -> Result<u64, WeightsError> {
    let unit = vision.tensor("mm.0.weight")?.width() as u64;
    let merge = unit.checked_div(hidden).map_or(0, u64::isqrt);
    let whole = merge.checked_mul(merge).and_then(|patches| patches.checked_mul(hidden));
    match whole == Some(unit) && merge > 0 {
        true => Ok(merge),
        false => {
            let reason = format!("expected rows of a square times {hidden} values, found {unit}");
            let (file, tensor) = (vision.file.clone(), "mm.0.weight".to_owned());
            Err(GgufError::Entry { file, tensor, reason }.into())
        }
    }
}

/// The blocks that attend to the whole picture: each `pattern`th, all if it is 0.
fn full_attention(vision: &Header, depth: u64) -> Result<Vec<u64>, GgufError> {
    const PATTERN: &str = "clip.vision.n_wa_pattern";
    const INDEXES: &str = "clip.vision.fullatt_block_indexes";
    if let Some(pattern) = vision.integer(PATTERN)? {
        let every = |index: &u64| pattern == 0 || (index + 1).is_multiple_of(pattern);
        return Ok((0..depth).filter(every).collect());
    }
    // Files of the first weeks list them.
    let Some(indexes) = vision.value(INDEXES) else { return vision.need(PATTERN, None) };
    let wrong = || vision.wrong(INDEXES, "the numbers of blocks", indexes.describe());
    let Value::Numbers(numbers) = indexes else { return Err(wrong()) };
    let numbers = (numbers.len() as u64 <= depth).then(|| numbers.iter()).ok_or_else(wrong)?;
    numbers.map(|number| number.unsigned()).collect::<Option<_>>().ok_or_else(wrong)
}

/// The text of a `preprocessor_config.json`.
pub(super) fn preprocessor_json(vision: &Header) -> Result<String, WeightsError> {
    const SIZE: &str = "clip.vision.embedding_length";
    const PATCH: &str = "clip.vision.patch_size";
    let hidden = vision.need(SIZE, vision.integer(SIZE)?)?;
    let mut settings = json!({
        "patch_size": vision.need(PATCH, vision.integer(PATCH)?)?,
        "temporal_patch_size": FRAMES,
        "merge_size": merge_size(vision, hidden)?,
    });
    for name in ["image_mean", "image_std"] {
        let key = format!("clip.vision.{name}");
        let Some(value) = vision.value(&key) else { continue };
        let wrong = || vision.wrong(&key, "three numbers", value.describe());
        let Value::Numbers(numbers) = value else { return Err(wrong().into()) };
        let numbers = (numbers.len() == 3).then(|| numbers.iter()).ok_or_else(wrong)?;
        let numbers = numbers.map(|number| number.double().filter(|number| number.is_finite()));
        settings[name] = numbers.collect::<Option<Vec<f64>>>().ok_or_else(wrong)?.into();
    }
    Ok(settings.to_string())
}

#[cfg(test)]
mod tests;
