//! The demo model's tokenizer: Qwen2.5's in every rule, with a vocabulary cut to a corpus.

use tokenizers::models::TrainerWrapper;
use tokenizers::models::bpe::{BPE, BpeTrainer};
use tokenizers::normalizers::NFC;
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::{AddedToken, SplitDelimiterBehavior};

use crate::prompt::{PromptError, Tokenizer};

/// Why a tokenizer could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenizerError {
    /// No room for what every text may need.
    #[error(
        "a vocabulary of {asked} is too small; 256 bytes and {special} special tokens must fit"
    )]
    TooSmall {
        /// The size asked for.
        asked: usize,
        /// How many tokens stand for no text.
        special: usize,
    },
    /// The tokenizer library failed.
    #[error("the tokenizer could not be made: {0}")]
    Library(#[from] tokenizers::Error),
    /// What was made is not what the model needs.
    #[error("the tokenizer that was made: {0}")]
    Unusable(#[from] PromptError),
}

/// The special tokens, in Qwen2.5's order; they follow the vocabulary.
pub const SPECIAL: [&str; 8] = [
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|vision_pad|>",
    "<|image_pad|>",
    "<|video_pad|>",
];

/// How Qwen2.5 parts a text before bytes are merged: short forms, words with the sign or space
/// before them, single digits, signs, line ends, spaces.
const PARTS: &str = concat!(
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|",
    r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
);

/// Single bytes.
const BYTES: usize = 256;
/// The longest token in bytes: a long English word, or six Chinese characters. Chinese has no
/// spaces, so whole sentences of a small corpus would become tokens.
const LONGEST: usize = 18;

/// Makes a `tokenizer.json` with at most `vocab_size` tokens, special ones included, merged from
/// the commonest pairs of the corpus. The same corpus gives the same bytes.
///
/// # Errors
/// When `vocab_size` does not hold all bytes and special tokens, or the library fails.
pub fn build(
    corpus: impl Iterator<Item = String>,
    vocab_size: usize,
) -> Result<Vec<u8>, TokenizerError> {
    let special = SPECIAL.len();
    let Some(size) = vocab_size.checked_sub(special).filter(|&size| size >= BYTES) else {
        return Err(TokenizerError::TooSmall { asked: vocab_size, special });
    };
    let trainer = BpeTrainer::builder()
        .vocab_size(size)
        .min_frequency(2) // a token seen once teaches nothing
        .initial_alphabet(ByteLevel::alphabet().into_iter().collect())
        .max_token_length(Some(LONGEST + 1)) // the trainer stays below it
        .show_progress(false)
        .build();

    let pattern = SplitPattern::Regex(PARTS.to_owned());
    let split = Split::new(pattern, SplitDelimiterBehavior::Isolated, false)?;
    let bytes = ByteLevel::new(false, false, false);
    let parts: Vec<PreTokenizerWrapper> = vec![split.into(), bytes.into()];
    let mut tokenizer = tokenizers::Tokenizer::new(BPE::default());
    tokenizer
        .with_normalizer(Some(NFC))?
        .with_pre_tokenizer(Some(Sequence::new(parts)))
        .with_post_processor(Some(bytes))
        .with_decoder(Some(bytes));

    // The library wants texts that can be sent to other threads, which an iterator may not be.
    let corpus: Vec<String> = corpus.collect();
    tokenizer.train(&mut TrainerWrapper::BpeTrainer(trainer), corpus.iter())?;
    tokenizer.add_special_tokens(SPECIAL.map(|token| AddedToken::from(token, true)))?;
    let json = tokenizer.to_string(false)?.into_bytes();
    Tokenizer::from_bytes(&json)?;
    Ok(json)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompt::{Language, comment_prompt, scoring_prompt};
    use crate::rubric::Attribute;

    const SIZE: usize = 840;

    fn corpus() -> impl Iterator<Item = String> {
        let next = |a: Attribute| Attribute::ALL[(a as usize + 1) % Attribute::ALL.len()];
        let prompts = Attribute::ALL.into_iter().flat_map(move |a| {
            let comment = |language| comment_prompt(a, next(a), language);
            [scoring_prompt(a), comment(Language::En), comment(Language::Zh)]
        });
        let chat = "system\nYou are a helpful assistant.\nuser\nassistant\n";
        // Twice, as what stands there once is not learned.
        let once: Vec<_> = prompts.chain([chat.to_owned()]).collect();
        once.clone().into_iter().chain(once)
    }

    fn made() -> Vec<u8> {
        build(corpus(), SIZE).unwrap()
    }

    fn read(json: &[u8]) -> tokenizers::Tokenizer {
        tokenizers::Tokenizer::from_bytes(json).unwrap()
    }

    fn ids(tokenizer: &tokenizers::Tokenizer, text: &str) -> Vec<u32> {
        tokenizer.encode_fast(text, false).unwrap().get_ids().to_vec()
    }

    #[test]
    fn any_text_comes_back() {
        let tokenizer = read(&made());
        for text in [
            "The lines of the roof look rough.",
            "画里的房子很有想象力，颜色的对比也好。",
            "Ünknown: 鑫 🏠 \u{1F9D1}\u{200D}\u{1F3A8} \u{0}\u{7f}\u{e000} عربى",
            "  two  spaces\t\r\n\n  and lines\n",
            "12345 67890",
            "",
        ] {
            assert_eq!(tokenizer.decode(&ids(&tokenizer, text), true).unwrap(), text);
        }
        // All bytes are tokens, so nothing is ever left out.
        assert_eq!(ids(&tokenizer, "鑫").len(), 3);
    }

    #[test]
    fn the_same_corpus_gives_the_same_bytes() {
        // Maps within the library are seeded anew each time, also within one process.
        let first = made();
        assert!((0..8).all(|_| made() == first));
        assert!(build(corpus(), SIZE - 1).unwrap() != first);
    }

    #[test]
    fn prompts_of_the_corpus_cost_few_tokens() {
        let tokenizer = read(&made());
        for attribute in Attribute::ALL {
            let prompt = scoring_prompt(attribute);
            // Qwen2.5's own tokenizer needs 35 to 37 for these.
            let count = ids(&tokenizer, &prompt).len();
            assert!(count <= 35, "{prompt}: {count}");
        }
        let chinese = comment_prompt(Attribute::Realism, Attribute::Deformation, Language::Zh);
        let count = ids(&tokenizer, &chinese).len();
        assert!(count <= chinese.chars().count() / 2, "{count} of {}", chinese.chars().count());
    }

    #[test]
    fn the_vocabulary_is_bytes_then_merges_then_special_tokens() {
        let tokenizer = read(&made());
        let size = tokenizer.get_vocab_size(true);
        assert_eq!(size, SIZE);
        for (token, place) in SPECIAL.iter().rev().zip(1..) {
            assert_eq!(tokenizer.token_to_id(token), Some((size - place) as u32), "{token}");
        }
        for digit in ["1", "2", "3", "4", "5"] {
            assert!(ids(&tokenizer, digit)[0] < BYTES as u32);
        }
        let longest = tokenizer.get_vocab(false).into_keys().map(|token| token.chars().count());
        assert_eq!(longest.max(), Some(LONGEST));
    }

    #[test]
    fn rules_are_those_of_qwen() {
        let json: serde_json::Value = serde_json::from_slice(&made()).unwrap();
        let path = "../tests/fixtures/golden/case3/model/tokenizer.json";
        let qwen = std::fs::read(path).unwrap();
        let qwen: serde_json::Value = serde_json::from_slice(&qwen).unwrap();
        for part in ["normalizer", "pre_tokenizer", "post_processor", "decoder"] {
            assert_eq!(json[part], qwen[part], "{part}");
        }
    }

    #[test]
    fn a_vocabulary_without_room_is_refused_and_a_small_corpus_is_enough() {
        let said = build(corpus(), 263).unwrap_err().to_string();
        assert!(said.starts_with("a vocabulary of 263 is too small; 256 bytes and 8"), "{said}");
        let tokenizer = read(&build(corpus(), 264).unwrap());
        assert_eq!(tokenizer.get_vocab_size(true), 264);
        let bare = read(&build(std::iter::empty(), 4000).unwrap());
        assert_eq!(bare.get_vocab_size(true), 264);
    }
}
