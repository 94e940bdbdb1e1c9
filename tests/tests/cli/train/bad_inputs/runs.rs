//! Runs that cannot go on: other settings, data or models, and broken files of their own.

use super::*;

const CHECKPOINT: &str = "RUN/jobs/realism/checkpoint.safetensors";

#[test]
fn a_run_goes_on_only_as_it_began() {
    let bench = Bench::new();
    bench.works(&with(TRAIN, "--max-steps 4"));
    every(&bench, &with(TRAIN, "--max-steps 4 --resume"), 1, ROWS);
}

#[test]
fn a_run_that_is_there_is_not_begun_anew() {
    let bench = Bench::new();
    bench.works(&with(TRAIN, "--max-steps 2"));
    let before = bench.listing();
    let ran = bench.ran(&with(TRAIN, "--max-steps 2"));
    let says = [
        "easel: RUN/jobs/realism/checkpoint.safetensors: holds a run at step 2",
        "--resume",
        "--out",
    ];
    assert_eq!(answered(&ran, 1, &says), Ok(()), "{}", ran.err);
    assert!(bench.listing() == before, "the run was changed");
}

#[test]
fn a_folder_of_other_things_is_left_alone() {
    let bench = Bench::new();
    let before = bench.listing();
    let ran = bench.ran(&TRAIN.replace("--out RUN", "--out data"));
    let says = ["easel: data: holds '", "' and no config.toml; expected a new or empty folder"];
    assert_eq!(answered(&ran, 1, &says), Ok(()), "{}", ran.err);
    assert!(bench.listing() == before, "the folder was changed");
}

const ROWS: &[Row] = &[
    (
        "another learning rate",
        |bench| bench.write("config.toml", CONFIG.replace("0.001", "0.002")),
        "",
        &[
            "easel: RUN/config.toml: learning_rate was 0.001 and is now 0.002; expected the settings",
        ],
    ),
    (
        "another number of steps",
        |_| {},
        "--max-steps 8",
        &["easel: RUN/config.toml: max_steps was 4 and is now 8; expected the settings"],
    ),
    (
        "another objective",
        |bench| bench.write("config.toml", format!("{CONFIG}objective = \"coral\"\n")),
        "",
        &["easel: RUN/config.toml: objective was \"raft\" and is now \"coral\""],
    ),
    (
        "other labels",
        |bench| bench.lines(SHEET, |lines| lines[1] = "0000.png,5,4,3,2,3,4,4,2,3".into()),
        "",
        &["easel: RUN/jobs/realism/checkpoint.safetensors: was made with other rows, labels or"],
    ),
    (
        "fewer rows",
        |bench| bench.lines(SHEET, |lines| drop(lines.remove(3))),
        "",
        &["easel: RUN/jobs/realism/checkpoint.safetensors: was made with other rows, labels or"],
    ),
    (
        "without comments",
        |_| {},
        "--comments -",
        &["easel: RUN/jobs/realism/checkpoint.safetensors: was made with other rows, labels or"],
    ),
    (
        "another model",
        |bench| {
            // The first bytes of its first tensor.
            let mut bytes = bench.read("model/model.safetensors");
            let header = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
            bytes[8 + header] ^= 1;
            bench.write("model/model.safetensors", bytes);
        },
        "",
        &["easel: RUN/jobs/realism/checkpoint.safetensors: was made over another base model"],
    ),
    (
        "a model of another shape",
        another_model,
        "",
        &["easel: RUN/jobs/realism/checkpoint.safetensors: was made over another base model"],
    ),
    (
        "no checkpoint of ours",
        |bench| bench.write(CHECKPOINT, "garbage"),
        "",
        &["easel: RUN/jobs/realism/checkpoint.safetensors: is no checkpoint of a training run"],
    ),
    (
        "a cut checkpoint",
        |bench| bench.write(CHECKPOINT, &bench.read(CHECKPOINT)[..100_000]),
        "",
        &["easel: RUN/jobs/realism/checkpoint.safetensors: is no checkpoint of a training run"],
    ),
    (
        "a length beyond all memory",
        |bench| bench.write(CHECKPOINT, [0xff; 64]),
        "",
        &["easel: RUN/jobs/realism/checkpoint.safetensors: is no checkpoint of a training run"],
    ),
    (
        "a model's weights for a checkpoint",
        |bench| bench.write(CHECKPOINT, bench.read("model/model.safetensors")),
        "",
        &["easel: RUN/jobs/realism/checkpoint.safetensors: is no checkpoint", "no progress"],
    ),
    (
        "another attribute's checkpoint",
        |bench| copy(&bench.path("RUN/jobs/realism"), &bench.path("RUN/jobs/deformation")),
        "--attribute deformation",
        &[
            "easel: RUN/jobs/deformation/checkpoint.safetensors: is of realism; expected deformation",
        ],
    ),
    (
        "settings of the run that are none",
        |bench| bench.write("RUN/config.toml", "nope\n"),
        "",
        &["easel: RUN/config.toml: line 1: not the TOML that was expected"],
    ),
    (
        "settings of the run that are no UTF-8",
        |bench| bench.write("RUN/config.toml", b"\xff\xfe"),
        "",
        &["easel: RUN/config.toml: "],
    ),
];
