//! The demo model's tokenizer.

pub mod tokenizer;
