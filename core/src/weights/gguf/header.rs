//! The header of a GGUF file: its metadata, and which tensors lie where.
//!
//! Format: <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>. The tokenizer is part of
//! the metadata, so that a header may take 6 MB: it is read in pieces, as far as it goes.

use std::ops::Range;

use super::super::WeightsError;
use super::super::source::Source;
use super::error::GgufError;
use super::metadata::read_value;
use super::reader::Reader;
use super::types::{GgufType, foreign_name};
use super::value::{Texts, Value, shortened};

/// What a model's file may have; llama.cpp writes about 40 keys and 1,000 tensors.
const MOST_KEYS: u64 = 4096;
const MOST_TENSORS: u64 = 4096;
/// The most axes of a tensor, and the longest names of keys and tensors: llama.cpp allows 64 bytes.
const MOST_AXES: u32 = 4;
const LONGEST_KEY: u64 = 1 << 12;
const LONGEST_NAME: u64 = 1 << 8;
/// The least bytes of a key with its value, and of a tensor's entry.
const LEAST_KEY: u64 = 8 + 4 + 1;
const LEAST_ENTRY: u64 = 8 + 4 + 4 + 8;
/// The keys that are kept; others are not even read where they are long.
const KEPT: [&str; 5] = ["general.", "qwen2vl.", "clip.", "tokenizer.", "split."];

/// One tensor, still in its file.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: Box<str>,
    /// The lengths of its axes, slowest first: the file has them the other way round.
    pub(super) shape: Box<[usize]>,
    pub(super) kind: GgufType,
    /// Where its bytes lie in the file.
    pub(super) range: Range<u64>,
}

impl Entry {
    /// Values of a row, which is a whole number of blocks.
    pub(super) fn width(&self) -> usize {
        self.shape.last().copied().unwrap_or(1)
    }

    /// Bytes of a row.
    pub(super) fn row_bytes(&self) -> u64 {
        (self.width() / self.kind.block_values()) as u64 * self.kind.block_bytes() as u64
    }

    /// How many rows there are.
    pub(super) fn rows(&self) -> u64 {
        self.shape.iter().rev().skip(1).map(|&axis| axis as u64).product()
    }
}

/// What a file says of itself.
#[derive(Debug)]
pub(super) struct Header {
    /// Source and file, for messages.
    pub(super) file: String,
    /// In the file's order.
    pub(super) tensors: Vec<Entry>,
    /// By key.
    metadata: Vec<(Box<str>, Value)>,
}

impl Header {
    /// Reads and checks the header of one file.
    pub(super) async fn read(source: &dyn Source, file: &str) -> Result<Self, WeightsError> {
        let mut reader = Reader::open(source, file).await?;
        check_start(&mut reader).await?;
        let tensor_count = reader.u64().await?;
        let key_count = reader.u64().await?;
        check_count(&reader, key_count, MOST_KEYS, "keys")?;
        check_count(&reader, tensor_count, MOST_TENSORS, "tensors")?;

        reader.check(key_count, LEAST_KEY, "keys")?;
        let mut metadata = Vec::new();
        for _ in 0..key_count {
            let key: Box<str> = reader.text("a key", LONGEST_KEY).await?.into();
            let kept = KEPT.iter().any(|start| key.starts_with(start));
            if let Some(value) = read_value(&mut reader, kept).await?.filter(|_| kept) {
                metadata.push((key, value));
            }
        }
        metadata.sort_unstable_by(|left, right| left.0.cmp(&right.0));
        let mut header = Self { file: reader.name(), tensors: Vec::new(), metadata };
        if let Some(pair) = header.metadata.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(reader.broken(format!("the key {} stands twice", shortened(&pair[0].0))));
        }
        header.check_parts()?;
        let alignment = header.alignment()?;

        reader.check(tensor_count, LEAST_ENTRY, "tensors")?;
        header.tensors.reserve_exact(tensor_count as usize);
        for _ in 0..tensor_count {
            header.tensors.push(read_entry(&mut reader).await?);
        }
        header.place(reader.position(), reader.size(), alignment)?;
        Ok(header)
    }

    /// A file with these tensors and no metadata.
    #[cfg(test)]
    pub(super) fn of(file: &str, tensors: Vec<Entry>) -> Self {
        Self { file: file.to_owned(), tensors, metadata: Vec::new() }
    }

    /// Lets go of the metadata, most of which is the tokenizer.
    pub(super) fn forget(&mut self) {
        self.metadata = Vec::new();
    }

    /// A tensor that must be there, by the name that the file has for it.
    pub(super) fn tensor(&self, name: &str) -> Result<&Entry, WeightsError> {
        let found = self.tensors.iter().find(|entry| &*entry.name == name);
        found.ok_or_else(|| {
            let (place, tensor, nearest) = (self.file.clone(), name.to_owned(), String::new());
            WeightsError::NoTensor { place, tensor, nearest }
        })
    }

    /// A key's value.
    pub(super) fn value(&self, key: &str) -> Option<&Value> {
        let at = self.metadata.binary_search_by(|(name, _)| (**name).cmp(key)).ok()?;
        Some(&self.metadata[at].1)
    }

    /// A value that is not what it should be.
    pub(super) fn wrong(&self, key: &str, expected: &str, found: String) -> GgufError {
        let (file, expected) = (self.file.clone(), expected.to_owned());
        GgufError::Key { file, key: key.to_owned(), expected, found }
    }

    /// A key that must be there.
    pub(super) fn need<T>(&self, key: &str, value: Option<T>) -> Result<T, GgufError> {
        let missing = || GgufError::MissingKey { file: self.file.clone(), key: key.to_owned() };
        value.ok_or_else(missing)
    }

    /// A whole number, if the key is there.
    pub(super) fn integer(&self, key: &str) -> Result<Option<u64>, GgufError> {
        let Some(value) = self.value(key) else { return Ok(None) };
        let wrong = || self.wrong(key, "a whole number", value.describe());
        value.unsigned().map(Some).ok_or_else(wrong)
    }

    /// A number, if the key is there.
    pub(super) fn double(&self, key: &str) -> Result<Option<f64>, GgufError> {
        let Some(value) = self.value(key) else { return Ok(None) };
        let number = value.double().filter(|number| number.is_finite());
        let wrong = || self.wrong(key, "a finite number", value.describe());
        number.map(Some).ok_or_else(wrong)
    }

    /// A text, if the key is there.
    pub(super) fn text(&self, key: &str) -> Result<Option<&str>, GgufError> {
        match self.value(key) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(value) => Err(self.wrong(key, "a text", value.describe())),
        }
    }

    /// An array of texts, if the key is there.
    pub(super) fn texts(&self, key: &str) -> Result<Option<&Texts>, GgufError> {
        match self.value(key) {
            None => Ok(None),
            Some(Value::Texts(texts)) => Ok(Some(texts)),
            Some(value) => Err(self.wrong(key, "an array of texts", value.describe())),
        }
    }

    /// A file of several must be joined first: its tensors are somewhere else.
    fn check_parts(&self) -> Result<(), GgufError> {
        match self.integer("split.count")? {
            Some(count) if count > 1 => {
                let expected = "1: parts are joined by llama-gguf-split --merge";
                Err(self.wrong("split.count", expected, count.to_string()))
            }
            _ => Ok(()),
        }
    }

    /// Tensors start at multiples of this.
    fn alignment(&self) -> Result<u64, GgufError> {
        const KEY: &str = "general.alignment";
        let alignment = self.integer(KEY)?.unwrap_or(32);
        match alignment.is_power_of_two() && alignment <= 1 << 20 {
            true => Ok(alignment),
            false => Err(self.wrong(KEY, "a power of two", alignment.to_string())),
        }
    }

    /// Moves the ranges behind the header, and checks that they lie in the file and apart.
    fn place(&mut self, end: u64, size: u64, alignment: u64) -> Result<(), GgufError> {
        let start = end.next_multiple_of(alignment);
        for entry in &mut self.tensors {
            let offset = entry.range.start;
            let wrong = |reason| {
                let (file, tensor) = (self.file.clone(), entry.name.to_string());
                GgufError::Entry { file, tensor, reason }
            };
            if !offset.is_multiple_of(alignment) {
                let reason = format!("expected an offset of whole {alignment} bytes");
                return Err(wrong(format!("{reason}, found {offset}")));
            }
            let bytes = entry.range.end;
            let place = start.checked_add(offset).and_then(|from| {
                let to = from.checked_add(bytes)?;
                (to <= size).then_some(from..to)
            });
            entry.range = place.ok_or_else(|| {
                wrong(format!(
                    "{bytes} bytes at offset {offset} lie outside of the data's {} bytes",
                    size.saturating_sub(start)
                ))
            })?;
        }
        let mut order: Vec<&Entry> = self.tensors.iter().collect();
        order.sort_unstable_by_key(|entry| (entry.range.start, entry.range.end));
        let overlap = order.windows(2).find(|pair| pair[1].range.start < pair[0].range.end);
        let fault = overlap.map(|pair| (pair[1], format!("overlaps {}", pair[0].name)));
        order.sort_unstable_by_key(|entry| &entry.name);
        let twice = order.windows(2).find(|pair| pair[0].name == pair[1].name);
        let fault = twice.map(|pair| (pair[0], "stands twice".to_owned())).or(fault);
        let Some((entry, reason)) = fault else { return Ok(()) };
        let (file, tensor) = (self.file.clone(), entry.name.to_string());
        Err(GgufError::Entry { file, tensor, reason })
    }
}

/// The four letters and the version.
async fn check_start(reader: &mut Reader<'_>) -> Result<(), WeightsError> {
    let found = reader.take(reader.size().min(4)).await?;
    if found != b"GGUF" {
        let found = match found {
            [] => "no bytes".to_owned(),
            text if text.is_ascii() => shortened(&text.escape_ascii().to_string()),
            _ => "other bytes".to_owned(),
        };
        return Err(GgufError::Magic { file: reader.name(), found }.into());
    }
    let found = reader.u32().await?;
    let file = reader.name();
    let hint = match found {
        2 | 3 => return Ok(()),
        // 2 or 3 with its bytes the other way round.
        0x0200_0000 | 0x0300_0000 => return Err(GgufError::BigEndian { file }.into()),
        0 | 1 => "; convert the model again with a newer llama.cpp",
        _ => "",
    };
    Err(GgufError::Version { file, found, hint }.into())
}

fn check_count(reader: &Reader<'_>, count: u64, most: u64, what: &str) -> Result<(), WeightsError> {
    match count <= most {
        true => Ok(()),
        false => Err(reader.broken(format!("expected at most {most} {what}, found {count}"))),
    }
}

/// One tensor; its range is from its offset in the data to its length, until it is placed.
async fn read_entry(reader: &mut Reader<'_>) -> Result<Entry, WeightsError> {
    let name: Box<str> = reader.text("a tensor's name", LONGEST_NAME).await?.into();
    let file = reader.name();
    let wrong = |reason| {
        let (file, tensor) = (file.clone(), shortened(&name));
        WeightsError::from(GgufError::Entry { file, tensor, reason })
    };
    if name.contains(char::is_control) {
        return Err(wrong("its name has control characters".to_owned()));
    }
    let axes = reader.u32().await?;
    if !(1..=MOST_AXES).contains(&axes) {
        return Err(wrong(format!("expected 1 to {MOST_AXES} axes, found {axes}")));
    }
    let mut shape = vec![0; axes as usize].into_boxed_slice();
    let mut count = 1_u64;
    for axis in shape.iter_mut().rev() {
        let length = reader.u64().await?;
        let product = count.checked_mul(length).filter(|&product| product > 0);
        // A fourth of what can be counted, so that sizes in bytes can be counted too.
        let product = product.filter(|&product| product <= u64::MAX / 4);
        let wrong = || wrong(format!("no axis can have the length {length}"));
        count = product.ok_or_else(wrong)?;
        *axis = usize::try_from(length).map_err(|_| wrong())?;
    }
    let id = reader.u32().await?;
    let kind = GgufType::from_id(id).ok_or_else(|| {
        let (file, tensor) = (file.clone(), shortened(&name));
        GgufError::Type { file, tensor, found: foreign_name(id) }
    })?;
    let offset = reader.u64().await?;
    let mut entry = Entry { name: name.clone(), shape, kind, range: offset..0 };
    let (width, block) = (entry.width(), kind.block_values());
    if !width.is_multiple_of(block) {
        let kind = kind.name();
        return Err(wrong(format!(
            "expected rows of whole {block} values ({kind}), found {width}"
        )));
    }
    entry.range.end = entry.row_bytes() * entry.rows();
    Ok(entry)
}

#[cfg(test)]
mod tests;
