//! What tensors a model has, from its sizes alone.

use crate::model::ModelConfig;

/// Names and shapes of all tensors, as published checkpoints have them.
pub(crate) fn tensors(config: &ModelConfig) -> Vec<(String, Vec<usize>)> {
    let (text, vision) = (&config.text, &config.vision);
    let (hidden, width) = (text.hidden_size, vision.hidden_size);
    let unit = width * vision.spatial_merge_size.pow(2);
    let patch = vision.patch_size;
    let mut all = vec![
        ("model.embed_tokens.weight".to_owned(), vec![text.vocab_size, hidden]),
        ("model.norm.weight".to_owned(), vec![hidden]),
        (
            "visual.patch_embed.proj.weight".to_owned(),
            vec![width, vision.in_channels, vision.temporal_patch_size, patch, patch],
        ),
        ("visual.merger.ln_q.weight".to_owned(), vec![width]),
    ];
    if !config.tie_word_embeddings {
        all.push(("lm_head.weight".to_owned(), vec![text.vocab_size, hidden]));
    }
    let mut linear = |name: String, outputs: usize, inputs: usize, bias: bool| {
        all.push((format!("{name}.weight"), vec![outputs, inputs]));
        if bias {
            all.push((format!("{name}.bias"), vec![outputs]));
        }
    };
    linear("visual.merger.mlp.0".into(), unit, unit, true);
    linear("visual.merger.mlp.2".into(), vision.out_hidden_size, unit, true);
    let inner = vision.intermediate_size;
    for index in 0..vision.depth {
        let name = |part: &str| format!("visual.blocks.{index}.{part}");
        linear(name("attn.qkv"), 3 * width, width, true);
        linear(name("attn.proj"), width, width, true);
        linear(name("mlp.gate_proj"), inner, width, true);
        linear(name("mlp.up_proj"), inner, width, true);
        linear(name("mlp.down_proj"), width, inner, true);
    }
    let inner = text.intermediate_size;
    let queries = text.num_attention_heads * text.head_dim;
    let keys = text.num_key_value_heads * text.head_dim;
    for index in 0..text.num_hidden_layers {
        let name = |part: &str| format!("model.layers.{index}.{part}");
        linear(name("self_attn.q_proj"), queries, hidden, true);
        linear(name("self_attn.k_proj"), keys, hidden, true);
        linear(name("self_attn.v_proj"), keys, hidden, true);
        linear(name("self_attn.o_proj"), hidden, queries, false);
        linear(name("mlp.gate_proj"), inner, hidden, false);
        linear(name("mlp.up_proj"), inner, hidden, false);
        linear(name("mlp.down_proj"), hidden, inner, false);
    }
    for index in 0..vision.depth {
        all.push((format!("visual.blocks.{index}.norm1.weight"), vec![width]));
        all.push((format!("visual.blocks.{index}.norm2.weight"), vec![width]));
    }
    for index in 0..text.num_hidden_layers {
        all.push((format!("model.layers.{index}.input_layernorm.weight"), vec![hidden]));
        all.push((format!("model.layers.{index}.post_attention_layernorm.weight"), vec![hidden]));
    }
    all
}
