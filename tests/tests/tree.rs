//! The tree of packages: licences that may be shipped, and one version of what must be one.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::collections::BTreeMap;
use std::process::Command;

use easel_tests::golden::root;
use serde_json::Value;

/// Licences that a program under Apache-2.0 may contain.
const ALLOWED: [&str; 14] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Packages whose types or devices cross between others: two versions would not fit together.
const ONCE: [&str; 10] = [
    "burn",
    "burn-flex",
    "cubecl",
    "hf-hub",
    "image",
    "naga",
    "safetensors",
    "tokenizers",
    "wgpu",
    "wgpu-core",
];

fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

/// Whether an SPDX expression can be met with the allowed licences.
fn allowed(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ");
    let expression = expression.trim();
    // AND binds more tightly, so it is split last; older packages write a slash for OR.
    if let Some((left, right)) = split(expression, " OR ") {
        return allowed(left) || allowed(right);
    }
    if let Some((left, right)) = split(expression, " AND ") {
        return allowed(left) && allowed(right);
    }
    match expression.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        Some(inner) => allowed(inner),
        None => ALLOWED.contains(&expression),
    }
}

/// Splits at the first `word` that stands outside of brackets.
fn split<'a>(expression: &'a str, word: &str) -> Option<(&'a str, &'a str)> {
    let mut depth = 0;
    for (index, c) in expression.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ if depth == 0 && expression[index..].starts_with(word) => {
                return Some((&expression[..index], &expression[index + word.len()..]));
            }
            _ => {}
        }
    }
    None
}

#[test]
fn every_licence_may_be_shipped() {
    let wrong: Vec<_> = packages()
        .iter()
        .filter(|package| package["license"].as_str().is_none_or(|license| !allowed(license)))
        .map(|package| {
            format!("{} {}: {}", package["name"], package["version"], package["license"])
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_must_be_one_is_one() {
    let mut versions = BTreeMap::<String, Vec<String>>::new();
    for package in packages() {
        let name = package["name"].as_str().unwrap().to_owned();
        versions.entry(name).or_default().push(package["version"].to_string());
    }
    for name in ONCE {
        let found = versions.get(name).map(Vec::as_slice).unwrap_or_default();
        assert_eq!(found.len(), 1, "{name}: {found:?}");
    }
}

#[test]
fn expressions_are_read_as_spdx_means_them() {
    assert!(allowed("MIT OR GPL-3.0"));
    assert!(!allowed("MIT AND GPL-3.0"));
    assert!(allowed("(MIT OR GPL-3.0) AND Unicode-3.0"));
    assert!(!allowed("GPL-3.0"));
    assert!(allowed("Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT"));
    assert!(allowed("MIT/Apache-2.0"));
}
