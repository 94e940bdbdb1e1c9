//! What `predict`, `evaluate`, `drawings` and `score` are given.

use super::*;

const PREDICTIONS: &str = "predictions.json";
const EVALUATE: &str = "evaluate predictions.json";
const SCORE: &str = "score data/images --model model --device cpu --adapters adapters";

#[test]
fn bad_predictions_are_named() {
    let made = Bench::new();
    let shape = "expected {\"ArtEdu\": {MODEL: {IMAGE: {ATTRIBUTE:";
    let rows: [(&str, &[&str]); 13] = [
        ("", &["expected JSON: "]),
        ("{", &["expected JSON: "]),
        ("[1]", &[shape, "found a list of 1"]),
        ("{}", &[shape, "found an empty object"]),
        (r#"{"ArtEdu": 3}"#, &["found 3"]),
        (r#"{"ArtEdu": {}}"#, &["expected a model under 'ArtEdu', found none"]),
        (r#"{"ArtEdu": {"m": {}}}"#, &["model 'm': expected pictures with 'original'"]),
        (r#"{"ArtEdu": {"m": {"a.png": 3}}}"#, &["model 'm', image 'a.png': expected {ATTRIBUTE:"]),
        (
            r#"{"ArtEdu": {"m": {"a.png": {"realizm": {"original": 3, "predicted": 3}}}}}"#,
            &["model 'm', image 'a.png': 'realizm' is no attribute; the nine are: realism"],
        ),
        (
            r#"{"ArtEdu": {"m": {"a.png": {"realism": {"original": 9, "predicted": 3}}}}}"#,
            &["image 'a.png', attribute 'realism': the original is 9; expected 1 to 5, or null"],
        ),
        (
            r#"{"ArtEdu": {"m": {"a.png": {"realism": {"original": 3, "predicted": "x"}}}}}"#,
            &["attribute 'realism': expected a number or null as 'predicted', found the text 'x'"],
        ),
        (
            r#"{"ArtEdu": {"m": {"a.png": {"realism": {"original": 3}}}}}"#,
            &["model 'm': expected pictures with 'original' and 'predicted', found none among 1"],
        ),
        (r#"{"ArtEdu": {"m": {"a.png": {}, "a.png": {}}}}"#, &["'a.png' is there twice"]),
    ];
    for (text, says) in rows {
        made.write(PREDICTIONS, text);
        let before = made.listing();
        let ran = made.ran(&with(EVALUATE, "--plots plots"));
        let says = [&["easel: predictions.json: "], says].concat();
        assert_eq!(answered(&ran, 1, &says), Ok(()), "{text}: {}", ran.err);
        assert!(ran.out.is_empty() && made.listing() == before, "{text}: something was written");
    }
}

#[test]
fn bad_arguments_of_evaluate_are_named() {
    let made = Bench::new();
    let good = r#"{"ArtEdu": {"m": {"a.png": {"realism": {"original": 3, "predicted": 3}}}}}"#;
    made.write(PREDICTIONS, good);
    let rows: [(&str, i32, &[&str]); 7] = [
        ("evaluate none.json", 1, &["easel: none.json: cannot be read: No such file"]),
        ("evaluate data", 1, &["easel: data: expected a JSON file, and this is none"]),
        (
            "evaluate predictions.json ./predictions.json",
            1,
            &["easel: ./predictions.json: the file is named twice"],
        ),
        (
            "evaluate predictions.json --plots config.toml",
            1,
            &["easel: config.toml: cannot be made a folder for plots: "],
        ),
        ("evaluate", 2, &["<FILE.json>..."]),
        ("evaluate predictions.json --format xml", 2, &["'xml' for '--format <FORMAT>'"]),
        ("evaluate predictions.json --bootstrap -1", 2, &["-1"]),
    ];
    for (line, status, says) in rows {
        let before = made.listing();
        let ran = made.ran(line);
        assert_eq!(answered(&ran, status, says), Ok(()), "{line}: {}", ran.err);
        assert!(made.listing() == before, "{line}: a file was left");
    }
}

#[test]
fn what_predict_cannot_use_is_named() {
    every(&Bench::new(), PREDICT, 1, PREDICT_ROWS);
}

#[test]
fn drawings_go_into_a_folder_of_their_own() {
    let made = Bench::new();
    every(
        &made,
        DRAWINGS,
        1,
        &[
            (
                "another folder",
                |_| {},
                "--out model",
                &[
                    "easel: model: there is '",
                    "a new or empty folder, or an earlier set of drawings",
                ],
            ),
            (
                "a file",
                |_| {},
                "--out config.toml",
                &["easel: config.toml: this is a file; a new or"],
            ),
        ],
    );
    every(
        &made,
        DRAWINGS,
        2,
        &[
            ("none", |_| {}, "--count 0 --out new", &["'0' for '--count <N>'"]),
            ("too many", |_| {}, "--count 1000001 --out new", &["'1000001' for '--count <N>'"]),
            ("a word for a seed", |_| {}, "--seed x --out new", &["'x' for '--seed <S>'"]),
        ],
    );
}

#[test]
fn parts_that_are_none_are_refused() {
    let made = Bench::new();
    for shard in ["0/3", "4/3", "half", "1/0", "/", "-1/3"] {
        let ran = made.ran(&format!("{SCORE} --shard={shard}"));
        let found = format!("'{shard}' for '--shard <I/N>'");
        let says = [&*found, "expected one such as 3/16"];
        assert_eq!(answered(&ran, 2, &says), Ok(()), "{shard}: {}", ran.err);
    }
}

#[test]
fn an_adapter_with_a_head_is_for_predict() {
    let bench = Bench::new();
    bench.write("config.toml", format!("{CONFIG}objective = \"mse\"\n"));
    bench.works(&with(TRAIN, "--max-steps 2"));
    let before = bench.listing();
    let ran = bench.ran(&with(SCORE, "--adapters RUN/adapters"));
    let says = [
        "easel: RUN/adapters/realism/head.safetensors: the adapter has a head of its own",
        "only `easel predict` reads",
    ];
    assert_eq!(answered(&ran, 1, &says), Ok(()), "{}", ran.err);
    assert!(ran.out.is_empty() && bench.listing() == before);
    bench.works(&with(PREDICT, "--adapters RUN/adapters"));
}

const PREDICT_ROWS: &[Row] = &[
    ("a folder for the file", |_| {}, "--out data", &["easel: data: expected a file for --out"]),
    (
        "no folder for the file",
        |_| {},
        "--out none/predictions.json",
        &["easel: none/predictions.json: ", "No such file"],
    ),
    ("no sheet", |_| {}, "--data none.csv", &["easel: none.csv: cannot be read: No such file"]),
    ("no pictures", |_| {}, "--images none", &["easel: none: expected a folder"]),
    ("blanks as 9", |_| {}, "--blank-as 9", &["easel: blanks cannot count as 9; expected"]),
    ("no adapters", |_| {}, "--adapters none.d", &["easel: none.d "]),
    (
        "an empty folder of adapters",
        |bench| fs::create_dir(bench.path("empty")).unwrap(),
        "--adapters empty",
        &["easel: empty: no adapters; expected folders such as 'realism'"],
    ),
    (
        "adapters of another shape",
        |bench| {
            let file = "adapters/realism/adapter_config.json";
            let mut json: Value = serde_json::from_slice(&bench.read(file)).unwrap();
            json["r"] = 3.into();
            bench.write(file, json.to_string());
        },
        "",
        &["easel: adapters/realism/adapter_model.safetensors: ", "expected rank 3", "found 8"],
    ),
    (
        "adapters of a wider model",
        another_model,
        "",
        &["easel: adapters/", "adapter_model.safetensors: "],
    ),
    (
        "a picture that is none",
        |bench| bench.write("data/images/0002.png", "no picture"),
        "",
        &["easel: data/annotations.csv: line 4: '0002.png' is no picture that can be read: "],
    ),
    (
        "a picture that is cut short",
        |bench| bench.write("data/images/0002.png", &bench.read("data/images/0002.png")[..9000]),
        "",
        &["easel: data/images/0002.png: the PNG picture is damaged or cut short: "],
    ),
    (
        "a label of 9",
        |bench| bench.lines(SHEET, |lines| lines[1] = "0000.png,9,4,3,2,3,4,4,2,3".into()),
        "",
        &["easel: data/annotations.csv: line 2: realism is '9'; expected a number from 1 to 5"],
    ),
];
