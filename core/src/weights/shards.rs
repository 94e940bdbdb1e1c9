//! Which files make up a checkpoint, and which tensor lies in which.

use std::collections::BTreeMap;

use super::WeightsError;
use super::json::{Pairs, one_line};
use super::safetensors::{TensorInfo, read_header};
use super::source::{Source, is_plain, join};

const WHOLE: &str = "model.safetensors";
const INDEX: &str = "model.safetensors.index.json";
/// An adapter's file: never the model.
const ADAPTER: &str = "adapter_model.safetensors";
/// The 7B's index has 60 kB.
const LONGEST_INDEX: u64 = 64 << 20;

/// `model.safetensors.index.json`; its `metadata` is not needed.
#[derive(serde::Deserialize)]
struct Index {
    weight_map: Pairs<String>,
}

/// All tensors of the checkpoint under the names that its files give them.
pub(super) async fn find_tensors(
    source: &dyn Source,
) -> Result<BTreeMap<String, TensorInfo>, WeightsError> {
    if source.exists(WHOLE).await? {
        return read_header(source, WHOLE).await;
    }
    if source.exists(INDEX).await? {
        return read_shards(source).await;
    }
    let files = source.files().await?;
    let top = |file: &&String| !file.contains('/') && file.as_str() != ADAPTER;
    let mut single = files.iter().filter(top).filter(|file| file.ends_with(".safetensors"));
    match (single.next(), single.next()) {
        (Some(file), None) => read_header(source, file).await,
        (first, second) => {
            let found = describe(&files, first.is_some() && second.is_some());
            Err(WeightsError::NoCheckpoint { place: source.name(), found })
        }
    }
}

/// What a folder without a checkpoint holds instead.
fn describe(files: &[String], several: bool) -> String {
    let ends = |end: &str| files.iter().any(|file| file.ends_with(end));
    let answer = if several {
        "several safetensors files without an index"
    } else if files.iter().any(|file| file == ADAPTER) {
        "an adapter"
    } else if ends(".bin") || ends(".pt") || ends(".pth") {
        "PyTorch files, which can run programs and are not read; save the model as safetensors"
    } else if ends(".safetensors") {
        "safetensors files in folders inside it; choose one of those"
    } else if files.is_empty() {
        "no files"
    } else {
        "other files"
    };
    answer.to_owned()
}

async fn read_shards(source: &dyn Source) -> Result<BTreeMap<String, TensorInfo>, WeightsError> {
    let index_error = |reason| WeightsError::Index { file: join(&source.name(), INDEX), reason };
    let json = source.read_all(INDEX, LONGEST_INDEX).await?;
    let index: Index =
        serde_json::from_slice(&json).map_err(|error| index_error(one_line(&error.to_string())))?;

    let mut shards = BTreeMap::<String, Vec<String>>::new();
    for (tensor, file) in index.weight_map.0 {
        if !is_plain(&file) {
            let (place, path) = (join(&source.name(), INDEX), one_line(&file));
            return Err(WeightsError::Path { place, path });
        }
        shards.entry(file).or_default().push(tensor);
    }
    let mut found = BTreeMap::new();
    for (file, tensors) in shards {
        if !source.exists(&file).await? {
            let tensor = tensors.into_iter().next().unwrap_or_default();
            let file = join(&source.name(), &one_line(&file));
            return Err(WeightsError::NoShard { file, index: INDEX.to_owned(), tensor });
        }
        let mut header = read_header(source, &file).await?;
        for tensor in tensors {
            if found.contains_key(&tensor) {
                return Err(index_error(format!("tensor {tensor} is named twice")));
            }
            let Some(info) = header.remove(&tensor) else {
                let (file, index) = (join(&source.name(), &file), INDEX.to_owned());
                return Err(WeightsError::NotInShard { file, index, tensor });
            };
            found.insert(tensor, info);
        }
    }
    if found.is_empty() {
        return Err(index_error("its weight_map names no tensor".to_owned()));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use pollster::block_on;
    use safetensors::tensor::{Dtype, TensorView, serialize};

    use super::super::Memory;
    use super::*;

    fn shard(names: &[&str]) -> Vec<u8> {
        let view = |name| (name, TensorView::new(Dtype::F32, vec![1], &[0; 4]).unwrap());
        serialize(names.iter().map(view), None).unwrap()
    }

    fn find(files: &[(&str, Vec<u8>)]) -> Result<BTreeMap<String, TensorInfo>, WeightsError> {
        let files = files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.clone()));
        block_on(find_tensors(&Memory::new("mem", files.collect())))
    }

    fn indexed(map: &str) -> Result<BTreeMap<String, TensorInfo>, WeightsError> {
        let json = format!(r#"{{"metadata": {{"total_size": 8}}, "weight_map": {map}}}"#);
        find(&[(INDEX, json.into()), ("s1", shard(&["a", "c"])), ("s2", shard(&["b", "c"]))])
    }

    #[test]
    fn each_tensor_comes_from_the_file_that_the_index_names() {
        let found = indexed(r#"{"a": "s1", "b": "s2", "c": "s2"}"#).unwrap();
        let files: Vec<_> = found.iter().map(|(name, info)| (&**name, &*info.file)).collect();
        assert_eq!(files, [("a", "s1"), ("b", "s2"), ("c", "s2")]);
    }

    #[test]
    fn a_wrong_index_is_refused() {
        let message = |map| indexed(map).unwrap_err().to_string();
        let missing = message(r#"{"a": "s1", "b": "s3"}"#);
        assert_eq!(missing, format!("mem/s3: missing; {INDEX} says that it holds b"));
        let lost = message(r#"{"b": "s1"}"#);
        assert_eq!(lost, format!("mem/s1: tensor b is not in it, though {INDEX} says so"));
        assert!(message(r#"{"a": "../s1"}"#).ends_with("'../s1' is no plain path inside it"));
        assert!(message(r#"{"a": "/s1"}"#).contains("'/s1'"));
        assert!(message(r#"{"a": "s1", "a": "s1"}"#).ends_with("tensor a is named twice"));
        assert!(message(r#"{"c": "s1", "c": "s2"}"#).ends_with("tensor c is named twice"));
        assert!(message("{}").ends_with("names no tensor"));
        assert!(message("7").contains("expected an object"));
    }

    #[test]
    fn a_single_file_of_any_name_is_the_model() {
        let found = find(&[("qwen.safetensors", shard(&["a"])), (ADAPTER, shard(&["b"]))]);
        assert_eq!(found.unwrap().into_keys().collect::<Vec<_>>(), ["a"]);
    }

    #[test]
    fn a_folder_without_a_checkpoint_says_what_it_has() {
        let found = |names: &[&str]| {
            let files: Vec<_> = names.iter().map(|&name| (name, Vec::new())).collect();
            find(&files).unwrap_err().to_string()
        };
        assert!(found(&[]).ends_with("found no files"));
        assert!(found(&["a.safetensors", "b.safetensors"]).ends_with("files without an index"));
        assert!(found(&[ADAPTER]).ends_with("found an adapter"));
        assert!(found(&["pytorch_model.bin"]).contains("save the model as safetensors"));
        assert!(found(&["x/model.safetensors"]).ends_with("choose one of those"));
        assert!(found(&["notes.txt"]).ends_with("found other files"));
    }
}
