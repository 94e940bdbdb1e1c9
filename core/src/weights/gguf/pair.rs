//! The two files of a model as one: tensors by their published names.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use super::super::WeightsError;
use super::super::source::Source;
use super::super::values::first_not_finite;
use super::blocks::Blocks;
use super::config::{check_kinds, config_json, preprocessor_json};
use super::dequantize::append;
use super::header::{Entry, Header};
use super::names::{Join, Place, places};
use super::tokenizer::tokenizer_json;

/// Bytes read at once: a tensor takes no more host memory than its values and these.
const PIECE: u64 = 16 << 20;

/// A Qwen2.5-VL in two GGUF files; only their headers are in memory.
#[derive(Debug)]
pub struct GgufPair {
    files: [File; 2],
    places: BTreeMap<String, Place>,
    config: String,
    preprocessor: String,
    tokenizer: Option<Vec<u8>>,
}

#[derive(Debug)]
struct File {
    source: Rc<dyn Source>,
    path: String,
    header: Header,
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

    /// A tensor's values in row-major order.
    ///
    /// # Errors
    /// If it is missing, has another shape, holds a NaN or an infinity, or cannot be read.
    pub async fn read(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, WeightsError> {
        let place = self.place(name)?;
        if place.shape != shape {
            return Err(self.shape_error(name, place, format!("{shape:?}")));
        }
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
        let Some((first, _)) = parts.first() else { return Ok(None) };
        let Some(mut blocks) = Blocks::new(first.kind, rows.len(), width) else { return Ok(None) };
        if !parts.iter().all(|(entry, _)| blocks.takes(entry.kind)) {
            return Ok(None);
        }
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

impl File {
    async fn open((source, path): (Rc<dyn Source>, String)) -> Result<Self, WeightsError> {
        let header = Header::read(&*source, &path).await?;
        Ok(Self { source, path, header })
    }

    /// How many values some rows are.
    fn values(&self, entry: &Entry, rows: &Range<u64>) -> u64 {
        (rows.end - rows.start) * entry.width() as u64
    }

    /// Room for this many values.
    fn room(&self, count: u64) -> Result<Vec<f32>, WeightsError> {
        let short = || {
            let (file, bytes) = (self.header.file.clone(), count.saturating_mul(4));
            WeightsError::Memory { file, bytes }
        };
        let mut floats = Vec::new();
        let count = usize::try_from(count).map_err(|_| short())?;
        floats.try_reserve_exact(count).map_err(|_| short())?;
        Ok(floats)
    }

    /// These bytes of the file: all of them.
    async fn read(&self, range: Range<u64>) -> Result<Vec<u8>, WeightsError> {
        let bytes = self.source.read(&self.path, range.clone()).await?;
        if bytes.len() as u64 == range.end - range.start {
            return Ok(bytes);
        }
        let (start, end, size) = (range.start, range.end, range.start + bytes.len() as u64);
        Err(WeightsError::Range { file: self.header.file.clone(), start, end, size })
    }

    /// Appends the values of some rows of one of the file's tensors, a part of the model's `name`.
    async fn read_rows(
        &self,
        name: &str,
        entry: &Entry,
        rows: Range<u64>,
        floats: &mut Vec<f32>,
    ) -> Result<(), WeightsError> {
        let first = floats.len();
        for range in pieces(entry, &rows) {
            let done = floats.len();
            append(entry.kind, &self.read(range).await?, floats);
            if let Some(bad) = first_not_finite(&floats[done..]) {
                let before = rows.start * entry.width() as u64;
                return Err(WeightsError::NotFinite {
                    file: self.header.file.clone(),
                    tensor: format!("{name} ({})", entry.name),
                    index: before + (done - first + bad) as u64,
                    value: floats[done + bad],
                });
            }
        }
        Ok(())
    }
}

/// The bytes of some rows in the file, in pieces of whole blocks.
fn pieces(entry: &Entry, rows: &Range<u64>) -> impl Iterator<Item = Range<u64>> + use<> {
    let block = entry.kind.block_bytes() as u64;
    let row = entry.row_bytes();
    let [start, end] = [rows.start, rows.end].map(|at| entry.range.start + at * row);
    let step = PIECE / block * block;
    (start..end).step_by(step as usize).map(move |at| at..end.min(at + step))
}

/// Frames one after another as the frames of each kernel.
fn interleave(
    floats: &[f32],
    place: &Place,
    room: impl FnOnce() -> Result<Vec<f32>, WeightsError>,
) -> Result<Vec<f32>, WeightsError> {
    let area: usize = place.shape.iter().rev().take(2).product();
    let frames = place.parts.len();
    let mut joined = room()?;
    let frame = floats.len() / frames;
    for kernel in (0..frame).step_by(area) {
        for start in (0..frames).map(|at| at * frame + kernel) {
            joined.extend_from_slice(&floats[start..start + area]);
        }
    }
    Ok(joined)
}
