//! From the files of a model and its adapters to an assessor.

use std::rc::Rc;

use burn::tensor::Device;

use crate::assess::drawing::{Question, TOKENIZER_CONFIG, claims_answers};
use crate::assess::{Assessor, Counters, Sampling, Timings};
use crate::error::Error;
use crate::image::Preprocessor;
use crate::lora::{LoraBatchBuilder, find_adapters, load_adapter};
use crate::model::{Head, Keeping, LoadOptions, Loading, Model, ModelConfig, VisionConfig};
use crate::prompt::{MAX_TOKENIZER, Tokenizer};
use crate::rubric::Attribute;
use crate::weights::{Checkpoint, Source, join};

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
        let file = |name: &str| join(&source.name(), name);
        let config = read_config(source.as_ref()).await?;
        let settings = |name: &str, message: String| Error::Settings { file: file(name), message };
        let preprocessor = match read_optional(source.as_ref(), "preprocessor_config.json").await? {
            Some(json) => Preprocessor::from_json(&json)
                .map_err(|e| settings("preprocessor_config.json", e.to_string()))?,
            None => Preprocessor::default(),
        };
        check_patches(&preprocessor, &config.vision)
            .map_err(|message| settings("preprocessor_config.json", message))?;
        let sampling = match read_optional(source.as_ref(), "generation_config.json").await? {
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

        let answers = match options.drawing {
            true => match read_optional(source.as_ref(), TOKENIZER_CONFIG).await? {
                Some(json) => claims_answers(&json)
                    .map_err(|error| settings(TOKENIZER_CONFIG, error.to_string()))?,
                None => false,
            },
            false => false,
        };

        let checkpoint = Rc::new(Checkpoint::open(source).await?);
        let keeping = Keeping::new(options.asked(), &config, &checkpoint)?;
        let halves = keeping.weights(&checkpoint).halves_adapters();
        let question = match answers {
            true => Question::new(&tokenizer, &checkpoint, &config, device).await?,
            false => None,
        };
        // Adapters come first: they are small, and where one is broken nothing large was moved.
        let (attributes, adapters) = match adapters {
            Some(folder) => {
                let (attributes, mut builder) =
                    read_adapters(&folder, &config, options.heads).await?;
                if question.is_some() {
                    builder.push(None);
                }
                let layers = config.text.num_hidden_layers;
                let batch = builder.finish(layers, halves, device);
                crate::device::settle(device);
                (attributes, Some(batch))
            }
            None => (Attribute::ALL.to_vec(), None),
        };
        let shape = [vocabulary, config.text.hidden_size];
        let (tied, tokens) = (config.tie_word_embeddings, tokenizer.digits());
        let digits = Head::rows(&checkpoint, tied, shape, &tokens, device).await?;
        let (weights, low_memory) = (Rc::clone(&checkpoint), options.low_memory);
        let model = Model::load(config, weights, keeping, low_memory, device, progress).await?;
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
            question,
            head: None,
            options,
            timings: Timings::default(),
        })
    }
}

/// The file of a head in an adapter's folder.
pub(crate) const HEAD: &str = "head.safetensors";

/// The largest settings file that is read, in bytes.
const MAX_SETTINGS: u64 = 4 << 20;

/// Reads a model's settings, its `config.json`.
///
/// # Errors
/// When there are none, or they are not of a Qwen2.5-VL model.
pub async fn read_config(source: &dyn Source) -> Result<ModelConfig, Error> {
    const NAME: &str = "config.json";
    let json = read_text(source, NAME).await?;
    ModelConfig::from_json(&json)
        .map_err(|error| Error::Config { file: join(&source.name(), NAME), error })
}

async fn read_text(source: &dyn Source, name: &str) -> Result<String, Error> {
    let bytes = source.read_all(name, MAX_SETTINGS).await?;
    String::from_utf8(bytes).map_err(|_| Error::Settings {
        file: join(&source.name(), name),
        message: "expected JSON in UTF-8, and found other bytes".to_owned(),
    })
}

async fn read_optional(source: &dyn Source, name: &str) -> Result<Option<String>, Error> {
    match source.exists(name).await? {
        true => read_text(source, name).await.map(Some),
        false => Ok(None),
    }
}

async fn read_adapters(
    folder: &Rc<dyn Source>,
    config: &ModelConfig,
    heads: bool,
) -> Result<(Vec<Attribute>, LoraBatchBuilder), Error> {
    let found = find_adapters(folder.as_ref()).await?;
    let mut builder = LoraBatchBuilder::default();
    for path in found.values() {
        let head = if path.is_empty() { HEAD.to_owned() } else { format!("{path}/{HEAD}") };
        if !heads && folder.exists(&head).await? {
            return Err(Error::Settings {
                file: join(&folder.name(), &head),
                message: "the adapter has a head of its own, which only `easel predict` reads; \
                          expected an adapter for the digit tokens"
                    .to_owned(),
            });
        }
        let adapter = load_adapter(folder.as_ref(), path, &config.text).await?;
        builder.push(Some(adapter));
    }
    Ok((found.into_keys().collect(), builder))
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
