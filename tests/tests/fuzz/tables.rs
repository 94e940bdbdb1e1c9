//! Files that are nothing but small entries: what takes the most memory for its bytes.

use crate::draft::{Draft, text_keys, tokenizer, vision_keys};
use crate::rounds::{Files, Read, attempt};
use crate::{gguf, pack, safetensors};

fn files<const N: usize>(files: [(&str, Vec<u8>); N]) -> Files {
    files.map(|(name, bytes)| (name.to_owned(), bytes)).into()
}

/// Reads files that are made up, and expects an error of few bytes.
fn refused(files: Files, read: Read, says: &str) {
    let outcome = attempt(0, files, read).unwrap_or_else(|fault| panic!("{says}: {fault}"));
    let message = outcome.unwrap_err();
    assert!(message.contains(says), "{message}");
}

fn pair(text: &Draft) -> Files {
    files([("text.gguf", text.write()), ("v.gguf", vision_keys().write())])
}

#[test]
fn gguf_tables() {
    let read: Read = gguf::read;
    let many = |count: usize| (0..count).map(|at| format!("{at:x}")).collect::<Vec<String>>();
    let few = |name: &str| vec![name.to_owned()];
    let keys = (0..4080).fold(text_keys(), |draft, at| draft.key(&format!("clip.{at}"), 0, &[1]));
    refused(pair(&keys), read, "token_embd.weight");
    let tensors = |count: usize| {
        (0..count).fold(text_keys(), |draft, at| draft.tensor(&format!("{at}"), &[1, 1, 1, 1], 1))
    };
    refused(pair(&tensors(4000)), read, "token_embd.weight");
    refused(pair(&tensors(60_000)), read, "at most");
    // The rest of the pair is there, so that the tokenizer is come to.
    let whole = |tokens: &[String], types: &[u8], merges: &[String]| {
        let draft = tokenizer(text_keys(), tokens, types, merges);
        let draft = draft.tensor("token_embd.weight", &[8, 256], 8);
        let draft = draft.tensor("blk.0.attn_q.weight", &[16, 256], 8);
        let vision = vision_keys()
            .tensor("v.patch_embd.weight", &[32, 3, 2, 2], 1)
            .tensor("v.patch_embd.weight.1", &[32, 3, 2, 2], 1)
            .tensor("mm.0.weight", &[32, 128], 7)
            .tensor("mm.2.weight", &[256, 32], 30)
            .tensor("v.blk.0.ffn_gate.weight", &[48, 32], 8);
        files([("text.gguf", draft.write()), ("v.gguf", vision.write())])
    };
    let tokens = many(100_000);
    for kind in [1, 3, 4, 5, 77] {
        let outcome = attempt(0, whole(&tokens, &[kind; 100_000], &few("a b")), read);
        let outcome = outcome.unwrap_or_else(|fault| panic!("tokens of type {kind}: {fault}"));
        assert_eq!(outcome.is_err(), matches!(kind, 3 | 4), "{kind}: {outcome:?}");
    }
    let quotes: Vec<String> = (1..600).map(|count| "\"".repeat(count)).collect();
    attempt(0, whole(&quotes, &[1; 599], &few("a b")), read).unwrap().unwrap();
    let merges = vec![String::new(); 200_000];
    attempt(0, whole(&few("a"), &[1], &merges), read).unwrap().unwrap();
    let long = text_keys().text("general.name", &"x".repeat(3 << 20));
    refused(pair(&long), read, "token_embd.weight");
    let numbers = text_keys().array("general.numbers", 0, 3 << 20, &vec![1; 3 << 20]);
    refused(pair(&numbers), read, "token_embd.weight");
}

#[test]
fn safetensors_tables() {
    let read: Read = safetensors::read;
    let model = |header: String| {
        let header = [&(header.len() as u64).to_le_bytes()[..], header.as_bytes()].concat();
        files([("model.safetensors", header)])
    };
    let entry = |name: usize, shape: &str| {
        format!(r#""{name}":{{"dtype":"F16","shape":[{shape}],"data_offsets":[0,0]}}"#)
    };
    let header = |count: usize| (0..count).map(|at| entry(at, "0")).collect::<Vec<_>>().join(",");
    attempt(0, model(format!("{{{}}}", header(4000))), read).unwrap().unwrap();
    refused(model(format!("{{{}}}", header(80_000))), read, "at most");
    let zeros = vec!["0"; 600_000].join(",");
    refused(model(format!("{{{}}}", entry(1, &zeros))), read, "at most");
    let metadata = vec![r#""a":"b""#; 100_000].join(",");
    let metadata = format!(r#"{{"__metadata__":{{{metadata}}},{}}}"#, entry(1, "0"));
    attempt(0, model(metadata), read).unwrap().unwrap();
    let map: Vec<String> = (0..80_000).map(|at| format!(r#""{at}":"a""#)).collect();
    let index = format!(r#"{{"weight_map":{{{}}}}}"#, map.join(","));
    let index = files([("model.safetensors.index.json", index.into_bytes())]);
    refused(index, read, "at most");
}

#[test]
fn pack_tables() {
    let read: Read = pack::read;
    let manifest = |rest: String| {
        let start = r#"{"format":"easel-pack","version":1,"source":"","licence":"","weights":"q4""#;
        files([("manifest.json", format!("{start},{rest}}}").into_bytes())])
    };
    let list = |count: usize, entry: fn(usize) -> String| {
        (0..count).map(entry).collect::<Vec<String>>().join(",")
    };
    let listed = list(20_000, |at| format!(r#""{at}":{{"bytes":1,"sha256":""}}"#));
    refused(manifest(format!(r#""files":{{{listed}}},"tensors":{{}}"#)), read, "");
    let tensors = list(20_000, |at| format!(r#""{at}":{{"shape":[],"kind":"q4","parts":[]}}"#));
    refused(manifest(format!(r#""files":{{}},"tensors":{{{tensors}}}"#)), read, "");
    let zeros = list(600_000, |_| "0".to_owned());
    let tensor = format!(r#""a":{{"shape":[{zeros}],"kind":"q4","parts":[]}}"#);
    refused(manifest(format!(r#""files":{{}},"tensors":{{{tensor}}}"#)), read, "at most");
    let parts = list(100_000, |_| r#"{"rows":[0,1],"file":""}"#.to_owned());
    let tensor = format!(r#""a":{{"shape":[1,1],"kind":"q4","parts":[{parts}]}}"#);
    refused(manifest(format!(r#""files":{{}},"tensors":{{{tensor}}}"#)), read, "");
}
