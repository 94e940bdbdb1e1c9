//! Arguments, and where results go.

use super::*;

/// What follows `score picture.png --device cpu` or stands alone, the status, and the words.
type Line = (&'static str, i32, &'static [&'static str]);

const RESULTS: &[Line] = &[
    (
        "--out none/results.csv",
        1,
        &["none/results.csv: cannot be opened for writing: No such file"],
    ),
    (
        "--out model --format json",
        1,
        &["easel: model: ", "cannot be opened for writing", "directory"],
    ),
    ("--out diary.csv", 1, &["diary.csv: expected the columns", "choose another file for --out"]),
    ("--out diary.jsonl", 1, &["diary.jsonl: line 1: expected a result", "choose another file"]),
    ("--out picture.png --format json", 1, &["picture.png: ", "cannot be read as text"]),
    ("--out results.txt", 2, &["results.txt: --out wants a file ending in .jsonl or .csv"]),
    ("--out results.csv --format table", 2, &["--out wants --format json or csv"]),
    ("--out results.xml --format xml", 2, &["'xml'", "--format", "table, json, csv"]),
];

/// A file that was begun is taken away where nothing came into it.
const BEGUN: &[Line] = &[
    ("--out results.csv --model picture.png", 1, &["picture.png: --model wants a folder"]),
    ("--out results.jsonl --adapters model", 1, &["easel: model: no adapters"]),
];

const MODELS: &[Line] = &[
    ("--model picture.png", 1, &["easel: picture.png: --model wants a folder, and this is a file"]),
    (
        "--model ./modle",
        1,
        &["easel: ./modle: there is no such folder", "a hub id such as owner/name"],
    ),
    ("--model a/b/c", 1, &["easel: a/b/c: there is no such folder; --model wants"]),
    (
        "--model owner/name",
        1,
        &["owner/name is not complete in the cache", "HF_HUB_OFFLINE is set"],
    ),
    ("--adapters ./none", 1, &["easel: ./none: there is no such folder; --adapters wants"]),
    ("--adapters owner/name@v2", 1, &["owner/name@v2 is not complete in the cache"]),
    ("--model adapters", 1, &["easel: adapters/config.json: there is no such file"]),
    ("--device tpu", 2, &["'tpu'", "--device", "auto, gpu, cpu"]),
    ("--max-pixels 100", 2, &["--own-shape"]),
    ("--own-shape --max-pixels 0", 2, &["'0'", "--max-pixels"]),
    ("--own-shape --max-pixels many", 2, &["'many'", "--max-pixels"]),
    ("--max-tokens 8", 2, &["--comment"]),
    ("--comment --max-tokens -8", 2, &["'-8'"]),
    ("--comment --language fr", 2, &["'fr' is no language of Easel; expected en or zh"]),
];

const ALONE: &[Line] = &[
    ("", 1, &["no window could be opened", "easel --help"]),
    ("--bad", 2, &["'--bad'", "Usage: easel"]),
    ("score", 2, &["<IMAGE|DIR>"]),
    ("scoer picture.png", 2, &["'scoer'", "score"]),
    ("score model --model model", 1, &["easel: model: no pictures in this folder", "png, jpg"]),
    ("ask picture.png", 2, &["--prompt"]),
    ("fetch a/b/c", 1, &["`a/b/c` is no model name such as owner/name", "more than one slash"]),
    ("fetch owner/name", 1, &["owner/name is not complete in the cache", "HF_HUB_OFFLINE is set"]),
];

/// What follows [`ASK`].
const QUESTIONS: &[Line] = &[
    ("--adapter realism", 2, &["--adapter wants --adapters with a folder of them"]),
    ("--adapters adapters --adapter beauty", 2, &["'beauty'", "realism", "line_texture"]),
    (
        "--adapters adapters/realism --adapter imagination",
        1,
        &["there is no adapter for imagination; loaded are: realism"],
    ),
    ("--temperature 0.5", 2, &["--sample"]),
    ("--sample --top-p 3", 2, &["top_p must be above 0 and at most 1, and is 3"]),
    ("--sample --temperature=-1", 2, &["temperature must be a number from 0, and is -1"]),
    ("--sample --temperature nan", 2, &["temperature must be a number from 0, and is NaN"]),
    ("--sample --repetition-penalty 0", 2, &["repetition_penalty must be above 0, and is 0"]),
    ("--sample --seed x", 2, &["'x'", "--seed"]),
    ("--max-pixels 0", 2, &["'0'", "--max-pixels"]),
    ("--format csv", 2, &["'csv'", "text, json"]),
];

fn lines(start: &str, lines: &[Line]) {
    let wrong: Vec<String> = lines
        .iter()
        .filter_map(|(end, status, says)| {
            let bench = Bench::new();
            bench.write("diary.csv", "Dear diary,\n");
            bench.write("diary.jsonl", "Dear diary,\n");
            let wrong = complaint(&bench, &format!("{start} {end}"), *status, says)?;
            Some(format!("{end}: {wrong}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), lines.len(), wrong.join("\n"));
}

#[test]
fn results_that_cannot_be_kept_are_an_error_before_the_model_is_loaded() {
    lines(SCORE, RESULTS);
    lines("score picture.png --model model --device cpu", &BEGUN[1..]);
    lines("score picture.png --device cpu", &BEGUN[..1]);
}

#[test]
fn bad_models_and_options_are_told() {
    let (own, bare): (Vec<Line>, Vec<Line>) =
        MODELS.iter().partition(|(end, ..)| end.starts_with("--model"));
    lines("score picture.png --device cpu", &own);
    lines("score picture.png --model model", &bare);
}

#[test]
fn bad_commands_are_told() {
    lines("", ALONE);
}

#[test]
fn bad_questions_are_told() {
    lines(ASK, QUESTIONS);
}

#[cfg(target_os = "linux")]
#[test]
fn results_go_to_a_file_and_not_to_a_device() {
    for device in ["/dev/full", "/dev/zero"] {
        let wrong = complaint(
            &Bench::new(),
            &format!("{SCORE} --format json --out {device}"),
            1,
            &[device, "expected a file"],
        );
        assert_eq!(wrong, None);
    }
    let bench = Bench::new();
    let line = format!("{SCORE} --format json");
    let full = fs::File::create("/dev/full").unwrap();
    let mut command = bench.command(&line);
    let output = command.stdout(full).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let expected = "easel: standard output: cannot be written: No space left on device\n";
    assert_eq!((output.status.code(), said.as_str()), (Some(1), expected));
}

/// A limit on the size of files stands for a full disk: a write fails in its middle.
#[cfg(unix)]
#[test]
fn on_a_full_disk_what_was_written_before_stays_whole() {
    let bench = Bench::new();
    for name in 0..8 {
        bench.write(&format!("all/{name}.png"), bench.read("picture.png"));
    }
    for out in ["results.jsonl", "results.csv"] {
        let line = format!("score all --model model --device cpu --out {out}");
        let easel = bench.command(&line);
        // 2 KiB: some whole records and a part of one.
        let script = "trap '' XFSZ; ulimit -f 4; exec \"$0\" \"$@\"";
        let mut shell = Command::new("sh");
        shell.current_dir(&bench.folder).args(["-c", script]).arg(easel.get_program());
        let ran = Ran::of(shell.args(easel.get_args()));
        let says = [out, "cannot be written: File too large"];
        assert_eq!(answered(&ran, 1, &says), Ok(()));
        let kept = fs::read_to_string(bench.path(out)).unwrap();
        let lines = kept.lines().count();
        assert!((1..8).contains(&lines) && kept.ends_with('\n'), "{kept}");

        let ran = Ran::of(&mut bench.command(&line));
        assert!(ran.status == 0 && ran.err.contains("of 8 pictures were scored"), "{}", ran.err);
        assert!(fs::read_to_string(bench.path(out)).unwrap().starts_with(&kept));
    }
}

#[cfg(unix)]
#[test]
fn a_locked_folder_takes_no_results() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::new();
    fs::create_dir(bench.path("locked")).unwrap();
    fs::set_permissions(bench.path("locked"), fs::Permissions::from_mode(0o555)).unwrap();
    // Whoever administers the machine may write everywhere.
    if fs::write(bench.path("locked/try"), "").is_err() {
        let line = format!("{SCORE} --out locked/results.csv");
        let says = ["locked/results.csv: cannot be opened for writing: Permission denied"];
        assert_eq!(complaint(&bench, &line, 1, &says), None);
    }
}
