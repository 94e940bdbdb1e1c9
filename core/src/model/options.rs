//! How a model is loaded.

use crate::model::{Asked, Precision};

/// How a model is loaded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoadOptions {
    /// Waits for the device between the stages of an assessment, so that their times can be told
    /// apart (native only); off by default, since waiting costs time.
    pub timings: bool,
    /// Takes adapters that bring a head of their own (`head.safetensors`), as the trainer's
    /// ablations write them; the digit tokens' scores mean nothing then.
    pub heads: bool,
    /// How large matrices of the language model are kept. Without it: as they are stored where that
    /// is in blocks, else 4 bits for models of a billion weights and more, else 32-bit floats.
    pub weights: Option<Precision>,
    /// How those of the vision tower are kept. Without it: as the language model's, at 8 bits or
    /// more.
    pub vision: Option<Precision>,
    /// Holds one tower on the device at a time: the vision tower while pictures are encoded, then
    /// the language model.
    pub low_memory: bool,
    /// Whether it is asked of each picture that is scored whether it is a drawing at all
    /// ([`Assessment::doubt`](crate::Assessment::doubt)). A blank page is told from its pixels;
    /// for the rest a model whose settings have a chat template gets one more row in the batch,
    /// which takes about a ninth of the decoder's time. Scores stay what they are. Off by default.
    pub drawing: bool,
    /// The tokenizer (`tokenizer.json`) of a model whose folder has none.
    pub tokenizer: Option<Vec<u8>>,
}

impl LoadOptions {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`LoadOptions::timings`].
    #[must_use]
    pub const fn with_timings(mut self, timings: bool) -> Self {
        self.timings = timings;
        self
    }

    /// Sets [`LoadOptions::heads`].
    #[must_use]
    pub const fn with_heads(mut self, heads: bool) -> Self {
        self.heads = heads;
        self
    }

    /// Sets [`LoadOptions::weights`].
    #[must_use]
    pub const fn with_weights(mut self, weights: Precision) -> Self {
        self.weights = Some(weights);
        self
    }

    /// Sets [`LoadOptions::vision`].
    #[must_use]
    pub const fn with_vision(mut self, vision: Precision) -> Self {
        self.vision = Some(vision);
        self
    }

    /// Sets [`LoadOptions::low_memory`].
    #[must_use]
    pub const fn with_low_memory(mut self, low_memory: bool) -> Self {
        self.low_memory = low_memory;
        self
    }

    /// Sets [`LoadOptions::drawing`].
    #[must_use]
    pub const fn with_drawing(mut self, drawing: bool) -> Self {
        self.drawing = drawing;
        self
    }

    /// What is asked for the precision of weights.
    #[must_use]
    pub const fn asked(&self) -> Asked {
        Asked { weights: self.weights, vision: self.vision }
    }

    /// Sets [`LoadOptions::tokenizer`].
    #[must_use]
    pub fn with_tokenizer(mut self, json: Vec<u8>) -> Self {
        self.tokenizer = Some(json);
        self
    }
}
