//! The header of a safetensors file: which tensors lie where.
//!
//! The crate's own reader counts bytes in `usize`, too few in a browser for a shard of 4 GiB, and
//! lets a second tensor of the same name replace the first; so only its [`Dtype`] is used.
//! Format: <https://huggingface.co/docs/safetensors>.

use std::collections::BTreeMap;
use std::ops::Range;

use safetensors::Dtype;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::Error as ValueError;

use super::WeightsError;
use super::json::{Pairs, list, one_line};
use super::source::{Source, join};

/// The bytes that give the header's length.
const PREFIX: u64 = 8;
/// The longest header that the format allows.
const LONGEST: u64 = 100_000_000;

/// The most axes of a tensor; a convolution over pictures in time has five.
pub(super) const MOST_AXES: usize = 8;

/// One tensor of a checkpoint, still in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorInfo {
    /// The file's path within the source.
    pub file: String,
    /// The type of the stored values.
    pub dtype: Dtype,
    /// The lengths of its axes, slowest first.
    pub shape: Vec<usize>,
    /// Where its bytes lie in the file.
    pub range: Range<u64>,
}

impl TensorInfo {
    /// How many bytes it takes in its file.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.range.end - self.range.start
    }
}

#[derive(Deserialize)]
struct Entry {
    dtype: String,
    #[serde(deserialize_with = "list::<MOST_AXES, _, _>")]
    shape: Vec<u64>,
    data_offsets: [u64; 2],
}

/// Reads and checks the header of one file.
pub(crate) async fn read_header(
    source: &dyn Source,
    file: &str,
) -> Result<BTreeMap<String, TensorInfo>, WeightsError> {
    let broken = |reason| WeightsError::Header { file: join(&source.name(), file), reason };
    let size = source.size(file).await?;
    if size < PREFIX {
        return Err(broken(format!("expected at least {PREFIX} bytes, found {size}")));
    }
    let prefix = source.read(file, 0..PREFIX).await?;
    let prefix = <[u8; 8]>::try_from(prefix.as_slice());
    let length = prefix.map(u64::from_le_bytes).map_err(|_| broken("too short".into()))?;
    let most = LONGEST.min(size - PREFIX);
    if length > most {
        let reason = format!("its header claims {length} bytes, expected at most {most}");
        return Err(broken(reason));
    }
    let json = source.read(file, PREFIX..PREFIX + length).await?;
    parse(&source.name(), file, &json, size)
}

/// Reads the header `json` of a file of `size` bytes.
fn parse(
    place: &str,
    file: &str,
    json: &[u8],
    size: u64,
) -> Result<BTreeMap<String, TensorInfo>, WeightsError> {
    let broken = |reason| WeightsError::Header { file: join(place, file), reason };
    let Pairs(entries) = serde_json::from_slice::<Pairs<Entry>>(json)
        .map_err(|error| one_line(&error.to_string()))
        .map_err(|error| broken(format!("its header is no table of tensors: {error}")))?;
    let start = PREFIX + json.len() as u64;
    let data = size.checked_sub(start).ok_or_else(|| broken("shorter than its header".into()))?;

    let mut tensors = BTreeMap::new();
    for (name, entry) in entries {
        let wrong = |reason| entry_error(place, file, &name, reason);
        let dtype = dtype(&entry.dtype).ok_or_else(|| {
            wrong(format!("expected a dtype such as BF16, found '{}'", one_line(&entry.dtype)))
        })?;
        let [from, to] = entry.data_offsets;
        if from > to || to > data {
            let reason = format!("offsets {from} to {to} lie outside of the data's {data} bytes");
            return Err(wrong(reason));
        }
        let shape = &entry.shape;
        let expected = bytes_of(shape, dtype)
            .ok_or_else(|| wrong(format!("shape {shape:?} of {dtype} is no number of bytes")))?;
        if to - from != expected {
            return Err(wrong(format!(
                "shape {shape:?} of {dtype} takes {expected} bytes, but its offsets {from} to {to} \
                 hold {}",
                to - from
            )));
        }
        let axes = shape.iter().map(|&axis| usize::try_from(axis)).collect::<Result<_, _>>();
        let shape = axes.map_err(|_| wrong(format!("shape {shape:?} is too large")))?;
        let range = start + from..start + to;
        let info = TensorInfo { file: file.to_owned(), dtype, shape, range };
        if tensors.insert(name.clone(), info).is_some() {
            return Err(entry_error(place, file, &name, "named twice".into()));
        }
    }
    check_cover(place, file, &tensors, start..size)?;
    Ok(tensors)
}

/// Every byte of the data must belong to one tensor, as the format asks.
fn check_cover(
    place: &str,
    file: &str,
    tensors: &BTreeMap<String, TensorInfo>,
    data: Range<u64>,
) -> Result<(), WeightsError> {
    let mut order: Vec<_> = tensors.iter().collect();
    order.sort_unstable_by_key(|(_, info)| (info.range.start, info.range.end));
    let mut at = data.start;
    for (name, info) in order {
        let range = &info.range;
        if range.start != at {
            let fault = if range.start < at { "overlaps the tensor before it" } else { "a hole" };
            let at = at - data.start;
            let from = range.start - data.start;
            let reason = format!("{fault}: its data starts at {from}, expected {at}");
            return Err(entry_error(place, file, name, reason));
        }
        at = range.end;
    }
    if at != data.end {
        let reason = format!("{} bytes at its end belong to no tensor", data.end - at);
        return Err(WeightsError::Header { file: join(place, file), reason });
    }
    Ok(())
}

fn entry_error(place: &str, file: &str, tensor: &str, reason: String) -> WeightsError {
    WeightsError::Entry { file: join(place, file), tensor: tensor.to_owned(), reason }
}

fn dtype(name: &str) -> Option<Dtype> {
    let name: serde::de::value::StrDeserializer<'_, ValueError> = name.into_deserializer();
    Dtype::deserialize(name).ok()
}

fn bytes_of(shape: &[u64], dtype: Dtype) -> Option<u64> {
    let count = shape.iter().try_fold(1_u64, |count, &axis| count.checked_mul(axis))?;
    let bits = count.checked_mul(dtype.bitsize() as u64)?;
    bits.is_multiple_of(8).then_some(bits / 8)
}

#[cfg(test)]
mod tests {
    use pollster::block_on;

    use super::super::Memory;
    use super::*;

    fn file(json: &[u8], data: usize) -> Vec<u8> {
        let length = (json.len() as u64).to_le_bytes();
        [&length[..], json, &vec![0; data]].concat()
    }

    fn read(bytes: Vec<u8>) -> Result<BTreeMap<String, TensorInfo>, WeightsError> {
        let memory = Memory::new("mem", [("m.safetensors".to_owned(), bytes)].into());
        block_on(read_header(&memory, "m.safetensors"))
    }

    fn message(json: &str, data: usize) -> String {
        let message = read(file(json.as_bytes(), data)).unwrap_err().to_string();
        assert!(message.starts_with("mem/m.safetensors: "), "{message}");
        message
    }

    fn one(dtype: &str, shape: &str, offsets: &str, data: usize) -> String {
        let entry = format!(r#"{{"dtype":{dtype},"shape":{shape},"data_offsets":{offsets}}}"#);
        message(&format!(r#"{{"t":{entry}}}"#), data)
    }

    const GOOD: &str = r#"{"__metadata__":{"format":"pt"},
        "b":{"dtype":"F8_E4M3","shape":[3],"data_offsets":[12,15]},
        "a":{"dtype":"BF16","shape":[2,3],"data_offsets":[0,12]},
        "none":{"dtype":"F32","shape":[0,7],"data_offsets":[12,12]},
        "scalar":{"dtype":"F32","shape":[],"data_offsets":[15,19]}}   "#;

    #[test]
    fn tensors_are_found_where_they_lie() {
        let tensors = read(file(GOOD.as_bytes(), 19)).unwrap();
        let start = 8 + GOOD.len() as u64;
        assert_eq!(tensors.len(), 4);
        let info = |name: &str| &tensors[name];
        assert_eq!((info("a").dtype, info("a").shape.as_slice()), (Dtype::BF16, &[2, 3][..]));
        assert_eq!(info("a").range, start..start + 12);
        assert_eq!(info("b").range, start + 12..start + 15);
        assert_eq!(info("scalar").range, start + 15..start + 19);
    }

    #[test]
    fn what_the_crate_writes_is_read() {
        use safetensors::tensor::{TensorView, serialize};
        let data = [1_u8; 24];
        let view = |shape: &[usize], bytes| TensorView::new(Dtype::F16, shape.to_vec(), bytes);
        let tensors = [
            ("x", view(&[4, 3], &data).unwrap()),
            ("y", view(&[2], &data[..4]).unwrap()),
            ("z", view(&[0], &data[..0]).unwrap()),
        ];
        let found = read(serialize(tensors, None).unwrap()).unwrap();
        assert_eq!(found.keys().collect::<Vec<_>>(), ["x", "y", "z"]);
        assert_eq!(found["x"].shape, [4, 3]);
    }

    #[test]
    fn a_broken_length_is_refused() {
        let error = |bytes: &[u8]| read(bytes.to_vec()).unwrap_err().to_string();
        assert!(error(b"").ends_with("expected at least 8 bytes, found 0"));
        assert!(error(&[1; 7]).ends_with("found 7"));
        assert!(read(file(b"{}", 0)).unwrap().is_empty());
        let claims = |length: u64| error(&[&length.to_le_bytes()[..], b"{}"].concat());
        assert!(claims(3).ends_with("its header claims 3 bytes, expected at most 2"));
        assert!(
            claims(u64::MAX).ends_with("claims 18446744073709551615 bytes, expected at most 2")
        );
        assert!(claims(0).contains("no table of tensors: EOF"));
        assert!(claims(1).contains("no table of tensors"));
    }

    #[test]
    fn each_field_of_an_entry_is_checked() {
        assert!(one("\"Q4\"", "[2]", "[0,4]", 4).ends_with("such as BF16, found 'Q4'"));
        assert!(one("7", "[2]", "[0,4]", 4).contains("invalid type: integer `7`"));
        assert!(one("\"F16\"", "[-2]", "[0,4]", 4).contains("invalid value"));
        assert!(one("\"F16\"", "2", "[0,4]", 4).contains("expected a sequence"));
        assert!(one("\"F16\"", "[2]", "[0]", 4).contains("invalid length 1"));
        assert!(one("\"F16\"", "[2]", "[0,4,4]", 4).contains("no table of tensors"));
        assert!(one("\"F16\"", "[2]", "[0,-4]", 4).contains("invalid value"));
        assert!(one("\"F16\"", "[2]", "[4,0]", 4).contains("tensor t: offsets 4 to 0 lie outside"));
        assert!(one("\"F16\"", "[2]", "[0,4]", 3).ends_with("outside of the data's 3 bytes"));
        assert!(
            one("\"F16\"", "[3]", "[0,4]", 4).contains("takes 6 bytes, but its offsets 0 to 4")
        );
        assert!(one("\"F16\"", "[1]", "[0,4]", 4).contains("takes 2 bytes"));
        assert!(one("\"F4\"", "[3]", "[0,1]", 1).ends_with("[3] of F4 is no number of bytes"));
        let huge = "[4294967296,4294967296]";
        assert!(one("\"F16\"", huge, "[0,4]", 4).ends_with("of F16 is no number of bytes"));
        let max = "[0,18446744073709551615]";
        assert!(one("\"F16\"", "[2]", max, 4).contains("outside of the data's 4 bytes"));
        let many = format!("[{}]", ["1"; 9].join(","));
        assert!(one("\"F16\"", &many, "[0,2]", 2).contains("expected at most 8 in a list"));
        let long = one(&format!("\"{}\"", "F\\n".repeat(9000)), "[2]", "[0,4]", 4);
        assert!(long.len() < 500 && !long.contains('\n'), "{long}");
        let missing = r#"{"t":{"dtype":"F16","data_offsets":[0,4]}}"#;
        assert!(message(missing, 4).contains("missing field `shape`"));
    }

    #[test]
    fn holes_overlaps_doubles_and_leftovers_are_refused() {
        let two = |name: &str, second: &str, data| {
            let json = format!(
                r#"{{"a":{{"dtype":"F16","shape":[2],"data_offsets":[0,4]}},
                "{name}":{{"dtype":"F16","shape":[2],"data_offsets":{second}}}}}"#
            );
            message(&json, data)
        };
        assert!(two("b", "[2,6]", 6).ends_with("data starts at 2, expected 4"));
        assert!(two("b", "[0,4]", 4).contains("b: overlaps the tensor before it"));
        assert!(two("b", "[5,9]", 9).ends_with("b: a hole: its data starts at 5, expected 4"));
        assert!(two("a", "[4,8]", 8).ends_with("tensor a: named twice"));
        assert!(two("b", "[4,8]", 10).ends_with("2 bytes at its end belong to no tensor"));
        assert!(message("{}", 1).ends_with("1 bytes at its end belong to no tensor"));
    }

    #[test]
    fn mutated_headers_never_panic() {
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let mut random = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        let marks = b"{}[]\",:0919-e.tf\0\xff";
        let mut accepted = 0;
        for _ in 0..20_000 {
            // Mostly the text under a true length, else any byte of the file.
            let whole = random() % 4 == 0;
            let mut bytes = GOOD.as_bytes().to_vec();
            if whole {
                bytes = file(&bytes, 19);
            }
            for _ in 0..=random() % 3 {
                let at = random() as usize % bytes.len();
                match random() % 4 {
                    0 => bytes[at] = random() as u8,
                    1 => bytes[at] = marks[random() as usize % marks.len()],
                    2 => drop(bytes.remove(at)),
                    _ => bytes.insert(at, marks[random() as usize % marks.len()]),
                }
            }
            if !whole {
                bytes = file(&bytes, 19);
            }
            let size = bytes.len() as u64;
            if let Ok(tensors) = read(bytes) {
                accepted += 1;
                assert!(tensors.values().all(|info| info.range.end <= size));
            }
        }
        // Some changes hit names, spaces or data only.
        assert!((200..10_000).contains(&accepted), "{accepted}");
    }
}
