//! A GGUF pair as the folder of a checkpoint, for whatever reads one.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use super::super::WeightsError;
use super::super::source::{Memory, Pending, Source};
use super::pair::GgufPair;

/// A source with the settings and the tokenizer of a pair as the files of a published checkpoint;
/// its tensors are read through [`Source::gguf`].
#[derive(Debug)]
pub struct GgufFolder {
    pair: Rc<GgufPair>,
    files: Memory,
}

impl GgufFolder {
    /// The folder that `pair` would be.
    #[must_use]
    pub fn new(pair: Rc<GgufPair>) -> Self {
        let json = |name: &str, text: &str| (name.to_owned(), text.as_bytes().to_vec());
        let mut files = BTreeMap::from([
            json("config.json", pair.config_json()),
            json("preprocessor_config.json", pair.preprocessor_json()),
        ]);
        if let Some(tokenizer) = pair.tokenizer_json() {
            files.insert("tokenizer.json".to_owned(), tokenizer.to_vec());
        }
        let files = Memory::new(pair.name(), files);
        Self { pair, files }
    }
}

impl Source for GgufFolder {
    fn name(&self) -> String {
        self.files.name()
    }

    fn files(&self) -> Pending<'_, Result<Vec<String>, WeightsError>> {
        self.files.files()
    }

    fn size<'a>(&'a self, file: &'a str) -> Pending<'a, Result<u64, WeightsError>> {
        self.files.size(file)
    }

    fn read<'a>(
        &'a self,
        file: &'a str,
        range: Range<u64>,
    ) -> Pending<'a, Result<Vec<u8>, WeightsError>> {
        self.files.read(file, range)
    }

    fn gguf(&self) -> Option<Rc<GgufPair>> {
        Some(Rc::clone(&self.pair))
    }
}
