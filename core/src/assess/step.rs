//! Reading a token on a GPU: what is launched for it is recorded once, and played for each that follows.

use burn::tensor::{Device, Tensor, TensorData};
use easel_shaders::attention::Ranges;
use easel_shaders::{Input, Recording, RecordingError, Spans};

use crate::assess::sequence::Token;
use crate::lora::LoraBatch;
use crate::model::Head;
use crate::model::cache::Cache;
use crate::model::rotary::turns;
use crate::model::text::TextModel;

/// A token's way through the language model and its head.
pub(super) struct Step {
    embedding: Input,
    /// Cosines and sines.
    turns: [Input; 2],
    spans: Input,
    /// Keys of each layer, room for tokens to come among them.
    keys: usize,
    /// The logits of the next, by parts of the head.
    logits: Recording<Vec<Tensor<2>>>,
}

impl Step {
    /// Records it for tokens that find room in `cache`, which it makes. A cache that was given to a
    /// recording that failed is not to be used.
    ///
    /// # Errors
    /// When the device records nothing.
    pub(super) fn record(
        text: &TextModel,
        head: &Head,
        adapter: Option<&LoraBatch>,
        cache: &mut Cache,
        token: &Token,
        device: &Device,
    ) -> Result<Self, RecordingError> {
        let keys = cache.reserve([1, 1], device);
        let spans = Spans::causal_within(cache.len(), 1, keys, device);
        let (embedded, rotary) = token.send(device);
        let places = (Input::of(embedded.clone()), rotary.inputs(), spans.input());
        let (Some(embedding), Some(turns), Some(place)) = places else {
            return Err(RecordingError::processor());
        };
        let x = embedded.reshape([1, token.embedding.len()]);
        let pass = text.pass(1, &rotary, spans);
        let logits = Recording::new(&embedding, || {
            let output = text.forward_within(x.clone(), &pass, adapter, Some(cache));
            head.forward_parts(&text.norm.forward(output))
        })?;
        Ok(Self { embedding, turns, spans: place, keys, logits })
    }

    /// Reads one token behind `before` others and gives the logits of the next, `[1, rows]` of each of
    /// the head's parts, which stay until another is read.
    ///
    /// # Errors
    /// When the device refuses.
    pub(super) fn read(
        &self,
        token: &Token,
        before: usize,
    ) -> Result<Vec<Tensor<2>>, RecordingError> {
        let flat = |values: Vec<f32>| {
            let length = values.len();
            TensorData::new(values, [length])
        };
        self.embedding.write(flat(token.embedding.clone()));
        for (input, values) in self.turns.iter().zip(turns(&token.angles)) {
            input.write(flat(values));
        }
        self.spans.write(Ranges::first(before + 1, self.keys).words());
        self.logits.play()?;
        Ok(self.logits.output().clone())
    }
}
