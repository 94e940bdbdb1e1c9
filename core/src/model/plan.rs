//! What a model will take on a device, computed from its sizes before anything is loaded.

use std::fmt;

use crate::model::config::{TextConfig, VisionConfig};
use crate::model::head::{name as head_name, part_rows};
use crate::model::mlp::rows_at_once;
use crate::model::shapes::tensors;
use crate::model::{Keeping, ModelConfig, Precision, Tower};
use crate::weights::Checkpoint;

/// Rank of an adapter, as published.
const RANK: usize = 8;

/// Rows of a batch: the rubric's attributes.
const ROWS: usize = 9;

/// Bytes of a float.
const F32: u64 = 4;

/// What the pages that buffers are cut from hold beyond them: one page for all that is small, and the
/// ends of the others.
const PAGES: u64 = 16 << 20;

/// What a session is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    /// Tokens of a prompt, the picture's included.
    pub length: usize,
    /// Prompts that are read at once.
    pub rows: usize,
    /// Tokens that are written; none for scores alone, which never want the whole head.
    pub written: usize,
    /// Whether adapters of all nine attributes answer.
    pub adapters: bool,
    /// Whether one tower is on the device at a time.
    pub low_memory: bool,
}

impl Default for Work {
    /// Nine scores of a picture of 224 x 224 pixels, whose prompts have 64 tokens of picture and some
    /// fifty of text.
    fn default() -> Self {
        Self { length: 128, rows: ROWS, written: 0, adapters: true, low_memory: false }
    }
}

/// Bytes on the device while pictures are scored, and while text is written too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DevicePlan {
    work: Work,
    /// How the language model's matrices are kept.
    pub weights: Precision,
    /// How the vision tower's are.
    pub tower: Precision,
    /// Matrices of the language model's layers, with their norms and biases.
    pub text: u64,
    /// The vision tower.
    pub vision: u64,
    /// The nine adapters on q, k, v and o.
    pub adapters: u64,
    /// What a pass over all prompts holds at its peak, on a GPU; the processor holds the whole of the
    /// wide layer.
    pub activations: u64,
    /// What a pass over a picture holds.
    pub patches: u64,
    /// The whole head, which only text needs.
    pub head: u64,
    /// Keys and values of what was read and written, which only text needs.
    pub cache: u64,
    /// The largest buffer that a kernel binds.
    pub largest: u64,
}

impl DevicePlan {
    /// For a model whose matrices are kept so. Without a checkpoint all are taken to be stored as
    /// plain numbers.
    #[must_use]
    pub fn new(
        config: &ModelConfig,
        keeping: Keeping,
        checkpoint: Option<&Checkpoint>,
        work: Work,
    ) -> Self {
        let (mut text, mut vision, mut largest) = (0, 0, 0);
        let layout = |name: &str, shape: &[usize]| match (checkpoint, shape) {
            (Some(checkpoint), _) => keeping.layout(checkpoint, name, shape),
            (None, &[outputs, inputs]) => keeping.of_tensor(name, 2).layout([outputs, inputs]),
            (None, _) => None,
        };
        for (name, shape) in tensors(config) {
            let values = shape.iter().map(|&side| side as u64).product::<u64>();
            let (bytes, buffer) = match layout(&name, &shape) {
                Some(layout) => (layout.bytes(), layout.largest()),
                None => (values * F32, values * F32),
            };
            let tower = match &name {
                name if Tower::Vision.has(name) => &mut vision,
                name if Tower::Text.has(name) => &mut text,
                // Embeddings stay on the host, and the head comes below.
                _ => continue,
            };
            *tower += bytes;
            largest = largest.max(buffer);
        }
        let sizes = &config.text;
        let [vocab, hidden] = [sizes.vocab_size, sizes.hidden_size];
        let head = match layout(head_name(config.tie_word_embeddings), &[vocab, hidden]) {
            Some(layout) => layout.bytes(),
            None => (vocab * hidden) as u64 * F32,
        };
        let part = head / (vocab.div_ceil(part_rows(hidden)) as u64).max(1);
        let weights = checkpoint.map_or(keeping.precision, |of| keeping.weights(of));
        let tower = checkpoint.map_or(keeping.vision, |of| keeping.tower(of));
        let (queries, keys) = widths(sizes);
        let ranks = sizes.num_hidden_layers * ROWS * RANK;
        let adapters = ranks * (3 * hidden + 2 * queries + hidden + 2 * keys);
        let tokens = work.rows * work.length;
        let widest =
            (tokens * hidden.max(queries)).max(wide(sizes.intermediate_size, tokens)) as u64 * F32;
        let caches = sizes.num_hidden_layers * 2 * (work.length + work.written) * keys;
        Self {
            work,
            weights,
            tower,
            text,
            vision,
            adapters: match (work.adapters, weights.halves_adapters()) {
                (false, _) => 0,
                (true, true) => adapters as u64 * 2,
                (true, false) => adapters as u64 * F32,
            },
            activations: pass(sizes, tokens) * F32 + PAGES,
            patches: picture(&config.vision, 4 * work.length) * F32 + PAGES,
            head: if work.written == 0 { 0 } else { head },
            cache: if work.written == 0 { 0 } else { caches as u64 * F32 },
            largest: largest.max(widest).max(if work.written == 0 { 0 } else { part }),
        }
    }

    /// The most bytes that are on the device at once.
    #[must_use]
    pub fn peak(&self) -> u64 {
        let all = self.adapters + self.head + self.cache;
        match self.work.low_memory {
            true => (self.vision + self.patches).max(self.text + self.activations) + all,
            false => self.vision + self.text + self.patches.max(self.activations) + all,
        }
    }

    /// Bytes of both towers.
    #[must_use]
    pub const fn towers(&self) -> u64 {
        self.vision + self.text
    }
}

/// Values of all queries, and of all keys.
const fn widths(text: &TextConfig) -> (usize, usize) {
    (text.num_attention_heads * text.head_dim, text.num_key_value_heads * text.head_dim)
}

/// Values of a wide layer that are held at once.
fn wide(inner: usize, tokens: usize) -> usize {
    tokens.min(rows_at_once(inner)) * inner
}

/// Values that a pass of the language model over so many tokens holds at its peak.
fn pass(text: &TextConfig, tokens: usize) -> u64 {
    let (queries, keys) = widths(text);
    // The stream, its norm and what comes out, beside gate, activation and up.
    let feed_forward = 3 * tokens * text.hidden_size + 3 * wide(text.intermediate_size, tokens);
    // The stream and its norm, beside what turning the queries takes; keys and values. Scores exist
    // in workgroup memory alone.
    let attention = tokens * (2 * text.hidden_size + 3 * queries + 4 * keys);
    let turns = 2 * tokens * text.head_dim;
    (feed_forward.max(attention) + turns) as u64
}

/// Values that a pass of the vision tower over so many patches holds at its peak.
fn picture(vision: &VisionConfig, patches: usize) -> u64 {
    let inner = vision.intermediate_size;
    let feed_forward = 3 * patches * vision.hidden_size + 3 * wide(inner, patches);
    // The stream, its norm, queries, keys and values, and what turning them takes.
    let attention = patches * 9 * vision.hidden_size;
    feed_forward.max(attention) as u64
}

impl fmt::Display for DevicePlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = [
            (format!("language model, {}", self.weights), self.text),
            (format!("vision tower, {}", self.tower), self.vision),
            ("nine adapters".to_owned(), self.adapters),
            (format!("a pass, {} x {} tokens", self.work.rows, self.work.length), self.activations),
            ("head and cache, for text".to_owned(), self.head + self.cache),
            (
                match self.work.low_memory {
                    true => "the most at once, one tower at a time",
                    false => "together",
                }
                .to_owned(),
                self.peak(),
            ),
        ];
        for (what, bytes) in lines.iter().filter(|(_, bytes)| *bytes > 0) {
            writeln!(f, "  {what:<40}{:8.2} GB", *bytes as f64 / 1e9)?;
        }
        write!(f, "  {:<40}{:8.2} MiB", "largest buffer", self.largest as f64 / f64::from(1 << 20))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Precision::{Bf16, F32, Q4, Q8};
    use crate::model::Published;

    fn plan(seven: bool, weights: Precision, vision: Precision, work: Work) -> DevicePlan {
        let keeping = Keeping { vision, ..Keeping::at(weights) };
        let model = if seven { Published::SevenB } else { Published::ThreeB };
        DevicePlan::new(&model.config(), keeping, None, work)
    }

    #[test]
    fn the_published_sizes_fit_what_people_have() {
        let scores = Work::default();
        // As long as a comment may be.
        let text = Work { written: 160, ..scores };
        let low = Work { low_memory: true, ..scores };
        for (seven, vision, work, most) in [
            (false, Q8, scores, 2.45e9),
            (false, Q8, text, 2.8e9),
            (false, Q4, scores, 2.1e9),
            (false, Q4, text, 2.45e9),
            (false, Q8, low, 1.75e9),
            (true, Q8, text, 5.3e9),
        ] {
            let plan = plan(seven, Q4, vision, work);
            assert!((plan.peak() as f64) < most, "expected {most}:\n{plan}");
            assert!(plan.largest <= 128 << 20, "{plan}");
        }
    }

    #[test]
    fn fewer_bits_take_less() {
        let peak = |weights| plan(false, weights, weights, Work::default()).peak();
        let all = [F32, Bf16, Q8, Q4].map(peak);
        assert!(all.windows(2).all(|pair| pair[1] < pair[0]), "{all:?}");
        assert!(all[0] > 13_000_000_000, "{all:?}");
    }
}
