//! Pictures and comments.

use super::*;

const COMMENTS: &str = "data/comments.json";

#[test]
fn bad_pictures_and_comments_are_named() {
    every(&Bench::new(), TRAIN, 1, PICTURES);
}

/// What a look at its header does not tell; the run goes on once the picture is whole.
#[test]
fn a_picture_that_is_cut_short_is_named_before_the_first_step() {
    let bench = Bench::new();
    let whole = bench.read("data/images/0002.png");
    bench.write("data/images/0002.png", &whole[..whole.len() / 2]);
    let ran = bench.ran(TRAIN);
    let says = ["easel: data/images/0002.png: the PNG picture is damaged or cut short: "];
    assert_eq!(answered(&ran, 1, &says), Ok(()), "{}", ran.err);
    assert!(!bench.path("RUN/adapters").exists() && !bench.path("RUN/metrics.jsonl").exists());
    bench.write("data/images/0002.png", whole);
    bench.works(TRAIN);
    assert_eq!(bench.steps("RUN").len(), 10);
}

const PICTURES: &[Row] = &[
    ("no folder", |_| {}, "--images none", &["easel: none: expected a folder with the pictures"]),
    (
        "text",
        |bench| bench.write("data/images/0002.png", "no picture"),
        "",
        &["easel: data/annotations.csv: line 4: '0002.png' is no picture that can be read: "],
    ),
    (
        "0 bytes",
        |bench| bench.write("data/images/0002.png", ""),
        "",
        &["easel: data/annotations.csv: line 4: '0002.png' is no picture that can be read: "],
    ),
    (
        "a header cut short",
        |bench| bench.write("data/images/0002.png", &bench.read("data/images/0002.png")[..20]),
        "",
        &["easel: data/annotations.csv: line 4: '0002.png' is no picture that can be read: "],
    ),
    (
        "missing",
        |bench| fs::remove_file(bench.path("data/images/0002.png")).unwrap(),
        "",
        &["easel: data/annotations.csv: line 4: the picture '0002.png' is not in data/images"],
    ),
    (
        "all missing, and left out",
        |bench| {
            fs::remove_dir_all(bench.path("data/images")).unwrap();
            fs::create_dir(bench.path("data/images")).unwrap();
        },
        "--skip-missing",
        &["easel: data/annotations.csv: ", "expected at least one row with a picture"],
    ),
    (
        "comments that are missing",
        |bench| fs::remove_file(bench.path(COMMENTS)).unwrap(),
        "",
        &["easel: data/comments.json: cannot be read: No such file"],
    ),
    (
        "comments that are no JSON",
        |bench| bench.write(COMMENTS, "{"),
        "",
        &["easel: data/comments.json: not the JSON that was expected: "],
    ),
    (
        "comments in a list",
        |bench| bench.write(COMMENTS, "[]"),
        "",
        &["easel: data/comments.json: the top is a list; expected an object"],
    ),
    (
        "a number for a comment",
        |bench| {
            let text = r#"{"ArtEdu": {"a": {"0000.png": {"generated_comment_1": 3}}}}"#;
            bench.write(COMMENTS, text);
        },
        "",
        &["easel: data/comments.json: ArtEdu / a / 0000.png / generated_comment_1 is a number"],
    ),
    ("blanks as 9", |_| {}, "--blank-as 9", &["easel: blanks cannot count as 9; expected"]),
];
