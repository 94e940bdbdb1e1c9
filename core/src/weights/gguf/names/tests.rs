use super::super::types::GgufType;
use super::*;

fn header(tensors: &[(&str, &[usize])]) -> Header {
    let entry = |&(name, shape): &(&str, &[usize])| Entry {
        name: name.into(),
        shape: shape.into(),
        kind: GgufType::F32,
        range: 0..0,
    };
    Header::of("f.gguf", tensors.iter().map(entry).collect())
}

fn names(tensors: &[(&str, &[usize])]) -> Vec<(String, Vec<usize>)> {
    let found = places([&header(tensors), &header(&[])]).unwrap();
    found.into_iter().map(|(name, place)| (name, place.shape)).collect()
}

fn message(tensors: &[(&str, &[usize])]) -> String {
    places([&header(&[]), &header(tensors)]).unwrap_err().to_string()
}

#[test]
fn single_tensors_get_their_published_names() {
    let cases = [
        ("token_embd.weight", "model.embed_tokens.weight"),
        ("output.weight", "lm_head.weight"),
        ("output_norm.weight", "model.norm.weight"),
        ("blk.12.attn_q.bias", "model.layers.12.self_attn.q_proj.bias"),
        ("blk.0.attn_output.weight", "model.layers.0.self_attn.o_proj.weight"),
        ("blk.0.ffn_norm.weight", "model.layers.0.post_attention_layernorm.weight"),
        ("blk.0.attn_norm.weight", "model.layers.0.input_layernorm.weight"),
        ("blk.7.ffn_down.weight", "model.layers.7.mlp.down_proj.weight"),
        ("v.blk.3.attn_out.bias", "visual.blocks.3.attn.proj.bias"),
        ("v.blk.3.ln2.weight", "visual.blocks.3.norm2.weight"),
        ("v.post_ln.weight", "visual.merger.ln_q.weight"),
        ("mm.0.weight", "visual.merger.mlp.0.weight"),
        ("mm.2.bias", "visual.merger.mlp.2.bias"),
        ("blk.0.attn_q_norm.weight", "model.layers.0.attn_q_norm.weight"),
        ("v.position_embd.weight", "visual.position_embd.weight"),
        ("rope_freqs.weight", "rope_freqs.weight"),
    ];
    for (found, name) in cases {
        assert_eq!(names(&[(found, &[4])]), [(name.to_owned(), vec![4])]);
    }
}

#[test]
fn split_tensors_are_joined() {
    let found = names(&[
        ("v.blk.0.attn_v.weight", &[4, 8]),
        ("v.blk.0.attn_q.weight", &[4, 8]),
        ("v.blk.0.attn_k.weight", &[4, 8]),
        ("v.patch_embd.weight.1", &[8, 3, 14, 14]),
        ("v.patch_embd.weight", &[8, 3, 14, 14]),
    ]);
    let expected = [
        ("visual.blocks.0.attn.qkv.weight".to_owned(), vec![12, 8]),
        ("visual.patch_embed.proj.weight".to_owned(), vec![8, 3, 2, 14, 14]),
    ];
    assert_eq!(found, expected);
    let bias = header(&[
        ("v.blk.0.attn_v.bias", &[4]),
        ("v.blk.0.attn_q.bias", &[4]),
        ("v.blk.0.attn_k.bias", &[4]),
    ]);
    let found = places([&bias, &header(&[])]).unwrap();
    assert_eq!(found["visual.blocks.0.attn.qkv.bias"].parts, [1, 2, 0]);
}

#[test]
fn older_files_have_up_and_down_swapped() {
    let up = |found: Vec<(String, Vec<usize>)>| {
        let name = |(name, _): &(String, Vec<usize>)| name.ends_with("mlp.up_proj.weight");
        found.into_iter().find(name).unwrap().1
    };
    let (gate, other): (&[usize], &[usize]) = (&[20, 8], &[8, 20]);
    let old = [
        ("v.blk.0.ffn_gate.weight", gate),
        ("v.blk.0.ffn_up.weight", other),
        ("v.blk.0.ffn_down.weight", gate),
    ];
    assert_eq!(up(names(&old)), [20, 8]);
    let new = [old[0], ("v.blk.0.ffn_up.weight", gate), ("v.blk.0.ffn_down.weight", other)];
    assert_eq!(up(names(&new)), [20, 8]);
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let lone = message(&[("v.patch_embd.weight", &[8, 3, 14, 14])]);
    let expected = "f.gguf: tensor v.patch_embd.weight.1 is missing; v.patch_embd.weight is \
                    there, and the model needs both";
    assert_eq!(lone, expected);
    let flat = message(&[("v.patch_embd.weight", &[8]), ("v.patch_embd.weight.1", &[8])]);
    let expected = "f.gguf: tensor v.patch_embd.weight: expected the four axes of a convolution, \
                    found [8]";
    assert_eq!(flat, expected);
    let unlike = message(&[
        ("v.blk.0.attn_q.weight", &[4, 8]),
        ("v.blk.0.attn_k.weight", &[2, 8]),
        ("v.blk.0.attn_v.weight", &[4, 9]),
    ]);
    let expected = "f.gguf: tensor v.blk.0.attn_v.weight: shape [4, 9] does not fit \
                    v.blk.0.attn_q.weight of shape [4, 8]";
    assert_eq!(unlike, expected);
    let twice = message(&[("output.weight", &[4]), ("lm_head.weight", &[4])]);
    assert!(twice.contains("are both the model's lm_head.weight"), "{twice}");
}
