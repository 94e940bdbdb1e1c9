//! A full disk while training; a limit on the size of files stands for it, so that a write fails
//! in its middle.

use super::*;

const CHECKPOINT: &str = "RUN/jobs/realism/checkpoint.safetensors";

/// A run under a limit of so many blocks of 512 bytes.
fn limited(bench: &Bench, blocks: u32, line: &str) -> Ran {
    let easel = bench.command(line);
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    let mut shell = Command::new("sh");
    shell.current_dir(&bench.folder).args(["-c", &script]).arg(easel.get_program());
    shell.env("HF_HUB_OFFLINE", "1");
    Ran::of(shell.args(easel.get_args()))
}

#[test]
fn the_checkpoint_before_stays_and_the_run_goes_on_later() {
    let bench = Bench::new();
    // Room for the checkpoint of step 2, and not for later ones, which hold the best adapter too.
    let ran = limited(&bench, 400, TRAIN);
    let kept = bench.read(CHECKPOINT);
    assert!((100_000..204_800).contains(&kept.len()), "{}", kept.len());
    complains(&ran);

    // Room for none.
    let ran = limited(&bench, 200, &with(TRAIN, "--resume"));
    assert!(ran.err.contains("realism: going on after step 2"), "{}", ran.err);
    complains(&ran);
    assert!(bench.read(CHECKPOINT) == kept, "the checkpoint was changed");
    let names = fs::read_dir(bench.path("RUN/jobs/realism")).unwrap();
    let names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
    let partial = names.iter().any(|name| name.to_string_lossy().contains("partial"));
    assert!(!partial, "{names:?}");

    bench.works(&with(TRAIN, "--resume"));
    bench.works(&with(TRAIN, "--out UNBROKEN"));
    let unbroken = CHECKPOINT.replace("RUN", "UNBROKEN");
    assert!(bench.read(CHECKPOINT) == bench.read(&unbroken), "the checkpoints differ");
}

/// While there may be room later it goes on and says so; in the end it fails.
fn complains(ran: &Ran) {
    assert_eq!(ran.status, 1, "{}", ran.err);
    let says =
        format!("{CHECKPOINT}: cannot be written: File too large; what was there before is kept");
    let aside = format!("easel: the checkpoint could not be written: {says}");
    assert!(ran.err.lines().filter(|line| *line == aside).count() >= 2, "{}", ran.err);
    assert_eq!(ran.err.lines().last(), Some(&*format!("easel: {says}")));
    assert!(!ran.err.contains("panicked"), "{}", ran.err);
}

#[test]
fn the_file_without_room_is_named() {
    let bench = Bench::new();
    bench.works(&with(TRAIN, "--out OLD"));
    let rows = [
        (0, TRAIN.to_owned(), "easel: RUN/config.toml: "),
        (20, TRAIN.to_owned(), "easel: RUN/cache/"),
        (100, TRAIN.to_owned(), "easel: RUN/"),
        (1, with(PREDICT, "--adapters OLD/adapters"), "easel: predictions.json: "),
        (4, DRAWINGS.replace("data", "other"), "easel: other/"),
    ];
    for (blocks, line, says) in rows {
        let bench = bench.copied();
        let ran = limited(&bench, blocks, &line);
        let last = ran.err.lines().last().unwrap_or_default();
        assert_eq!(ran.status, 1, "{blocks}: {}", ran.err);
        assert!(last.starts_with(says) && last.contains("File too large"), "{blocks}: {last}");
        assert!(!ran.err.contains("panicked"), "{blocks}: {}", ran.err);
    }
}
