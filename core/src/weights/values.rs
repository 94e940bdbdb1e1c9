//! Stored bytes as f32 values.

use std::ops::Range;

use half::f16;
use half::slice::HalfFloatSliceExt;
use safetensors::Dtype;

use super::WeightsError;
use super::safetensors::TensorInfo;
use super::source::{Source, join};

/// Bytes read at once: a tensor takes no more host memory than its f32 values and these.
const PIECE: u64 = 64 << 20;

/// All values of a tensor in row-major order, if it has this shape.
pub(crate) async fn read_tensor(
    source: &dyn Source,
    name: &str,
    info: &TensorInfo,
    shape: &[usize],
) -> Result<Vec<f32>, WeightsError> {
    check_shape(source, name, info, shape)?;
    read_values(source, name, info, 0..elements(info), PIECE).await
}

/// That a tensor has this shape.
pub(super) fn check_shape(
    source: &dyn Source,
    name: &str,
    info: &TensorInfo,
    shape: &[usize],
) -> Result<(), WeightsError> {
    if info.shape == shape {
        return Ok(());
    }
    Err(shape_error(source, name, info, format!("{shape:?}")))
}

/// Rows of a matrix `[n, width]`: `rows.len() * width` values.
pub(super) async fn read_rows(
    source: &dyn Source,
    name: &str,
    info: &TensorInfo,
    width: usize,
    rows: Range<usize>,
) -> Result<Vec<f32>, WeightsError> {
    let &[count, found] = info.shape.as_slice() else {
        return Err(shape_error(source, name, info, format!("[rows, {width}]")));
    };
    if found != width {
        return Err(shape_error(source, name, info, format!("[rows, {width}]")));
    }
    if rows.start > rows.end || rows.end > count {
        return Err(WeightsError::Rows {
            file: join(&source.name(), &info.file),
            tensor: name.to_owned(),
            start: rows.start,
            end: rows.end,
            rows: count,
        });
    }
    // Within the tensor, whose size in bytes fits a u64.
    let values = rows.start as u64 * width as u64..rows.end as u64 * width as u64;
    read_values(source, name, info, values, PIECE).await
}

/// How many values the tensor has; its shape was checked against its bytes.
fn elements(info: &TensorInfo) -> u64 {
    info.shape.iter().map(|&axis| axis as u64).product()
}

/// Converts bytes and appends their values.
type Append = fn(&[u8], &mut Vec<f32>);

/// The values at these positions, read `piece` bytes at a time.
async fn read_values(
    source: &dyn Source,
    name: &str,
    info: &TensorInfo,
    values: Range<u64>,
    piece: u64,
) -> Result<Vec<f32>, WeightsError> {
    let file = || join(&source.name(), &info.file);
    let (width, append): (u64, Append) = match info.dtype {
        Dtype::F32 => (4, append_f32),
        Dtype::F16 => (2, append_f16),
        Dtype::BF16 => (2, append_bf16),
        other => {
            let (tensor, found) = (name.to_owned(), other.to_string());
            return Err(WeightsError::Dtype { file: file(), tensor, found });
        }
    };
    let count = values.end - values.start;
    let short = || WeightsError::Memory { file: file(), bytes: count.saturating_mul(4) };
    let mut floats = Vec::new();
    floats.try_reserve_exact(usize::try_from(count).map_err(|_| short())?).map_err(|_| short())?;

    let mut at = values.start;
    while at < values.end {
        let end = values.end.min(at + piece / width);
        let range = info.range.start + at * width..info.range.start + end * width;
        let bytes = source.read(&info.file, range.clone()).await?;
        if bytes.len() as u64 != range.end - range.start {
            let (start, end, size) = (range.start, range.end, range.start + bytes.len() as u64);
            return Err(WeightsError::Range { file: file(), start, end, size });
        }
        let done = floats.len();
        append(&bytes, &mut floats);
        if let Some(bad) = first_not_finite(&floats[done..]) {
            let (index, value) = (at + bad as u64, floats[done + bad]);
            let tensor = name.to_owned();
            return Err(WeightsError::NotFinite { file: file(), tensor, index, value });
        }
        at = end;
    }
    Ok(floats)
}

fn shape_error(
    source: &dyn Source,
    name: &str,
    info: &TensorInfo,
    expected: String,
) -> WeightsError {
    let file = join(&source.name(), &info.file);
    let found = format!("{:?}", info.shape);
    WeightsError::Shape { file, tensor: name.to_owned(), expected, found }
}

pub(super) fn append_f32(bytes: &[u8], floats: &mut Vec<f32>) {
    let chunks = bytes.chunks_exact(4);
    floats.extend(chunks.map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])));
}

pub(super) fn append_bf16(bytes: &[u8], floats: &mut Vec<f32>) {
    // The upper half of an f32.
    let chunks = bytes.chunks_exact(2);
    floats.extend(chunks.map(|b| f32::from_bits(u32::from_le_bytes([0, 0, b[0], b[1]]))));
}

pub(super) fn append_f16(bytes: &[u8], floats: &mut Vec<f32>) {
    // By slices, as `half` then uses the processor's instruction where it finds one.
    let mut halves = [f16::ZERO; 512];
    let mut singles = [0.0; 512];
    for chunk in bytes.chunks(2 * halves.len()) {
        let count = chunk.len() / 2;
        for (half, b) in halves.iter_mut().zip(chunk.chunks_exact(2)) {
            *half = f16::from_le_bytes([b[0], b[1]]);
        }
        halves[..count].convert_to_f32_slice(&mut singles[..count]);
        floats.extend_from_slice(&singles[..count]);
    }
}

/// The position of the first NaN or infinity.
pub(super) fn first_not_finite(values: &[f32]) -> Option<usize> {
    // Without an early exit inside a chunk, so that the compiler can vectorise it.
    const CHUNK: usize = 1024;
    let bad = |chunk: &&[f32]| chunk.iter().fold(false, |bad, value| bad | !value.is_finite());
    let chunk = values.chunks(CHUNK).position(|chunk| bad(&chunk))?;
    let start = chunk * CHUNK;
    values[start..].iter().position(|value| !value.is_finite()).map(|at| start + at)
}

#[cfg(test)]
mod tests {
    use half::bf16;
    use pollster::block_on;

    use super::super::Memory;
    use super::*;

    fn stored(dtype: Dtype, shape: &[usize], bytes: Vec<u8>) -> (Memory, TensorInfo) {
        // Three bytes before it, so that nothing is aligned.
        let range = 3..3 + bytes.len() as u64;
        let bytes = [vec![9; 3], bytes].concat();
        let memory = Memory::new("mem", [("w".to_owned(), bytes)].into());
        (memory, TensorInfo { file: "w".into(), dtype, shape: shape.to_vec(), range })
    }

    fn read(dtype: Dtype, bytes: Vec<u8>) -> Result<Vec<f32>, WeightsError> {
        let count = bytes.len() * 8 / dtype.bitsize();
        let (memory, info) = stored(dtype, &[count], bytes);
        block_on(read_values(&memory, "t", &info, 0..count as u64, 8))
    }

    #[test]
    fn each_type_becomes_f32_exactly() {
        let values = [0.0, -0.0, 1.0, -1.5, 65504.0, 2.0_f32.powi(-24), 0.333_251_95];
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        assert_eq!(read(Dtype::F32, bytes).unwrap(), values);
        let bytes = values.iter().flat_map(|&v| f16::from_f32(v).to_le_bytes()).collect();
        assert_eq!(read(Dtype::F16, bytes).unwrap(), values);
        let bytes = values.iter().flat_map(|&v| bf16::from_f32(v).to_le_bytes()).collect();
        let rounded = values.map(|v| bf16::from_f32(v).to_f32());
        assert_eq!(read(Dtype::BF16, bytes).unwrap(), rounded);
        assert_eq!(rounded[2..5], [1.0, -1.5, 65536.0]);
    }

    #[test]
    fn every_finite_half_is_converted() {
        let bits = (0..=u16::MAX).filter(|&bits| f16::from_bits(bits).is_finite());
        let bits: Vec<u16> = bits.collect();
        let bytes: Vec<u8> = bits.iter().flat_map(|bits| bits.to_le_bytes()).collect();
        let mut floats = Vec::new();
        append_f16(&bytes, &mut floats);
        assert_eq!(floats.len(), bits.len());
        for (float, bits) in floats.iter().zip(bits) {
            assert_eq!(float.to_bits(), f16::from_bits(bits).to_f32().to_bits());
        }
    }

    #[test]
    fn nan_and_infinity_are_refused_by_position() {
        for (at, value) in [(0, f32::NAN), (5, f32::INFINITY), (2999, f32::NEG_INFINITY)] {
            let mut values = vec![1.0_f32; 3000];
            values[at] = value;
            let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
            let message = read(Dtype::F32, bytes).unwrap_err().to_string();
            let start = format!("mem/w: tensor t: value {at} is {value}, expected");
            assert!(message.starts_with(&start), "{message}");
        }
        assert!(read(Dtype::BF16, vec![0x80, 0x7f]).is_err());
        assert!(read(Dtype::F16, vec![0, 0x7c]).is_err());
    }

    #[test]
    fn rows_are_the_rows() {
        let bytes = (0..12).flat_map(|v| (v as f32).to_le_bytes()).collect();
        let (memory, info) = stored(Dtype::F32, &[4, 3], bytes);
        let rows = |width, rows| block_on(read_rows(&memory, "t", &info, width, rows));
        assert_eq!(rows(3, 1..3).unwrap(), [3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
        assert!(rows(3, 4..4).unwrap().is_empty());
        let message = rows(3, 2..5).unwrap_err().to_string();
        assert_eq!(message, "mem/w: tensor t: rows 2 to 5 are wanted, but it has 4");
        let message = rows(4, 0..1).unwrap_err().to_string();
        assert_eq!(message, "mem/w: tensor t: expected shape [rows, 4], found [4, 3]");
    }

    #[test]
    fn other_types_and_shapes_are_refused() {
        let message = read(Dtype::I64, vec![0; 8]).unwrap_err().to_string();
        assert_eq!(message, "mem/w: tensor t: expected F32, F16 or BF16 values, found I64");
        let (memory, info) = stored(Dtype::F32, &[2, 1], vec![0; 8]);
        let message = block_on(read_tensor(&memory, "t", &info, &[1, 2])).unwrap_err().to_string();
        assert_eq!(message, "mem/w: tensor t: expected shape [1, 2], found [2, 1]");
    }
}
