//! JSON objects and lists with bounds, so that small broken files cannot fill the memory.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Free text that safetensors headers may carry beside their tensors.
const METADATA: &str = "__metadata__";

/// The most members of an object: twice the tensors of the largest model of this family.
const MOST_NAMES: usize = 4096;
/// The longest of their names in bytes.
const LONGEST_NAME: usize = 1024;

/// The members of an object in the file's order, doubles included, but for `__metadata__`.
///
/// Maps of the standard library would drop the first of two equal names, and the order.
#[derive(Debug)]
pub(crate) struct Pairs<V>(pub(crate) Vec<(String, V)>);

impl<V> Default for Pairs<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Pairs<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PairsVisitor(PhantomData))
    }
}

struct PairsVisitor<V>(PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for PairsVisitor<V> {
    type Value = Pairs<V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            if name == METADATA {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            check_name(&name)?;
            if pairs.len() == MOST_NAMES {
                return Err(Error::custom(format!("expected at most {MOST_NAMES} names")));
            }
            pairs.push((name, map.next_value()?));
        }
        Ok(Pairs(pairs))
    }
}

/// Names stand in messages of one line.
fn check_name<E: Error>(name: &str) -> Result<(), E> {
    let length = name.len();
    if length > LONGEST_NAME {
        let reason = format!("a name has {length} bytes, expected at most {LONGEST_NAME}");
        return Err(E::custom(reason));
    }
    match name.contains(char::is_control) {
        true => Err(E::custom("a name has control characters")),
        false => Ok(()),
    }
}

/// An object without doubles, for `deserialize_with`.
pub(super) fn map<'de, V, D>(deserializer: D) -> Result<BTreeMap<String, V>, D::Error>
where
    V: Deserialize<'de>,
    D: Deserializer<'de>,
{
    let Pairs(pairs) = Pairs::deserialize(deserializer)?;
    let count = pairs.len();
    let map: BTreeMap<String, V> = pairs.into_iter().collect();
    match map.len() == count {
        true => Ok(map),
        false => Err(D::Error::custom("a name stands twice")),
    }
}

/// A list of at most `MOST`, for `deserialize_with`.
pub(super) fn list<'de, const MOST: usize, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_seq(ListVisitor::<MOST, T>(PhantomData))
}

struct ListVisitor<const MOST: usize, T>(PhantomData<T>);

impl<'de, const MOST: usize, T: Deserialize<'de>> Visitor<'de> for ListVisitor<MOST, T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a sequence of at most {MOST}")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut found = Vec::new();
        while let Some(item) = list.next_element()? {
            if found.len() == MOST {
                return Err(A::Error::custom(format!("expected at most {MOST} in a list")));
            }
            found.push(item);
        }
        Ok(found)
    }
}

/// What a file says, for messages: one line, and not a book.
pub(super) fn one_line(text: &str) -> String {
    const MOST: usize = 300;
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    let mut line: String = text.chars().take(MOST).map(clean).collect();
    if line.len() < text.len() {
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_doubles_are_kept_and_metadata_is_left_out() {
        let text = r#"{"b": 2, "__metadata__": {"format": "pt"}, "a": 1, "b": 3}"#;
        let Pairs(pairs) = serde_json::from_str::<Pairs<u8>>(text).unwrap();
        assert_eq!(pairs, [("b".into(), 2), ("a".into(), 1), ("b".into(), 3)]);
    }

    #[test]
    fn more_and_longer_names_than_models_have_are_refused() {
        let read = |text: &str| serde_json::from_str::<Pairs<u8>>(text).map_err(|e| e.to_string());
        let names =
            |count| (0..count).map(|at| format!("\"{at}\":1")).collect::<Vec<_>>().join(",");
        assert_eq!(read(&format!("{{{}}}", names(4096))).unwrap().0.len(), 4096);
        let error = read(&format!("{{{}}}", names(4097))).unwrap_err();
        assert!(error.starts_with("expected at most 4096 names"), "{error}");
        let error = read(&format!(r#"{{"{}": 1}}"#, "a".repeat(1025))).unwrap_err();
        assert!(error.starts_with("a name has 1025 bytes, expected at most 1024"), "{error}");
        let error = read(r#"{"a\nb": 1}"#).unwrap_err();
        assert!(error.starts_with("a name has control characters"), "{error}");
    }

    #[test]
    fn maps_have_no_doubles_and_lists_an_end() {
        let read = |text: &str| map::<u8, _>(&mut serde_json::Deserializer::from_str(text));
        assert_eq!(read(r#"{"b": 2, "a": 1}"#).unwrap().into_values().collect::<Vec<_>>(), [1, 2]);
        let error = read(r#"{"a": 1, "a": 1}"#).unwrap_err().to_string();
        assert!(error.starts_with("a name stands twice"), "{error}");
        let read = |text: &str| list::<2, u8, _>(&mut serde_json::Deserializer::from_str(text));
        assert_eq!(read("[1, 2]").unwrap(), [1, 2]);
        let error = read("[1, 2, 3]").unwrap_err().to_string();
        assert!(error.starts_with("expected at most 2 in a list"), "{error}");
    }

    #[test]
    fn lines_are_short() {
        assert_eq!(one_line("a\nb\u{7}"), "a b ");
        assert_eq!(one_line(&"ä".repeat(1000)).chars().count(), 301);
    }

    #[test]
    fn anything_but_an_object_is_refused() {
        let error = serde_json::from_str::<Pairs<u8>>("[1]").unwrap_err().to_string();
        assert!(error.starts_with("invalid type: sequence, expected an object"), "{error}");
    }
}
