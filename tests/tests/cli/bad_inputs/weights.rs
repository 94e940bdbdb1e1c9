//! The model's safetensors.

use half::{bf16, f16};
use serde_json::json;

use super::*;

const INDEX: &str = "model/model.safetensors.index.json";
const NAME: &str = "easel: model/model.safetensors: ";
const NORM: &str = "model.norm.weight";
/// A tensor of the decoder, in the middle of the file.
const QUERY: &str = "model.layers.1.self_attn.q_proj.weight";

#[test]
fn bad_weights_are_named() {
    every(SCORE, 1, FILES);
    every(SCORE, 1, TENSORS);
}

#[test]
fn a_bad_index_is_named() {
    every(SCORE, 1, SHARDS);
}

const FILES: &[Row] = &[
    ("none", |bench| bench.remove(WEIGHTS), &["easel: model: no checkpoint", "other files"]),
    (
        "PyTorch's own format",
        |bench| {
            bench.remove(WEIGHTS);
            bench.write("model/pytorch_model.bin", "PK");
        },
        &["easel: model: no checkpoint", "save the model as safetensors"],
    ),
    (
        "two files and no index",
        |bench| {
            fs::rename(bench.path(WEIGHTS), bench.path("model/a.safetensors")).unwrap();
            bench.write("model/b.safetensors", "");
        },
        &["easel: model: no checkpoint", "several safetensors files without an index"],
    ),
    ("empty", |bench| bench.write(WEIGHTS, ""), &[NAME, "expected at least 8 bytes, found 0"]),
    (
        "a header longer than the file",
        |bench| bench.write(WEIGHTS, [&u64::MAX.to_le_bytes()[..], b"{}"].concat()),
        &[NAME, "its header claims 18446744073709551615 bytes, expected at most 2"],
    ),
    (
        "a header that is no JSON",
        |bench| bench.write_safetensors(WEIGHTS, "{'a': 1}", b""),
        &[NAME, "its header is no table of tensors"],
    ),
    (
        "a pointer to a large file",
        |bench| bench.write(WEIGHTS, "version https://git-lfs.github.com/spec/v1\n"),
        &[NAME, "not a safetensors file"],
    ),
    (
        "cut in the header",
        |bench| bench.cut(WEIGHTS, 5000),
        &[NAME, "its header claims 10544 bytes, expected at most 4992"],
    ),
    (
        "cut in the data",
        |bench| bench.cut(WEIGHTS, 700_000),
        &[NAME, "tensor ", "lie outside of the data's 689448 bytes"],
    ),
    (
        "too long",
        |bench| bench.write(WEIGHTS, [bench.read(WEIGHTS), vec![0; 3]].concat()),
        &[NAME, "3 bytes at its end belong to no tensor"],
    ),
];

const TENSORS: &[Row] = &[
    (
        "offsets beyond the data",
        |bench| bench.header(WEIGHTS, |json| json[NORM]["data_offsets"][1] = json!(1_u64 << 60)),
        &[NAME, "tensor model.norm.weight: offsets", "lie outside of the data's"],
    ),
    (
        "offsets that run backwards",
        |bench| bench.header(WEIGHTS, |json| json[NORM]["data_offsets"] = json!([128, 0])),
        &[NAME, "tensor model.norm.weight: offsets 128 to 0"],
    ),
    (
        "two tensors in one place",
        |bench| {
            bench.header(WEIGHTS, |json| {
                json["model.layers.0.input_layernorm.weight"]["data_offsets"] =
                    json[NORM]["data_offsets"].clone();
            });
        },
        &[NAME, "a hole"],
    ),
    (
        "an overlap",
        |bench| {
            bench.header(WEIGHTS, |json| {
                json["lm_head.weight"]["data_offsets"] = json!([196_608, 393_216]);
                json["lm_head.twice"] = json!({
                    "dtype": "BF16", "shape": [1536, 64], "data_offsets": [0, 196_608],
                });
            });
        },
        &[NAME, "overlaps the tensor before it"],
    ),
    (
        "a hole",
        |bench| {
            bench.header(WEIGHTS, |json| drop(json.as_object_mut().unwrap().remove(NORM)));
        },
        &[NAME, "a hole: its data starts at"],
    ),
    (
        "a shape that its bytes do not fill",
        |bench| bench.header(WEIGHTS, |json| json[NORM]["shape"] = json!([65])),
        &[NAME, "tensor model.norm.weight: shape [65] of BF16 takes 130 bytes"],
    ),
    (
        "an absurd shape",
        |bench| {
            bench.header(WEIGHTS, |json| json[NORM]["shape"] = json!([1_u64 << 40, 1_u64 << 40]));
        },
        &[NAME, "tensor model.norm.weight: shape", "is no number of bytes"],
    ),
    (
        "an unknown type",
        |bench| bench.header(WEIGHTS, |json| json[NORM]["dtype"] = json!("Q4_K")),
        &[NAME, "tensor model.norm.weight: expected a dtype such as BF16, found 'Q4_K'"],
    ),
    (
        "whole numbers",
        |bench| replace(bench, NORM, Dtype::I64, &[64], vec![1; 512]),
        &[NAME, "tensor model.norm.weight: expected F32, F16 or BF16 values, found I64"],
    ),
    (
        "eight bits",
        |bench| replace(bench, NORM, Dtype::F8_E4M3, &[64], vec![1; 64]),
        &[NAME, "tensor model.norm.weight: expected F32, F16 or BF16 values, found F8_E4M3"],
    ),
    (
        "a missing tensor",
        |bench| bench.tensors(WEIGHTS, |tensors| drop(tensors.remove(QUERY))),
        &["easel: model: tensor model.layers.1.self_attn.q_proj.weight is missing", "nearest"],
    ),
    (
        "a missing head",
        |bench| bench.tensors(WEIGHTS, |tensors| drop(tensors.remove("lm_head.weight"))),
        &["easel: model: tensor lm_head.weight is missing"],
    ),
    (
        "a missing embedding",
        |bench| bench.tensors(WEIGHTS, |tensors| drop(tensors.remove("model.embed_tokens.weight"))),
        &["easel: model: tensor model.embed_tokens.weight is missing"],
    ),
    (
        "another shape of as many values",
        |bench| bench.header(WEIGHTS, |json| json[QUERY]["shape"] = json!([32, 128])),
        &[
            NAME,
            "tensor model.layers.1.self_attn.q_proj.weight: expected shape [64, 64], found [32, 128]",
        ],
    ),
    (
        "a value that is no number",
        |bench| poison(bench, QUERY, 64, bf16::NAN),
        &[
            NAME,
            "tensor model.layers.1.self_attn.q_proj.weight: value 64 is NaN, expected a finite",
        ],
    ),
    (
        "an infinite value of the vision tower",
        |bench| poison(bench, "visual.merger.mlp.0.weight", 64, bf16::NEG_INFINITY),
        &[NAME, "tensor visual.merger.mlp.0.weight: value 64 is -inf"],
    ),
    (
        "an infinite value in the embedding of <|im_start|>",
        |bench| poison(bench, "model.embed_tokens.weight", 1501 * 64, bf16::INFINITY),
        &[NAME, "tensor model.embed_tokens.weight: value 96064 is inf"],
    ),
    (
        "a half that overflowed",
        |bench| {
            let values = [f16::INFINITY; 64].map(f16::to_le_bytes).concat();
            replace(bench, NORM, Dtype::F16, &[64], values);
        },
        &[NAME, "tensor model.norm.weight: value 0 is inf"],
    ),
    (
        "one name twice",
        |bench| {
            let entry = |from: u8| {
                format!(
                    r#""a": {{"dtype": "U8", "shape": [1], "data_offsets": [{from}, {}]}}"#,
                    from + 1
                )
            };
            bench.write_safetensors(WEIGHTS, &format!("{{{}, {}}}", entry(0), entry(1)), &[0, 0]);
        },
        &[NAME, "tensor a: named twice"],
    ),
    (
        "both spellings of one name",
        |bench| {
            bench.tensors(WEIGHTS, |tensors| {
                let norm = tensors[NORM].clone();
                tensors.insert("model.language_model.norm.weight".into(), norm);
            });
        },
        &["easel: model: ", "model.language_model.norm.weight and model.norm.weight are both"],
    ),
    (
        "a name that spans lines",
        |bench| {
            bench.header(WEIGHTS, |json| {
                json["a\nb\u{1b}[31m"] = json!({"dtype": "Q", "shape": [], "data_offsets": [0, 0]});
            });
        },
        &[NAME, "a name has control characters"],
    ),
];

const SHARDS: &[Row] = &[
    (
        "no JSON",
        |bench| shards(bench, |index| *index = json!("nothing")),
        &["easel: model/model.safetensors.index.json: not an index of safetensors files"],
    ),
    (
        "an index of nothing",
        |bench| shards(bench, |index| index["weight_map"] = json!({})),
        &["easel: model/model.safetensors.index.json: ", "names no tensor"],
    ),
    (
        "a missing shard",
        |bench| shards(bench, |index| index["weight_map"][NORM] = json!("two.safetensors")),
        &["easel: model/two.safetensors: missing", "says that it holds model.norm.weight"],
    ),
    (
        "a path out of the folder",
        |bench| shards(bench, |index| index["weight_map"][NORM] = json!("../one.safetensors")),
        &["easel: model/model.safetensors.index.json: '../one.safetensors' is no plain path"],
    ),
    (
        "a path from the top",
        |bench| shards(bench, |index| index["weight_map"][NORM] = json!("/dev/zero")),
        &["easel: model/model.safetensors.index.json: '/dev/zero' is no plain path"],
    ),
    (
        "a tensor that its shard lacks",
        |bench| shards(bench, |index| index["weight_map"]["model.more"] = json!("one.safetensors")),
        &["easel: model/one.safetensors: tensor model.more is not in it, though"],
    ),
    (
        "a cut shard",
        |bench| {
            shards(bench, |_| {});
            bench.cut("model/one.safetensors", 700_000);
        },
        &["easel: model/one.safetensors: tensor ", "lie outside of the data's"],
    ),
    (
        "a shard that is a pipe",
        |bench| {
            shards(bench, |_| {});
            bench.remove("model/one.safetensors");
            fs::create_dir(bench.path("model/one.safetensors")).unwrap();
        },
        &["easel: model/one.safetensors: ", "it is not a file"],
    ),
];

fn replace(bench: &Bench, name: &str, dtype: Dtype, shape: &[usize], values: Vec<u8>) {
    bench.tensors(WEIGHTS, |tensors| {
        tensors.insert(name.to_owned(), (dtype, shape.to_vec(), values));
    });
}

/// Sets one value.
fn poison(bench: &Bench, name: &str, at: usize, value: bf16) {
    bench.tensors(WEIGHTS, |tensors| {
        let bytes = &mut tensors.get_mut(name).unwrap().2;
        bytes[2 * at..2 * at + 2].copy_from_slice(&value.to_le_bytes());
    });
}

/// Makes the model one shard with an index, and changes the index.
fn shards(bench: &Bench, change: impl FnOnce(&mut Value)) {
    fs::rename(bench.path(WEIGHTS), bench.path("model/one.safetensors")).unwrap();
    let bytes = bench.read("model/one.safetensors");
    let names = SafeTensors::deserialize(&bytes).unwrap();
    let map = names.iter().map(|(name, _)| (name.to_owned(), json!("one.safetensors"))).collect();
    let mut index = json!({"metadata": {}, "weight_map": Value::Object(map)});
    change(&mut index);
    bench.write(INDEX, index.to_string());
}
