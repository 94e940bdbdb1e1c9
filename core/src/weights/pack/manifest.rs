//! A pack's table of contents.

use std::collections::BTreeMap;
use std::ops::Range;

use easel_shaders::quant::{Scales, blocks};
use easel_shaders::quant_matmul::Layout;
use serde::{Deserialize, Serialize};

use super::super::json::{list, map, one_line};
use super::super::safetensors::MOST_AXES;
use super::super::source::is_plain;
use super::MOST;
use crate::model::Precision;

/// Its file in the pack.
pub const MANIFEST: &str = "manifest.json";

/// What a manifest says it is.
const FORMAT: &str = "easel-pack";
/// The only version so far.
const VERSION: u32 = 1;

/// The most parts of a tensor: 128 GiB.
const MOST_PARTS: usize = 4096;

/// What a pack holds, and where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    format: String,
    version: u32,
    /// Where the model came from.
    pub(super) source: String,
    /// Under which terms it may be used.
    pub(super) licence: String,
    /// How large matrices are kept.
    pub(super) weights: Precision,
    /// All files but the manifest, by path.
    #[serde(deserialize_with = "map")]
    pub(super) files: BTreeMap<String, File>,
    /// All tensors, by their published names.
    #[serde(deserialize_with = "map")]
    pub(super) tensors: BTreeMap<String, Tensor>,
}

/// A file of a pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    /// Its size.
    pub(super) bytes: u64,
    /// Its SHA-256 in hexadecimal.
    pub(super) sha256: String,
}

/// A tensor of a pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tensor {
    #[serde(deserialize_with = "list::<MOST_AXES, _, _>")]
    pub(super) shape: Vec<usize>,
    pub(super) kind: Precision,
    /// The blocks' scales, where they are not one f16 each.
    #[serde(default, skip_serializing_if = "Stored::is_plain")]
    pub(super) scales: Stored,
    /// In the order of their rows.
    #[serde(deserialize_with = "list::<MOST_PARTS, _, _>")]
    pub(super) parts: Vec<Part>,
}

/// How the scales of a tensor's blocks are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stored {
    /// As f32 instead of f16.
    full: bool,
    /// How many a block has.
    groups: usize,
    /// Whether there are minima, too.
    pub(super) mins: bool,
}

impl Default for Stored {
    fn default() -> Self {
        Self { full: false, groups: 1, mins: false }
    }
}

impl Stored {
    #[cfg(not(target_family = "wasm"))]
    pub(super) const fn new(kept: Scales, mins: bool) -> Self {
        Self { full: kept.full, groups: kept.groups, mins }
    }

    pub(super) const fn kept(self) -> Scales {
        Scales { full: self.full, groups: self.groups }
    }

    fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}

/// Some rows of a tensor, which lie in one shard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    /// The first, and the one behind the last.
    pub(super) rows: [usize; 2],
    pub(super) file: String,
}

impl Part {
    pub(super) const fn range(&self) -> Range<usize> {
        self.rows[0]..self.rows[1]
    }
}

impl Manifest {
    #[cfg(not(target_family = "wasm"))]
    pub(super) fn new(source: String, licence: String, weights: Precision) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            source,
            licence,
            weights,
            files: BTreeMap::new(),
            tensors: BTreeMap::new(),
        }
    }

    /// Reads a manifest; what it says of files and rows fits together afterwards.
    pub(super) fn from_json(json: &[u8]) -> Result<Self, String> {
        let manifest: Self =
            serde_json::from_slice(json).map_err(|error| format!("is no manifest: {error}"))?;
        manifest.check().map(|()| manifest)
    }

    fn check(&self) -> Result<(), String> {
        let Self { format, version, files, .. } = self;
        if format != FORMAT || *version != VERSION {
            return Err(format!(
                "expected {FORMAT} of version {VERSION}, found {format} of version {version}"
            ));
        }
        if let Some(path) = files.keys().find(|path| !is_plain(path)) {
            return Err(format!("'{path}' is no plain path inside the pack"));
        }
        if let Some((path, file)) = files.iter().find(|(_, file)| file.bytes > MOST) {
            return Err(format!("'{path}': expected at most {MOST} bytes, found {}", file.bytes));
        }
        // Sums of so many numbers of this size cannot overflow.
        let mut left: u64 = files.values().map(|file| file.bytes).sum();
        for (name, tensor) in &self.tensors {
            let wrong = |reason| format!("tensor {name}: {reason}");
            tensor.check(files).map_err(wrong)?;
            left = tensor
                .bytes(tensor.rows())
                .and_then(|bytes| left.checked_sub(bytes))
                .ok_or_else(|| {
                    wrong(format!(
                        "shape {:?} is more than the pack's files can hold",
                        tensor.shape
                    ))
                })?;
        }
        Ok(())
    }

    #[cfg(not(target_family = "wasm"))]
    pub(super) fn to_json(&self) -> Vec<u8> {
        let mut json = serde_json::to_vec_pretty(self).expect("names, numbers and lists");
        json.push(b'\n');
        json
    }
}

impl Tensor {
    /// Rows: the first axis, or the only one's values.
    pub(super) fn rows(&self) -> usize {
        self.shape.first().copied().unwrap_or(1)
    }

    /// Its blocks, where it is a matrix of them.
    pub(super) fn layout(&self) -> Option<Layout> {
        let (bits, &[outputs, inputs]) = (self.kind.blocks()?, self.shape.as_slice()) else {
            return None;
        };
        let Stored { mins, .. } = self.scales;
        Some(Layout { bits, outputs, inputs, mins, kept: self.scales.kept() })
    }

    /// The bytes of some rows' numbers, without scales; none where they cannot be counted.
    fn bytes(&self, rows: usize) -> Option<u64> {
        let product = |sides: &[usize]| {
            let all = (rows as u64).checked_mul(4)?;
            sides.iter().try_fold(all, |all, &side| all.checked_mul(side as u64))
        };
        match (self.kind.blocks(), &self.shape[..]) {
            (Some(bits), &[_, width]) => product(&[blocks(width), bits.words()]),
            (_, shape) => product(shape.get(1..).unwrap_or_default()),
        }
    }

    fn check(&self, files: &BTreeMap<String, File>) -> Result<(), String> {
        if self.kind != Precision::F32 && self.shape.len() != 2 {
            return Err(format!("expected a matrix, found shape {:?}", self.shape));
        }
        let groups = match self.kind {
            Precision::Q8 => 1..=2,
            _ => 1..=1,
        };
        let quantized = matches!(self.kind, Precision::Q8 | Precision::Q4);
        if !groups.contains(&self.scales.groups) || !(quantized || self.scales.is_plain()) {
            return Err("its scales are kept in a way that kernels do not read".to_owned());
        }
        let mut at = 0;
        for part in &self.parts {
            let [first, end] = part.rows;
            if first != at || end <= first {
                return Err(format!("expected a part from row {at} on, found {first} to {end}"));
            }
            // Two blocks share a word of scales: parts must begin with a whole one.
            if !first.is_multiple_of(2) {
                return Err(format!("expected parts to begin at even rows, found {first}"));
            }
            let Some(file) = files.get(&part.file) else {
                let file = one_line(&part.file);
                return Err(format!("'{file}' is not among the pack's files"));
            };
            // So that a part's numbers can be counted in 32 bits.
            if self.bytes(end - first).is_none_or(|bytes| bytes > file.bytes) {
                let (shape, file) = (&self.shape, &part.file);
                return Err(format!(
                    "rows {first} to {end} of shape {shape:?} are more than {file} can hold"
                ));
            }
            at = end;
        }
        match at == self.rows() {
            true => Ok(()),
            false => Err(format!("its parts end at row {at}, expected {}", self.rows())),
        }
    }
}
