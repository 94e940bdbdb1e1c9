//! Prompts as long as a large vocabulary makes them, by a tokenizer of a small one.

use serde_json::{Value, json};
use tokenizers::{OffsetReferential, OffsetType, PreTokenizedString, PreTokenizer};

use crate::prompt::tokenizer::SYSTEM;
use crate::prompt::{
    Language, PromptError, Tokenizer, comment_prompt, drawing_prompt, scoring_prompt,
};
use crate::rubric::Attribute;

/// `tokenizer_json`, to which every word of the prompts is one token.
///
/// A vocabulary of 150,000 tokens, as the published models have, holds nearly all of them whole, where
/// a small one cuts them to pieces: with it the prompts of a bench are as long as those of a child's
/// drawing.
///
/// # Errors
/// When it is no tokenizer of Qwen2.5's kind.
pub fn whole_words(tokenizer_json: &[u8]) -> Result<Vec<u8>, PromptError> {
    let unreadable = |error: &dyn std::fmt::Display| PromptError::Unreadable(error.to_string());
    let inner = tokenizers::Tokenizer::from_bytes(tokenizer_json).map_err(|e| unreadable(&e))?;
    let mut json: Value = serde_json::from_slice(tokenizer_json).map_err(|e| unreadable(&e))?;
    // A word that the vocabulary has is not made of smaller ones.
    json["model"]["ignore_merges"] = json!(true);
    let vocabulary = json["model"]["vocab"].as_object_mut();
    let vocabulary = vocabulary.ok_or_else(|| unreadable(&"it has no vocabulary"))?;
    let mut next = inner.get_vocab_size(true);
    for text in texts() {
        let mut parts = PreTokenizedString::from(text.as_str());
        if let Some(cut) = inner.get_pre_tokenizer() {
            cut.pre_tokenize(&mut parts).map_err(|e| unreadable(&e))?;
        }
        for (word, ..) in parts.get_splits(OffsetReferential::Original, OffsetType::Byte) {
            if !vocabulary.contains_key(word) {
                vocabulary.insert(word.to_owned(), json!(next));
                next += 1;
            }
        }
    }
    let made = json.to_string().into_bytes();
    Tokenizer::from_bytes(&made)?;
    Ok(made)
}

/// All that a model is asked.
fn texts() -> impl Iterator<Item = String> {
    let [first, .., last] = Attribute::ALL;
    let comments = [Language::En, Language::Zh].map(|of| comment_prompt(first, last, of));
    let fixed = [SYSTEM, "user\n", "assistant\n", drawing_prompt()].map(str::to_owned);
    Attribute::ALL.into_iter().map(scoring_prompt).chain(comments).chain(fixed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_has_a_token_a_word() {
        let demo = include_bytes!("../../demo/model/tokenizer.json");
        let [small, large] =
            [demo.to_vec(), whole_words(demo).unwrap()].map(|json| Tokenizer::from_bytes(&json));
        let [small, large] = [small.unwrap(), large.unwrap()];
        let prompt = scoring_prompt(Attribute::Realism);
        // Thirty-one words and signs, 64 of picture, 8 of the system's line, and 13 of the template.
        assert_eq!(large.chat(&prompt, 64).unwrap().len(), 31 + 64 + 8 + 13);
        assert!(small.chat(&prompt, 64).unwrap().len() > 150);
        // What is written is read as before.
        for id in 0..1000 {
            assert_eq!(large.decode(&[id]).ok(), small.decode(&[id]).ok(), "{id}");
        }
    }
}
