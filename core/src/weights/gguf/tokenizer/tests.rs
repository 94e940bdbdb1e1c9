use super::super::fixtures::{Draft, i32s, open, small_text, small_vision, text, texts};
use crate::prompt::Tokenizer;

const CASE: &str = "../tests/fixtures/golden/case3/model/tokenizer.json";

/// A draft with the tokenizer of this `tokenizer.json`, as llama.cpp writes it.
fn draft(json: &serde_json::Value, rows: usize) -> Draft {
    let mut tokens: Vec<String> = (0..rows).map(|id| format!("[PAD{id}]")).collect();
    let mut types = vec![5; rows];
    for (token, id) in json["model"]["vocab"].as_object().unwrap() {
        let id = id.as_u64().unwrap() as usize;
        (tokens[id], types[id]) = (token.clone(), 1);
    }
    for added in json["added_tokens"].as_array().unwrap() {
        let id = added["id"].as_u64().unwrap() as usize;
        let token = added["content"].as_str().unwrap();
        let control = added["special"] == true || token.starts_with("<|");
        (tokens[id], types[id]) = (token.to_owned(), if control { 3 } else { 4 });
    }
    let merges: Vec<&str> = json["model"]["merges"].as_array().unwrap().iter().map(pair).collect();
    small_text()
        .key("tokenizer.ggml.tokens", texts(&tokens))
        .key("tokenizer.ggml.token_type", i32s(&types))
        .key("tokenizer.ggml.merges", texts(&merges))
}

fn pair(merge: &serde_json::Value) -> &str {
    merge.as_str().unwrap()
}

fn json_of(draft: &Draft) -> Vec<u8> {
    let pair = open(draft.write().0, small_vision().write().0).unwrap();
    pair.tokenizer_json().unwrap().to_vec()
}

fn refused(draft: &Draft) -> String {
    open(draft.write().0, small_vision().write().0).unwrap_err().to_string()
}

#[test]
fn texts_are_cut_as_by_the_original() {
    let original = std::fs::read(CASE).unwrap();
    let rebuilt = json_of(&draft(&serde_json::from_slice(&original).unwrap(), 1536));
    let texts = [
        "Assess the student's artwork based on the 'color_richness' criterion (1-5).",
        "  Two  spaces,\ttabs\n\n\nlines \r\n and a trailing space ",
        "他画了一只很大的猫，颜色丰富。123 3.14",
        "Ein Häuschen, naïve — ÉCOLE I'LL we've THEY'RE",
        "🏠🌈👩‍👩‍👧 emoji, e\u{301} combining, \u{1F1E9}\u{1F1EA}",
        "<|im_start|>user\n<|vision_start|><|image_pad|><|vision_end|><image><|im_end|>",
        "<tool_call>{}</tool_call><|fim_prefix|>a<|fim_suffix|>b<|file_sep|><|endoftext|>",
        "[PAD1530] \"quoted\" \\ back\\slash \u{0} \u{7f} ﬁ",
        "",
    ];
    for special in [false, true] {
        let [left, right] = [&original, &rebuilt].map(|json| {
            let mut tokenizer = tokenizers::Tokenizer::from_bytes(json).unwrap();
            tokenizer.set_encode_special_tokens(special);
            tokenizer
        });
        for text in texts {
            let ids = |tokenizer: &tokenizers::Tokenizer| {
                tokenizer.encode_fast(text, false).unwrap().get_ids().to_vec()
            };
            assert_eq!(ids(&left), ids(&right), "{text}");
            for skip in [false, true] {
                let decoded = [&left, &right].map(|t| t.decode(&ids(&left), skip).unwrap());
                assert_eq!(decoded[0], decoded[1]);
            }
        }
        assert_eq!(left.get_vocab(true), right.get_vocab(true));
    }
    let [left, right] = [original, rebuilt].map(|json| Tokenizer::from_bytes(&json).unwrap());
    assert_eq!(left.digits(), right.digits());
    assert_eq!(
        left.chat("你好, a <|image_pad|>", 3).unwrap(),
        right.chat("你好, a <|image_pad|>", 3).unwrap()
    );
}

#[test]
fn quotes_and_pads_are_kept_apart() {
    let json: serde_json::Value = serde_json::from_slice(&json_of(&small_text())).unwrap();
    let vocabulary = json["model"]["vocab"].as_object().unwrap();
    assert_eq!((vocabulary.len(), &vocabulary["\""], &vocabulary["\\"]), (5, &6.into(), &7.into()));
    assert_eq!(json["added_tokens"].as_array().unwrap().len(), 2);
    assert_eq!(json["added_tokens"][0]["special"], true);
    assert_eq!(json["added_tokens"][1]["content"], "c");
    assert_eq!(json["model"]["merges"][0], "a b");
}

#[test]
fn other_tokenizers_are_refused_by_name() {
    let with = |key: &str, value| refused(&small_text().key(key, value));
    let error = with("tokenizer.ggml.model", text("llama"));
    let expected =
        "mem/t.gguf: tokenizer.ggml.model: expected gpt2, as Qwen2.5-VL has it, found llama";
    assert_eq!(error, expected);
    assert!(with("tokenizer.ggml.pre", text("gpt-4o")).ends_with("found gpt-4o"));
    let error = with("tokenizer.ggml.token_type", i32s(&[1, 1]));
    let expected = "expected 8 whole numbers, one for each token, found an array of 2 numbers";
    assert!(error.ends_with(expected), "{error}");
    let error = with("tokenizer.ggml.tokens", texts(&["a", "b", "a", "c", "d", "e", "f", "g"]));
    assert!(
        error.ends_with("expected a token for each id, found 'a' as 0 and 2")
            || error.ends_with("found 'a' as 2 and 0"),
        "{error}"
    );
    let error = with("tokenizer.ggml.merges", texts(&["a b", "a\nb"]));
    assert!(error.ends_with("expected texts, found control characters at 1"), "{error}");
    let many: Vec<String> = (0..1025).map(|id| format!("<{id}>")).collect();
    let draft = small_text().key("tokenizer.ggml.token_type", i32s(&[3; 1025]));
    let error = refused(&draft.key("tokenizer.ggml.tokens", texts(&many)));
    let expected = "expected at most 1024 control and user-defined tokens, found 1025";
    assert!(error.ends_with(expected), "{error}");
    let error = refused(&small_text().without("tokenizer.ggml.merges"));
    assert_eq!(error, "mem/t.gguf: the metadata has no tokenizer.ggml.merges");
    let none = small_text().without("tokenizer.ggml.tokens");
    let pair = open(none.write().0, small_vision().write().0).unwrap();
    assert!(pair.tokenizer_json().is_none());
}
