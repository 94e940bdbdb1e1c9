//! Text about a picture, token by token.

use burn::tensor::{Device, Tensor};

use crate::assess::Counters;
use crate::assess::sampling::{Picker, Sampling};
use crate::assess::sequence::{Sequences, Token};
use crate::assess::step::Step;
use crate::device::{is_processor, on_cores};
use crate::error::Error;
use crate::lora::LoraBatch;
use crate::model::cache::Cache;
use crate::model::{Head, Model};
use crate::prompt::{Language, TextDecoder, Tokenizer};

/// How an answer is written.
#[derive(Debug, Clone, PartialEq)]
pub struct TextOptions {
    /// The most tokens that are written.
    pub max_tokens: usize,
    /// By chance as told here, or greedily.
    pub sampling: Option<Sampling>,
}

impl Default for TextOptions {
    fn default() -> Self {
        Self { max_tokens: 256, sampling: None }
    }
}

/// How a comment is written.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CommentOptions {
    /// In which language.
    pub language: Language,
    /// How long, and by chance or not.
    pub text: TextOptions,
    /// The tokens that were written before, of a comment that was broken off: it goes on after them.
    /// A greedy comment becomes what it would have been.
    pub written: Vec<u32>,
}

/// Why a text ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The model ended it.
    Eos,
    /// It reached the most tokens that were asked for.
    Length,
}

impl Stop {
    /// As JSON has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Eos => "eos",
            Self::Length => "length",
        }
    }
}

/// A text that is being written. Dropping it cancels the writing.
pub struct TextStream<'a> {
    model: &'a mut Model,
    head: &'a Head,
    tokenizer: &'a Tokenizer,
    counters: &'a mut Counters,
    decoder: TextDecoder<'a>,
    adapter: Option<LoraBatch>,
    picker: Picker,
    cache: Cache,
    device: Device,
    last: Last,
    /// What reads a token, once it is recorded.
    step: Option<Step>,
    /// Whether the device may yet record one.
    records: bool,
    /// Where the next token stands.
    position: u32,
    /// All tokens of the prompt, then those written.
    ids: Vec<u32>,
    prompt: usize,
    max_tokens: usize,
    stop: Option<Stop>,
}

/// What the last token that was read gave.
enum Last {
    /// Its normed hidden state, `[1, hidden]`.
    Hidden(Box<Tensor<2>>),
    /// The logits of the next, by parts of the head.
    Logits(Vec<Tensor<2>>),
}

/// The parts of an assessor that write.
pub(super) struct Writing<'a> {
    pub(super) model: &'a mut Model,
    pub(super) head: &'a Head,
    pub(super) tokenizer: &'a Tokenizer,
    pub(super) counters: &'a mut Counters,
}

impl<'a> TextStream<'a> {
    /// Reads the prompt; the first token is picked by [`TextStream::next`].
    ///
    /// The prompt is the first `prompt` of the tokens; the others were written before, and their text
    /// is not given again.
    pub(super) fn start(
        parts: Writing<'a>,
        (ids, prompt): (Vec<u32>, usize),
        sequences: Sequences,
        adapter: Option<LoraBatch>,
        options: TextOptions,
    ) -> Result<Self, Error> {
        let Writing { model, head, tokenizer, counters } = parts;
        let text = model.text()?;
        let mut cache = Cache::new(text.layers.len());
        let [_, length, width] = sequences.embeddings.dims();
        let device = sequences.embeddings.device();
        let output = text.forward(
            sequences.embeddings,
            &sequences.rotary,
            adapter.as_ref(),
            Some(&mut cache),
        );
        counters.language_passes += 1;
        counters.language_rows += 1;
        let last = output.narrow(1, length - 1, 1).reshape([1, width]);
        let mut decoder = tokenizer.decoder();
        for &id in &ids[prompt..] {
            decoder.push(id)?;
        }
        Ok(Self {
            records: !is_processor(&device),
            device,
            last: Last::Hidden(Box::new(text.norm.forward(last))),
            step: None,
            position: sequences.next[0],
            prompt,
            decoder,
            picker: Picker::new(options.sampling),
            max_tokens: options.max_tokens,
            stop: None,
            model,
            head,
            tokenizer,
            counters,
            adapter,
            cache,
            ids,
        })
    }

    /// Writes one token and returns the text that it completes, possibly none; `None` at the end.
    ///
    /// # Errors
    /// When the device fails or the weights cannot be read.
    pub async fn next(&mut self) -> Result<Option<String>, Error> {
        if self.stop.is_some() {
            return Ok(None);
        }
        if self.tokens().len() >= self.max_tokens {
            self.stop = Some(Stop::Length);
            return Ok(None);
        }
        let logits = self.logits().await?;
        let id = self.picker.pick(logits, &self.ids);
        if self.tokenizer.is_end(id) {
            self.stop = Some(Stop::Eos);
            return Ok(None);
        }
        self.ids.push(id);
        // The last token is not read: nothing comes after it.
        if self.tokens().len() < self.max_tokens {
            self.read(id).await?;
        }
        Ok(Some(self.decoder.push(id)?))
    }

    /// The logits of the next token, of the whole vocabulary.
    ///
    /// # Errors
    /// When the device fails, or what it computes is no number.
    pub async fn logits(&mut self) -> Result<Vec<f32>, Error> {
        let logits = match &self.last {
            Last::Hidden(hidden) => self.head.logits((**hidden).clone()).await?,
            Last::Logits(logits) => Head::read(logits.clone()).await?,
        };
        let logits = logits.into_iter().next().unwrap_or_default();
        self.counters.head_passes += 1;
        match logits.iter().all(|logit| logit.is_finite()) {
            true => Ok(logits),
            false => Err(Error::NotFinite { model: self.model.name.clone() }),
        }
    }

    /// Goes on with a given token instead of the one that would be picked.
    ///
    /// # Errors
    /// When the device fails, or the token is none.
    pub async fn force(&mut self, id: u32) -> Result<(), Error> {
        self.ids.push(id);
        self.read(id).await
    }

    async fn read(&mut self, id: u32) -> Result<(), Error> {
        let Model { config, embedding, .. } = &mut *self.model;
        let token = Token::new(id, self.position, config, embedding).await?;
        let device = self.device.clone();
        if self.records && self.cache.is_full() {
            self.record(&token, &device)?;
        }
        match &self.step {
            Some(step) => {
                let logits = step.read(&token, self.cache.len());
                self.last = Last::Logits(logits.map_err(|error| Error::Device(error.to_string()))?);
                self.cache.advance(1);
            }
            None => self.read_unrecorded(&token, &device)?,
        }
        self.counters.language_passes += 1;
        self.counters.language_rows += 1;
        self.position += 1;
        Ok(())
    }

    /// Makes room for tokens and records what reads one; a device that cannot do so goes on without.
    fn record(&mut self, token: &Token, device: &Device) -> Result<(), Error> {
        // What was recorded before reads the room that there was.
        self.step = None;
        let mut cache = self.cache.clone();
        let (text, adapter) = (self.model.text()?, self.adapter.as_ref());
        match Step::record(text, self.head, adapter, &mut cache, token, device) {
            Ok(step) => (self.cache, self.step) = (cache, Some(step)),
            Err(error) => {
                log::warn!("tokens are read without a recording: {error}");
                self.records = false;
            }
        }
        Ok(())
    }

    fn read_unrecorded(&mut self, token: &Token, device: &Device) -> Result<(), Error> {
        let (text, width) = (self.model.text()?, self.model.config.text.hidden_size);
        let (embedded, rotary) = token.send(device);
        let (adapter, cache) = (self.adapter.as_ref(), &mut self.cache);
        let hidden = on_cores(device, || {
            let output = text.forward(embedded, &rotary, adapter, Some(cache));
            text.norm.forward(output.reshape([1, width]))
        });
        self.last = Last::Hidden(Box::new(hidden));
        Ok(())
    }

    /// Writes to the end and returns the whole text.
    ///
    /// # Errors
    /// As [`TextStream::next`].
    pub async fn finish(&mut self) -> Result<String, Error> {
        while self.next().await?.is_some() {}
        self.text()
    }

    /// The tokens written so far, without the one that ended the text.
    #[must_use]
    pub fn tokens(&self) -> &[u32] {
        &self.ids[self.prompt..]
    }

    /// The text so far.
    ///
    /// # Errors
    /// When the tokenizer cannot decode.
    pub fn text(&self) -> Result<String, Error> {
        Ok(self.tokenizer.decode(self.tokens())?)
    }

    /// Why the text ended; `None` while it has not.
    #[must_use]
    pub const fn stop(&self) -> Option<Stop> {
        self.stop
    }
}
