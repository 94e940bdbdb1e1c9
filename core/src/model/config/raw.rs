//! `config.json` as it stands: every field optional, both forms.

use serde::Deserialize;
use serde_json::Value;

use super::{ConfigError, Fields, VisionConfig};

/// Both forms brought together.
pub(super) struct Raw {
    pub(super) text: RawText,
    /// What stands before the text model's fields in messages.
    pub(super) text_place: &'static str,
    pub(super) vision: RawVision,
    pub(super) tie_word_embeddings: bool,
}

/// What is looked at first, so that another architecture is not blamed for its fields.
#[derive(Deserialize)]
struct Kind {
    model_type: Option<String>,
    quantization_config: Option<Value>,
}

#[derive(Deserialize)]
struct Top {
    text_config: Option<RawText>,
    vision_config: Option<RawVision>,
    tie_word_embeddings: Option<bool>,
}

#[derive(Deserialize)]
pub(super) struct RawText {
    pub(super) vocab_size: Option<usize>,
    pub(super) hidden_size: Option<usize>,
    pub(super) intermediate_size: Option<usize>,
    pub(super) num_hidden_layers: Option<usize>,
    pub(super) num_attention_heads: Option<usize>,
    pub(super) num_key_value_heads: Option<usize>,
    pub(super) head_dim: Option<usize>,
    pub(super) rms_norm_eps: Option<f64>,
    pub(super) max_position_embeddings: Option<usize>,
    hidden_act: Option<String>,
    rope_theta: Option<f64>,
    rope_scaling: Option<RawRope>,
    rope_parameters: Option<RawRope>,
    use_sliding_window: Option<bool>,
    layer_types: Option<Vec<String>>,
    tie_word_embeddings: Option<bool>,
}

#[derive(Deserialize)]
pub(super) struct RawVision {
    pub(super) depth: Option<usize>,
    pub(super) hidden_size: Option<usize>,
    pub(super) intermediate_size: Option<usize>,
    pub(super) num_heads: Option<usize>,
    pub(super) in_channels: Option<usize>,
    pub(super) in_chans: Option<usize>,
    pub(super) out_hidden_size: Option<usize>,
    pub(super) patch_size: Option<usize>,
    pub(super) spatial_merge_size: Option<usize>,
    pub(super) temporal_patch_size: Option<usize>,
    pub(super) window_size: Option<usize>,
    pub(super) fullatt_block_indexes: Option<Vec<usize>>,
    hidden_act: Option<String>,
    rope_parameters: Option<RawRope>,
}

#[derive(Deserialize)]
struct RawRope {
    mrope_section: Option<[usize; 3]>,
    rope_theta: Option<f64>,
    rope_type: Option<String>,
    r#type: Option<String>,
    partial_rotary_factor: Option<f64>,
}

/// The rotary settings, wherever they stood.
pub(super) struct Rope {
    pub(super) mrope_section: [usize; 3],
    pub(super) theta: Option<f64>,
}

impl Raw {
    pub(super) fn from_json(json: &str) -> Result<Self, ConfigError> {
        let kind: Kind = serde_json::from_str(json)?;
        let missing = |field: &str| ConfigError::Missing { field: field.to_owned() };
        let found = kind.model_type.ok_or_else(|| missing("model_type"))?;
        if found != "qwen2_5_vl" {
            return Err(ConfigError::Architecture { found });
        }
        if let Some(settings) = kind.quantization_config {
            let method = settings.get("quant_method").and_then(Value::as_str);
            let method = method.unwrap_or("another program").to_owned();
            return Err(ConfigError::Quantized { method });
        }
        let top: Top = serde_json::from_str(json)?;
        let vision = top.vision_config.ok_or_else(|| missing("vision_config"))?;
        let (text, text_place) = match top.text_config {
            Some(text) => (text, "text_config."),
            None => (serde_json::from_str(json)?, ""),
        };
        // As transformers: tied if either place says so, and not if neither does.
        let tied = |tie: Option<bool>| tie == Some(true);
        let tie_word_embeddings = tied(top.tie_word_embeddings) || tied(text.tie_word_embeddings);
        Ok(Self { text, text_place, vision, tie_word_embeddings })
    }
}

impl RawText {
    /// Refuses what would change the computation.
    pub(super) fn refuse_variants(&self, fields: &Fields) -> Result<(), ConfigError> {
        check_activation(fields, self.hidden_act.as_deref())?;
        if self.use_sliding_window == Some(true) {
            return fields.wrong("use_sliding_window", "false", true);
        }
        let mut types = self.layer_types.iter().flatten();
        match types.find(|&kind| kind != "full_attention") {
            Some(kind) => fields.wrong("layer_types", "full_attention", kind),
            None => Ok(()),
        }
    }

    /// `rope_scaling` wins over `rope_parameters`, and either over a `rope_theta` beside them, as
    /// in transformers.
    pub(super) fn rope(&self, fields: &Fields) -> Result<Rope, ConfigError> {
        let name = if self.rope_scaling.is_some() { "rope_scaling" } else { "rope_parameters" };
        let rope = self.rope_scaling.as_ref().or(self.rope_parameters.as_ref());
        let Some(rope) = rope else {
            return Err(fields.missing("rope_scaling (or rope_parameters)"));
        };
        for kind in [&rope.rope_type, &rope.r#type].into_iter().flatten() {
            if kind != "default" && kind != "mrope" {
                return fields.wrong(&format!("{name}.rope_type"), "default or mrope", kind);
            }
        }
        if let Some(factor) = rope.partial_rotary_factor.filter(|&factor| factor != 1.0) {
            return fields.wrong(&format!("{name}.partial_rotary_factor"), "1", factor);
        }
        let section = rope.mrope_section;
        let mrope_section =
            section.ok_or_else(|| fields.missing(&format!("{name}.mrope_section")))?;
        Ok(Rope { mrope_section, theta: rope.rope_theta.or(self.rope_theta) })
    }
}

impl RawVision {
    /// Refuses what would change the computation.
    pub(super) fn refuse_variants(&self, fields: &Fields) -> Result<(), ConfigError> {
        check_activation(fields, self.hidden_act.as_deref())?;
        let theta = self.rope_parameters.as_ref().and_then(|rope| rope.rope_theta);
        match theta.filter(|&theta| theta != VisionConfig::ROPE_THETA) {
            Some(theta) => fields.wrong(
                "rope_parameters.rope_theta",
                VisionConfig::ROPE_THETA.to_string(),
                theta,
            ),
            None => Ok(()),
        }
    }
}

/// Both halves have SiLU; so says every published configuration, and it is the default.
fn check_activation(fields: &Fields, name: Option<&str>) -> Result<(), ConfigError> {
    match name.filter(|&name| name != "silu") {
        Some(name) => fields.wrong("hidden_act", "silu", name),
        None => Ok(()),
    }
}
