//! The names of tensors: one spelling for all checkpoints, and the nearest one to a missing name.

/// Prefixes of re-saved checkpoints and what the published ones have instead.
const RENAMED: [(&str, &str); 6] = [
    ("model.language_model.", "model."),
    ("model.visual.", "visual."),
    ("language_model.model.", "model."),
    ("language_model.lm_head.", "lm_head."),
    ("language_model.", "model."),
    ("model.lm_head.", "lm_head."),
];

/// Names longer than this are not compared: comparing takes the product of both lengths.
const LONGEST: usize = 200;

/// The published checkpoints' name: `model.layers.N…`, `visual.…`, `lm_head.weight`.
pub(crate) fn canonical(name: &str) -> String {
    for (prefix, published) in RENAMED {
        if let Some(rest) = name.strip_prefix(prefix) {
            return format!("{published}{rest}");
        }
    }
    name.to_owned()
}

/// The name most like `wanted`, unless more than a third would have to change.
pub(crate) fn nearest<'a>(
    wanted: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let names = names.into_iter().filter(|name| name.len() <= LONGEST);
    let best = names.map(|name| (distance(wanted, name), name)).min()?;
    (best.0 <= wanted.len() / 3).then_some(best.1)
}

/// Levenshtein's distance: bytes to insert, delete or replace.
fn distance(left: &str, right: &str) -> usize {
    let right = right.as_bytes();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &b) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_has_one_name() {
        let same = [
            ("model.layers.3.mlp.up_proj.weight", "model.layers.3.mlp.up_proj.weight"),
            ("model.language_model.norm.weight", "model.norm.weight"),
            ("model.visual.merger.ln_q.weight", "visual.merger.ln_q.weight"),
            ("language_model.model.embed_tokens.weight", "model.embed_tokens.weight"),
            ("language_model.embed_tokens.weight", "model.embed_tokens.weight"),
            ("language_model.lm_head.weight", "lm_head.weight"),
            ("visual.blocks.0.norm1.weight", "visual.blocks.0.norm1.weight"),
            ("lm_head.weight", "lm_head.weight"),
        ];
        for (found, name) in same {
            assert_eq!(canonical(found), name);
            assert_eq!(canonical(name), name);
        }
    }

    #[test]
    fn distances_are_levenshteins() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("same", "same"), 0);
    }

    #[test]
    fn the_nearest_name_is_near() {
        let names = ["model.norm.weight", "visual.merger.ln_q.weight"];
        assert_eq!(nearest("visual.merger.lnq.weight", names), Some(names[1]));
        assert_eq!(nearest("lm_head.bias", names), None);
        assert_eq!(nearest("x", []), None);
    }
}
