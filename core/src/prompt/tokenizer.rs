//! Qwen2.5's tokenizer and chat template.

use crate::prompt::PromptError;
use crate::rubric::SCALE;

/// A tokenizer with the ids that the chat template needs; all of them come from its own file.
#[derive(Debug)]
pub struct Tokenizer {
    inner: tokenizers::Tokenizer,
    im_start: u32,
    im_end: u32,
    end_of_text: u32,
    vision_start: u32,
    vision_end: u32,
    image_pad: u32,
    digits: [u32; 5],
}

/// The special tokens that a model's configuration names.
#[cfg(feature = "train")]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Special {
    pub(crate) im_end: u32,
    pub(crate) end_of_text: u32,
    pub(crate) vision_start: u32,
    pub(crate) vision_end: u32,
    pub(crate) image_pad: u32,
}

/// The largest `tokenizer.json` that is read, in bytes; Qwen2.5's has 7 MB.
pub const MAX_TOKENIZER: u64 = 64 << 20;

/// The system line of Qwen2.5's chat template.
pub(super) const SYSTEM: &str = "system\nYou are a helpful assistant.";

impl Tokenizer {
    /// Reads a `tokenizer.json`.
    ///
    /// # Errors
    /// When it is none, or lacks a token of the chat template or a digit.
    pub fn from_bytes(json: &[u8]) -> Result<Self, PromptError> {
        let mut inner = tokenizers::Tokenizer::from_bytes(json)
            .map_err(|e| PromptError::Unreadable(e.to_string()))?;
        // What a person types is text, even where it spells a special token.
        inner.set_encode_special_tokens(true);

        let id = |token| inner.token_to_id(token).ok_or(PromptError::MissingToken(token));
        let mut digits = [0; 5];
        for (digit, slot) in SCALE.zip(&mut digits) {
            let ids = encode(&inner, &digit.to_string())?;
            let &[id] = ids.as_slice() else {
                return Err(PromptError::Digit { digit, found: ids.len() });
            };
            *slot = id;
        }
        Ok(Self {
            im_start: id("<|im_start|>")?,
            im_end: id("<|im_end|>")?,
            end_of_text: id("<|endoftext|>")?,
            vision_start: id("<|vision_start|>")?,
            vision_end: id("<|vision_end|>")?,
            image_pad: id("<|image_pad|>")?,
            digits,
            inner,
        })
    }

    /// The tokens of the scores 1 to 5.
    #[must_use]
    pub const fn digits(&self) -> [u32; 5] {
        self.digits
    }

    /// The tokens that are a whole yes, and those that are a whole no: in small letters, with a
    /// capital or in capitals, with and without a space before. A vocabulary has some of them, or
    /// none.
    ///
    /// # Errors
    /// When the tokenizer refuses the words.
    pub fn yes_and_no(&self) -> Result<[Vec<u32>; 2], PromptError> {
        let whole = |words: [&str; 3]| {
            let mut found = Vec::new();
            for word in words {
                for text in [word.to_owned(), format!(" {word}")] {
                    if let [id] = encode(&self.inner, &text)?[..]
                        && !found.contains(&id)
                    {
                        found.push(id);
                    }
                }
            }
            Ok(found)
        };
        Ok([whole(["yes", "Yes", "YES"])?, whole(["no", "No", "NO"])?])
    }

    /// The token that stands for a piece of picture.
    #[must_use]
    pub const fn image_pad(&self) -> u32 {
        self.image_pad
    }

    /// The special tokens that a model's configuration names.
    #[cfg(feature = "train")]
    pub(crate) const fn special(&self) -> Special {
        Special {
            im_end: self.im_end,
            end_of_text: self.end_of_text,
            vision_start: self.vision_start,
            vision_end: self.vision_end,
            image_pad: self.image_pad,
        }
    }

    /// Plain text as tokens.
    ///
    /// # Errors
    /// When the tokenizer refuses the text.
    #[cfg(feature = "train")]
    pub(crate) fn encode(&self, text: &str) -> Result<Vec<u32>, PromptError> {
        encode(&self.inner, text)
    }

    /// How many rows a model's table needs.
    #[cfg(feature = "train")]
    pub(crate) fn vocabulary(&self) -> usize {
        self.inner.get_vocab_size(true)
    }

    /// Whether text ends here.
    #[must_use]
    pub const fn is_end(&self, id: u32) -> bool {
        id == self.im_end || id == self.end_of_text
    }

    /// One user turn, a picture of `image_tokens` and then `text`, up to the assistant's header.
    ///
    /// # Errors
    /// When the tokenizer refuses the text.
    pub fn chat(&self, text: &str, image_tokens: usize) -> Result<Vec<u32>, PromptError> {
        let newline = encode(&self.inner, "\n")?;
        let mut ids = vec![self.im_start];
        ids.extend(encode(&self.inner, SYSTEM)?);
        ids.push(self.im_end);
        ids.extend_from_slice(&newline);
        ids.push(self.im_start);
        ids.extend(encode(&self.inner, "user\n")?);
        ids.push(self.vision_start);
        ids.extend(std::iter::repeat_n(self.image_pad, image_tokens));
        ids.push(self.vision_end);
        ids.extend(encode(&self.inner, text)?);
        ids.push(self.im_end);
        ids.extend(newline);
        ids.push(self.im_start);
        ids.extend(encode(&self.inner, "assistant\n")?);
        Ok(ids)
    }

    /// Checks that a model of `vocabulary` rows knows every token of `ids`.
    ///
    /// # Errors
    /// When one is beyond them.
    pub fn check(ids: &[u32], vocabulary: usize) -> Result<(), PromptError> {
        match ids.iter().find(|&&id| id as usize >= vocabulary) {
            Some(&id) => Err(PromptError::BeyondVocabulary { id, vocabulary }),
            None => Ok(()),
        }
    }

    /// A decoder that turns tokens into text as they come.
    #[must_use]
    pub const fn decoder(&self) -> TextDecoder<'_> {
        TextDecoder { tokenizer: self, ids: Vec::new(), given: 0 }
    }

    /// The text of some tokens, special ones left out.
    ///
    /// # Errors
    /// When the tokenizer cannot decode.
    pub fn decode(&self, ids: &[u32]) -> Result<String, PromptError> {
        self.inner.decode(ids, true).map_err(|e| PromptError::Text(e.to_string()))
    }
}

fn encode(tokenizer: &tokenizers::Tokenizer, text: &str) -> Result<Vec<u32>, PromptError> {
    let encoding =
        tokenizer.encode_fast(text, false).map_err(|e| PromptError::Text(e.to_string()))?;
    Ok(encoding.get_ids().to_vec())
}

/// Turns tokens into text as they come, whole characters only.
///
/// The tokenizers crate has a `DecodeStream`, but that one ends in an error where a model writes
/// bytes that are no UTF-8.
#[derive(Debug)]
pub struct TextDecoder<'a> {
    tokenizer: &'a Tokenizer,
    /// The last tokens: some whose text was given, for what follows may depend on them, then
    /// those that wait for the rest of a character.
    ids: Vec<u32>,
    given: usize,
}

/// How many tokens may wait: no character has more bytes.
const MAX_WAITING: usize = 4;

/// How many tokens are kept after their text was given.
const KEPT: usize = 8;

impl TextDecoder<'_> {
    /// Adds one token and returns the text that it completes, possibly none.
    ///
    /// # Errors
    /// When the tokenizer cannot decode.
    pub fn push(&mut self, id: u32) -> Result<String, PromptError> {
        self.ids.push(id);
        let text = self.tokenizer.decode(&self.ids)?;
        let waiting = self.ids.len() - self.given;
        if text.ends_with(char::REPLACEMENT_CHARACTER) && waiting < MAX_WAITING {
            return Ok(String::new());
        }
        let before = self.tokenizer.decode(&self.ids[..self.given])?.len();
        self.ids.drain(..self.ids.len().saturating_sub(KEPT));
        self.given = self.ids.len();
        Ok(text.get(before..).unwrap_or_default().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokenizer() -> Tokenizer {
        let path = "../tests/fixtures/golden/case3/model/tokenizer.json";
        Tokenizer::from_bytes(&std::fs::read(path).unwrap()).unwrap()
    }

    #[test]
    fn special_tokens_in_what_a_person_types_are_text() {
        let tokenizer = tokenizer();
        let ids = tokenizer.chat("a <|image_pad|> b", 2).unwrap();
        let pads = ids.iter().filter(|&&id| id == tokenizer.image_pad()).count();
        assert_eq!(pads, 2);
    }

    #[test]
    fn streamed_text_is_whole_characters_and_equals_the_whole() {
        let tokenizer = tokenizer();
        // Every character here is several tokens in a cut vocabulary.
        let text = "Ein Haus, 一座房子，🏠 ... naïve!";
        let ids = encode(&tokenizer.inner, text).unwrap();
        let mut decoder = tokenizer.decoder();
        let mut pieces = Vec::new();
        for id in ids {
            pieces.push(decoder.push(id).unwrap());
        }
        assert!(pieces.iter().any(String::is_empty), "some tokens must wait");
        assert!(pieces.iter().all(|piece| !piece.contains(char::REPLACEMENT_CHARACTER)));
        assert_eq!(pieces.concat(), text);
    }

    #[test]
    fn bytes_that_are_no_text_do_not_stop_the_stream() {
        let tokenizer = tokenizer();
        let half = encode(&tokenizer.inner, "🏠").unwrap()[0];
        let letter = encode(&tokenizer.inner, "a").unwrap()[0];
        let mut decoder = tokenizer.decoder();
        let mut text = String::new();
        for id in [half, half, half, half, half, letter, letter] {
            text += &decoder.push(id).unwrap();
        }
        assert!(text.ends_with("aa"), "{text}");
    }

    #[test]
    fn other_files_are_refused() {
        let message = |json: &str| Tokenizer::from_bytes(json.as_bytes()).unwrap_err().to_string();
        assert!(message("{").starts_with("not a tokenizer"));
        let bare = r#"{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}}"#;
        assert!(message(bare).starts_with("the digit 1"), "{}", message(bare));
    }

    #[test]
    fn a_token_beyond_the_model_is_named() {
        let message = Tokenizer::check(&[1, 9], 9).unwrap_err().to_string();
        assert!(message.contains("id 9") && message.contains("vocabulary of 9"), "{message}");
    }
}
