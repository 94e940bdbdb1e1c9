//! Reading the metadata's values, and going past those that are not wanted.

use super::super::WeightsError;
use super::reader::Reader;
use super::value::{Kind, Numbers, Texts, Value};

/// The longest text in bytes; a chat template has some thousands.
const LONGEST_TEXT: u64 = 16 << 20;
/// How deep arrays may lie within arrays.
const DEEPEST: usize = 8;

/// Reads a value, or goes past one that is not to be kept.
pub(super) async fn read_value(
    reader: &mut Reader<'_>,
    kept: bool,
) -> Result<Option<Value>, WeightsError> {
    let kind = read_kind(reader).await?;
    match kind {
        Kind::Text if kept => {
            Ok(Some(Value::Text(reader.text("a value", LONGEST_TEXT).await?.into())))
        }
        Kind::Text => skip_text(reader).await.map(|()| None),
        Kind::Array => read_array(reader, kept).await,
        _ => {
            let mut bytes = [0; 8];
            bytes[..kind.bytes()].copy_from_slice(reader.take(kind.bytes() as u64).await?);
            Ok(Some(kind.number(bytes)))
        }
    }
}

async fn read_kind(reader: &mut Reader<'_>) -> Result<Kind, WeightsError> {
    let id = reader.u32().await?;
    Kind::from_id(id).ok_or_else(|| {
        let at = reader.position() - 4;
        reader.broken(format!("expected a kind of value from 0 to 12 at byte {at}, found {id}"))
    })
}

async fn skip_text(reader: &mut Reader<'_>) -> Result<(), WeightsError> {
    let length = reader.u64().await?;
    reader.skip(length)
}

/// The kind and the number of an array's elements, which must fit into the file.
async fn read_array_start(reader: &mut Reader<'_>) -> Result<(Kind, u64), WeightsError> {
    let kind = read_kind(reader).await?;
    let count = reader.u64().await?;
    reader.check(count, kind.bytes() as u64, "elements of an array")?;
    Ok((kind, count))
}

async fn read_array(reader: &mut Reader<'_>, kept: bool) -> Result<Option<Value>, WeightsError> {
    let (kind, count) = read_array_start(reader).await?;
    match kind {
        Kind::Array => {
            skip_nested(reader, count).await?;
            Ok(kept.then_some(Value::Nested))
        }
        Kind::Text if kept => {
            // At most the eight bytes that each length takes in the file.
            let mut texts = Texts::with_capacity(count as usize);
            for _ in 0..count {
                texts.push(reader.text("a text of an array", LONGEST_TEXT).await?);
            }
            Ok(Some(Value::Texts(Box::new(texts))))
        }
        Kind::Text => {
            for _ in 0..count {
                skip_text(reader).await?;
            }
            Ok(None)
        }
        _ if kept => {
            let bytes = reader.take(count * kind.bytes() as u64).await?.into();
            Ok(Some(Value::Numbers(Numbers::new(kind, bytes))))
        }
        _ => reader.skip(count * kind.bytes() as u64).map(|()| None),
    }
}

/// Goes past `count` arrays, which may hold further ones.
async fn skip_nested(reader: &mut Reader<'_>, count: u64) -> Result<(), WeightsError> {
    let mut left = vec![count];
    while let Some(count) = left.last_mut() {
        if *count == 0 {
            left.pop();
            continue;
        }
        *count -= 1;
        let (kind, count) = read_array_start(reader).await?;
        match kind {
            Kind::Array if left.len() == DEEPEST => {
                return Err(reader.broken(format!("arrays lie more than {DEEPEST} deep")));
            }
            Kind::Array => left.push(count),
            Kind::Text => {
                for _ in 0..count {
                    skip_text(reader).await?;
                }
            }
            _ => reader.skip(count * kind.bytes() as u64)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use pollster::block_on;

    use super::super::super::Memory;
    use super::*;

    fn read(bytes: &[&[u8]], kept: bool) -> Result<(Option<Value>, u64), WeightsError> {
        let bytes = bytes.concat();
        let memory = Memory::new("mem", [("f".to_owned(), bytes)].into());
        let mut reader = block_on(Reader::open(&memory, "f"))?;
        let value = block_on(read_value(&mut reader, kept))?;
        Ok((value, reader.left()))
    }

    fn array(kind: u32, count: u64) -> Vec<u8> {
        [&kind.to_le_bytes()[..], &count.to_le_bytes()].concat()
    }

    fn text(text: &str) -> Vec<u8> {
        [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat()
    }

    #[test]
    fn every_kind_of_number_is_read() {
        let number = |kind: u32, bytes: &[u8]| {
            let (value, left) = read(&[&kind.to_le_bytes(), bytes], true).unwrap();
            assert_eq!(left, 0);
            value.unwrap()
        };
        assert_eq!(number(0, &[200]), Value::Unsigned(200));
        assert_eq!(number(1, &[200]), Value::Signed(-56));
        assert_eq!(number(2, &[1, 2]), Value::Unsigned(513));
        assert_eq!(number(3, &[255, 255]), Value::Signed(-1));
        assert_eq!(number(4, &[0, 0, 0, 128]), Value::Unsigned(1 << 31));
        assert_eq!(number(5, &[254, 255, 255, 255]), Value::Signed(-2));
        assert_eq!(number(6, &1e-6_f32.to_le_bytes()).double(), Some(1e-6));
        assert_eq!(number(7, &[1]), Value::Truth(true));
        assert_eq!(number(10, &u64::MAX.to_le_bytes()), Value::Unsigned(u64::MAX));
        assert_eq!(number(11, &(-3_i64).to_le_bytes()).unsigned(), None);
        assert_eq!(number(12, &0.5_f64.to_le_bytes()).double(), Some(0.5));
        let error = read(&[&13_u32.to_le_bytes(), &[0; 8]], true).unwrap_err().to_string();
        assert!(error.ends_with("expected a kind of value from 0 to 12 at byte 0, found 13"));
    }

    #[test]
    fn arrays_are_read_or_skipped() {
        let nine = 9_u32.to_le_bytes();
        let texts = [&nine[..], &array(8, 3), &text("a"), &text(""), &text("äö")];
        let (value, left) = read(&texts, true).unwrap();
        let Some(Value::Texts(found)) = value else { panic!() };
        assert_eq!((found.iter().collect::<Vec<_>>(), left), (vec!["a", "", "äö"], 0));
        assert_eq!(read(&texts, false).unwrap(), (None, 0));
        let numbers = [&nine[..], &array(3, 2), &[1, 0, 255, 255], &[7]];
        let (value, left) = read(&numbers, true).unwrap();
        let Some(Value::Numbers(found)) = value else { panic!() };
        assert_eq!(found.iter().collect::<Vec<_>>(), [Value::Signed(1), Value::Signed(-1)]);
        assert_eq!((left, read(&numbers, false).unwrap()), (1, (None, 1)));
    }

    #[test]
    fn arrays_in_arrays_are_passed() {
        let nine = 9_u32.to_le_bytes();
        let inner = [array(4, 1), vec![0; 4], array(8, 1), text("x"), array(9, 1), array(0, 2)];
        let inner = [inner.concat(), vec![1, 2, 9]].concat();
        let (value, left) = read(&[&nine, &array(9, 3), &inner], true).unwrap();
        assert_eq!((value, left), (Some(Value::Nested), 1));
        let deep = [vec![9, 0, 0, 0], array(9, 1).repeat(20), vec![0; 24]];
        let error = read(&[&deep.concat()], true).unwrap_err().to_string();
        assert!(error.ends_with("arrays lie more than 8 deep"), "{error}");
        let error = read(&[&nine, &array(8, 1 << 60)], true).unwrap_err().to_string();
        assert!(error.contains("1152921504606846976 elements of an array"), "{error}");
    }
}
