//! JSON objects read as a list of pairs, in the file's order.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

/// Free text that safetensors headers may carry beside their tensors.
const METADATA: &str = "__metadata__";

/// The members of an object, doubles included, but for `__metadata__`.
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
            } else {
                pairs.push((name, map.next_value()?));
            }
        }
        Ok(Pairs(pairs))
    }
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
    fn anything_but_an_object_is_refused() {
        let error = serde_json::from_str::<Pairs<u8>>("[1]").unwrap_err().to_string();
        assert!(error.starts_with("invalid type: sequence, expected an object"), "{error}");
    }
}
