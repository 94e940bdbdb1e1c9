//! The tree of packages: licences that may be shipped, and one version of what must be one.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::collections::BTreeSet;
use std::process::Command;

use easel_tests::golden::root;

/// Licences that a program under Apache-2.0 may contain.
const ALLOWED: [&str; 15] = [
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
    "MPL-2.0", // covers its own files only, which we do not change
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

/// Name, version and licence of every package that is built for any of our targets.
fn packages() -> Vec<[String; 3]> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--workspace", "--target", "all", "--edges", "normal,build,dev"])
        .args(["--prefix", "none", "--format", "{p}|{l}", "--locked", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines: BTreeSet<_> = std::str::from_utf8(&output.stdout)
        .unwrap()
        .lines()
        .map(|line| line.trim_end_matches(" (*)").to_owned())
        .filter(|line| !line.is_empty())
        .collect();
    assert!(lines.len() > 100, "{lines:?}");
    let parse = |line: &String| {
        let (package, licence) = line.split_once('|').unwrap();
        let mut words = package.split(' ').map(str::to_owned);
        [words.next().unwrap(), words.next().unwrap(), licence.to_owned()]
    };
    lines.iter().map(parse).collect()
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
    let mut packages = packages();
    packages.retain(|[_, _, licence]| !allowed(licence));
    assert!(packages.is_empty(), "{packages:#?}");
}

#[test]
fn what_must_be_one_is_one() {
    let packages = packages();
    for once in ONCE {
        let found: Vec<_> = packages.iter().filter(|[name, ..]| name == once).collect();
        assert_eq!(found.len(), 1, "{once}: {found:?}");
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
