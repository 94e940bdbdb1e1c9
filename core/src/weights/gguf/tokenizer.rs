//! A `tokenizer.json` from the tokens and merges in a text model's metadata.
//!
//! llama.cpp stores the vocabulary and names the rest: `gpt2` is byte-level BPE, and `qwen2` the
//! way in which Qwen2 cuts text into words.

use super::super::WeightsError;
use super::error::GgufError;
use super::header::Header;
use super::value::{Texts, Value, shortened};

/// The ways of cutting that llama.cpp takes for Qwen2's.
const CUTS: [&str; 4] = ["qwen2", "deepseek-r1-qwen", "kormo", "f2llmv2"];

/// Between the added tokens and the model: Qwen2's normalizer, words and bytes.
const PIPELINE: &str = concat!(
    r#"],"normalizer":{"type":"NFC"},"pre_tokenizer":{"type":"Sequence","pretokenizers":["#,
    r#"{"type":"Split","pattern":{"Regex":"(?i:'s|'t|'re|'ve|'m|'ll|'d)|"#,
    r#"[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|"#,
    r#"\\s+(?!\\S)|\\s+"},"behavior":"Isolated","invert":false},"#,
    r#"{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":false,"use_regex":false}]},"#,
    r#""post_processor":{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":false,"#,
    r#""use_regex":false},"decoder":{"type":"ByteLevel","add_prefix_space":false,"#,
    r#""trim_offsets":false,"use_regex":false},"model":{"type":"BPE","dropout":null,"#,
    r#""unk_token":null,"continuing_subword_prefix":"","end_of_word_suffix":"","#,
    r#""fuse_unk":false,"byte_fallback":false,"vocab":{"#,
);

/// Added tokens that Qwen2.5's tokenizer does not call special: text that spells them becomes
/// them, and they are written out. llama.cpp marks them as control tokens for their look.
const PLAIN: [&str; 6] = [
    "<|fim_prefix|>",
    "<|fim_middle|>",
    "<|fim_suffix|>",
    "<|fim_pad|>",
    "<|repo_name|>",
    "<|file_sep|>",
];

/// What a token is, by llama.cpp's numbers.
mod token {
    pub(super) const CONTROL: u8 = 3;
    pub(super) const USER_DEFINED: u8 = 4;
    pub(super) const UNUSED: u8 = 5;
}

/// The most added tokens, each of which takes ten times its room in the file; Qwen2.5 has 22.
const MOST_ADDED: usize = 1024;
/// The bytes of an added token's settings in JSON.
const SETTINGS: usize = 128;

const TOKENS: &str = "tokenizer.ggml.tokens";
const TYPES: &str = "tokenizer.ggml.token_type";
const MERGES: &str = "tokenizer.ggml.merges";

/// The bytes of a `tokenizer.json`; none where the file has no tokenizer.
pub(super) fn tokenizer_json(text: &Header) -> Result<Option<Vec<u8>>, WeightsError> {
    let Some(tokens) = text.texts(TOKENS)? else { return Ok(None) };
    expect(text, "tokenizer.ggml.model", &["gpt2"], "gpt2")?;
    expect(text, "tokenizer.ggml.pre", &CUTS, "qwen2")?;
    let merges = text.need(MERGES, text.texts(MERGES)?)?;
    let types = types(text, tokens.len())?;
    check_texts(text, TOKENS, tokens)?;
    check_texts(text, MERGES, merges)?;
    check_doubles(text, tokens)?;

    let is_added = |kind: &&u8| matches!(**kind, token::CONTROL | token::USER_DEFINED);
    let added = types.iter().filter(is_added).count();
    if added > MOST_ADDED {
        let expected = format!("at most {MOST_ADDED} control and user-defined tokens");
        return Err(text.wrong(TYPES, &expected, added.to_string()).into());
    }

    // Quotes, commas and ids beside the texts themselves.
    let room = tokens.bytes() + merges.bytes() + 12 * tokens.len() + 4 * merges.len();
    let room = room + SETTINGS * added;
    let mut json = Vec::with_capacity(room + (8 << 10));
    json.extend_from_slice(
        br#"{"version":"1.0","truncation":null,"padding":null,"added_tokens":["#,
    );
    let mut first = true;
    for (id, token) in tokens.iter().enumerate() {
        let special = match types.get(id) {
            Some(&token::CONTROL) => !PLAIN.contains(&token),
            Some(&token::USER_DEFINED) => false,
            _ => continue,
        };
        separate(&mut json, &mut first);
        json.extend_from_slice(format!(r#"{{"id":{id},"content":"#).as_bytes());
        quote(&mut json, token);
        let rest = r#","single_word":false,"lstrip":false,"rstrip":false,"normalized":false"#;
        json.extend_from_slice(format!(r#"{rest},"special":{special}}}"#).as_bytes());
    }
    json.extend_from_slice(PIPELINE.as_bytes());
    let mut first = true;
    for (id, token) in tokens.iter().enumerate() {
        let added = [token::CONTROL, token::USER_DEFINED, token::UNUSED];
        if types.get(id).is_some_and(|kind| added.contains(kind)) {
            continue;
        }
        separate(&mut json, &mut first);
        quote(&mut json, token);
        json.extend_from_slice(format!(":{id}").as_bytes());
    }
    json.extend_from_slice(br#"},"merges":["#);
    let mut first = true;
    for merge in merges.iter() {
        separate(&mut json, &mut first);
        quote(&mut json, merge);
    }
    json.extend_from_slice(b"]}}");
    Ok(Some(json))
}

/// What each token is.
fn types(text: &Header, count: usize) -> Result<Vec<u8>, GgufError> {
    let value = text.need(TYPES, text.value(TYPES))?;
    let wrong = || {
        let expected = format!("{count} whole numbers, one for each token");
        text.wrong(TYPES, &expected, value.describe())
    };
    let Value::Numbers(numbers) = value else { return Err(wrong()) };
    let numbers = (numbers.len() == count).then(|| numbers.iter()).ok_or_else(wrong)?;
    let mut types = Vec::with_capacity(count);
    for number in numbers {
        // None of those that have a meaning is as large as a byte.
        let number = number.unsigned().ok_or_else(wrong)?;
        types.push(u8::try_from(number).unwrap_or(u8::MAX));
    }
    Ok(types)
}

fn expect(text: &Header, key: &str, values: &[&str], expected: &str) -> Result<(), GgufError> {
    let found = text.need(key, text.text(key)?)?;
    match values.contains(&found) {
        true => Ok(()),
        false => {
            let expected = format!("{expected}, as Qwen2.5-VL has it");
            Err(text.wrong(key, &expected, shortened(found)))
        }
    }
}

/// Byte-level tokens write control characters as letters; as they are, they are a broken file.
fn check_texts(text: &Header, key: &str, texts: &Texts) -> Result<(), GgufError> {
    let broken = texts.iter().position(|text| text.chars().any(|c| c.is_ascii_control()));
    match broken {
        Some(at) => Err(text.wrong(key, "texts", format!("control characters at {at}"))),
        None => Ok(()),
    }
}

/// A text that two ids have would lose one of them.
fn check_doubles(text: &Header, tokens: &Texts) -> Result<(), GgufError> {
    // Ids of 32 bits take half the room of the lengths in the file.
    let mut order: Vec<u32> = (0..=u32::MAX).take(tokens.len()).collect();
    order.sort_unstable_by_key(|&id| tokens.get(id as usize));
    let same = |pair: &&[u32]| tokens.get(pair[0] as usize) == tokens.get(pair[1] as usize);
    match order.windows(2).find(same) {
        Some(pair) => {
            let token = shortened(tokens.get(pair[0] as usize));
            let found = format!("'{token}' as {} and {}", pair[0], pair[1]);
            Err(text.wrong(TOKENS, "a token for each id", found))
        }
        None => Ok(()),
    }
}

fn separate(json: &mut Vec<u8>, first: &mut bool) {
    if !std::mem::take(first) {
        json.push(b',');
    }
}

/// A JSON string of a text without control characters.
fn quote(json: &mut Vec<u8>, text: &str) {
    json.push(b'"');
    for byte in text.bytes() {
        if matches!(byte, b'"' | b'\\') {
            json.push(b'\\');
        }
        json.push(byte);
    }
    json.push(b'"');
}

#[cfg(test)]
mod tests;
