//! `easel train`: one adapter, or all nine one after another.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use easel_core::model::Work;
use easel_core::prompt::Tokenizer;
use easel_core::rubric::Attribute;
use easel_core::train::data::{DataOptions, Dataset};
use easel_core::train::examples::examples;
use easel_core::train::run::{Job, RunFolder};
use easel_core::train::settings::TrainSettings;
use easel_core::train::{Base, Data, End, Plan, TrainError, Trainer, check};
use easel_core::{LoadOptions, Precision};

use crate::args::{MemoryArgs, ModelArgs, PrecisionArgs};
use crate::failure::Failure;
use crate::terminal::{note, print};
use crate::train::args::{DataArgs, TrainArgs};
use crate::train::card;
use crate::train::tell::Teller;
use crate::{file, session};

/// The largest settings file that is read, in bytes.
const MAX_SETTINGS: u64 = 1 << 20;

/// Checks everything, plans, and trains.
pub fn run(args: &TrainArgs) -> Result<(), Failure> {
    let settings = settings(args)?;
    let jobs = jobs(args, &settings)?;
    let attributes: Vec<Attribute> = jobs.iter().flat_map(Job::attributes).collect();
    let sheets = Sheets::read(args, &settings, &attributes)?;

    for job in &jobs {
        check(&settings, job, &sheets.data(&[*job]))?;
    }
    plan(args, &settings, &sheets.data(&jobs))?;
    if args.dry_run {
        return Ok(());
    }

    // A run that is there is held against the settings before anything large is loaded; a new
    // folder is made behind that, so that a model that is not there leaves none.
    let held = args.out.exists().then(|| RunFolder::open(&args.out, &settings)).transpose()?;
    let stop = stop_flag();
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
    // The run was planned above.
    let (assessor, _) = session::load(&model, false, Work::default(), LoadOptions::new())?;
    let mut base = Base::new(assessor)?;
    let run = match held {
        Some(run) => run,
        None => RunFolder::open(&args.out, &settings)?,
    };
    for job in jobs {
        let data = sheets.data(&[job]);
        let card = card::Facts::new(&sheets.train, &data, &settings, &args.model);
        let mut trainer =
            Trainer::new(&mut base, settings.clone(), job, data, run.clone(), args.resume)?;
        let mut teller = Teller::new(job);
        let end = trainer.fit(&stop, &mut |event| teller.tell(&event))?;
        teller.clear();
        note(&format!("{}: {}", job.name(), words(end, args)));
        if end == End::Stopped {
            return Ok(());
        }
        card.write(&run, &job)?;
    }
    print(&format!("the adapters are in {}\n", run.adapters().display()))
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

/// The sheets, read and checked.
struct Sheets {
    train: Dataset,
    rows: Vec<usize>,
    valid: Option<Dataset>,
    valid_rows: Vec<usize>,
}

impl Sheets {
    fn read(
        args: &TrainArgs,
        settings: &TrainSettings,
        attributes: &[Attribute],
    ) -> Result<Self, Failure> {
        let read = |sheet: &Path| dataset(sheet, &args.data, attributes, args.comments.as_deref());
        let train = read(&args.data.data)?;
        tell(&train);
        if let Some(sheet) = &args.valid {
            let valid = read(sheet)?;
            tell(&valid);
            let rows = (0..train.rows().len()).collect();
            let valid_rows = (0..valid.rows().len()).collect();
            return Ok(Self { train, rows, valid: Some(valid), valid_rows });
        }
        let split = train.split(settings.train_fraction, settings.seed);
        let (rows, valid_rows) = split.map_err(TrainError::from)?;
        Ok(Self { train, rows, valid: None, valid_rows })
    }

    /// What some jobs train on.
    fn data(&self, jobs: &[Job]) -> Data {
        let attributes: Vec<Attribute> = jobs.iter().flat_map(Job::attributes).collect();
        let valid = self.valid.as_ref().unwrap_or(&self.train);
        Data {
            train: examples(&self.train, &self.rows, &attributes),
            valid: examples(valid, &self.valid_rows, &attributes),
        }
    }
}

/// Tells what a sheet holds, in a small table.
fn tell(sheet: &Dataset) {
    sheet.report().to_string().lines().for_each(note);
}

/// Reads a sheet and looks at every picture.
pub fn dataset(
    sheet: &Path,
    args: &DataArgs,
    attributes: &[Attribute],
    comments: Option<&Path>,
) -> Result<Dataset, Failure> {
    let options = DataOptions {
        attributes: attributes.to_vec(),
        blank_as: args.blank_as,
        skip_missing: args.skip_missing,
        comments: comments.map(Path::to_owned),
    };
    let dataset = Dataset::from_csv(sheet, &args.images, &options).map_err(TrainError::from)?;
    dataset.check_pictures().map_err(TrainError::from)?;
    Ok(dataset)
}

/// Tells what the run will hold in memory, before anything large is loaded.
fn plan(args: &TrainArgs, settings: &TrainSettings, data: &Data) -> Result<(), Failure> {
    let model = session::model(&args.model, None)?;
    let config = session::config(model.as_ref())?;
    let (bytes, file) = session::read_tokenizer(args.tokenizer.as_deref(), model.as_ref())?;
    let tokenizer =
        Tokenizer::from_bytes(&bytes).map_err(|error| Failure::file(&file, error.to_string()))?;

    let vision = &config.vision;
    let merged = settings.side as usize / vision.patch_size / vision.spatial_merge_size;
    let with_comments =
        settings.comments && data.train.iter().any(|example| !example.comments.is_empty());
    let mut longest = 0;
    for example in &data.train {
        for chance in 0..example.comments.len().max(1) {
            let prompt = example.prompt(with_comments, chance as u64);
            let ids = tokenizer.chat(&prompt, merged * merged).map_err(easel_core::Error::from)?;
            longest = longest.max(ids.len());
        }
    }
    let asked = args.weights.map_or(Precision::of(&config), Into::into);
    let plan = Plan::new(&config, settings, longest, asked);
    note(&format!(
        "{} training and {} validation labels; in memory at most:",
        data.train.len(),
        data.valid.len()
    ));
    print(&format!("{plan}\n"))?;
    let all = [Precision::F32, Precision::Bf16, Precision::Q8, Precision::Q4];
    for other in all.into_iter().filter(|other| *other != asked) {
        let total = Plan::new(&config, settings, longest, other).total();
        let total = total / (1_u64 << 30) as f64;
        print(&format!("  ({other} weights: {total:.2} GiB)\n"))?;
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
