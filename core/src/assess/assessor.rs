//! The model, its adapters and its prompts together.

use std::rc::Rc;

use burn::tensor::{Device, Tensor, TensorData};

use crate::assess::drawing::{Question, is_blank};
use crate::assess::generate::{CommentOptions, TextOptions, TextStream, Writing};
use crate::assess::sequence::Sequences;
use crate::assess::timings::{Counters, Stopwatch, Timings};
use crate::assess::{Assessment, Framing, Picture, Sampling, Score};
use crate::error::Error;
use crate::image::{self, Image, Preprocessor};
use crate::lora::LoraBatch;
use crate::model::{Head, LoadOptions, Loading, Model, Tower};
use crate::prompt::{Tokenizer, comment_prompt, scoring_prompt};
use crate::rubric::Attribute;
use crate::weights::Checkpoint;

/// Scores drawings and writes about them.
#[derive(Debug)]
pub struct Assessor {
    pub(crate) model: Model,
    pub(crate) tokenizer: Tokenizer,
    pub(crate) device: Device,
    pub(crate) counters: Counters,
    pub(crate) sampling: Sampling,
    pub(crate) checkpoint: Rc<Checkpoint>,
    pub(crate) preprocessor: Preprocessor,
    /// Which attributes are scored, in the order of the batch's rows.
    pub(crate) attributes: Vec<Attribute>,
    /// `None` scores with the bare model.
    pub(crate) adapters: Option<LoraBatch>,
    pub(crate) digits: Head,
    /// The last row of the batch, where there is one more than attributes.
    pub(crate) question: Option<Question>,
    /// The whole head: only text wants it.
    pub(crate) head: Option<Head>,
    pub(crate) options: LoadOptions,
    pub(crate) timings: Timings,
}

impl Assessor {
    /// The attributes that are scored: all nine without adapters, else those that have one.
    #[must_use]
    pub fn attributes(&self) -> &[Attribute] {
        &self.attributes
    }

    /// Whether adapters answer, or the bare model.
    #[must_use]
    pub const fn has_adapters(&self) -> bool {
        self.adapters.is_some()
    }

    /// The tokenizer.
    #[must_use]
    pub const fn tokenizer(&self) -> &Tokenizer {
        &self.tokenizer
    }

    /// How text is sampled when it is: as the checkpoint's `generation_config.json` says.
    #[must_use]
    pub const fn sampling(&self) -> &Sampling {
        &self.sampling
    }

    /// How long the stages of the last assessment took.
    #[must_use]
    pub const fn timings(&self) -> Timings {
        self.timings
    }

    /// How often the parts of the model ran since loading.
    #[must_use]
    pub const fn counters(&self) -> Counters {
        self.counters
    }

    /// Bytes of the weights on the device, without adapters.
    #[must_use]
    pub fn weight_bytes(&self) -> u64 {
        self.model.bytes() + self.digits.bytes() + self.head.as_ref().map_or(0, Head::bytes)
    }

    /// Scores one picture, letterboxed as published: [`Assessor::encode`] and
    /// [`Assessor::score`].
    ///
    /// # Errors
    /// When the picture is too flat or too narrow, or the device fails.
    pub async fn assess(&mut self, image: &Image) -> Result<Assessment, Error> {
        self.stage(Tower::Vision, &mut |_| ()).await?;
        let picture = self.encode(image, Framing::default())?;
        self.score(&picture).await
    }

    /// Sees to it that a tower is on the device: the vision tower for [`Assessor::encode`], the
    /// language model for all else. With [`LoadOptions::low_memory`] the other one leaves it, so that
    /// pictures are best encoded many at a time; otherwise nothing is to be done.
    ///
    /// # Errors
    /// When its weights cannot be read.
    pub async fn stage(
        &mut self,
        tower: Tower,
        progress: &mut dyn FnMut(Loading),
    ) -> Result<(), Error> {
        Ok(self.model.bring(tower, &self.device, progress).await?)
    }

    /// Runs the vision tower once; what it returns serves scores, comment and questions.
    ///
    /// # Errors
    /// When the picture is too flat or too narrow for the framing, or the vision tower is away
    /// ([`Assessor::stage`]).
    pub fn encode(&mut self, image: &Image, framing: Framing) -> Result<Picture, Error> {
        let device = self.device.clone();
        let mut watch = Stopwatch::start(&device, self.options.timings);
        let framed = match framing {
            Framing::Letterbox(side) => image.letterbox(side)?,
            Framing::OwnShape { max_pixels } => image.own_shape(max_pixels)?,
        };
        let token = u64::from(image::FACTOR).pow(2);
        let tokens = u64::from(framed.width()) * u64::from(framed.height()) / token;
        check_length(tokens as usize, self.model.config.text.max_position_embeddings)?;
        let patches = self.preprocessor.patches(&framed)?;
        let blank = self.options.drawing && is_blank(image)?;
        self.timings = Timings { prepare: watch.lap(), ..Timings::default() };

        let picture = self.encode_pixel_values(patches.values, patches.image_grid_thw)?;
        let picture = Picture { blank, ..picture };
        self.timings.vision = watch.lap();
        Ok(picture)
    }

    /// Runs the vision tower over patches as the processor makes them.
    ///
    /// # Shapes
    /// - `pixel_values`: `[patches, channels * temporal * patch * patch]`, row-major
    /// - `image_grid_thw`: their time, height and width in patches
    ///
    /// # Errors
    /// When the vision tower is away ([`Assessor::stage`]).
    ///
    /// # Panics
    /// When there are not as many patches as the grid has.
    pub fn encode_pixel_values(
        &mut self,
        pixel_values: Vec<f32>,
        image_grid_thw: [usize; 3],
    ) -> Result<Picture, Error> {
        let patches = image_grid_thw.iter().product();
        let values = TensorData::new(pixel_values, [patches, self.patch_width()]);
        let values = Tensor::from_data(values, &self.device);
        self.counters.vision_passes += 1;
        let embeddings = self.model.vision()?.forward(values, image_grid_thw);
        Ok(Picture { embeddings, grid: image_grid_thw, blank: false })
    }

    /// How many values a patch has.
    pub(crate) const fn patch_width(&self) -> usize {
        let vision = &self.model.config.vision;
        vision.in_channels * vision.temporal_patch_size * vision.patch_size.pow(2)
    }

    /// Scores a picture: one batch, a row for each attribute, and with [`LoadOptions::drawing`] one
    /// for the question whether it is a drawing.
    ///
    /// # Errors
    /// When the weights cannot be read or the device fails.
    pub async fn score(&mut self, picture: &Picture) -> Result<Assessment, Error> {
        let device = self.device.clone();
        let mut watch = Stopwatch::start(&device, self.options.timings);
        let hidden = self.hidden(picture).await?;
        self.timings.language = watch.lap();

        let (scores, answers) = self.digit_scores(hidden, self.attributes.len()).await?;
        self.timings.head = watch.lap();
        let scores = self.attributes.iter().copied().zip(scores).collect();
        let broken = || Error::NotFinite { model: self.model.name.clone() };
        let drawing = match &self.question {
            Some(question) => Some(question.probability(&answers).ok_or_else(broken)?),
            None => None,
        };
        Ok(Assessment::new(scores).seen_as(drawing, picture.blank))
    }

    /// The scores that the digits' probabilities give, of the first rows of `[_, hidden]`, and the
    /// logits of the answers to the question whether this is a drawing, where its row follows.
    pub(crate) async fn digit_scores(
        &mut self,
        hidden: Tensor<2>,
        rows: usize,
    ) -> Result<(Vec<Score>, Vec<f32>), Error> {
        let digits = self.digits.forward(&hidden.clone().narrow(0, 0, rows)).flatten(0, 1);
        let all = match &self.question {
            Some(question) if hidden.dims()[0] > rows => {
                let answers = question.forward(&hidden.narrow(0, rows, 1));
                Tensor::cat(vec![digits, answers], 0)
            }
            _ => digits,
        };
        let data: TensorData = all.into_data_async().await?;
        self.counters.head_passes += 1;
        let mut values: Vec<f32> = data.iter::<f32>().collect();
        let answers = values.split_off(5 * rows);
        let score = |logits: &[f32; 5]| match logits.iter().all(|logit| logit.is_finite()) {
            true => Ok(Score::from_logits(*logits)),
            false => Err(Error::NotFinite { model: self.model.name.clone() }),
        };
        Ok((values.as_chunks().0.iter().map(score).collect::<Result<_, _>>()?, answers))
    }

    /// The last position's normed hidden state of each row's prompt, `[rows, hidden]`: the
    /// attributes', then the question's.
    pub(crate) async fn hidden(&mut self, picture: &Picture) -> Result<Tensor<2>, Error> {
        let tokens = picture.tokens();
        let mut rows = self
            .attributes
            .iter()
            .map(|&attribute| self.tokenizer.chat(&scoring_prompt(attribute), tokens))
            .collect::<Result<Vec<_>, _>>()?;
        if let Some(question) = &self.question {
            rows.push(question.ids(&self.tokenizer, tokens)?);
        }
        self.read(&rows, picture, None).await
    }

    /// The same of any rows: with `adapter` for all of them, or each with its attribute's.
    pub(crate) async fn read(
        &mut self,
        rows: &[Vec<u32>],
        picture: &Picture,
        adapter: Option<&LoraBatch>,
    ) -> Result<Tensor<2>, Error> {
        let sequences = self.sequences(rows, picture).await?;
        let [count, length, hidden] = sequences.embeddings.dims();
        let text = self.model.text()?;
        let adapters = adapter.or(self.adapters.as_ref());
        let output = text.forward(sequences.embeddings, &sequences.rotary, adapters, None);
        self.counters.language_passes += 1;
        self.counters.language_rows += count;
        let last = output.reshape([count * length, hidden]).select(0, sequences.last);
        Ok(text.norm.forward(last))
    }

    async fn sequences(
        &mut self,
        rows: &[Vec<u32>],
        picture: &Picture,
    ) -> Result<Sequences, Error> {
        self.stage(Tower::Text, &mut |_| ()).await?;
        let text = &self.model.config.text;
        for row in rows {
            Tokenizer::check(row, text.vocab_size)?;
            check_length(row.len(), text.max_position_embeddings)?;
        }
        let Model { config, embedding, .. } = &mut self.model;
        let (pad, grid) = (self.tokenizer.image_pad(), picture.grid);
        Sequences::new(rows, pad, &picture.on(&self.device), grid, config, embedding).await
    }

    /// Answers `prompt` about a picture with the bare model, or with one attribute's adapter.
    ///
    /// # Errors
    /// When the adapter is not loaded, the head cannot be read, or the device fails.
    pub async fn ask(
        &mut self,
        picture: &Picture,
        prompt: &str,
        adapter: Option<Attribute>,
        options: TextOptions,
    ) -> Result<TextStream<'_>, Error> {
        let adapter = adapter.map(|attribute| self.adapter(attribute)).transpose()?;
        self.write(picture, prompt, adapter, options, &[]).await
    }

    async fn write(
        &mut self,
        picture: &Picture,
        prompt: &str,
        adapter: Option<LoraBatch>,
        options: TextOptions,
        written: &[u32],
    ) -> Result<TextStream<'_>, Error> {
        let mut ids = self.tokenizer.chat(prompt, picture.tokens())?;
        let prompt = ids.len();
        ids.extend(written);
        let sequences = self.sequences(std::slice::from_ref(&ids), picture).await?;
        let Self { model, tokenizer, counters, head, checkpoint, device, .. } = self;
        let head = match head {
            Some(head) => head,
            None => {
                let shape = [model.config.text.vocab_size, model.config.text.hidden_size];
                let tied = model.config.tie_word_embeddings;
                head.insert(Head::whole(checkpoint, tied, shape, model.keeping, device).await?)
            }
        };
        let parts = Writing { model, head, tokenizer, counters };
        TextStream::start(parts, (ids, prompt), sequences, adapter, options)
    }

    /// Writes a comment on an assessed picture, without any adapter.
    ///
    /// # Errors
    /// As [`Assessor::ask`].
    pub async fn comment(
        &mut self,
        picture: &Picture,
        assessment: &Assessment,
        options: CommentOptions,
    ) -> Result<TextStream<'_>, Error> {
        let (strength, next) =
            assessment.extremes().unwrap_or((Attribute::Imagination, Attribute::ColorRichness));
        let prompt = comment_prompt(strength, next, options.language);
        self.write(picture, &prompt, None, options.text, &options.written).await
    }

    /// One attribute's adapter; `None` where the bare model answers.
    pub(crate) fn adapter_of(&self, attribute: Attribute) -> Result<Option<LoraBatch>, Error> {
        self.adapters.as_ref().map(|_| self.adapter(attribute)).transpose()
    }

    fn adapter(&self, attribute: Attribute) -> Result<LoraBatch, Error> {
        let row = self.attributes.iter().position(|&loaded| loaded == attribute);
        match (&self.adapters, row) {
            (Some(batch), Some(row)) => Ok(batch.row(row)),
            (Some(_), None) => {
                let names: Vec<_> = self.attributes.iter().map(|a| a.name()).collect();
                Err(Error::NoAdapter(attribute, names.join(", ")))
            }
            (None, _) => Err(Error::NoAdapter(attribute, "none".to_owned())),
        }
    }
}

/// The most tokens that are read at once, whatever the model was made for: attention's mask and
/// the layers' values grow with them.
const LONGEST: usize = 8192;

fn check_length(tokens: usize, positions: usize) -> Result<(), Error> {
    let limit = LONGEST.min(positions);
    if tokens > limit {
        return Err(Error::TooLong { tokens, limit });
    }
    Ok(())
}
