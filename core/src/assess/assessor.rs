//! The model, its adapters and its prompts together.

use std::rc::Rc;

use burn::tensor::{Device, Tensor, TensorData};

use crate::assess::generate::{CommentOptions, TextOptions, TextStream, Writing};
use crate::assess::sequence::Sequences;
use crate::assess::timings::{Counters, Stopwatch, Timings};
use crate::assess::{Assessment, Sampling, Score};
use crate::error::Error;
use crate::image::{self, Image, Preprocessor};
use crate::lora::{LoraBatch, LoraBatchBuilder, find_adapters, load_adapter};
use crate::model::{Head, LoadOptions, Loading, Model, ModelConfig, VisionConfig};
use crate::prompt::{Tokenizer, comment_prompt, scoring_prompt};
use crate::rubric::Attribute;
use crate::weights::{Checkpoint, Source};

/// How a picture is brought to the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Letterboxed into a square of so many pixels a side. The published adapters were trained
    /// on 224.
    Letterbox(u32),
    /// The picture's own shape, at most so many pixels in area.
    OwnShape {
        /// The most pixels.
        max_pixels: u64,
    },
}

impl Default for Framing {
    fn default() -> Self {
        Self::Letterbox(224)
    }
}

/// A picture as the language model sees it.
#[derive(Debug, Clone)]
pub struct Picture {
    /// `[tokens, hidden]`
    embeddings: Tensor<2>,
    grid: [usize; 3],
}

impl Picture {
    /// Time, height and width in patches (`image_grid_thw`).
    #[must_use]
    pub const fn grid(&self) -> [usize; 3] {
        self.grid
    }

    /// How many tokens the picture is.
    #[must_use]
    pub fn tokens(&self) -> usize {
        self.embeddings.dims()[0]
    }

    /// The output of the vision tower, read back: `[tokens, hidden]`, row-major.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn values(&self) -> Result<Vec<f32>, Error> {
        let data = self.embeddings.clone().into_data_async().await?;
        Ok(data.iter::<f32>().collect())
    }
}

/// Scores drawings and writes about them.
#[derive(Debug)]
pub struct Assessor {
    model: Model,
    tokenizer: Tokenizer,
    device: Device,
    counters: Counters,
    sampling: Sampling,
    checkpoint: Rc<Checkpoint>,
    preprocessor: Preprocessor,
    /// Which attributes are scored, in the order of the batch's rows.
    attributes: Vec<Attribute>,
    /// `None` scores with the bare model.
    adapters: Option<LoraBatch>,
    digits: Head,
    /// The whole head: only text wants it.
    head: Option<Head>,
    options: LoadOptions,
    timings: Timings,
}

impl Assessor {
    /// Loads a model, and the adapters that `adapters` holds: any of the nine. Without adapters
    /// the bare model is asked all nine attributes.
    ///
    /// # Errors
    /// When a file is missing or broken, or model, tokenizer and adapters do not belong together.
    pub async fn load(
        model: Rc<dyn Source>,
        adapters: Option<Rc<dyn Source>>,
        options: LoadOptions,
        device: &Device,
    ) -> Result<Self, Error> {
        Self::load_with_progress(model, adapters, options, device, &mut |_| {}).await
    }

    /// The same; `progress` hears of each tensor that was sent to the device.
    ///
    /// # Errors
    /// As [`Assessor::load`].
    pub async fn load_with_progress(
        source: Rc<dyn Source>,
        adapters: Option<Rc<dyn Source>>,
        options: LoadOptions,
        device: &Device,
        progress: &mut dyn FnMut(Loading),
    ) -> Result<Self, Error> {
        let file = |name: &str| format!("{}/{name}", source.name());
        let config = ModelConfig::from_json(&read_text(&source, "config.json").await?)
            .map_err(|error| Error::Config { file: file("config.json"), error })?;
        let settings = |name: &str, message: String| Error::Settings { file: file(name), message };
        let preprocessor = match read_optional(&source, "preprocessor_config.json").await? {
            Some(json) => Preprocessor::from_json(&json)
                .map_err(|e| settings("preprocessor_config.json", e.to_string()))?,
            None => Preprocessor::default(),
        };
        check_patches(&preprocessor, &config.vision)
            .map_err(|message| settings("preprocessor_config.json", message))?;
        let sampling = match read_optional(&source, "generation_config.json").await? {
            Some(json) => Sampling::from_json(&json)
                .map_err(|message| settings("generation_config.json", message))?,
            None => Sampling::default(),
        };
        let tokenizer = match &options.tokenizer {
            Some(json) => Tokenizer::from_bytes(json)?,
            None => {
                Tokenizer::from_bytes(&source.read_all("tokenizer.json", MAX_TOKENIZER).await?)?
            }
        };
        let vocabulary = config.text.vocab_size;
        Tokenizer::check(&tokenizer.digits(), vocabulary)?;
        Tokenizer::check(&tokenizer.chat("", 1)?, vocabulary)?;

        // Adapters come first: they are small, and where one is broken nothing large was moved.
        let (attributes, adapters) = match adapters {
            Some(folder) => {
                let (attributes, batch) = load_adapters(folder, &config, device).await?;
                (attributes, Some(batch))
            }
            None => (Attribute::ALL.to_vec(), None),
        };
        let checkpoint = Rc::new(Checkpoint::open(source).await?);
        let shape = [vocabulary, config.text.hidden_size];
        let (tied, tokens) = (config.tie_word_embeddings, tokenizer.digits());
        let digits = Head::rows(&checkpoint, tied, shape, &tokens, device).await?;
        let model = Model::load(config, Rc::clone(&checkpoint), device, progress).await?;
        Ok(Self {
            model,
            tokenizer,
            device: device.clone(),
            counters: Counters::default(),
            sampling,
            checkpoint,
            preprocessor,
            attributes,
            adapters,
            digits,
            head: None,
            options,
            timings: Timings::default(),
        })
    }

    /// The attributes that are scored: all nine without adapters, else those that have one.
    #[must_use]
    pub fn attributes(&self) -> &[Attribute] {
        &self.attributes
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
        self.model.bytes + self.digits.bytes() + self.head.as_ref().map_or(0, Head::bytes)
    }

    /// Scores one picture, letterboxed as published: [`Assessor::encode`] and
    /// [`Assessor::score`].
    ///
    /// # Errors
    /// When the picture is too flat or too narrow, or the device fails.
    pub async fn assess(&mut self, image: &Image) -> Result<Assessment, Error> {
        let picture = self.encode(image, Framing::default())?;
        self.score(&picture).await
    }

    /// Runs the vision tower once; what it returns serves scores, comment and questions.
    ///
    /// # Errors
    /// When the picture is too flat or too narrow for the framing.
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
        self.timings = Timings { prepare: watch.lap(), ..Timings::default() };

        let picture = self.encode_pixel_values(patches.values, patches.image_grid_thw);
        self.timings.vision = watch.lap();
        Ok(picture)
    }

    /// Runs the vision tower over patches as the processor makes them.
    ///
    /// # Shapes
    /// - `pixel_values`: `[patches, channels * temporal * patch * patch]`, row-major
    /// - `image_grid_thw`: their time, height and width in patches
    ///
    /// # Panics
    /// When there are not as many patches as the grid has.
    pub fn encode_pixel_values(
        &mut self,
        pixel_values: Vec<f32>,
        image_grid_thw: [usize; 3],
    ) -> Picture {
        let patches = image_grid_thw.iter().product();
        let vision = &self.model.config.vision;
        let width = vision.in_channels * vision.temporal_patch_size * vision.patch_size.pow(2);
        let values = TensorData::new(pixel_values, [patches, width]);
        let values = Tensor::from_data(values, &self.device);
        self.counters.vision_passes += 1;
        Picture {
            embeddings: self.model.vision.forward(values, image_grid_thw),
            grid: image_grid_thw,
        }
    }

    /// Scores a picture: one batch, a row for each attribute.
    ///
    /// # Errors
    /// When the weights cannot be read or the device fails.
    pub async fn score(&mut self, picture: &Picture) -> Result<Assessment, Error> {
        let device = self.device.clone();
        let mut watch = Stopwatch::start(&device, self.options.timings);
        let rows = self
            .attributes
            .iter()
            .map(|&attribute| self.tokenizer.chat(&scoring_prompt(attribute), picture.tokens()))
            .collect::<Result<Vec<_>, _>>()?;
        let hidden = self.read(&rows, picture).await?;
        self.timings.language = watch.lap();

        let logits = self.digits.logits(hidden).await?;
        self.counters.head_passes += 1;
        self.timings.head = watch.lap();
        let mut scores = std::collections::BTreeMap::new();
        for (attribute, logits) in self.attributes.iter().zip(logits) {
            match <[f32; 5]>::try_from(logits) {
                Ok(logits) if logits.iter().all(|logit| logit.is_finite()) => {
                    scores.insert(*attribute, Score::from_logits(logits));
                }
                _ => return Err(Error::NotFinite { model: self.model.name.clone() }),
            }
        }
        Ok(Assessment::new(scores))
    }

    /// The last position's normed hidden state of each prompt, `[rows, hidden]`.
    async fn read(&mut self, rows: &[Vec<u32>], picture: &Picture) -> Result<Tensor<2>, Error> {
        let sequences = self.sequences(rows, picture).await?;
        let [count, length, hidden] = sequences.embeddings.dims();
        let text = &self.model.text;
        let adapters = self.adapters.as_ref();
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
        let text = &self.model.config.text;
        for row in rows {
            Tokenizer::check(row, text.vocab_size)?;
            check_length(row.len(), text.max_position_embeddings)?;
        }
        let Model { config, embedding, .. } = &mut self.model;
        let (pad, grid) = (self.tokenizer.image_pad(), picture.grid);
        Sequences::new(rows, pad, &picture.embeddings, grid, config, embedding).await
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
        let ids = self.tokenizer.chat(prompt, picture.tokens())?;
        let sequences = self.sequences(std::slice::from_ref(&ids), picture).await?;
        let Self { model, tokenizer, counters, head, checkpoint, device, .. } = self;
        let head = match head {
            Some(head) => head,
            None => {
                let shape = [model.config.text.vocab_size, model.config.text.hidden_size];
                let tied = model.config.tie_word_embeddings;
                head.insert(Head::whole(checkpoint, tied, shape, device).await?)
            }
        };
        let parts = Writing { model, head, tokenizer, counters };
        Ok(TextStream::start(parts, ids, sequences, adapter, options))
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
        self.ask(picture, &prompt, None, options.text).await
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

/// The largest `tokenizer.json` that is read, in bytes; Qwen2.5's has 7 MB.
const MAX_TOKENIZER: u64 = 64 << 20;

/// The largest settings file that is read, in bytes.
const MAX_SETTINGS: u64 = 4 << 20;

async fn read_text(source: &Rc<dyn Source>, name: &str) -> Result<String, Error> {
    let bytes = source.read_all(name, MAX_SETTINGS).await?;
    String::from_utf8(bytes).map_err(|_| Error::Settings {
        file: format!("{}/{name}", source.name()),
        message: "expected JSON in UTF-8, and found other bytes".to_owned(),
    })
}

async fn read_optional(source: &Rc<dyn Source>, name: &str) -> Result<Option<String>, Error> {
    match source.exists(name).await? {
        true => read_text(source, name).await.map(Some),
        false => Ok(None),
    }
}

async fn load_adapters(
    folder: Rc<dyn Source>,
    config: &ModelConfig,
    device: &Device,
) -> Result<(Vec<Attribute>, LoraBatch), Error> {
    let found = find_adapters(folder.as_ref()).await?;
    let mut builder = LoraBatchBuilder::default();
    for path in found.values() {
        let adapter = load_adapter(folder.as_ref(), path, &config.text).await?;
        builder.push(Some(adapter), device);
    }
    crate::device::settle(device);
    Ok((found.into_keys().collect(), builder.finish(config.text.num_hidden_layers)))
}

/// Checks that the processor cuts pictures as the vision tower expects.
fn check_patches(processor: &Preprocessor, vision: &VisionConfig) -> Result<(), String> {
    let sizes = [
        ("patch_size", processor.patch_size, vision.patch_size),
        ("temporal_patch_size", processor.temporal_patch_size, vision.temporal_patch_size),
        ("merge_size", processor.merge_size, vision.spatial_merge_size),
    ];
    for (name, found, expected) in sizes {
        if found != expected {
            return Err(format!("{name} is {found}, but config.json says {expected}"));
        }
    }
    Ok(())
}
