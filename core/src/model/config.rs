//! The model's sizes, as `config.json` gives them.

mod raw;

use raw::{Raw, RawText, RawVision};

/// Why a `config.json` cannot be used; the caller puts the file's name in front.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// Not JSON, or a field of the wrong type.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// A field that the model cannot do without.
    #[error("{field} is missing")]
    Missing {
        /// The field, with the object around it.
        field: String,
    },
    /// A value that no such model can have.
    #[error("{field}: expected {expected}, found {found}")]
    Value {
        /// The field, with the object around it.
        field: String,
        /// What would do.
        expected: String,
        /// What is there.
        found: String,
    },
    /// Another architecture.
    #[error(
        "model_type: expected qwen2_5_vl, found {found}; only Qwen2.5-VL is read, and other \
         families, Qwen2-VL and Qwen3-VL among them, are built differently"
    )]
    Architecture {
        /// The `model_type` found.
        found: String,
    },
    /// Weights quantized by another program.
    #[error(
        "quantization_config: weights quantized by {method} are not read; take the unquantized \
         checkpoint, which is quantized while it is loaded"
    )]
    Quantized {
        /// Its `quant_method`.
        method: String,
    },
}

/// Sizes of both halves of a Qwen2.5-VL.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelConfig {
    /// The language model.
    pub text: TextConfig,
    /// The vision tower.
    pub vision: VisionConfig,
    /// Whether the output head is the embedding, so that there is no `lm_head.weight`.
    pub tie_word_embeddings: bool,
}

/// Sizes of the language model, under their published names.
#[derive(Debug, Clone, PartialEq)]
pub struct TextConfig {
    /// Rows of the embedding, more than the tokenizer has tokens.
    pub vocab_size: usize,
    /// Width of the residual stream.
    pub hidden_size: usize,
    /// Width of the gated MLP.
    pub intermediate_size: usize,
    /// Decoder layers.
    pub num_hidden_layers: usize,
    /// Query heads.
    pub num_attention_heads: usize,
    /// Key and value heads; each serves several query heads.
    pub num_key_value_heads: usize,
    /// Width of a head: `hidden_size / num_attention_heads` unless given.
    pub head_dim: usize,
    /// Added to the mean square in the norms.
    pub rms_norm_eps: f64,
    /// The base of the rotary frequencies.
    pub rope_theta: f64,
    /// How many rotary frequencies turn by time, height and width; their sum is half a head.
    pub mrope_section: [usize; 3],
    /// Positions the model was trained for.
    pub max_position_embeddings: usize,
}

/// Sizes of the vision tower, under their published names.
#[derive(Debug, Clone, PartialEq)]
pub struct VisionConfig {
    /// Blocks.
    pub depth: usize,
    /// Width of the residual stream.
    pub hidden_size: usize,
    /// Width of the gated MLP.
    pub intermediate_size: usize,
    /// Attention heads.
    pub num_heads: usize,
    /// Colours of a picture.
    pub in_channels: usize,
    /// Width after the merger: the language model's `hidden_size`.
    pub out_hidden_size: usize,
    /// Side of a patch in pixels.
    pub patch_size: usize,
    /// Patches along each side of the square that becomes one token.
    pub spatial_merge_size: usize,
    /// Frames of a patch; a still picture is repeated.
    pub temporal_patch_size: usize,
    /// Side of an attention window in pixels.
    pub window_size: usize,
    /// Blocks that attend to the whole picture; the others stay within windows.
    pub fullatt_block_indexes: Vec<usize>,
}

impl VisionConfig {
    /// Added to the mean square in the norms: fixed by the architecture.
    pub const RMS_NORM_EPS: f64 = 1e-6;
    /// The base of the rotary frequencies: fixed by the architecture.
    pub const ROPE_THETA: f64 = 10_000.0;

    /// Width of an attention head.
    #[must_use]
    pub fn head_dim(&self) -> usize {
        self.hidden_size / self.num_heads
    }
}

impl ModelConfig {
    /// Reads a `config.json`, with the text model's fields at the top (as published) or under
    /// `text_config` (as transformers writes it now).
    ///
    /// # Errors
    /// If it is of another architecture, lacks a field, or holds a value that cannot be.
    pub fn from_json(json: &str) -> Result<Self, ConfigError> {
        let raw = Raw::from_json(json)?;
        let text = text(&raw.text, raw.text_place)?;
        let vision = vision(&raw.vision)?;
        if vision.out_hidden_size != text.hidden_size {
            let expected = format!("the text model's hidden_size {}", text.hidden_size);
            let field = "vision_config.out_hidden_size".to_owned();
            let found = vision.out_hidden_size.to_string();
            return Err(ConfigError::Value { field, expected, found });
        }
        Ok(Self { text, vision, tie_word_embeddings: raw.tie_word_embeddings })
    }
}

/// The most layers; the published models have at most 80.
const LAYERS: usize = 1000;
/// The widest layer.
const WIDTH: usize = 1 << 20;
/// The largest vocabulary; the published models have about 152,000.
const VOCABULARY: usize = 1 << 22;
/// The furthest position.
const POSITIONS: usize = 1 << 30;

fn text(raw: &RawText, place: &'static str) -> Result<TextConfig, ConfigError> {
    let fields = Fields { place };
    raw.refuse_variants(&fields)?;
    let rope = raw.rope(&fields)?;

    let hidden_size = fields.size("hidden_size", raw.hidden_size, WIDTH)?;
    let heads = fields.size("num_attention_heads", raw.num_attention_heads, WIDTH)?;
    let head_dim = match raw.head_dim {
        Some(_) => fields.size("head_dim", raw.head_dim, WIDTH)?,
        None => fields.divides("num_attention_heads", heads, "hidden_size", hidden_size)?,
    };
    // Products are checked, as a usize has 32 bits in a browser.
    if heads.checked_mul(head_dim).is_none_or(|width| width > WIDTH) {
        return fields.wrong("head_dim", format!("at most {}", WIDTH / heads), head_dim);
    }
    let key_value_heads = fields.size("num_key_value_heads", raw.num_key_value_heads, WIDTH)?;
    fields.divides("num_key_value_heads", key_value_heads, "num_attention_heads", heads)?;
    let section = rope.mrope_section;
    let half = section.iter().try_fold(0_usize, |sum, &part| sum.checked_add(part));
    if half.and_then(|half| half.checked_mul(2)) != Some(head_dim) {
        let expected = format!("three counts with half the head_dim {head_dim} as their sum");
        return fields.wrong("mrope_section", expected, format!("{section:?}"));
    }
    Ok(TextConfig {
        vocab_size: fields.size("vocab_size", raw.vocab_size, VOCABULARY)?,
        hidden_size,
        intermediate_size: fields.size("intermediate_size", raw.intermediate_size, WIDTH)?,
        num_hidden_layers: fields.size("num_hidden_layers", raw.num_hidden_layers, LAYERS)?,
        num_attention_heads: heads,
        num_key_value_heads: key_value_heads,
        head_dim,
        rms_norm_eps: fields.positive("rms_norm_eps", raw.rms_norm_eps)?,
        rope_theta: fields.positive("rope_theta", rope.theta)?,
        mrope_section: section,
        max_position_embeddings: fields.size(
            "max_position_embeddings",
            raw.max_position_embeddings,
            POSITIONS,
        )?,
    })
}

fn vision(raw: &RawVision) -> Result<VisionConfig, ConfigError> {
    let fields = Fields { place: "vision_config." };
    raw.refuse_variants(&fields)?;

    let hidden_size = fields.size("hidden_size", raw.hidden_size, WIDTH)?;
    let num_heads = fields.size("num_heads", raw.num_heads, WIDTH)?;
    let head_dim = fields.divides("num_heads", num_heads, "hidden_size", hidden_size)?;
    if head_dim % 4 != 0 {
        // Height and width take half of the rotary pairs each.
        let expected = format!("heads of a width that divides by 4 in {hidden_size}");
        return fields.wrong("num_heads", expected, num_heads);
    }
    let patch_size = fields.size("patch_size", raw.patch_size, 1 << 10)?;
    let merge = fields.size("spatial_merge_size", raw.spatial_merge_size, 1 << 6)?;
    // Windows at a picture's edge are filled up: a giant one would take all memory.
    let window_size = fields.size("window_size", raw.window_size, 1 << 10)?;
    if window_size % (patch_size * merge) != 0 {
        let expected = format!("a multiple of {} (patch x merge)", patch_size * merge);
        return fields.wrong("window_size", expected, window_size);
    }
    if hidden_size.checked_mul(merge * merge).is_none_or(|width| width > WIDTH) {
        let expected = format!("at most {WIDTH} values in a merged patch");
        return fields.wrong("spatial_merge_size", expected, merge);
    }
    let in_channels = fields.size("in_channels", raw.in_channels.or(raw.in_chans), 1 << 6)?;
    if in_channels != 3 {
        // Patches are cut from red, green and blue.
        return fields.wrong("in_channels", "3", in_channels);
    }
    let indexes = raw.fullatt_block_indexes.clone();
    let depth = fields.size("depth", raw.depth, LAYERS)?;
    Ok(VisionConfig {
        depth,
        hidden_size,
        intermediate_size: fields.size("intermediate_size", raw.intermediate_size, WIDTH)?,
        num_heads,
        in_channels,
        out_hidden_size: fields.size("out_hidden_size", raw.out_hidden_size, WIDTH)?,
        patch_size,
        spatial_merge_size: merge,
        temporal_patch_size: fields.size("temporal_patch_size", raw.temporal_patch_size, 1 << 6)?,
        window_size,
        fullatt_block_indexes: indexes.ok_or_else(|| fields.missing("fullatt_block_indexes"))?,
    })
}

/// Checks of one object's fields, for messages that name it.
struct Fields {
    /// The object with a dot, or nothing for the top.
    place: &'static str,
}

impl Fields {
    fn missing(&self, field: &str) -> ConfigError {
        ConfigError::Missing { field: format!("{}{field}", self.place) }
    }

    fn wrong<T>(
        &self,
        field: &str,
        expected: impl Into<String>,
        found: impl std::fmt::Display,
    ) -> Result<T, ConfigError> {
        let field = format!("{}{field}", self.place);
        Err(ConfigError::Value { field, expected: expected.into(), found: found.to_string() })
    }

    /// A size from 1 to `most`.
    fn size(&self, field: &str, size: Option<usize>, most: usize) -> Result<usize, ConfigError> {
        let size = size.ok_or_else(|| self.missing(field))?;
        match (1..=most).contains(&size) {
            true => Ok(size),
            false => self.wrong(field, format!("1 to {most}"), size),
        }
    }

    /// A number above 0 that is finite in single precision too, in which it is computed with.
    fn positive(&self, field: &str, number: Option<f64>) -> Result<f64, ConfigError> {
        let number = number.ok_or_else(|| self.missing(field))?;
        match number > 0.0 && (number as f32).is_finite() {
            true => Ok(number),
            false => self.wrong(field, "a number above 0 of usual size", format!("{number:?}")),
        }
    }

    /// `whole / part`, which must leave nothing over.
    fn divides(
        &self,
        field: &str,
        part: usize,
        other: &str,
        whole: usize,
    ) -> Result<usize, ConfigError> {
        match whole.is_multiple_of(part) {
            true => Ok(whole / part),
            false => self.wrong(field, format!("a divisor of {other} {whole}"), part),
        }
    }
}

#[cfg(test)]
mod tests;
