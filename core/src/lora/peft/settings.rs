//! `adapter_config.json`: ranks, scales, and all that must not be set.

use serde::Deserialize;
use serde_json::Value;

use super::PeftError;
use super::keys::VISION;
use super::target::Target;
use crate::weights::json::Pairs;

/// Settings that must be absent, null, false or empty, and why.
const UNSET: [(&str, &str); 13] = [
    ("use_dora", "DoRA rescales the base weights, which is not supported; train plain LoRA"),
    ("lora_bias", "factors with a bias are not supported"),
    ("fan_in_fan_out", "transposed weights do not occur in this model"),
    ("modules_to_save", "whole modules beside the factors are not supported; train LoRA only"),
    ("trainable_token_indices", "changed embeddings are not supported; train LoRA only"),
    ("target_parameters", "factors on bare parameters do not occur in this model"),
    ("layer_replication", "repeated layers are not supported"),
    ("alora_invocation_tokens", "activated LoRA is not supported; train plain LoRA"),
    ("use_qalora", VARIANT),
    ("use_bdlora", VARIANT),
    ("arrow_config", VARIANT),
    ("kasa_config", VARIANT),
    ("monteclora_config", VARIANT),
];
const VARIANT: &str = "a variant of LoRA that is not supported; train plain LoRA";

/// Settings that only matter while training or initialising.
const HARMLESS: [&str; 7] = [
    "use_rslora",
    "megatron_config",
    "loftq_config",
    "eva_config",
    "corda_config",
    "lora_ga_config",
    "velora_config",
];

/// Ways to initialise that leave the base weights alone.
const INITIAL: [&str; 4] = ["gaussian", "eva", "orthogonal", "mica"];

/// The furthest rank: none is useful beyond a layer's width.
const LARGEST_RANK: usize = 1 << 16;

/// The fields that are read.
#[derive(Deserialize)]
struct Raw {
    peft_type: Option<String>,
    r: Option<usize>,
    lora_alpha: Option<f64>,
    use_rslora: Option<bool>,
    rank_pattern: Option<Pairs<usize>>,
    alpha_pattern: Option<Pairs<f64>>,
    bias: Option<String>,
    target_modules: Option<Value>,
    init_lora_weights: Option<Value>,
}

/// What an adapter's configuration says about ranks and scales.
#[derive(Debug)]
pub(super) struct Settings {
    rank: usize,
    alpha: f64,
    ranks: Vec<(String, usize)>,
    alphas: Vec<(String, f64)>,
    rank_stabilized: bool,
}

impl Settings {
    /// Reads and checks the JSON; `file` is for messages.
    pub(super) fn from_json(file: &str, json: &[u8]) -> Result<Self, PeftError> {
        let broken = |error| PeftError::Json { file: file.to_owned(), error };
        let refuse = |field: &str, found: String, reason| {
            let (file, field) = (file.to_owned(), field.to_owned());
            Err(PeftError::Unsupported { file, field, found, reason })
        };
        let missing = |field| PeftError::Missing { file: file.to_owned(), field };

        let raw: Raw = serde_json::from_slice(json).map_err(broken)?;
        let kind = raw.peft_type.ok_or_else(|| missing("peft_type"))?;
        if kind != "LORA" {
            return refuse("peft_type", kind, "only LORA is supported");
        }
        if let Some(bias) = raw.bias.filter(|bias| bias != "none") {
            return refuse("bias", bias, "trained biases are not supported; set it to none");
        }
        let all: Pairs<Value> = serde_json::from_slice(json).map_err(broken)?;
        for (field, value) in &all.0 {
            if let Some(reason) = variant(field).filter(|_| is_set(value)) {
                return refuse(field, value.to_string(), reason);
            }
        }
        if let Some(Value::String(way)) = raw.init_lora_weights
            && !INITIAL.contains(&way.as_str())
        {
            let reason = "this changes the base weights too; save the adapter converted to plain \
                          LoRA (path_initial_model_for_weight_conversion)";
            return refuse("init_lora_weights", way, reason);
        }
        if let Some(Value::Array(names)) = raw.target_modules {
            // A pattern instead of a list is not followed: the file's keys tell.
            for name in names.iter().filter_map(Value::as_str) {
                if let Some(reason) = target_reason(name) {
                    return refuse("target_modules", name.to_owned(), reason);
                }
            }
        }
        let rank = raw.r.ok_or_else(|| missing("r"))?;
        let alpha = raw.lora_alpha.ok_or_else(|| missing("lora_alpha"))?;
        let ranks = raw.rank_pattern.unwrap_or_default().0;
        let alphas = raw.alpha_pattern.unwrap_or_default().0;
        for (field, key) in ranks
            .iter()
            .map(|(key, _)| ("rank_pattern", key))
            .chain(alphas.iter().map(|(key, _)| ("alpha_pattern", key)))
        {
            if !is_plain_pattern(key) {
                let reason = "only names and their ends are matched, not regular expressions";
                return refuse(field, key.clone(), reason);
            }
        }
        let own = ranks.iter().map(|(_, rank)| ("rank_pattern", *rank));
        for (field, rank) in [("r", rank)].into_iter().chain(own) {
            if !(1..=LARGEST_RANK).contains(&rank) {
                return refuse(field, rank.to_string(), "expected a rank from 1 to 65536");
            }
        }
        let own = alphas.iter().map(|(_, alpha)| ("alpha_pattern", *alpha));
        for (field, alpha) in [("lora_alpha", alpha)].into_iter().chain(own) {
            // Computed with in single precision, where it must not become infinite.
            if !(alpha as f32).is_finite() {
                return refuse(field, format!("{alpha:e}"), "expected a number of usual size");
            }
        }
        let rank_stabilized = raw.use_rslora == Some(true);
        Ok(Self { rank, alpha, ranks, alphas, rank_stabilized })
    }

    /// The rank and scale of one linear; `module` is its name in the adapter's file.
    pub(super) fn rank_and_scale(
        &self,
        layer: usize,
        target: Target,
        module: &str,
    ) -> (usize, f32) {
        // A pattern may have been written for either naming of the base model.
        let end = format!("layers.{layer}.{}.{target}", target.module());
        let names = [module, &format!("model.{end}"), &format!("model.language_model.{end}")];
        let rank = find(&self.ranks, &names).unwrap_or(self.rank);
        let alpha = find(&self.alphas, &names).unwrap_or(self.alpha);
        let divisor = if self.rank_stabilized { (rank as f64).sqrt() } else { rank as f64 };
        (rank, (alpha / divisor) as f32)
    }
}

/// Why a set field is refused, if it is one that must not be set.
fn variant(field: &str) -> Option<&'static str> {
    if let Some((_, reason)) = UNSET.iter().find(|(name, _)| *name == field) {
        return Some(reason);
    }
    // Newer variants come with such names; to overlook one would give wrong scores.
    let named = field.starts_with("use_") || field.ends_with("_config");
    (named && !HARMLESS.contains(&field)).then_some(VARIANT)
}

fn is_set(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::String(text) => !text.is_empty(),
        _ => true,
    }
}

/// Why a named target is refused, if it is none of a language layer's linears.
fn target_reason(name: &str) -> Option<&'static str> {
    let parts: Vec<&str> = name.split('.').collect();
    let last = parts.last().copied().unwrap_or_default();
    let in_vision = |part: &str| matches!(part, "visual" | "merger" | "blocks" | "patch_embed");
    if parts.iter().any(|part| in_vision(part)) || matches!(last, "qkv" | "proj" | "0" | "2") {
        return Some(VISION);
    }
    match Target::from_name(last) {
        Some(_) => None,
        None => Some("a layer of the language model has no such linear"),
    }
}

/// Whether a pattern is a name or the end of one; a `^` before it asks for the whole name.
fn is_plain_pattern(pattern: &str) -> bool {
    let name = pattern.strip_prefix('^').unwrap_or(pattern);
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    !name.is_empty() && name.bytes().all(plain)
}

/// The value of the first pattern that fits, as peft's `re.match(rf"(.*\.)?({pattern})$", name)`.
fn find<T: Copy>(patterns: &[(String, T)], names: &[&str]) -> Option<T> {
    let fits = |pattern: &str| match pattern.strip_prefix('^') {
        Some(whole) => names.contains(&whole),
        None => names.iter().any(|name| {
            let before = name.strip_suffix(pattern);
            before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
        }),
    };
    patterns.iter().find(|(pattern, _)| fits(pattern)).map(|&(_, value)| value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(changes: &Value) -> Result<Settings, PeftError> {
        let mut config = json!({
            "peft_type": "LORA", "r": 8, "lora_alpha": 16, "bias": "none", "use_dora": false,
            "target_modules": ["q_proj", "v_proj"], "modules_to_save": null, "loftq_config": {},
            "init_lora_weights": true, "rank_pattern": {}, "alpha_pattern": {},
            "qalora_group_size": 16, "megatron_core": "megatron.core", "use_qalora": false
        });
        for (field, value) in changes.as_object().unwrap() {
            config[field] = value.clone();
        }
        Settings::from_json("f", config.to_string().as_bytes())
    }

    fn message(changes: &Value) -> String {
        read(changes).unwrap_err().to_string()
    }

    fn of(settings: &Settings, layer: usize, target: Target) -> (usize, f32) {
        let module = format!("model.layers.{layer}.{}.{target}", target.module());
        settings.rank_and_scale(layer, target, &module)
    }

    #[test]
    fn scales_are_alpha_by_rank_or_its_root() {
        assert_eq!(of(&read(&json!({})).unwrap(), 0, Target::Q), (8, 2.0));
        let settings = read(&json!({"use_rslora": true, "r": 16, "lora_alpha": 24})).unwrap();
        assert_eq!(of(&settings, 0, Target::Q), (16, 6.0));
    }

    #[test]
    fn patterns_fit_ends_of_names_and_the_first_wins() {
        // Not in alphabetical order: the order of the file counts.
        let text = br#"{"peft_type": "LORA", "r": 8, "lora_alpha": 16,
            "rank_pattern": {"layers.1.self_attn.v_proj": 2, "self_attn.v_proj": 4, "_proj": 3},
            "alpha_pattern": {"^model.language_model.layers.2.mlp.up_proj": 64, "v_proj": 32}}"#;
        let settings = Settings::from_json("f", text).unwrap();
        assert_eq!(of(&settings, 1, Target::V), (2, 16.0));
        assert_eq!(of(&settings, 11, Target::V), (4, 8.0));
        assert_eq!(of(&settings, 1, Target::Q), (8, 2.0));
        assert_eq!(of(&settings, 2, Target::Up), (8, 8.0));
        assert_eq!(of(&settings, 3, Target::Up), (8, 2.0));
    }

    #[test]
    fn what_changes_the_computation_is_refused_by_name() {
        for (field, _) in UNSET {
            let said = message(&json!({field: true}));
            assert!(said.starts_with(&format!("f: {field} is true; ")), "{said}");
            for unset in [json!(null), json!(false), json!([]), json!({})] {
                assert!(read(&json!({field: unset})).is_ok(), "{field}");
            }
        }
        for harmless in HARMLESS {
            let value = if harmless == "use_rslora" { json!(true) } else { json!({"x": 1}) };
            assert!(read(&json!({harmless: value})).is_ok(), "{harmless}");
        }
        assert!(message(&json!({"use_newlora": true})).contains("a variant of LoRA"));
        assert!(message(&json!({"new_config": {"a": 1}})).starts_with("f: new_config is"));
        assert!(message(&json!({"peft_type": "IA3"})).ends_with("is IA3; only LORA is supported"));
        assert!(message(&json!({"bias": "all"})).starts_with("f: bias is all; "));
        for way in ["pissa", "pissa_niter_4", "olora", "corda", "loftq", "lora_ga", "new"] {
            let said = message(&json!({"init_lora_weights": way}));
            assert!(said.starts_with(&format!("f: init_lora_weights is {way}; ")), "{said}");
        }
        assert!(read(&json!({"init_lora_weights": "gaussian"})).is_ok());
    }

    #[test]
    fn missing_and_absurd_numbers_are_refused() {
        assert_eq!(message(&json!({"r": null})), "f: r is missing");
        assert_eq!(message(&json!({"lora_alpha": null})), "f: lora_alpha is missing");
        assert_eq!(message(&json!({"peft_type": null})), "f: peft_type is missing");
        for rank in [0, 1_u32 << 20] {
            assert!(message(&json!({"r": rank})).contains("expected a rank from 1"));
            let said = message(&json!({"rank_pattern": {"q_proj": rank}}));
            assert!(said.starts_with("f: rank_pattern is"), "{said}");
        }
        for changes in [json!({"lora_alpha": 1e39}), json!({"alpha_pattern": {"q_proj": -1e39}})] {
            assert!(message(&changes).contains("1e39; expected a number of usual size"));
        }
        assert!(message(&json!({"r": -8})).contains("line 1"));
        assert!(message(&json!({"r": "8"})).contains("invalid type"));
        assert!(Settings::from_json("f", b"").is_err());
        assert!(Settings::from_json("f", b"[]").is_err());
    }

    #[test]
    fn patterns_beyond_names_are_refused() {
        for pattern in [".*q_proj", "(q|k)_proj", "q_proj$", "", "layers\\.1"] {
            let said = message(&json!({"alpha_pattern": {pattern: 1}}));
            assert!(said.contains("not regular expressions"), "{said}");
        }
    }

    #[test]
    fn targets_outside_of_the_language_layers_are_refused() {
        for name in ["qkv", "attn.qkv", "visual.blocks.0.mlp.up_proj", "merger.mlp.0", "proj"] {
            let said = message(&json!({"target_modules": ["q_proj", name]}));
            assert!(
                said.starts_with(&format!("f: target_modules is {name}; the vision")),
                "{said}"
            );
        }
        for name in ["lm_head", "embed_tokens", "query_key_value", ""] {
            let said = message(&json!({"target_modules": [name]}));
            assert!(said.ends_with("has no such linear"), "{said}");
        }
        let full = "model.language_model.layers.0.self_attn.q_proj";
        for targets in [json!([full, "mlp.down_proj"]), json!("^(?!.*visual).*proj$"), json!(null)]
        {
            assert!(read(&json!({"target_modules": targets})).is_ok());
        }
    }
}
