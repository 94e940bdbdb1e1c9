//! An adapter as the two files that Python's peft loads.

use std::collections::BTreeMap;

use safetensors::Dtype;
use safetensors::tensor::{TensorView, serialize};
use serde_json::{Value, json};

use super::settings::Settings;
use super::{CONFIG, LoraWeights, PeftError, Target, WEIGHTS};
use crate::weights::WeightsError;

/// What `adapter_config.json` says.
#[derive(Debug, Clone, PartialEq)]
pub struct PeftSettings {
    /// Rows of each `A`.
    pub rank: usize,
    /// What is added is scaled by `alpha / rank`.
    pub alpha: f64,
    /// The dropout that it was trained with.
    pub dropout: f64,
    /// The adapted linears.
    pub targets: Vec<Target>,
    /// The base model's hub id, or where it lay.
    pub base_model: Option<String>,
}

/// The names and bytes of `adapter_config.json` and `adapter_model.safetensors`.
///
/// The factors are stored as they are, in f32; peft applies the scale. Keys have the form that
/// today's peft and transformers use, `base_model.model.model.language_model.layers.N…`.
///
/// # Errors
/// If there are no factors, a rank or shape differs from what the settings or the other factor
/// say, a linear is not among the targets, or a value is no finite number.
pub fn peft_files(
    settings: &PeftSettings,
    weights: &BTreeMap<(usize, Target), LoraWeights>,
) -> Result<[(&'static str, Vec<u8>); 2], PeftError> {
    let config = config(settings);
    // What the reader would refuse is not written.
    Settings::from_json(CONFIG, &config)?;
    Ok([(CONFIG, config), (WEIGHTS, tensors(settings, weights)?)])
}

/// `adapter_config.json`: what every version of peft knows, sorted as peft sorts it. Versions
/// refuse or warn of settings that they do not know, and the others have these values by default.
fn config(settings: &PeftSettings) -> Vec<u8> {
    let fields: BTreeMap<&str, Value> = [
        ("auto_mapping", Value::Null),
        ("base_model_name_or_path", json!(settings.base_model)),
        ("bias", json!("none")),
        ("fan_in_fan_out", json!(false)),
        ("inference_mode", json!(true)),
        ("init_lora_weights", json!(true)),
        ("layers_pattern", Value::Null),
        ("layers_to_transform", Value::Null),
        ("lora_alpha", number(settings.alpha)),
        ("lora_dropout", json!(settings.dropout)),
        ("modules_to_save", Value::Null),
        ("peft_type", json!("LORA")),
        ("r", json!(settings.rank)),
        ("revision", Value::Null),
        ("target_modules", target_modules(&settings.targets)),
        ("task_type", json!("CAUSAL_LM")),
    ]
    .into();
    format!("{:#}", json!(fields)).into_bytes()
}

/// A whole number without a point, as peft expects of `lora_alpha`.
fn number(value: f64) -> Value {
    let whole = value as i64;
    if whole as f64 == value { json!(whole) } else { json!(value) }
}

/// Names of linears; a pattern where the vision tower has linears of the same names, which peft
/// would adapt too and then miss in the file.
fn target_modules(targets: &[Target]) -> Value {
    let named = |target: &&Target| targets.contains(target);
    let names: Vec<_> = Target::ALL.iter().filter(named).map(|target| target.name()).collect();
    if targets.iter().any(|target| target.module() == "mlp") {
        json!(format!(r"^(?!.*visual).*\.({})$", names.join("|")))
    } else {
        json!(names)
    }
}

/// `adapter_model.safetensors`.
fn tensors(
    settings: &PeftSettings,
    weights: &BTreeMap<(usize, Target), LoraWeights>,
) -> Result<Vec<u8>, PeftError> {
    let file = || WEIGHTS.to_owned();
    if weights.is_empty() {
        return Err(PeftError::Empty { file: file() });
    }
    let mut named = Vec::new();
    for (&(layer, target), LoraWeights { rank, a, b, .. }) in weights {
        let module = target.module();
        let linear =
            format!("base_model.model.model.language_model.layers.{layer}.{module}.{target}");
        let key = |side: &str| format!("{linear}.lora_{side}.weight");
        if !settings.targets.contains(&target) {
            let reason = format!("{target} is not among the adapter's targets");
            return Err(PeftError::Key { file: file(), key: key("A"), reason });
        }
        if *rank != settings.rank {
            let (expected, found) = (settings.rank, *rank);
            return Err(PeftError::Rank { file: file(), key: key("A"), expected, found });
        }
        let [inputs, outputs] = [a, b].map(|values| values.len() / rank);
        for (side, shape, values) in [("A", [*rank, inputs], a), ("B", [outputs, *rank], b)] {
            check(&key(side), shape, values)?;
            let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            named.push((key(side), shape, bytes));
        }
    }
    let broken = |error: safetensors::SafeTensorError| {
        PeftError::Weights(WeightsError::Header { file: file(), reason: error.to_string() })
    };
    let views = named.iter().map(|(key, shape, bytes)| {
        Ok((key, TensorView::new(Dtype::F32, shape.to_vec(), bytes).map_err(broken)?))
    });
    let views: Vec<_> = views.collect::<Result<_, PeftError>>()?;
    // Transformers refuses files that do not say this.
    let metadata = [("format".to_owned(), "pt".to_owned())].into();
    serialize(views, Some(metadata)).map_err(broken)
}

/// Checks one factor's count and values.
fn check(key: &str, shape: [usize; 2], values: &[f32]) -> Result<(), WeightsError> {
    let (file, tensor) = (WEIGHTS.to_owned(), key.to_owned());
    if values.is_empty() || shape[0] * shape[1] != values.len() {
        let found = format!("{} values", values.len());
        return Err(WeightsError::Shape { file, tensor, expected: "whole rows".into(), found });
    }
    match values.iter().enumerate().find(|(_, value)| !value.is_finite()) {
        Some((index, &value)) => {
            Err(WeightsError::NotFinite { file, tensor, index: index as u64, value })
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use pollster::block_on;

    use super::*;
    use crate::lora::load_adapter;
    use crate::model::{ModelConfig, TextConfig};
    use crate::rubric::Attribute;
    use crate::weights::{Folder, Memory};

    const GOLDEN: &str = "../tests/fixtures/golden/case3";

    fn golden() -> TextConfig {
        let json = std::fs::read_to_string(format!("{GOLDEN}/model/config.json")).unwrap();
        ModelConfig::from_json(&json).unwrap().text
    }

    fn settings(targets: &[Target]) -> PeftSettings {
        let base_model = Some("Qwen/Qwen2.5-VL-3B-Instruct".to_owned());
        PeftSettings { rank: 8, alpha: 16.0, dropout: 0.05, targets: targets.to_vec(), base_model }
    }

    const ATTENTION: [Target; 4] = [Target::Q, Target::K, Target::V, Target::O];

    fn weights(config: &TextConfig, targets: &[Target]) -> BTreeMap<(usize, Target), LoraWeights> {
        let made = |layer: usize, target: Target| {
            let (inputs, outputs) = target.sizes(config);
            let values = |count: usize| (0..count).map(|i| (i + layer) as f32 / 7.0).collect();
            let (a, b) = (values(8 * inputs), values(8 * outputs));
            ((layer, target), LoraWeights { rank: 8, scale: 2.0, a, b })
        };
        let layers = 0..config.num_hidden_layers;
        layers.flat_map(|layer| targets.iter().map(move |&target| made(layer, target))).collect()
    }

    #[test]
    fn what_peft_wrote_comes_out_byte_for_byte() {
        for attribute in Attribute::ALL {
            let folder = format!("{GOLDEN}/adapters/{attribute}");
            let source = Folder::open(folder.as_str()).unwrap();
            let adapter = block_on(load_adapter(&source, "", &golden())).unwrap();
            let [(config, _), (name, bytes)] =
                peft_files(&settings(&ATTENTION), &adapter.weights).unwrap();
            assert_eq!((config, name), ("adapter_config.json", "adapter_model.safetensors"));
            let theirs = std::fs::read(format!("{folder}/{name}")).unwrap();
            assert!(bytes == theirs, "{attribute}: another file than peft's");
        }
    }

    #[test]
    fn settings_are_those_that_peft_wrote() {
        let [(name, ours), _] =
            peft_files(&settings(&ATTENTION), &weights(&golden(), &ATTENTION)).unwrap();
        let theirs = std::fs::read(format!("{GOLDEN}/adapters/realism/{name}")).unwrap();
        let ours: BTreeMap<String, Value> = serde_json::from_slice(&ours).unwrap();
        let theirs: BTreeMap<String, Value> = serde_json::from_slice(&theirs).unwrap();
        assert_eq!(ours["base_model_name_or_path"], "Qwen/Qwen2.5-VL-3B-Instruct");
        for (field, value) in &ours {
            match field.as_str() {
                "base_model_name_or_path" => {}
                "target_modules" => {
                    assert_eq!(value, &json!(["q_proj", "k_proj", "v_proj", "o_proj"]));
                }
                _ => assert_eq!(Some(value), theirs.get(field), "{field}"),
            }
        }
    }

    #[test]
    fn all_seven_linears_come_back_as_they_were() {
        let config = golden();
        let weights = weights(&config, &Target::ALL);
        let files = peft_files(&settings(&Target::ALL), &weights).unwrap();
        let text = String::from_utf8(files[0].1.clone()).unwrap();
        assert!(text.contains(r#""target_modules": "^(?!.*visual).*\\.(q_proj|k_proj|"#), "{text}");
        let files = files.map(|(name, bytes)| (name.to_owned(), bytes));
        let source = Memory::new("mem", files.into());
        let adapter = block_on(load_adapter(&source, "", &config)).unwrap();
        assert_eq!(adapter.weights, weights);
    }

    #[test]
    fn fractions_stay_and_whole_numbers_have_no_point() {
        assert_eq!(number(16.0).to_string(), "16");
        assert_eq!(number(0.5).to_string(), "0.5");
        assert_eq!(number(1e300).to_string(), "1e+300");
    }

    #[test]
    fn what_would_not_load_is_not_written() {
        let config = golden();
        let said = |settings: &PeftSettings, weights: &_| {
            peft_files(settings, weights).unwrap_err().to_string()
        };
        let good = settings(&ATTENTION);
        let with = |change: &dyn Fn(&mut LoraWeights)| {
            let mut weights = weights(&config, &ATTENTION);
            change(weights.get_mut(&(1, Target::V)).unwrap());
            said(&good, &weights)
        };
        let key = "base_model.model.model.language_model.layers.1.self_attn.v_proj.lora_";
        assert!(with(&|w| w.b[3] = f32::NAN).contains(&format!("{key}B.weight: value 3 is NaN")));
        assert!(
            with(&|w| w.rank = 4).contains("expected rank 8 as in adapter_config.json, found 4")
        );
        assert!(
            with(&|w| w.a.truncate(9)).contains(&format!("{key}A.weight: expected shape whole"))
        );
        assert!(with(&|w| w.b.clear()).ends_with("expected shape whole rows, found 0 values"));
        let less = said(&settings(&[Target::Q]), &weights(&config, &ATTENTION));
        assert!(less.ends_with("k_proj is not among the adapter's targets"), "{less}");
        assert!(said(&good, &BTreeMap::new()).contains("holds no tensors"));
        let zero = PeftSettings { rank: 0, ..good.clone() };
        assert!(said(&zero, &weights(&config, &ATTENTION)).contains("expected a rank from 1"));
        let absurd = PeftSettings { alpha: f64::INFINITY, ..good.clone() };
        assert!(said(&absurd, &weights(&config, &ATTENTION)).starts_with("adapter_config.json: "));
    }
}
