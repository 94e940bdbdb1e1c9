//! `easel predict`: a data set's scores in the published format, for `easel evaluate` and for the
//! authors' own analysis.

use std::fs;
use std::path::Path;

use easel::training::{dataset, predict};
use easel_core::LoadOptions;
use easel_core::metrics::Predictions;
use easel_core::model::Work;
use easel_core::rubric::Attribute;
use easel_core::train::objective::Prediction;
use easel_core::train::output::write_atomic;
use easel_core::train::{Predictor, TrainError};

use crate::failure::Failure;
use crate::progress::PictureBar;
use crate::terminal::{note, print};
use crate::train::args::{PredictArgs, Reading};
use crate::train::jobs::files;
use crate::{pictures, session};

/// Pictures that are held at once with --low-memory.
const TOGETHER: usize = 16;

/// Scores every picture of the sheet and writes the file.
pub fn run(args: &PredictArgs) -> Result<(), Failure> {
    if fs::metadata(&args.out).is_ok_and(|there| !there.is_file()) {
        return Err(Failure::file(&args.out, "expected a file for --out, and this is none"));
    }
    // Known before the pictures are scored, not after.
    let folder = args.out.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        fs::metadata(folder).map_err(Failure::io(&args.out, "cannot be written"))?;
    }
    let sheet = dataset(&args.data.data, &files(&args.data), &Attribute::ALL)?;
    let model = session::model(&args.model.model, args.model.mmproj.as_deref())?;
    let adapters = session::adapters(&args.model, &model)?;
    let options = LoadOptions::new().with_heads(true);
    let (assessor, _) = session::load(&args.model, true, Work::default(), options)?;
    let mut predictor = Predictor::new(assessor, adapters.as_deref())?;

    let bar = PictureBar::new(sheet.rows().len());
    // Where the towers take turns, many pictures go through each before the other one comes.
    let together = if args.model.memory.low_memory { TOGETHER } else { 1 };
    let rows: Vec<usize> = (0..sheet.rows().len()).collect();
    let reading = |prediction: &Prediction| match args.reading {
        Reading::Expected => prediction.expected,
        Reading::Digit => prediction.digit,
    };
    let read = |path: &Path| pictures::read(path);
    let mut scored = |name: &str| {
        bar.start(name);
        bar.advance();
    };
    let table = predict(&mut predictor, (&sheet, &rows), together, &read, &reading, &mut scored)?;
    bar.clear();
    let name = args.name.clone().unwrap_or_else(|| args.model.model.clone());
    let json = Predictions::new(name, table).to_json();
    write_atomic(&args.out, json.as_bytes()).map_err(TrainError::from)?;
    let scored = predictor.attributes().len();
    note(&format!("pictures: {}, attributes: {scored}", sheet.rows().len()));
    print(&format!("{}\n", args.out.display()))
}
