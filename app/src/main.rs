//! `easel`: private, on-device feedback on children's drawings.

mod about;
mod args;
mod ask;
mod bench;
mod classes;
mod devices;
mod evaluate;
mod failure;
mod file;
mod gguf;
mod memory;
mod pack;
mod pictures;
mod plan;
mod progress;
mod report;
mod results;
mod score;
mod serve;
mod session;
mod terminal;
#[cfg(feature = "train")]
mod train;

use std::panic;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use easel_core::hub::{ModelId, wanted_for_adapters, wanted_for_model};

use args::{Cli, Command, OpenArgs};
use failure::Failure;

fn main() -> ExitCode {
    memory::keep_freed();
    // clap answers --help and mistakes itself, the latter with status 2.
    let command = match dropped_on_us() {
        Some(picture) => Command::Open(OpenArgs { picture: Some(picture) }),
        None => Cli::parse().command.unwrap_or_else(|| Command::Open(OpenArgs::default())),
    };
    // A panic is a bug of ours or a device that broke: one line, no trace.
    panic::set_hook(Box::new(|_| {}));
    match panic::catch_unwind(|| run(&command)) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(failure)) => {
            terminal::complain(&failure);
            ExitCode::from(failure.status())
        }
        Err(panic) => {
            let line = easel::native::panic_line(&*panic).unwrap_or("unknown");
            terminal::note(&format!("internal error, please report it: {line}"));
            ExitCode::FAILURE
        }
    }
}

/// The drawing, where the only argument is a file: as file managers start a program.
fn dropped_on_us() -> Option<PathBuf> {
    let mut arguments = std::env::args_os().skip(1);
    let file = arguments.next().map(PathBuf::from).filter(|_| arguments.next().is_none())?;
    file.is_file().then_some(file)
}

fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Open(args) => {
            easel::native::run(easel::native::Options { picture: args.picture.clone() })?;
            Ok(())
        }
        Command::Score(args) => score::run(args),
        Command::Class(args) => classes::run(args),
        Command::Ask(args) => ask::run(args),
        Command::Devices(args) => devices::run(args),
        Command::Pack(args) => pack::run(args),
        Command::About(args) => about::run(args),
        Command::Serve(args) => serve::run(args),
        Command::Bench(args) => bench::run(args),
        Command::Evaluate(args) => evaluate::run(args),
        #[cfg(feature = "train")]
        Command::Drawings(args) => train::drawings::run(args),
        #[cfg(feature = "train")]
        Command::Pretrain(args) => train::pretrain::run(args),
        #[cfg(feature = "train")]
        Command::Train(args) => train::jobs::run(args),
        #[cfg(feature = "train")]
        Command::Predict(args) => train::predict::run(args),
        Command::Fetch(args) => {
            let id: ModelId = args.model.parse()?;
            let wanted = |name: &str| wanted_for_model(name) || wanted_for_adapters(name);
            let folder = session::fetch(&id, wanted)?;
            terminal::print(&format!("{}\n", folder.display()))
        }
    }
}
