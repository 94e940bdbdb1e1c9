//! The values of a GGUF file's metadata.

/// One value; numbers of arrays stay as the bytes they are in the file.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Unsigned(u64),
    Signed(i64),
    Single(f32),
    Double(f64),
    Truth(bool),
    Text(Box<str>),
    Numbers(Numbers),
    Texts(Box<Texts>),
    /// Arrays of arrays, which no model needs: checked, and not kept.
    Nested,
}

/// The kinds of values, by the format's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    F32,
    Bool,
    Text,
    Array,
    U64,
    I64,
    F64,
}

impl Kind {
    pub(super) const fn from_id(id: u32) -> Option<Self> {
        use Kind::{Array, Bool, F32, F64, I8, I16, I32, I64, Text, U8, U16, U32, U64};
        const ORDER: [Kind; 13] =
            [U8, I8, U16, I16, U32, I32, F32, Bool, Text, Array, U64, I64, F64];
        if id < 13 { Some(ORDER[id as usize]) } else { None }
    }

    /// The least bytes that such a value takes; all of them for numbers.
    pub(super) const fn bytes(self) -> usize {
        match self {
            Self::U8 | Self::I8 | Self::Bool => 1,
            Self::U16 | Self::I16 => 2,
            Self::U32 | Self::I32 | Self::F32 => 4,
            Self::U64 | Self::I64 | Self::F64 | Self::Text => 8,
            Self::Array => 12,
        }
    }

    /// A number of this kind.
    pub(super) fn number(self, bytes: [u8; 8]) -> Value {
        let [a, b, c, d, ..] = bytes;
        match self {
            Self::U8 => Value::Unsigned(a.into()),
            Self::I8 => Value::Signed(a.cast_signed().into()),
            Self::U16 => Value::Unsigned(u16::from_le_bytes([a, b]).into()),
            Self::I16 => Value::Signed(i16::from_le_bytes([a, b]).into()),
            Self::U32 => Value::Unsigned(u32::from_le_bytes([a, b, c, d]).into()),
            Self::I32 => Value::Signed(i32::from_le_bytes([a, b, c, d]).into()),
            Self::F32 => Value::Single(f32::from_le_bytes([a, b, c, d])),
            Self::Bool => Value::Truth(a != 0),
            Self::I64 => Value::Signed(i64::from_le_bytes(bytes)),
            Self::F64 => Value::Double(f64::from_le_bytes(bytes)),
            Self::U64 | Self::Text | Self::Array => Value::Unsigned(u64::from_le_bytes(bytes)),
        }
    }
}

/// An array of numbers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Numbers {
    kind: Kind,
    bytes: Box<[u8]>,
}

impl Numbers {
    /// Numbers of this kind from their bytes in the file.
    pub(super) const fn new(kind: Kind, bytes: Box<[u8]>) -> Self {
        Self { kind, bytes }
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len() / self.kind.bytes()
    }

    /// The numbers, one at a time.
    pub(super) fn iter(&self) -> impl Iterator<Item = Value> + '_ {
        self.bytes.chunks_exact(self.kind.bytes()).map(|bytes| {
            let mut padded = [0; 8];
            padded[..bytes.len()].copy_from_slice(bytes);
            self.kind.number(padded)
        })
    }
}

/// An array of texts, in one piece: the tokenizer has 300,000 of them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Texts {
    text: String,
    ends: Vec<usize>,
}

impl Texts {
    /// Room for this many texts.
    pub(super) fn with_capacity(count: usize) -> Self {
        Self { text: String::new(), ends: Vec::with_capacity(count) }
    }

    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len());
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Bytes of all texts together.
    pub(super) fn bytes(&self) -> usize {
        self.text.len()
    }

    pub(super) fn get(&self, at: usize) -> &str {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.text[start..self.ends[at]]
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|at| self.get(at))
    }
}

impl Value {
    /// A whole number that is not below zero.
    pub(super) fn unsigned(&self) -> Option<u64> {
        match *self {
            Self::Unsigned(number) => Some(number),
            Self::Signed(number) => u64::try_from(number).ok(),
            _ => None,
        }
    }

    /// A number; singles as the shortest decimal that is theirs, so that 1e-6 stays 1e-6.
    pub(super) fn double(&self) -> Option<f64> {
        match *self {
            Self::Unsigned(number) => Some(number as f64),
            Self::Signed(number) => Some(number as f64),
            Self::Single(number) => number.to_string().parse().ok(),
            Self::Double(number) => Some(number),
            _ => None,
        }
    }

    /// What it is, for messages.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Unsigned(number) => number.to_string(),
            Self::Signed(number) => number.to_string(),
            Self::Single(number) => number.to_string(),
            Self::Double(number) => number.to_string(),
            Self::Truth(truth) => truth.to_string(),
            Self::Text(text) => format!("'{}'", shortened(text)),
            Self::Numbers(numbers) => format!("an array of {} numbers", numbers.len()),
            Self::Texts(texts) => format!("an array of {} texts", texts.len()),
            Self::Nested => "arrays in an array".to_owned(),
        }
    }
}

/// The first characters of a text that may be a book.
pub(super) fn shortened(text: &str) -> String {
    const MOST: usize = 60;
    let mut short: String = text.chars().filter(|c| !c.is_control()).take(MOST).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
