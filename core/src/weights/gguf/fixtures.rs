//! Small GGUF files for tests, and where their lengths, counts and offsets stand.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::super::{Memory, Source, WeightsError};
use super::pair::GgufPair;

/// What a file is made of.
#[derive(Clone)]
pub(in crate::weights) struct Draft {
    pub(in crate::weights) version: u32,
    pub(in crate::weights) alignment: usize,
    /// Keys with the bytes of their kind and value.
    pub(in crate::weights) keys: Vec<(String, Vec<u8>)>,
    /// Names, lengths of axes from the fastest, types and bytes.
    pub(in crate::weights) tensors: Vec<(String, Vec<u64>, u32, Vec<u8>)>,
}

/// A file's bytes, and the places of the numbers in its header with their sizes.
pub(in crate::weights) type Written = (Vec<u8>, Vec<(usize, usize)>);

impl Draft {
    pub(in crate::weights) fn new() -> Self {
        Self { version: 3, alignment: 32, keys: Vec::new(), tensors: Vec::new() }
    }

    pub(in crate::weights) fn key(mut self, key: &str, value: Vec<u8>) -> Self {
        self.keys.retain(|(name, _)| name != key);
        self.keys.push((key.to_owned(), value));
        self
    }

    pub(in crate::weights) fn without(mut self, key: &str) -> Self {
        self.keys.retain(|(name, _)| name != key);
        self
    }

    /// Adds a tensor of zeros, its shape slowest first.
    pub(in crate::weights) fn tensor(mut self, name: &str, shape: &[u64], kind: u32) -> Self {
        let (values, bytes) = match kind {
            0 => (1, 4),
            1 => (1, 2),
            2 => (32, 18),
            3 => (32, 20),
            8 => (32, 34),
            12 => (256, 144),
            14 => (256, 210),
            _ => (1, 1),
        };
        let data = vec![0; (shape.iter().product::<u64>() / values * bytes) as usize];
        let axes = shape.iter().rev().copied().collect();
        self.tensors.push((name.to_owned(), axes, kind, data));
        self
    }

    /// Sets the bytes of a tensor.
    pub(in crate::weights) fn data(mut self, name: &str, data: Vec<u8>) -> Self {
        let tensor = self.tensors.iter_mut().find(|tensor| tensor.0 == name).unwrap();
        tensor.3 = data;
        self
    }

    pub(in crate::weights) fn write(&self) -> Written {
        let mut bytes = b"GGUF".to_vec();
        let mut fields = Vec::new();
        let mut put = |bytes: &mut Vec<u8>, field: &[u8]| {
            fields.push((bytes.len(), field.len()));
            bytes.extend_from_slice(field);
        };
        put(&mut bytes, &self.version.to_le_bytes());
        put(&mut bytes, &(self.tensors.len() as u64).to_le_bytes());
        put(&mut bytes, &(self.keys.len() as u64).to_le_bytes());
        for (key, value) in &self.keys {
            put(&mut bytes, &(key.len() as u64).to_le_bytes());
            bytes.extend_from_slice(key.as_bytes());
            // The kind; of arrays also the elements' kind and number; of texts the length.
            let parts: &[usize] = match value[0] {
                8 => &[4, 8],
                9 => &[4, 4, 8],
                _ => &[4],
            };
            let mut rest = value.as_slice();
            for &part in parts {
                put(&mut bytes, &rest[..part]);
                rest = &rest[part..];
            }
            bytes.extend_from_slice(rest);
        }
        let mut offset = 0_usize;
        for (name, axes, kind, data) in &self.tensors {
            put(&mut bytes, &(name.len() as u64).to_le_bytes());
            bytes.extend_from_slice(name.as_bytes());
            put(&mut bytes, &(axes.len() as u32).to_le_bytes());
            axes.iter().for_each(|axis| put(&mut bytes, &axis.to_le_bytes()));
            put(&mut bytes, &kind.to_le_bytes());
            put(&mut bytes, &(offset as u64).to_le_bytes());
            offset = (offset + data.len()).next_multiple_of(self.alignment);
        }
        for (.., data) in &self.tensors {
            bytes.resize(bytes.len().next_multiple_of(self.alignment), 0);
            bytes.extend_from_slice(data);
        }
        (bytes, fields)
    }
}

pub(in crate::weights) fn u32(number: u32) -> Vec<u8> {
    [4, number].map(u32::to_le_bytes).concat()
}

pub(in crate::weights) fn f32(number: f32) -> Vec<u8> {
    [6_u32.to_le_bytes(), number.to_le_bytes()].concat()
}

pub(in crate::weights) fn text(text: &str) -> Vec<u8> {
    [&8_u32.to_le_bytes()[..], &(text.len() as u64).to_le_bytes(), text.as_bytes()].concat()
}

fn array(kind: u32, count: usize, elements: Vec<u8>) -> Vec<u8> {
    let start = [9, kind].map(u32::to_le_bytes).concat();
    [start, (count as u64).to_le_bytes().to_vec(), elements].concat()
}

pub(in crate::weights) fn i32s(numbers: &[i32]) -> Vec<u8> {
    array(5, numbers.len(), numbers.iter().flat_map(|number| number.to_le_bytes()).collect())
}

pub(in crate::weights) fn f32s(numbers: &[f32]) -> Vec<u8> {
    array(6, numbers.len(), numbers.iter().flat_map(|number| number.to_le_bytes()).collect())
}

pub(in crate::weights) fn texts<T: AsRef<str>>(texts: &[T]) -> Vec<u8> {
    let elements = texts.iter().flat_map(|element| text(element.as_ref())[4..].to_vec());
    array(8, texts.len(), elements.collect())
}

/// A small language model: width 32, one layer, two heads of 16, eight tokens.
pub(in crate::weights) fn small_text() -> Draft {
    let layer = [
        ("attn_norm.weight", vec![32], 0),
        ("attn_q.weight", vec![32, 32], 8),
        ("attn_q.bias", vec![32], 0),
        ("attn_k.weight", vec![16, 32], 2),
        ("attn_k.bias", vec![16], 0),
        ("attn_v.weight", vec![16, 32], 1),
        ("attn_v.bias", vec![16], 0),
        ("attn_output.weight", vec![32, 32], 2),
        ("ffn_norm.weight", vec![32], 0),
        ("ffn_gate.weight", vec![64, 32], 2),
        ("ffn_up.weight", vec![64, 32], 2),
        ("ffn_down.weight", vec![32, 64], 2),
    ];
    let draft = Draft::new()
        .key("general.architecture", text("qwen2vl"))
        .key("general.tags", texts(&["a", "b"]))
        .key("qwen2vl.block_count", u32(1))
        .key("qwen2vl.context_length", u32(4096))
        .key("qwen2vl.embedding_length", u32(32))
        .key("qwen2vl.feed_forward_length", u32(64))
        .key("qwen2vl.attention.head_count", u32(2))
        .key("qwen2vl.attention.head_count_kv", u32(1))
        .key("qwen2vl.attention.layer_norm_rms_epsilon", f32(1e-6))
        .key("qwen2vl.rope.freq_base", f32(1e6))
        .key("qwen2vl.rope.dimension_sections", i32s(&[2, 3, 3, 0]))
        .key("tokenizer.ggml.model", text("gpt2"))
        .key("tokenizer.ggml.pre", text("qwen2"))
        .key("tokenizer.ggml.tokens", texts(&["a", "b", "ab", "<|x|>", "[PAD4]", "c", "\"", "\\"]))
        .key("tokenizer.ggml.token_type", i32s(&[1, 1, 1, 3, 5, 4, 1, 1]))
        .key("tokenizer.ggml.merges", texts(&["a b"]))
        .tensor("token_embd.weight", &[8, 32], 8)
        .tensor("output_norm.weight", &[32], 0);
    layer.iter().fold(draft, |draft, (name, shape, kind)| {
        draft.tensor(&format!("blk.0.{name}"), shape, *kind)
    })
}

/// Its vision tower: width 32, one block, patches of 4 pixels, four patches a token.
pub(in crate::weights) fn small_vision() -> Draft {
    let block = [
        ("ln1.weight", vec![32]),
        ("attn_q.weight", vec![32, 32]),
        ("attn_q.bias", vec![32]),
        ("attn_k.weight", vec![32, 32]),
        ("attn_k.bias", vec![32]),
        ("attn_v.weight", vec![32, 32]),
        ("attn_v.bias", vec![32]),
        ("attn_out.weight", vec![32, 32]),
        ("attn_out.bias", vec![32]),
        ("ln2.weight", vec![32]),
        ("ffn_gate.weight", vec![48, 32]),
        ("ffn_gate.bias", vec![48]),
        ("ffn_up.weight", vec![48, 32]),
        ("ffn_up.bias", vec![48]),
        ("ffn_down.weight", vec![32, 48]),
        ("ffn_down.bias", vec![32]),
    ];
    let draft = Draft::new()
        .key("general.architecture", text("clip"))
        .key("clip.projector_type", text("qwen2.5vl_merger"))
        .key("clip.vision.block_count", u32(1))
        .key("clip.vision.embedding_length", u32(32))
        .key("clip.vision.attention.head_count", u32(2))
        .key("clip.vision.patch_size", u32(4))
        .key("clip.vision.n_wa_pattern", u32(1))
        .key("clip.vision.image_mean", f32s(&[0.5, 0.25, 0.125]))
        .key("clip.vision.image_std", f32s(&[0.268_629_54, 0.5, 0.5]))
        .tensor("v.patch_embd.weight", &[32, 3, 4, 4], 0)
        .tensor("v.patch_embd.weight.1", &[32, 3, 4, 4], 1)
        .tensor("v.post_ln.weight", &[32], 0)
        .tensor("mm.0.weight", &[128, 128], 8)
        .tensor("mm.0.bias", &[128], 0)
        .tensor("mm.2.weight", &[32, 128], 2)
        .tensor("mm.2.bias", &[32], 0);
    block.iter().fold(draft, |draft, (name, shape)| {
        let quantized = shape.len() > 1 && shape[1] == 32;
        draft.tensor(&format!("v.blk.0.{name}"), shape, if quantized { 8 } else { 0 })
    })
}

/// Files in memory, by name.
pub(in crate::weights) fn memory(files: Vec<(&str, Vec<u8>)>) -> Rc<dyn Source> {
    let files = files.into_iter().map(|(name, bytes)| (name.to_owned(), bytes));
    Rc::new(Memory::new("mem", files.collect::<BTreeMap<_, _>>()))
}

/// A pair of these bytes.
pub(in crate::weights) fn open(text: Vec<u8>, vision: Vec<u8>) -> Result<GgufPair, WeightsError> {
    let files = memory(vec![("t.gguf", text), ("v.gguf", vision)]);
    let half = |name: &str| (Rc::clone(&files), name.to_owned());
    pollster::block_on(GgufPair::open(half("t.gguf"), half("v.gguf")))
}
