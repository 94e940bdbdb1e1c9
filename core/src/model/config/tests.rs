//! Both forms of `config.json`, and what is refused in them.

use serde_json::{Value, json};

use super::*;

/// The published 3B, shortened to what is read.
fn flat() -> Value {
    json!({
        "model_type": "qwen2_5_vl", "hidden_act": "silu", "hidden_size": 2048,
        "intermediate_size": 11008, "max_position_embeddings": 128000,
        "num_attention_heads": 16, "num_hidden_layers": 36, "num_key_value_heads": 2,
        "rms_norm_eps": 1e-06, "rope_theta": 1000000.0, "sliding_window": 32768,
        "tie_word_embeddings": true, "use_sliding_window": false, "vocab_size": 151936,
        "rope_scaling": {"type": "mrope", "mrope_section": [16, 24, 24]},
        "vision_config": {
            "depth": 32, "hidden_act": "silu", "hidden_size": 1280, "intermediate_size": 3420,
            "num_heads": 16, "in_chans": 3, "out_hidden_size": 2048, "patch_size": 14,
            "spatial_merge_size": 2, "window_size": 112, "temporal_patch_size": 2,
            "fullatt_block_indexes": [7, 15, 23, 31]
        }
    })
}

/// The same as transformers 5 writes it.
fn nested() -> Value {
    let mut config = flat();
    let mut text = config.as_object().unwrap().clone();
    for field in ["model_type", "vision_config", "rope_scaling", "rope_theta"] {
        text.remove(field);
    }
    text.insert("layer_types".into(), json!(vec!["full_attention"; 36]));
    text.insert("sliding_window".into(), Value::Null);
    let rope =
        json!({"mrope_section": [16, 24, 24], "rope_theta": 1000000.0, "rope_type": "default"});
    text.insert("rope_parameters".into(), rope);
    let mut vision = config["vision_config"].take();
    vision.as_object_mut().unwrap().remove("in_chans");
    vision["in_channels"] = json!(3);
    vision["rope_parameters"] = json!({"rope_theta": 10000.0, "rope_type": "axial"});
    json!({
        "model_type": "qwen2_5_vl", "tie_word_embeddings": true,
        "text_config": text, "vision_config": vision
    })
}

fn read(config: &Value) -> Result<ModelConfig, ConfigError> {
    ModelConfig::from_json(&config.to_string())
}

/// The message after one field (a JSON pointer) was changed; null removes it.
fn changed(mut config: Value, pointer: &str, value: Value) -> String {
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    let parent = config.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Value::Null => drop(parent.remove(field)),
        value => drop(parent.insert(field.to_owned(), value)),
    }
    match read(&config) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("{pointer} was accepted"),
    }
}

#[test]
fn both_forms_give_the_same_sizes() {
    let config = read(&flat()).unwrap();
    assert_eq!(read(&nested()).unwrap(), config);
    assert!(config.tie_word_embeddings);
    assert_eq!((config.text.head_dim, config.text.mrope_section), (128, [16, 24, 24]));
    assert_eq!((config.text.vocab_size, config.text.num_hidden_layers), (151936, 36));
    assert_eq!((config.text.rope_theta, config.text.rms_norm_eps), (1e6, 1e-6));
    assert_eq!((config.vision.head_dim(), config.vision.in_channels), (80, 3));
    assert_eq!(config.vision.fullatt_block_indexes, [7, 15, 23, 31]);
}

#[test]
fn embeddings_are_tied_if_either_place_says_so() {
    let tied = |top: Value, text: Value| {
        let mut config = nested();
        config["tie_word_embeddings"] = top;
        config["text_config"]["tie_word_embeddings"] = text;
        read(&config).unwrap().tie_word_embeddings
    };
    assert!(tied(json!(true), json!(false)));
    assert!(tied(Value::Null, json!(true)));
    assert!(!tied(json!(false), json!(false)));
    assert!(!tied(Value::Null, Value::Null));
}

#[test]
fn a_given_head_width_is_taken() {
    let mut config = flat();
    config["head_dim"] = json!(64);
    config["rope_scaling"]["mrope_section"] = json!([8, 12, 12]);
    assert_eq!(read(&config).unwrap().text.head_dim, 64);
}

#[test]
fn other_models_are_refused_by_name() {
    let message = changed(flat(), "/model_type", json!("qwen2_vl"));
    assert!(message.starts_with("model_type: expected qwen2_5_vl, found qwen2_vl;"), "{message}");
    assert_eq!(changed(flat(), "/model_type", Value::Null), "model_type is missing");
    let settings = json!({"quant_method": "awq", "bits": 4});
    let message = changed(flat(), "/quantization_config", settings);
    assert!(message.contains("weights quantized by awq are not read"), "{message}");
    let error = ModelConfig::from_json("{").unwrap_err().to_string();
    assert!(error.contains("line 1 column 1"), "{error}");
    assert!(ModelConfig::from_json("[]").is_err());
}

#[test]
fn every_size_is_needed_and_bounded() {
    let text = [
        "vocab_size",
        "hidden_size",
        "intermediate_size",
        "num_hidden_layers",
        "num_attention_heads",
        "num_key_value_heads",
        "max_position_embeddings",
    ];
    let vision = [
        "depth",
        "hidden_size",
        "intermediate_size",
        "num_heads",
        "in_channels",
        "out_hidden_size",
        "patch_size",
        "spatial_merge_size",
        "temporal_patch_size",
        "window_size",
    ];
    let text = text.map(|field| ("text_config", field));
    for (place, field) in text.into_iter().chain(vision.map(|field| ("vision_config", field))) {
        let pointer = format!("/{place}/{field}");
        let message = changed(nested(), &pointer, Value::Null);
        assert_eq!(message, format!("{place}.{field} is missing"));
        for value in [json!(0), json!(u64::MAX), json!(1_u64 << 40)] {
            let message = changed(nested(), &pointer, value);
            assert!(message.starts_with(&format!("{place}.{field}: expected 1 to ")), "{message}");
        }
        for value in [json!(-1), json!(1.5), json!("8"), json!([8])] {
            assert!(changed(nested(), &pointer, value).contains("line 1 column"), "{field}");
        }
    }
    assert_eq!(changed(flat(), "/hidden_size", Value::Null), "hidden_size is missing");
    assert_eq!(changed(flat(), "/vision_config", Value::Null), "vision_config is missing");
    let indexes = "/vision_config/fullatt_block_indexes";
    assert_eq!(
        changed(flat(), indexes, Value::Null),
        format!("{} is missing", &indexes[1..].replace('/', "."))
    );
}

#[test]
fn sizes_must_fit_each_other() {
    let cases = [
        ("/num_attention_heads", json!(15), "expected a divisor of hidden_size 2048, found 15"),
        ("/num_key_value_heads", json!(3), "expected a divisor of num_attention_heads 16, found 3"),
        ("/head_dim", json!(1 << 20), "head_dim: expected at most 65536, found 1048576"),
        ("/rope_scaling/mrope_section", json!([16, 24, 23]), "found [16, 24, 23]"),
        ("/rope_scaling/mrope_section", json!([16, 24]), "invalid length 2"),
        ("/rope_scaling/mrope_section", json!([u64::MAX, 1, 1]), "half the head_dim 128"),
        ("/vision_config/num_heads", json!(24), "expected a divisor of hidden_size 1280"),
        ("/vision_config/num_heads", json!(128), "a width that divides by 4 in 1280, found 128"),
        ("/vision_config/window_size", json!(120), "a multiple of 28 (patch x merge), found 120"),
        ("/vision_config/spatial_merge_size", json!(64), "window_size: expected a multiple of"),
        ("/vision_config/out_hidden_size", json!(3584), "hidden_size 2048, found 3584"),
        ("/vision_config/in_chans", json!(4), "in_channels: expected 3, found 4"),
    ];
    for (pointer, value, expected) in cases {
        let message = changed(flat(), pointer, value);
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn what_would_be_computed_otherwise_is_refused() {
    let cases = [
        ("/hidden_act", json!("gelu"), "hidden_act: expected silu, found gelu"),
        (
            "/rms_norm_eps",
            json!(0.0),
            "rms_norm_eps: expected a number above 0 of usual size, found 0.0",
        ),
        ("/rms_norm_eps", json!(-1e-6), "expected a number above 0"),
        (
            "/rope_theta",
            json!(-1.0),
            "rope_theta: expected a number above 0 of usual size, found -1.0",
        ),
        ("/rope_theta", Value::Null, "rope_theta is missing"),
        ("/rope_scaling", Value::Null, "rope_scaling (or rope_parameters) is missing"),
        ("/rope_scaling/mrope_section", Value::Null, "rope_scaling.mrope_section is missing"),
        ("/rope_scaling/type", json!("yarn"), "expected default or mrope, found yarn"),
        ("/rope_scaling/rope_type", json!("dynamic"), "rope_scaling.rope_type: expected default"),
        ("/rope_scaling/partial_rotary_factor", json!(0.5), "expected 1, found 0.5"),
        ("/use_sliding_window", json!(true), "use_sliding_window: expected false, found true"),
        ("/layer_types", json!(["full_attention", "sliding_attention"]), "found sliding_attention"),
        ("/vision_config/hidden_act", json!("quick_gelu"), "vision_config.hidden_act: expected"),
        ("/vision_config/rope_parameters", json!({"rope_theta": 5.0}), "expected 10000, found 5"),
    ];
    for (pointer, value, expected) in cases {
        let message = changed(flat(), pointer, value);
        assert!(message.contains(expected), "{message}");
    }
}
