//! Which of a repository's files Easel reads.

/// Model files besides the weights.
const MODEL_FILES: [&str; 6] = [
    "config.json",
    "tokenizer.json",
    "generation_config.json",
    "preprocessor_config.json",
    "tokenizer_config.json",
    "model.safetensors.index.json",
];
/// The two files of a PEFT adapter.
pub(super) const ADAPTER_FILES: [&str; 2] = ["adapter_config.json", "adapter_model.safetensors"];
/// How many folders deep an adapter may lie.
pub(super) const ADAPTER_DEPTH: usize = 3;

/// Whether `name`, a file's path in its repository, belongs to a base model.
///
/// These are the configuration and tokenizer files and all safetensors at the top level.
pub fn wanted_for_model(name: &str) -> bool {
    !name.contains('/') && (MODEL_FILES.contains(&name) || name.ends_with(".safetensors"))
}

/// Whether `name`, a file's path in its repository, belongs to a PEFT adapter.
///
/// A repository may hold one adapter at its top or several in folders, at most three deep.
pub fn wanted_for_adapters(name: &str) -> bool {
    let (folders, file) = name.rsplit_once('/').unwrap_or(("", name));
    let depth = if folders.is_empty() { 0 } else { folders.split('/').count() };
    ADAPTER_FILES.contains(&file) && depth <= ADAPTER_DEPTH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn model_files_lie_at_the_top_level() {
        for name in ["config.json", "model-00001-of-00002.safetensors", "tokenizer.json"] {
            assert!(wanted_for_model(name), "{name}");
            assert!(!wanted_for_model(&format!("onnx/{name}")), "{name}");
        }
        for name in ["pytorch_model.bin", "README.md", "safetensors", "vocab.json"] {
            assert!(!wanted_for_model(name), "{name}");
        }
    }

    #[test]
    fn adapter_files_lie_at_most_three_folders_deep() {
        for name in ["adapter_config.json", "realism/adapter_model.safetensors"] {
            assert!(wanted_for_adapters(name), "{name}");
        }
        assert!(wanted_for_adapters("a/b/c/adapter_config.json"));
        assert!(!wanted_for_adapters("a/b/c/d/adapter_config.json"));
        assert!(!wanted_for_adapters("my_adapter_config.json"));
        assert!(!wanted_for_adapters("config.json"));
    }
}
