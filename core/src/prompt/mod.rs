//! What the model is asked, as token ids: the tokenizer, the chat template and the prompts.

mod error;
mod text;
mod tokenizer;
mod words;

pub use error::PromptError;
pub use text::{Language, comment_prompt, drawing_prompt, scoring_prompt, training_prompt};
pub use tokenizer::{MAX_TOKENIZER, TextDecoder, Tokenizer};
pub use words::whole_words;
