//! What can be wrong with a tokenizer.

/// Why a tokenizer cannot be used; the caller puts the file's name in front.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PromptError {
    /// The file is no tokenizer.
    #[error("not a tokenizer that this program can read: {0}")]
    Unreadable(String),
    /// A token of the chat template is missing.
    #[error("the token {0} is missing; a tokenizer of Qwen2.5-VL has it")]
    MissingToken(&'static str),
    /// A score is not one token.
    #[error("the digit {digit} must be one token, and is {found}")]
    Digit {
        /// The score.
        digit: u8,
        /// How many tokens it is.
        found: usize,
    },
    /// The tokenizer knows more tokens than the model.
    #[error(
        "the token id {id} is beyond the model's vocabulary of {vocabulary}; \
         tokenizer and model do not belong together"
    )]
    BeyondVocabulary {
        /// The token.
        id: u32,
        /// Rows of the model's embedding.
        vocabulary: usize,
    },
    /// Text that the tokenizer refuses.
    #[error("the text could not be turned into tokens or back: {0}")]
    Text(String),
}
