use super::super::fixtures::{Draft, f32, i32s, open, small_text, small_vision, text, u32};
use crate::image::Preprocessor;
use crate::model::ModelConfig;
use crate::weights::gguf::GgufPair;

fn pair(text: &Draft, vision: &Draft) -> GgufPair {
    open(text.write().0, vision.write().0).unwrap()
}

fn refused(text: &Draft, vision: &Draft) -> String {
    open(text.write().0, vision.write().0).unwrap_err().to_string()
}

#[test]
fn the_settings_of_a_pair_are_a_config_json() {
    let pair = pair(&small_text(), &small_vision());
    let config = ModelConfig::from_json(pair.config_json()).unwrap();
    let text = &config.text;
    assert_eq!((text.vocab_size, text.hidden_size, text.intermediate_size), (8, 32, 64));
    assert_eq!((text.num_attention_heads, text.num_key_value_heads, text.head_dim), (2, 1, 16));
    assert_eq!((text.rms_norm_eps, text.rope_theta), (1e-6, 1e6));
    assert_eq!((text.mrope_section, text.max_position_embeddings), ([2, 3, 3], 4096));
    let vision = &config.vision;
    assert_eq!((vision.depth, vision.hidden_size, vision.intermediate_size), (1, 32, 48));
    assert_eq!((vision.in_channels, vision.out_hidden_size, vision.patch_size), (3, 32, 4));
    assert_eq!((vision.spatial_merge_size, vision.temporal_patch_size), (2, 2));
    assert_eq!((vision.window_size, &vision.fullatt_block_indexes[..]), (112, &[0][..]));
    assert!(config.tie_word_embeddings);
    let preprocessor = Preprocessor::from_json(pair.preprocessor_json()).unwrap();
    assert_eq!(preprocessor.image_mean, [0.5, 0.25, 0.125]);
    assert_eq!((preprocessor.image_std[0], preprocessor.patch_size), (0.268_629_54, 4));
}

#[test]
fn a_head_of_its_own_unties() {
    let text = small_text().tensor("output.weight", &[8, 32], 8);
    let pair = pair(&text, &small_vision());
    assert!(!ModelConfig::from_json(pair.config_json()).unwrap().tie_word_embeddings);
    assert_eq!(pair.shape("lm_head.weight"), Some(&[8, 32][..]));
}

#[test]
fn full_attention_follows_the_pattern_or_the_list() {
    let depth = 6;
    let blocks = |draft: Draft| {
        let draft = draft.key("clip.vision.block_count", u32(depth));
        let pair = pair(&small_text(), &draft);
        ModelConfig::from_json(pair.config_json()).map(|c| c.vision.fullatt_block_indexes)
    };
    let pattern = |pattern| blocks(small_vision().key("clip.vision.n_wa_pattern", u32(pattern)));
    assert_eq!(pattern(2).unwrap(), [1, 3, 5]);
    assert_eq!(pattern(4).unwrap(), [3]);
    assert_eq!(pattern(0).unwrap(), [0, 1, 2, 3, 4, 5]);
    let none = small_vision().without("clip.vision.n_wa_pattern");
    let listed = none.clone().key("clip.vision.fullatt_block_indexes", i32s(&[2, 5]));
    assert_eq!(blocks(listed).unwrap(), [2, 5]);
    let error = refused(&small_text(), &none);
    assert_eq!(error, "mem/v.gguf: the metadata has no clip.vision.n_wa_pattern");
}

#[test]
fn the_wrong_file_is_named() {
    let (text_file, vision_file) = (small_text(), small_vision());
    let error = refused(&vision_file, &text_file);
    let expected = "mem/t.gguf: general.architecture: expected qwen2vl, as the language model of \
                    a pair has it, found clip";
    assert_eq!(error, expected);
    let error = refused(&text_file, &text_file);
    assert!(error.starts_with("mem/v.gguf: general.architecture: expected clip"), "{error}");
    let older = vision_file.key("clip.projector_type", text("qwen2vl_merger"));
    let error = refused(&text_file, &older);
    assert!(error.contains("clip.projector_type: expected qwen2.5vl_merger"), "{error}");
    assert!(error.ends_with("found qwen2vl_merger"), "{error}");
}

#[test]
fn settings_that_cannot_be_are_refused() {
    let with = |key: &str, value| refused(&small_text().key(key, value), &small_vision());
    let sections = with("qwen2vl.rope.dimension_sections", i32s(&[2, 3, 3, 1]));
    assert!(sections.contains("expected three whole numbers, then zeros"), "{sections}");
    let base = with("qwen2vl.rope.freq_base", f32(f32::NAN));
    assert!(base.ends_with("rope.freq_base: expected a finite number, found NaN"), "{base}");
    let layers = with("qwen2vl.block_count", text("one"));
    assert!(layers.ends_with("block_count: expected a whole number, found 'one'"), "{layers}");
    let none = refused(&small_text().without("qwen2vl.embedding_length"), &small_vision());
    assert_eq!(none, "mem/t.gguf: the metadata has no qwen2vl.embedding_length");
    let with = |key: &str, value| refused(&small_text(), &small_vision().key(key, value));
    let depth = with("clip.vision.block_count", u32(u32::MAX));
    assert!(depth.ends_with("expected 1 to 1024, found 4294967295"), "{depth}");
    let width = with("clip.vision.embedding_length", u32(33));
    let expected = "tensor mm.0.weight: expected rows of a square times 33 values, found 128";
    assert!(width.ends_with(expected), "{width}");
}

#[test]
fn what_would_be_computed_differently_is_passed_on_and_refused() {
    let stretched = small_text().key("qwen2vl.rope.scaling.type", text("yarn"));
    let pair = pair(&stretched, &small_vision());
    let error = ModelConfig::from_json(pair.config_json()).unwrap_err().to_string();
    assert!(error.contains("rope_scaling.rope_type") && error.contains("yarn"), "{error}");
    let gelu = small_vision().key("clip.use_gelu", vec![7, 0, 0, 0, 1]);
    let pair = self::pair(&small_text(), &gelu);
    let error = ModelConfig::from_json(pair.config_json()).unwrap_err().to_string();
    assert!(error.contains("hidden_act") && error.contains("gelu"), "{error}");
}
