//! One file of a pair: bytes and values of its tensors.

use std::ops::Range;
use std::rc::Rc;

use super::super::WeightsError;
use super::super::source::Source;
use super::super::values::first_not_finite;
use super::dequantize::append;
use super::header::{Entry, Header};
use super::names::Place;

/// Bytes read at once: a tensor takes no more host memory than its values and these.
const PIECE: u64 = 16 << 20;

/// A file with its header.
#[derive(Debug)]
pub(super) struct File {
    source: Rc<dyn Source>,
    path: String,
    pub(super) header: Header,
}

impl File {
    pub(super) async fn open(
        (source, path): (Rc<dyn Source>, String),
    ) -> Result<Self, WeightsError> {
        let header = Header::read(&*source, &path).await?;
        Ok(Self { source, path, header })
    }

    /// How many values some rows are.
    pub(super) fn values(&self, entry: &Entry, rows: &Range<u64>) -> u64 {
        (rows.end - rows.start) * entry.width() as u64
    }

    /// Room for this many values.
    pub(super) fn room(&self, count: u64) -> Result<Vec<f32>, WeightsError> {
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
    pub(super) async fn read(&self, range: Range<u64>) -> Result<Vec<u8>, WeightsError> {
        let bytes = self.source.read(&self.path, range.clone()).await?;
        if bytes.len() as u64 == range.end - range.start {
            return Ok(bytes);
        }
        let (start, end, size) = (range.start, range.end, range.start + bytes.len() as u64);
        Err(WeightsError::Range { file: self.header.file.clone(), start, end, size })
    }

    /// Appends the values of some rows of one of the file's tensors, a part of the model's `name`.
    pub(super) async fn read_rows(
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
pub(super) fn pieces(entry: &Entry, rows: &Range<u64>) -> impl Iterator<Item = Range<u64>> + use<> {
    let block = entry.kind.block_bytes() as u64;
    let row = entry.row_bytes();
    let [start, end] = [rows.start, rows.end].map(|at| entry.range.start + at * row);
    let step = PIECE / block * block;
    (start..end).step_by(step as usize).map(move |at| at..end.min(at + step))
}

/// Frames one after another as the frames of each kernel.
pub(super) fn interleave(
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
