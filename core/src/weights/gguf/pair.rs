//! The two files of a model as one: tensors by their published names.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use easel_shaders::quant_matmul::Layout;

use super::super::WeightsError;
use super::super::source::Source;
use super::blocks::Blocks;
use super::config::{check_kinds, config_json, preprocessor_json};
use super::file::{File, interleave, pieces};
use super::header::Entry;
use super::names::{Join, Place, places};
use super::tokenizer::tokenizer_json;

/// A Qwen2.5-VL in two GGUF files; only their headers are in memory.
#[derive(Debug)]
pub struct GgufPair {
    files: [File; 2],
    places: BTreeMap<String, Place>,
    config: String,
    preprocessor: String,
    tokenizer: Option<Vec<u8>>,
}

impl GgufPair {
    /// Reads the headers of the language model's and the vision tower's file; each is given as a
    /// source and the file's path in it.
    ///
    /// # Errors
    /// If a file cannot be read, is no GGUF file, holds values of a type that is not read, is not
    /// the half of a Qwen2.5-VL that it is given for, or lacks a setting.
    pub async fn open(
        text: (Rc<dyn Source>, String),
        mmproj: (Rc<dyn Source>, String),
    ) -> Result<Self, WeightsError> {
        let mut files = [File::open(text).await?, File::open(mmproj).await?];
        let [text, vision] = [&files[0].header, &files[1].header];
        check_kinds(text, vision)?;
        let places = places([text, vision])?;
        let config = config_json(text, vision)?;
        let preprocessor = preprocessor_json(vision)?;
        let tokenizer = tokenizer_json(text)?;
        files.iter_mut().for_each(|file| file.header.forget());
        Ok(Self { files, places, config, preprocessor, tokenizer })
    }

    /// The language model's file with its source, for messages.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.files[0].header.file
    }

    /// The text of a `config.json`, in the flat form of the published checkpoints.
    #[must_use]
    pub fn config_json(&self) -> &str {
        &self.config
    }

    /// The text of a `preprocessor_config.json`.
    #[must_use]
    pub fn preprocessor_json(&self) -> &str {
        &self.preprocessor
    }

    /// The bytes of a `tokenizer.json`; none where the metadata has no tokenizer.
    #[must_use]
    pub fn tokenizer_json(&self) -> Option<&[u8]> {
        self.tokenizer.as_deref()
    }

    /// All tensors' names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.places.keys().map(String::as_str)
    }

    /// A tensor's shape in the model, if it is there.
    #[must_use]
    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        self.places.get(name).map(|place| place.shape.as_slice())
    }

    /// The bytes that a tensor takes in its file; 0 if it is not there.
    #[must_use]
    pub fn bytes(&self, name: &str) -> u64 {
        let Some(place) = self.places.get(name) else { return 0 };
        let ranges = self.entries(place).map(|entry| entry.range.clone());
        ranges.map(|range| range.end - range.start).sum()
    }

    /// The file that a tensor lies in, with its source; the language model's if it is not there.
    #[must_use]
    pub fn file(&self, name: &str) -> &str {
        let file = self.places.get(name).map_or(0, |place| place.file);
        &self.files[file].header.file
    }

    /// Checks that a tensor is there and has `shape`, without reading its values.
    ///
    /// # Errors
    /// If it is missing or has another shape.
    pub fn expect_shape(&self, name: &str, shape: &[usize]) -> Result<(), WeightsError> {
        let place = self.place(name)?;
        match place.shape == shape {
            true => Ok(()),
            false => Err(self.shape_error(name, place, format!("{shape:?}"))),
        }
    }

    /// A tensor's values in row-major order.
    ///
    /// # Errors
    /// If it is missing, has another shape, holds a NaN or an infinity, or cannot be read.
    pub async fn read(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, WeightsError> {
        self.expect_shape(name, shape)?;
        let place = self.place(name)?;
        let file = &self.files[place.file];
        let count = self.entries(place).map(|entry| file.values(entry, &(0..entry.rows()))).sum();
        let mut floats = file.room(count)?;
        for entry in self.entries(place) {
            file.read_rows(name, entry, 0..entry.rows(), &mut floats).await?;
        }
        match place.join {
            Join::Rows => Ok(floats),
            Join::Frames => interleave(&floats, place, || file.room(count)),
        }
    }

    /// Some rows of a matrix `[n, width]`, without the others: `rows.len() * width` values.
    ///
    /// # Errors
    /// As [`GgufPair::read`], and if it has fewer rows.
    pub async fn read_rows(
        &self,
        name: &str,
        width: usize,
        rows: Range<usize>,
    ) -> Result<Vec<f32>, WeightsError> {
        let place = self.place(name)?;
        if !matches!(place.shape[..], [_, found] if found == width) {
            return Err(self.shape_error(name, place, format!("[rows, {width}]")));
        }
        let parts = self.parts_of_rows(name, place, rows)?;
        let file = &self.files[place.file];
        let mut floats = file.room(parts.iter().map(|(e, rows)| file.values(e, rows)).sum())?;
        for (entry, rows) in parts {
            file.read_rows(name, entry, rows, &mut floats).await?;
        }
        Ok(floats)
    }

    /// A matrix as its integers, scales and minima; none if its values are plain numbers, it is no
    /// matrix, or its parts are quantized in ways that do not join.
    ///
    /// # Errors
    /// If it is missing, has a scale that is no finite number, or cannot be read.
    pub async fn blocks(&self, name: &str) -> Result<Option<Blocks>, WeightsError> {
        match self.place(name)?.shape[..] {
            [rows, _] => self.block_rows(name, 0..rows).await,
            _ => Ok(None),
        }
    }

    /// The same for some of its rows.
    ///
    /// # Errors
    /// As [`GgufPair::blocks`], and if it has fewer rows.
    pub async fn block_rows(
        &self,
        name: &str,
        rows: Range<usize>,
    ) -> Result<Option<Blocks>, WeightsError> {
        let place = self.place(name)?;
        let &[_, width] = place.shape.as_slice() else { return Ok(None) };
        let start = rows.start;
        let parts = self.parts_of_rows(name, place, rows.clone())?;
        let (Some(layout), Some((first, _))) = (self.layout(name), parts.first()) else {
            return Ok(None);
        };
        let Some(mut blocks) = Blocks::new(first.kind, rows.len(), width) else { return Ok(None) };
        // As the whole tensor, whatever these rows need.
        blocks.full = layout.kept.full;
        let file = &self.files[place.file];
        for (entry, rows) in parts {
            for range in pieces(entry, &rows) {
                blocks.push_rows(entry.kind, &file.read(range).await?);
            }
        }
        match blocks.not_finite() {
            None => Ok(Some(blocks)),
            Some((row, value)) => {
                let (file, tensor) = (file.header.file.clone(), self.label(name, place));
                let index = (start + row) as u64 * width as u64;
                Err(WeightsError::NotFinite { file, tensor, index, value })
            }
        }
    }

    /// How the kernels' blocks of a matrix are kept; none where [`GgufPair::blocks`] gives none.
    pub(crate) fn layout(&self, name: &str) -> Option<Layout> {
        let place = self.places.get(name)?;
        let &[outputs, inputs] = place.shape.as_slice() else { return None };
        let first = self.entries(place).next()?;
        let mut blocks = Blocks::new(first.kind, 0, inputs)?;
        let layouts = self.entries(place).map(|entry| entry.kind.layout());
        blocks.full = layouts.flatten().any(|layout| layout.full);
        let joins = self.entries(place).all(|entry| blocks.takes(entry.kind));
        joins.then(|| Layout {
            bits: blocks.kernel_bits(),
            outputs,
            inputs,
            mins: blocks.mins.is_some(),
            kept: blocks.kept(),
        })
    }

    fn place(&self, name: &str) -> Result<&Place, WeightsError> {
        self.places.get(name).ok_or_else(|| {
            let near = super::super::names::nearest(name, self.names());
            let nearest = near.map(|near| format!("; the nearest name is {near}"));
            let (place, nearest) = (self.name().to_owned(), nearest.unwrap_or_default());
            WeightsError::NoTensor { place, tensor: name.to_owned(), nearest }
        })
    }

    fn entries<'a>(&'a self, place: &'a Place) -> impl Iterator<Item = &'a Entry> {
        let tensors = &self.files[place.file].header.tensors;
        place.parts.iter().map(|&at| &tensors[at])
    }

    /// The published name with the file's own, for messages.
    fn label(&self, name: &str, place: &Place) -> String {
        let own: Vec<&str> = self.entries(place).map(|entry| &*entry.name).collect();
        format!("{name} ({})", own.join(", "))
    }

    fn shape_error(&self, name: &str, place: &Place, expected: String) -> WeightsError {
        let (file, tensor) = (self.files[place.file].header.file.clone(), self.label(name, place));
        WeightsError::Shape { file, tensor, expected, found: format!("{:?}", place.shape) }
    }

    /// Where some rows of a matrix lie: parts, and rows within them.
    fn parts_of_rows<'a>(
        &'a self,
        name: &str,
        place: &'a Place,
        rows: Range<usize>,
    ) -> Result<Vec<(&'a Entry, Range<u64>)>, WeightsError> {
        if rows.start > rows.end || rows.end > place.shape[0] {
            return Err(WeightsError::Rows {
                file: self.files[place.file].header.file.clone(),
                tensor: self.label(name, place),
                start: rows.start,
                end: rows.end,
                rows: place.shape[0],
            });
        }
        let (mut parts, mut before) = (Vec::new(), 0);
        for entry in self.entries(place) {
            let within = |row: usize| (row as u64).clamp(before, before + entry.rows()) - before;
            let range = within(rows.start)..within(rows.end);
            if !range.is_empty() {
                parts.push((entry, range));
            }
            before += entry.rows();
        }
        Ok(parts)
    }
}
