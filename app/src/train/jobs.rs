//! `easel train`: one adapter, or all nine one after another.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use easel::training::{self, DataFiles, Order, Planned, Sheets, Told};
use easel_core::LoadOptions;
use easel_core::model::Work;
use easel_core::prompt::Tokenizer;
use easel_core::rubric::Attribute;
use easel_core::train::data::DataReport;
use easel_core::train::run::Job;
use easel_core::train::settings::TrainSettings;
use easel_core::train::{Base, End, TrainError};

use crate::args::{MemoryArgs, ModelArgs, PrecisionArgs};
use crate::failure::Failure;
use crate::terminal::{note, print};
use crate::train::args::{DataArgs, TrainArgs};
use crate::train::tell::Teller;
use crate::{file, session};

/// The largest settings file that is read, in bytes.
const MAX_SETTINGS: u64 = 1 << 20;

/// Checks everything, plans, and trains.
pub fn run(args: &TrainArgs) -> Result<(), Failure> {
    let settings = settings(args)?;
    let jobs = jobs(args, &settings)?;
    let mut files = files(&args.data);
    (files.valid, files.comments) = (args.valid.clone(), args.comments.clone());
    let sheets = Sheets::read(&files, &settings, &jobs, &mut tell)?;
    let (model, out, resume) = (args.model.clone(), args.out.clone(), args.resume);
    let order = Order { settings, jobs, sheets, model, out, resume };
    order.check()?;
    plan(args, &order)?;
    if args.dry_run {
        return Ok(());
    }

    let stop = stop_flag();
    let mut teller = None;
    let end = training::run(&order, || base(args), &stop, &mut |told| match told {
        Told::Begins(job) => teller = Some(Teller::new(job)),
        Told::Event(event) => {
            if let Some(teller) = &mut teller {
                teller.tell(event);
            }
        }
        Told::Ended(job, end) => {
            teller = None;
            note(&format!("{}: {}", job.name(), words(end, args)));
        }
    })?;
    match end {
        End::Stopped => Ok(()),
        _ => print(&format!("the adapters are in {}\n", args.out.join("adapters").display())),
    }
}

/// Loads the base model; the run was planned before.
fn base(args: &TrainArgs) -> Result<Base, Failure> {
    let model = ModelArgs {
        model: args.model.clone(),
        mmproj: None,
        adapters: None,
        tokenizer: args.tokenizer.clone(),
        device: args.device,
        memory: MemoryArgs {
            precision: PrecisionArgs { weights: args.weights, vision: None },
            ..MemoryArgs::default()
        },
    };
    let (assessor, _) = session::load(&model, false, Work::default(), LoadOptions::new())?;
    Ok(Base::new(assessor)?)
}

fn words(end: End, args: &TrainArgs) -> String {
    match end {
        End::Complete => "all steps are done".to_owned(),
        End::Early => "stopped early: the evaluations no longer got better".to_owned(),
        End::AlreadyDone => "was finished before".to_owned(),
        End::Stopped => {
            format!("stopped as asked; --resume goes on with {}", args.out.display())
        }
    }
}

/// The settings: those of --config, of a run that is resumed, or the published ones.
fn settings(args: &TrainArgs) -> Result<TrainSettings, Failure> {
    let held = args.out.join("config.toml");
    let mut settings = match &args.config {
        Some(path) => read_settings(path)?,
        None if args.resume && held.exists() => read_settings(&held)?,
        None => TrainSettings::default(),
    };
    if args.max_steps.is_some() {
        settings.max_steps = args.max_steps;
    }
    settings.validate().map_err(TrainError::from)?;
    Ok(settings)
}

fn read_settings(path: &Path) -> Result<TrainSettings, Failure> {
    let bytes = file::read(path, "settings", MAX_SETTINGS)?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::file(path, "expected TOML in UTF-8, and found other bytes"))?;
    let settings = TrainSettings::from_toml(&text, &path.display().to_string());
    Ok(settings.map_err(TrainError::from)?)
}

/// The jobs that are asked for.
fn jobs(args: &TrainArgs, settings: &TrainSettings) -> Result<Vec<Job>, Failure> {
    let all = args.attribute.as_deref() == Some("all");
    if settings.single_adapter {
        return match all {
            true => Ok(vec![Job::Single]),
            false => Err(Failure::Usage(
                "single_adapter trains one adapter for all attributes; expected --attribute all"
                    .to_owned(),
            )),
        };
    }
    if all {
        return Ok(Attribute::ALL.map(Job::One).to_vec());
    }
    let attribute = match (&args.attribute, args.attribute_index) {
        (Some(name), _) => {
            name.parse().map_err(|error| Failure::Usage(format!("--attribute: {error}, or all")))?
        }
        (None, index) => Attribute::ALL[usize::from(index.unwrap_or(0))],
    };
    Ok(vec![Job::One(attribute)])
}

/// The data set that arguments name.
pub fn files(args: &DataArgs) -> DataFiles {
    DataFiles {
        sheet: args.data.clone(),
        images: args.images.clone(),
        valid: None,
        comments: None,
        skip_missing: args.skip_missing,
        blank_as: args.blank_as,
    }
}

/// Tells what a sheet holds, in a small table.
fn tell(report: &DataReport) {
    report.to_string().lines().for_each(note);
}

/// Tells what the run will hold in memory, before anything large is loaded.
fn plan(args: &TrainArgs, order: &Order) -> Result<(), Failure> {
    let model = session::model(&args.model, None)?;
    let config = session::config(model.as_ref())?;
    let (bytes, file) = session::read_tokenizer(args.tokenizer.as_deref(), model.as_ref())?;
    let tokenizer =
        Tokenizer::from_bytes(&bytes).map_err(|error| Failure::file(&file, error.to_string()))?;
    let data = order.sheets.data(&order.jobs);
    let weights = args.weights.map(Into::into);
    let Planned { labels, plan, others, .. } =
        training::planned(&config, &tokenizer, &order.settings, &data, weights)?;
    note(&format!(
        "{} training and {} validation labels; in memory at most:",
        labels[0], labels[1]
    ));
    print(&format!("{plan}\n"))?;
    for (other, total) in others {
        print(&format!("  ({other} weights: {:.2} GiB)\n", total / (1_u64 << 30) as f64))?;
    }
    Ok(())
}

/// A flag that Ctrl-C sets: the run ends after its step, with a checkpoint. A second Ctrl-C ends
/// it at once.
fn stop_flag() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    let handler = ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        note("stopping after this step; once more stops at once");
    });
    if let Err(error) = handler {
        note(&format!("Ctrl-C will end the run without a checkpoint: {error}"));
    }
    stop
}
