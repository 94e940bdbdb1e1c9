//! The reference cases: small random models, and what PyTorch, transformers and peft compute with
//! them (`tests/fixtures/golden`, and more of them in `../shared/golden` where that is).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use easel_core::weights::{Folder, Source};
use easel_core::{Assessor, Attribute, LoadOptions, device::Device};
use safetensors::SafeTensors;
use serde::Deserialize;

/// One reference case.
#[derive(Debug)]
pub struct Case {
    /// Its folder.
    pub folder: PathBuf,
    /// What was computed.
    pub expected: Expected,
    /// The same for pictures in their own shape, where the case has that.
    pub native: Option<Native>,
}

/// `expected.json`.
#[derive(Debug, Deserialize)]
pub struct Expected {
    /// Token ids of the digits.
    pub digits: [u32; 5],
    /// Scores and texts.
    pub cases: Vec<Entry>,
}

/// One prompt about one picture: scored, or continued greedily.
#[derive(Debug, Deserialize)]
pub struct Entry {
    /// The picture's file.
    pub image: String,
    /// The adapter; none is the bare model.
    pub adapter: Option<Attribute>,
    /// The whole prompt.
    pub input_ids: Vec<u32>,
    /// The expectation over the digits.
    pub score: Option<f64>,
    /// Of the digits.
    pub probabilities: Option<[f64; 5]>,
    /// The likeliest next token.
    pub argmax: Option<u32>,
    /// The next 24 tokens.
    pub greedy: Option<Vec<u32>>,
}

/// `native.json`.
#[derive(Debug, Deserialize)]
pub struct Native {
    /// The largest area, in pixels.
    pub max_pixels: u64,
    /// The texts.
    pub cases: Vec<NativeEntry>,
}

/// One picture in its own shape.
#[derive(Debug, Deserialize)]
pub struct NativeEntry {
    /// The picture's file.
    pub image: String,
    /// In patches.
    pub image_grid_thw: [usize; 3],
    /// The whole prompt.
    pub input_ids: Vec<u32>,
    /// The next 24 tokens.
    pub greedy: Vec<u32>,
}

/// The prompt that the greedy texts continue.
pub const DESCRIBE: &str = "Describe this drawing.";

/// The case that lives in this repository.
#[must_use]
pub fn own() -> Case {
    Case::read(&root().join("tests/fixtures/golden/case3"))
}

/// All cases that are here: our own, and those beside the repository.
#[must_use]
pub fn all() -> Vec<Case> {
    let mut cases = vec![own()];
    let Ok(beside) = std::fs::read_dir(root().join("../shared/golden")) else {
        return cases;
    };
    let mut folders: Vec<_> = beside.map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| folder.join("expected.json").exists() && !folder.ends_with("case3"));
    folders.sort();
    cases.extend(folders.iter().map(|folder| Case::read(folder)));
    cases
}

/// The repository.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

impl Case {
    fn read(folder: &Path) -> Self {
        let json = |name: &str| std::fs::read_to_string(folder.join(name)).ok();
        Self {
            folder: folder.to_owned(),
            expected: serde_json::from_str(&json("expected.json").unwrap()).unwrap(),
            native: json("native.json").map(|text| serde_json::from_str(&text).unwrap()),
        }
    }

    /// The case's name.
    #[must_use]
    pub fn name(&self) -> String {
        self.folder.file_name().unwrap().to_string_lossy().into_owned()
    }

    /// The model's folder.
    #[must_use]
    pub fn model(&self) -> PathBuf {
        self.folder.join("model")
    }

    /// The adapters' folder.
    #[must_use]
    pub fn adapters(&self) -> PathBuf {
        self.folder.join("adapters")
    }

    /// The tensors of `expected.safetensors` or `native.safetensors`.
    #[must_use]
    pub fn tensors(&self, file: &str) -> BTreeMap<String, Vec<f32>> {
        let bytes = std::fs::read(self.folder.join(file)).unwrap();
        let tensors = SafeTensors::deserialize(&bytes).unwrap();
        let values = |data: &[u8]| {
            data.chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect()
        };
        tensors.iter().map(|(name, view)| (name.to_owned(), values(view.data()))).collect()
    }

    /// A picture's bytes.
    #[must_use]
    pub fn picture(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.folder.join(name)).unwrap()
    }

    /// Loads the model, with its adapters or bare.
    #[must_use]
    pub fn load(&self, adapters: bool, device: &Device) -> Assessor {
        let adapters = adapters.then(|| source(self.adapters()));
        let loading = Assessor::load(source(self.model()), adapters, self.options(), device);
        pollster::block_on(loading).unwrap()
    }

    /// How its model is loaded: with the tokenizer beside the cases where it has none.
    #[must_use]
    pub fn options(&self) -> LoadOptions {
        match self.model().join("tokenizer.json").exists() {
            true => LoadOptions::new(),
            false => {
                let file = root().join("../shared/tokenizer/tokenizer.json");
                LoadOptions::new().with_tokenizer(std::fs::read(file).unwrap())
            }
        }
    }
}

/// The own case's tokenizer with words for yes (ids 1522 and 1523) and no (902 and 1524): of the
/// twelve ways to say them the cut vocabulary has one.
///
/// # Panics
/// When the fixture is not there.
#[must_use]
pub fn answering_tokenizer() -> Vec<u8> {
    let bytes = std::fs::read(own().model().join("tokenizer.json")).unwrap();
    let mut tokenizer: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    let added = tokenizer["added_tokens"].as_array_mut().unwrap();
    for (id, content) in [(1522, "yes"), (1523, " Yes"), (1524, "No")] {
        added.push(serde_json::json!({
            "id": id, "content": content, "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": false, "special": false,
        }));
    }
    tokenizer.to_string().into_bytes()
}

/// A folder as a source.
#[must_use]
pub fn source(folder: PathBuf) -> Rc<dyn Source> {
    Rc::new(Folder::open(folder).unwrap())
}

/// The largest difference, over the largest expected value.
///
/// # Panics
/// When the lengths differ or something is no number.
#[must_use]
pub fn relative_error(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len(), "as many values");
    let max = expected.iter().fold(0.0_f32, |max, value| max.max(value.abs()));
    max_difference(found, expected) / max
}

/// The largest difference.
///
/// # Panics
/// When the lengths differ or something is no number.
#[must_use]
pub fn max_difference(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len(), "as many values");
    let pairs = found.iter().zip(expected);
    pairs.fold(0.0, |max, (a, b)| {
        let difference = (a - b).abs();
        assert!(difference.is_finite(), "{a} against {b}");
        max.max(difference)
    })
}
