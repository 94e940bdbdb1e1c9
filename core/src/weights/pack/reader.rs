//! Reading a pack: shards are checked against their sums as they are read.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

use easel_shaders::quant::{Bits, Packed, blocks};
use easel_shaders::quant_matmul::Layout;

use super::super::json::one_line;
use super::super::safetensors::{TensorInfo, read_header};
use super::super::source::{Source, join};
use super::super::{WeightsError, read_tensor};
use super::manifest::{MANIFEST, Manifest, Tensor};
use super::{MOST, SHARD, hex, stream};
use crate::model::Precision;

/// The largest manifest that is read: twice the table of a 7B model's tensors.
const LONGEST: u64 = 16 << 20;

/// A pack whose tensors are read one at a time.
#[derive(Debug)]
pub(crate) struct PackReader {
    source: Rc<dyn Source>,
    manifest: Manifest,
    /// Shards whose sums were right.
    checked: RefCell<BTreeSet<String>>,
    headers: RefCell<BTreeMap<String, Rc<BTreeMap<String, TensorInfo>>>>,
}

impl PackReader {
    /// The pack in `source`; `None` where there is no manifest.
    pub(crate) async fn open(source: &Rc<dyn Source>) -> Result<Option<Self>, WeightsError> {
        if !source.exists(MANIFEST).await? {
            return Ok(None);
        }
        let json = source.read_all(MANIFEST, LONGEST).await?;
        let manifest = Manifest::from_json(&json).map_err(|reason| WeightsError::Pack {
            file: join(&source.name(), MANIFEST),
            reason: one_line(&reason),
        })?;
        let (checked, headers) = (RefCell::default(), RefCell::default());
        Ok(Some(Self { source: Rc::clone(source), manifest, checked, headers }))
    }

    /// How its large matrices are kept.
    pub(crate) fn precision(&self) -> Precision {
        self.manifest.weights
    }

    /// All tensors' names, sorted.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.manifest.tensors.keys().map(String::as_str)
    }

    /// A tensor's shape.
    pub(crate) fn shape(&self, name: &str) -> Option<&[usize]> {
        self.manifest.tensors.get(name).map(|tensor| tensor.shape.as_slice())
    }

    /// A matrix's blocks, where it is kept in such.
    pub(crate) fn layout(&self, name: &str) -> Option<Layout> {
        self.manifest.tensors.get(name)?.layout()
    }

    /// The shard where a tensor begins.
    pub(crate) fn file(&self, name: &str) -> Option<&str> {
        let tensor = self.manifest.tensors.get(name)?;
        tensor.parts.first().map(|part| part.file.as_str())
    }

    /// Bytes that a tensor takes, by its kind.
    pub(crate) fn bytes(&self, name: &str) -> u64 {
        let Some(tensor) = self.manifest.tensors.get(name) else { return 0 };
        let values = tensor.shape.iter().map(|&side| side as u64).product::<u64>();
        tensor.layout().map_or(4 * values, |layout| layout.bytes())
    }

    /// A tensor's values, of the right shape.
    pub(crate) async fn read(&self, name: &str) -> Result<Vec<f32>, WeightsError> {
        let tensor = &self.manifest.tensors[name];
        match tensor.kind {
            Precision::F32 => self.floats(name, tensor).await,
            _ => {
                let width = tensor.shape[1];
                self.read_rows(name, width, 0..tensor.rows()).await
            }
        }
    }

    /// Some rows of a matrix: `rows.len() * width` values.
    pub(crate) async fn read_rows(
        &self,
        name: &str,
        width: usize,
        rows: Range<usize>,
    ) -> Result<Vec<f32>, WeightsError> {
        let tensor = &self.manifest.tensors[name];
        if tensor.kind == Precision::F32 {
            let values = self.floats(name, tensor).await?;
            return Ok(values[rows.start * width..rows.end * width].to_vec());
        }
        let mut values = Vec::new();
        for part in &tensor.parts {
            let held = part.range();
            let (start, end) = (rows.start.max(held.start), rows.end.min(held.end));
            if start >= end {
                continue;
            }
            // Pairs of rows begin with a whole word of scales.
            let first = start - (start - held.start) % 2;
            let packed = self.rows_of(name, tensor, held.clone(), &part.file, first..end).await?;
            // Room only once the file was found to hold them.
            let (done, more) = (values.len(), (end - start) * width);
            values.reserve_exact(more);
            values.resize(done + more, 0.0);
            packed.view().rows(start - first..end - first, &mut values[done..]);
        }
        Ok(values)
    }

    /// Some rows of a quantized matrix as they are kept; `None` where it is kept as floats, or the
    /// rows begin at an odd one.
    pub(crate) async fn packed(
        &self,
        name: &str,
        rows: Range<usize>,
    ) -> Result<Option<Packed>, WeightsError> {
        let tensor = &self.manifest.tensors[name];
        let mut whole: Option<Packed> = None;
        if tensor.kind == Precision::F32 || !rows.start.is_multiple_of(2) {
            return Ok(whole);
        }
        for part in &tensor.parts {
            let held = part.range();
            let (start, end) = (rows.start.max(held.start), rows.end.min(held.end));
            if start >= end {
                continue;
            }
            let packed = self.rows_of(name, tensor, held, &part.file, start..end).await?;
            match &mut whole {
                Some(whole) => whole.append(packed),
                None => whole = Some(packed),
            }
        }
        Ok(whole)
    }

    /// Some rows of a part; the first one is an even number of rows behind the part's.
    async fn rows_of(
        &self,
        name: &str,
        tensor: &Tensor,
        held: Range<usize>,
        file: &str,
        rows: Range<usize>,
    ) -> Result<Packed, WeightsError> {
        let bits = tensor.kind.blocks().unwrap_or(Bits::Eight);
        let width = tensor.shape[1];
        let per_row = blocks(width);
        let words = per_row * bits.words();
        let behind = rows.start - held.start;
        let quants = self
            .words(
                file,
                &stream(name, held.start, "quants"),
                held.len() * words,
                behind * words..(behind + rows.len()) * words,
            )
            .await?;
        let (kept, shape) = (tensor.scales.kept(), [rows.len(), width]);
        let (mut scales, mut mins) = (vec![0], None);
        if tensor.kind != Precision::Bf16 {
            let all = kept.words(held.len() * per_row);
            // An even number of rows are whole words.
            let range = kept.words(behind * per_row)..kept.words((behind + rows.len()) * per_row);
            let of = |kind| stream(name, held.start, kind);
            scales = self.words(file, &of("scales"), all, range.clone()).await?;
            if tensor.scales.mins {
                mins = Some(self.words(file, &of("mins"), all, range).await?);
            }
        }
        Ok(Packed { bits, kept, shape, quants, scales, mins })
    }

    /// Some words of a stream that must have `all`.
    async fn words(
        &self,
        file: &str,
        stream: &str,
        all: usize,
        range: Range<usize>,
    ) -> Result<Vec<u32>, WeightsError> {
        self.check(file).await?;
        let header = self.header(file).await?;
        let info = self.entry(&header, file, stream)?;
        if info.dtype != safetensors::Dtype::U32 || info.shape != [all] {
            let reason = format!(
                "tensor {stream}: expected {all} words (U32), found shape {:?} of {}",
                info.shape, info.dtype
            );
            return Err(self.broken(file, reason));
        }
        let start = info.range.start + 4 * range.start as u64;
        let bytes = self.source.read(file, start..start + 4 * range.len() as u64).await?;
        Ok(bytes.as_chunks::<4>().0.iter().map(|word| u32::from_le_bytes(*word)).collect())
    }

    /// A tensor kept as floats, whole.
    async fn floats(&self, name: &str, tensor: &Tensor) -> Result<Vec<f32>, WeightsError> {
        let mut values = Vec::new();
        for part in &tensor.parts {
            self.check(&part.file).await?;
            let header = self.header(&part.file).await?;
            let stream = stream(name, part.rows[0], "values");
            let info = self.entry(&header, &part.file, &stream)?;
            let mut shape = tensor.shape.clone();
            if let Some(rows) = shape.first_mut() {
                *rows = part.range().len();
            }
            values.extend(read_tensor(&*self.source, &stream, info, &shape).await?);
        }
        Ok(values)
    }

    fn entry<'a>(
        &self,
        header: &'a BTreeMap<String, TensorInfo>,
        file: &str,
        stream: &str,
    ) -> Result<&'a TensorInfo, WeightsError> {
        let missing = || self.broken(file, format!("tensor {stream} is missing"));
        header.get(stream).ok_or_else(missing)
    }

    async fn header(&self, file: &str) -> Result<Rc<BTreeMap<String, TensorInfo>>, WeightsError> {
        if let Some(header) = self.headers.borrow().get(file) {
            return Ok(Rc::clone(header));
        }
        let header = Rc::new(read_header(&*self.source, file).await?);
        self.headers.borrow_mut().insert(file.to_owned(), Rc::clone(&header));
        Ok(header)
    }

    /// Checks a shard against its sum, the first time that it is read.
    async fn check(&self, file: &str) -> Result<(), WeightsError> {
        if self.checked.borrow().contains(file) {
            return Ok(());
        }
        self.verify(file).await?;
        self.checked.borrow_mut().insert(file.to_owned());
        Ok(())
    }

    async fn verify(&self, file: &str) -> Result<(), WeightsError> {
        let expected = &self.manifest.files[file];
        let size = self.source.size(file).await?;
        if size != expected.bytes {
            let reason = format!("expected {} bytes, found {size}", expected.bytes);
            return Err(self.broken(file, reason));
        }
        let content = self.source.read_all(file, SHARD.max(MOST)).await?;
        match hex(&content) == expected.sha256 {
            true => Ok(()),
            false => Err(self.broken(file, "its SHA-256 is not the manifest's".to_owned())),
        }
    }

    /// Checks every file and reads every tensor; `progress` hears of each file.
    ///
    /// # Errors
    /// On the first file or tensor that is not as the manifest says.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) async fn verify_all(
        &self,
        progress: &mut dyn FnMut(&str),
    ) -> Result<(), WeightsError> {
        for file in self.manifest.files.keys() {
            self.verify(file).await?;
            self.checked.borrow_mut().insert(file.clone());
            progress(file);
        }
        for (name, tensor) in &self.manifest.tensors {
            match tensor.kind {
                Precision::F32 => drop(self.read(name).await?),
                _ => drop(self.packed(name, 0..tensor.rows()).await?),
            }
        }
        Ok(())
    }

    fn broken(&self, file: &str, reason: String) -> WeightsError {
        WeightsError::Pack { file: join(&self.source.name(), file), reason }
    }
}
