//! From llama.cpp's tensors to those of the published checkpoints.
//!
//! Names: `gguf-py/gguf/tensor_mapping.py`, `conversion/qwenvl.py` and `tools/mtmd/clip.cpp`.
//! llama.cpp splits the vision tower's q, k, v and the two frames of its patch convolution, which
//! are joined again here. Rows of q and k are in the published order, in both towers: rotary
//! positions turn the two halves of a head there as here.

use std::collections::{BTreeMap, BTreeSet};

use super::super::WeightsError;
use super::error::GgufError;
use super::header::{Entry, Header};

/// How the tensors of a file make up one of the model's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Join {
    /// One after another along the first axis.
    Rows,
    /// Kernels `[out, in, height, width]` of consecutive frames: `[out, in, frame, height, width]`.
    Frames,
}

/// Where a tensor of the model is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The position of its file.
    pub(super) file: usize,
    /// Its shape in the model.
    pub(super) shape: Vec<usize>,
    pub(super) join: Join,
    /// The positions of its parts in the file's header.
    pub(super) parts: Vec<usize>,
}

/// What a tensor of a file is in the model.
struct Part {
    /// The model's tensor.
    whole: String,
    join: Join,
    /// Which part of it.
    index: usize,
    /// The file's names of all its parts.
    siblings: Vec<String>,
}

const LAYER: [(&str, &str); 9] = [
    ("attn_norm", "input_layernorm"),
    ("attn_q", "self_attn.q_proj"),
    ("attn_k", "self_attn.k_proj"),
    ("attn_v", "self_attn.v_proj"),
    ("attn_output", "self_attn.o_proj"),
    ("ffn_norm", "post_attention_layernorm"),
    ("ffn_gate", "mlp.gate_proj"),
    ("ffn_up", "mlp.up_proj"),
    ("ffn_down", "mlp.down_proj"),
];

const VISION_BLOCK: [(&str, &str); 7] = [
    ("ln1", "norm1"),
    ("ln2", "norm2"),
    ("attn_qkv", "attn.qkv"),
    ("attn_out", "attn.proj"),
    ("ffn_gate", "mlp.gate_proj"),
    ("ffn_up", "mlp.up_proj"),
    ("ffn_down", "mlp.down_proj"),
];

/// All tensors of the model, by their published names.
///
/// What has no published name keeps its place in a tower under its own, so that it is found to be
/// unused there.
pub(super) fn places(headers: [&Header; 2]) -> Result<BTreeMap<String, Place>, WeightsError> {
    let mut places = BTreeMap::<String, Place>::new();
    for (file, header) in headers.into_iter().enumerate() {
        let swapped = swapped_blocks(header);
        let tensors = &header.tensors;
        let find: BTreeMap<&str, usize> =
            tensors.iter().enumerate().map(|(at, entry)| (&*entry.name, at)).collect();
        for entry in tensors {
            let part = part(&entry.name, &swapped);
            let mut parts = Vec::with_capacity(part.siblings.len());
            for sibling in &part.siblings {
                let half = || GgufError::Half {
                    file: header.file.clone(),
                    tensor: sibling.clone(),
                    other: entry.name.to_string(),
                };
                parts.push(*find.get(sibling.as_str()).ok_or_else(half)?);
            }
            // The first part stands for all.
            if part.index > 0 {
                continue;
            }
            let shape = joined(header, &parts, part.join)?;
            let first = parts[0];
            let place = Place { file, shape, join: part.join, parts };
            if let Some(other) = places.insert(part.whole.clone(), place) {
                let name = |file: usize, at: usize| headers[file].tensors[at].name.to_string();
                return Err(WeightsError::SameName {
                    place: header.file.clone(),
                    first: name(other.file, other.parts[0]),
                    second: name(file, first),
                    name: part.whole,
                });
            }
        }
    }
    Ok(places)
}

/// The shape of the whole.
fn joined(header: &Header, parts: &[usize], join: Join) -> Result<Vec<usize>, GgufError> {
    let entries: Vec<&Entry> = parts.iter().map(|&at| &header.tensors[at]).collect();
    let first = entries[0];
    let free = usize::from(join == Join::Rows);
    let unlike = |entry: &&&Entry| entry.shape.get(free..) != first.shape.get(free..);
    let mut shape = first.shape.to_vec();
    if let Some(entry) = entries.iter().find(unlike) {
        return Err(GgufError::Unlike {
            file: header.file.clone(),
            tensor: entry.name.to_string(),
            found: format!("{:?}", entry.shape),
            other: first.name.to_string(),
            expected: format!("{shape:?}"),
        });
    }
    if join == Join::Frames && shape.len() != 4 {
        let reason = format!("expected the four axes of a convolution, found {shape:?}");
        let (file, tensor) = (header.file.clone(), first.name.to_string());
        return Err(GgufError::Entry { file, tensor, reason });
    }
    match join {
        Join::Rows => {
            let rows = entries.iter().map(|entry| entry.shape[0]);
            shape[0] = rows.fold(0, usize::saturating_add);
        }
        Join::Frames => shape.insert(2, entries.len()),
    }
    Ok(shape)
}

/// Vision blocks, such as `v.blk.3`, of older files: their up and down projections are named the
/// other way round, and the one that is called down has the gate's shape.
fn swapped_blocks(header: &Header) -> BTreeSet<String> {
    let shapes: BTreeMap<&str, &[usize]> =
        header.tensors.iter().map(|entry| (&*entry.name, &*entry.shape)).collect();
    let gates = shapes.iter().filter_map(|(name, gate)| {
        let block = name.strip_suffix(".ffn_gate.weight")?;
        let shape = |part: &str| shapes.get(format!("{block}.{part}.weight").as_str());
        let (up, down) = (shape("ffn_up")?, shape("ffn_down")?);
        let swapped = block.starts_with("v.blk.") && up != gate && down == gate;
        swapped.then(|| block.to_owned())
    });
    gates.collect()
}

/// What the tensor `name` is in the model.
fn part(name: &str, swapped: &BTreeSet<String>) -> Part {
    let one =
        |whole: String| Part { whole, join: Join::Rows, index: 0, siblings: vec![name.to_owned()] };
    const PATCH: &str = "v.patch_embd.weight";
    if let Some(frame) = name.strip_prefix(PATCH).filter(|rest| matches!(*rest, "" | ".1")) {
        return Part {
            whole: "visual.patch_embed.proj.weight".to_owned(),
            join: Join::Frames,
            index: usize::from(!frame.is_empty()),
            siblings: vec![PATCH.to_owned(), format!("{PATCH}.1")],
        };
    }
    if let Some((block, part, kind)) = block_part(name, "v.blk.") {
        const QKV: [&str; 3] = ["attn_q", "attn_k", "attn_v"];
        if let Some(index) = QKV.iter().position(|&qkv| qkv == part) {
            return Part {
                whole: format!("visual.blocks.{block}.attn.qkv.{kind}"),
                join: Join::Rows,
                index,
                siblings: QKV.iter().map(|qkv| format!("v.blk.{block}.{qkv}.{kind}")).collect(),
            };
        }
        let part = match part {
            "ffn_up" if swapped.contains(&format!("v.blk.{block}")) => "ffn_down",
            "ffn_down" if swapped.contains(&format!("v.blk.{block}")) => "ffn_up",
            part => part,
        };
        return one(format!("visual.blocks.{block}.{}.{kind}", renamed(part, &VISION_BLOCK)));
    }
    if let Some((layer, part, kind)) = block_part(name, "blk.") {
        return one(format!("model.layers.{layer}.{}.{kind}", renamed(part, &LAYER)));
    }
    const STARTS: [(&str, &str); 6] = [
        ("token_embd.", "model.embed_tokens."),
        ("output.", "lm_head."),
        ("output_norm.", "model.norm."),
        ("v.post_ln.", "visual.merger.ln_q."),
        ("mm.", "visual.merger.mlp."),
        ("v.", "visual."),
    ];
    for (start, published) in STARTS {
        if let Some(rest) = name.strip_prefix(start) {
            return one(format!("{published}{rest}"));
        }
    }
    one(name.to_owned())
}

/// `v.blk.3.attn_q.weight` as block, part and kind.
fn block_part<'a>(name: &'a str, start: &str) -> Option<(&'a str, &'a str, &'a str)> {
    let (block, rest) = name.strip_prefix(start)?.split_once('.')?;
    let (part, kind) = rest.rsplit_once('.')?;
    Some((block, part, kind))
}

fn renamed<'a>(part: &'a str, names: &[(&str, &'static str)]) -> &'a str {
    names.iter().find(|(name, _)| *name == part).map_or(part, |(_, published)| published)
}

#[cfg(test)]
mod tests;
