//! Running `easel` and reading what it says.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use easel_tests::golden::{Case, own};
use serde_json::Value;

/// `easel` with these arguments, without anything of the person's own environment that matters.
pub fn command<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_easel"));
    command.args(args).env_remove("HF_HOME").env_remove("HF_TOKEN").env("HF_HUB_OFFLINE", "1");
    // No window: what a test starts must end.
    command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").env_remove("WAYLAND_SOCKET");
    command
}

/// What a run left behind.
pub struct Ran {
    /// The exit status.
    pub status: i32,
    /// Standard output.
    pub out: String,
    /// Standard error, without what graphics drivers print there on their own.
    pub err: String,
}

impl Ran {
    /// Runs to the end.
    pub fn of(command: &mut Command) -> Self {
        let Output { status, stdout, stderr } = command.output().unwrap();
        let err = String::from_utf8(stderr).unwrap();
        let lines: Vec<_> =
            err.lines().filter(|line| line.starts_with("easel: ") || !driver(line)).collect();
        Self {
            status: status.code().expect("an exit status, not a signal"),
            out: String::from_utf8(stdout).unwrap(),
            err: lines.join("\n"),
        }
    }

    /// The lines of standard output as JSON.
    pub fn json(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
    }
}

fn driver(line: &str) -> bool {
    line.contains("XDG_RUNTIME_DIR") || line.starts_with("WARNING: ") || line.starts_with("MESA")
}

/// A score or ask command on the case that lives here, by the processor.
pub fn on_case(first: &str, images: &[&Path], rest: &[&str]) -> Ran {
    let case = own();
    let mut args: Vec<PathBuf> = vec![first.into()];
    args.extend(images.iter().map(|path| path.to_path_buf()));
    args.extend([PathBuf::from("--model"), case.model(), "--device".into(), "cpu".into()]);
    args.extend(rest.iter().map(PathBuf::from));
    Ran::of(&mut command(args))
}

/// A drawing of the case that lives here.
pub fn drawing(index: usize) -> PathBuf {
    own().folder.join(format!("drawing_{index}.png"))
}

/// `--adapters` of the case that lives here.
pub fn adapters() -> String {
    let case: Case = own();
    case.adapters().to_string_lossy().into_owned()
}
