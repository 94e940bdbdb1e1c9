//! Small GGUF files to spoil.

use crate::random::Random;
use crate::rounds::Files;

/// A header and data that grow.
#[derive(Default)]
pub struct Draft {
    keys: Vec<Vec<u8>>,
    /// Name, axes from the slowest, type and bytes.
    tensors: Vec<(String, Vec<u64>, u32, Vec<u8>)>,
}

/// Values and bytes of a block, by a type's number.
const BLOCKS: [(u32, u64, u64); 11] = [
    (0, 1, 4),
    (1, 1, 2),
    (2, 32, 18),
    (3, 32, 20),
    (6, 32, 22),
    (7, 32, 24),
    (8, 32, 34),
    (12, 256, 144),
    (13, 256, 176),
    (14, 256, 210),
    (30, 1, 2),
];

/// The alignment of a draft.
const ALIGNMENT: usize = 8;

fn sized(text: &str) -> Vec<u8> {
    [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat()
}

impl Draft {
    /// A key with the number of its value's kind and the value's bytes.
    pub fn key(mut self, key: &str, kind: u32, value: &[u8]) -> Self {
        self.keys.push([&sized(key)[..], &kind.to_le_bytes(), value].concat());
        self
    }

    pub fn text(self, key: &str, text: &str) -> Self {
        self.key(key, 8, &sized(text))
    }

    pub fn whole(self, key: &str, number: u32) -> Self {
        self.key(key, 4, &number.to_le_bytes())
    }

    /// An array of `count` elements.
    pub fn array(self, key: &str, kind: u32, count: usize, elements: &[u8]) -> Self {
        let start = [&kind.to_le_bytes()[..], &(count as u64).to_le_bytes()].concat();
        self.key(key, 9, &[&start, elements].concat())
    }

    pub fn texts<T: AsRef<str>>(self, key: &str, texts: &[T]) -> Self {
        let elements: Vec<u8> = texts.iter().flat_map(|text| sized(text.as_ref())).collect();
        self.array(key, 8, texts.len(), &elements)
    }

    /// A tensor of small bytes, none of which make an infinity of a scale.
    pub fn tensor(mut self, name: &str, shape: &[u64], kind: u32) -> Self {
        let (_, values, bytes) = *BLOCKS.iter().find(|block| block.0 == kind).unwrap();
        let count = shape.iter().product::<u64>() / values * bytes;
        let data = (0..count).map(|at| (at * 7 % 50) as u8).collect();
        self.tensors.push((name.to_owned(), shape.to_vec(), kind, data));
        self
    }

    pub fn write(&self) -> Vec<u8> {
        let mut file = b"GGUF\x03\0\0\0".to_vec();
        file.extend((self.tensors.len() as u64).to_le_bytes());
        file.extend((self.keys.len() as u64).to_le_bytes());
        self.keys.iter().for_each(|key| file.extend(key));
        let mut offset = 0;
        for (name, shape, kind, data) in &self.tensors {
            file.extend(sized(name));
            file.extend((shape.len() as u32).to_le_bytes());
            shape.iter().rev().for_each(|axis| file.extend(axis.to_le_bytes()));
            file.extend(kind.to_le_bytes());
            file.extend((offset as u64).to_le_bytes());
            offset = (offset + data.len()).next_multiple_of(ALIGNMENT);
        }
        for (.., data) in &self.tensors {
            file.resize(file.len().next_multiple_of(ALIGNMENT), 0);
            file.extend(data);
        }
        file
    }
}

/// The language model's metadata but the tokenizer: width 256, one layer.
pub fn text_keys() -> Draft {
    let sections = [1_i32, 1, 2, 0].map(i32::to_le_bytes).concat();
    Draft::default()
        .whole("general.alignment", ALIGNMENT as u32)
        .text("general.architecture", "qwen2vl")
        .texts("general.tags", &["a", "b"])
        .array("other.numbers", 11, 2, &[0; 16])
        .whole("qwen2vl.block_count", 1)
        .whole("qwen2vl.context_length", 4096)
        .whole("qwen2vl.embedding_length", 256)
        .whole("qwen2vl.feed_forward_length", 32)
        .whole("qwen2vl.attention.head_count", 2)
        .whole("qwen2vl.attention.head_count_kv", 1)
        .key("qwen2vl.attention.layer_norm_rms_epsilon", 6, &1e-6_f32.to_le_bytes())
        .key("qwen2vl.rope.freq_base", 12, &1e6_f64.to_le_bytes())
        .array("qwen2vl.rope.dimension_sections", 5, 4, &sections)
}

/// A tokenizer's keys.
pub fn tokenizer<T: AsRef<str>>(draft: Draft, tokens: &[T], types: &[u8], merges: &[T]) -> Draft {
    draft
        .text("tokenizer.ggml.model", "gpt2")
        .text("tokenizer.ggml.pre", "qwen2")
        .texts("tokenizer.ggml.tokens", tokens)
        .array("tokenizer.ggml.token_type", 0, types.len(), types)
        .texts("tokenizer.ggml.merges", merges)
}

/// The vision tower's metadata: width 32, one block, patches of two pixels.
pub fn vision_keys() -> Draft {
    let thirds = [0.5_f32, 0.25, 0.125].map(f32::to_le_bytes).concat();
    Draft::default()
        .text("general.architecture", "clip")
        .key("general.alignment", 10, &(ALIGNMENT as u64).to_le_bytes())
        .text("clip.projector_type", "qwen2.5vl_merger")
        .key("clip.use_gelu", 7, &[0])
        .whole("clip.vision.block_count", 1)
        .whole("clip.vision.embedding_length", 32)
        .whole("clip.vision.attention.head_count", 2)
        .key("clip.vision.patch_size", 2, &2_u16.to_le_bytes())
        .array("clip.vision.fullatt_block_indexes", 5, 1, &[0; 4])
        .array("clip.vision.image_mean", 6, 3, &thirds)
        .array("clip.vision.image_std", 6, 3, &thirds)
}

/// A pair that opens, with every type of values; about 40 kB.
pub fn small(random: &mut Random) -> Files {
    let tokens = ["a", "b", "ab", "<|x|>", "[PAD4]", "c", "\"", "\\"];
    let text = tokenizer(text_keys(), &tokens, &[1, 1, 1, 3, 5, 4, 1, 1], &["a b"]);
    let text = text
        .tensor("token_embd.weight", &[8, 256], 8)
        .tensor("output_norm.weight", &[256], 0)
        .tensor("blk.0.attn_norm.weight", &[256], 0)
        .tensor("blk.0.attn_q.weight", &[16, 256], 12)
        .tensor("blk.0.attn_q.bias", &[16], 0)
        .tensor("blk.0.attn_k.weight", &[8, 256], 13)
        .tensor("blk.0.attn_v.weight", &[8, 256], 14)
        .tensor("blk.0.attn_output.weight", &[256, 16], 1)
        .tensor("blk.0.ffn_gate.weight", &[32, 256], 2)
        .tensor("blk.0.ffn_up.weight", &[32, 256], 3)
        .tensor("blk.0.ffn_down.weight", &[256, 32], 6);
    // All of one kind, or of two.
    let other = *random.pick(&[8, 7, 2]);
    let vision = vision_keys()
        .tensor("v.patch_embd.weight", &[32, 3, 2, 2], 0)
        .tensor("v.patch_embd.weight.1", &[32, 3, 2, 2], 1)
        .tensor("v.post_ln.weight", &[32], 0)
        .tensor("mm.0.weight", &[32, 128], 7)
        .tensor("mm.2.weight", &[256, 32], 30)
        .tensor("v.blk.0.attn_q.weight", &[32, 32], 8)
        .tensor("v.blk.0.attn_k.weight", &[32, 32], 8)
        .tensor("v.blk.0.attn_v.weight", &[32, 32], other)
        .tensor("v.blk.0.ffn_gate.weight", &[48, 32], 8)
        .tensor("v.blk.0.ffn_up.weight", &[48, 32], 8)
        .tensor("v.blk.0.ffn_down.weight", &[32, 48], 0);
    Files::from([("text.gguf".to_owned(), text.write()), ("v.gguf".to_owned(), vision.write())])
}
