//! JSON as a tree that keeps the order of names and those that are there twice.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

/// Any JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Self>),
    Map(Vec<(String, Self)>),
}

impl fmt::Display for Node {
    /// What it is, for messages.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// The most characters of a text, or names of an object, that are shown.
        const SHOWN: usize = 40;
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => value.fmt(f),
            Self::Number(value) => value.fmt(f),
            Self::Text(text) if text.chars().count() > SHOWN => {
                write!(f, "the text '{}...'", text.chars().take(SHOWN).collect::<String>())
            }
            Self::Text(text) => write!(f, "the text '{text}'"),
            Self::List(items) => write!(f, "a list of {}", items.len()),
            Self::Map(entries) => match entries.first() {
                None => f.write_str("an empty object"),
                Some((name, _)) => write!(f, "an object that begins with '{name}'"),
            },
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Builder)
    }
}

struct Builder;

impl<'de> Visitor<'de> for Builder {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Number(value as f64))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Number(value as f64))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Number(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Node::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Node {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn names_keep_their_order_and_may_be_there_twice() {
        let node = read(r#"{"b": 1, "a": [true, null, -2.5], "b": "x"}"#);
        let list = Node::List(vec![Node::Bool(true), Node::Null, Node::Number(-2.5)]);
        let text = Node::Text("x".into());
        let entries = vec![("b".into(), Node::Number(1.0)), ("a".into(), list), ("b".into(), text)];
        assert_eq!(node, Node::Map(entries));
    }

    #[test]
    fn messages_say_what_a_value_is() {
        let long = format!("\"{}\"", "é".repeat(1000));
        for (json, expected) in [
            ("null", "null"),
            ("4", "4"),
            ("\"4\"", "the text '4'"),
            ("[1, 2]", "a list of 2"),
            ("{}", "an empty object"),
            (r#"{"a": 1, "b": 2}"#, "an object that begins with 'a'"),
            (&long, &format!("the text '{}...'", "é".repeat(40))),
        ] {
            assert_eq!(read(json).to_string(), expected);
        }
    }
}
