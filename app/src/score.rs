//! `easel score`.

use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use easel_core::assess::{CommentOptions, Framing, Picture, TextOptions, Timings};
use easel_core::model::{Tower, Work};
use easel_core::{Assessor, LoadOptions};

use crate::args::{ScoreArgs, ScoreFormat};
use crate::failure::Failure;
use crate::memory::Memory;
use crate::progress::PictureBar;
use crate::report::{NOTICE, Report, csv};
use crate::results::{Results, format_of};
use crate::terminal::{note, print};
use crate::{pictures, session};

/// Tokens of a prompt without its picture, with room, and of a picture of 224 x 224 pixels.
const PROMPT: usize = 64;
const PICTURE: usize = 64;

/// Pictures that wait for the language model with --low-memory: half a megabyte each of a large one.
const TOGETHER: usize = 64;

/// Scores all pictures; those that fail are told about and the others still run.
pub fn run(args: &ScoreArgs) -> Result<(), Failure> {
    let mut found = pictures::find(&args.inputs)?;
    if let Some(shard) = args.shard {
        found = found
            .into_iter()
            .enumerate()
            .filter(|(at, _)| shard.has(*at))
            .map(|(_, path)| path)
            .collect();
    }
    let (format, mut results) = match &args.out {
        Some(path) => {
            let format = format_of(path, args.format)?;
            (format, Some(Results::open(path, format)?))
        }
        None => (args.format.unwrap_or(ScoreFormat::Table), None),
    };
    if args.where_from.is_some() && format == ScoreFormat::Csv {
        return Err(Failure::Usage("--where goes with --format table or json".to_owned()));
    }
    let total = found.len();
    let left: Vec<_> = match &results {
        Some(results) => found.into_iter().filter(|path| !results.has(&name(path))).collect(),
        None => found,
    };
    if left.len() < total {
        note(&format!("{} of {total} pictures were scored before", total - left.len()));
    }
    if left.is_empty() {
        return Ok(());
    }

    let picture = match args.own_shape {
        true => pictures::tokens(args.max_pixels),
        false => PICTURE,
    };
    let written = if args.comment { args.max_tokens } else { 0 };
    let work = Work { length: PROMPT + picture, written, ..Work::default() };
    let options = LoadOptions::new().with_timings(args.timings);
    let (mut assessor, opened) = session::load(&args.model, true, work, options)?;
    if !assessor.has_adapters() {
        note("no adapters: the bare model answers, which agrees less with teachers");
    }
    if results.is_none() && format == ScoreFormat::Csv {
        print(&csv(&[Report::csv_header()]))?;
    }
    let bar = PictureBar::new(left.len());
    let mut failed = 0;
    // Where the towers take turns, many pictures go through each before the other one comes.
    let together = if args.model.memory.low_memory { TOGETHER } else { 1 };
    for paths in left.chunks(together) {
        pollster::block_on(assessor.stage(Tower::Vision, &mut |_| ()))?;
        let mut encoded = Vec::with_capacity(paths.len());
        for path in paths {
            bar.start(&name(path));
            encoded.push((path, encode(&mut assessor, path, args)));
        }
        for (path, outcome) in encoded {
            bar.start(&name(path));
            let scored = outcome.and_then(|encoded| score(&mut assessor, path, args, encoded));
            let (report, timings) = match scored {
                Ok(done) => done,
                Err(failure) if failure.is_picture() => {
                    failed += 1;
                    let message = failure.without_file();
                    bar.suspend(|| note(&format!("{}: {message}", path.display())));
                    (Report::failed(name(path), message), String::new())
                }
                Err(failure) => return Err(failure),
            };
            let report = Report { demo: args.model.is_demo(), ..report };
            bar.suspend(|| match &mut results {
                Some(results) => results.add(&report),
                None => print(&shown(&report, format)),
            })?;
            if args.timings && !timings.is_empty() {
                let memory = Memory::measure(&opened.device, assessor.weight_bytes());
                bar.suspend(|| note(&format!("{timings}; {memory}")));
            }
            bar.advance();
        }
    }
    bar.clear();
    if results.is_none() && format == ScoreFormat::Table {
        print(NOTICE)?;
        if args.model.is_demo() {
            print(&format!("Note: {}.\n", easel_core::demo::NOTICE))?;
        }
    }
    if failed > 0 {
        return Err(Failure::Some { failed, total: left.len() });
    }
    Ok(())
}

/// A report as standard output shows it.
fn shown(report: &Report, format: ScoreFormat) -> String {
    match format {
        ScoreFormat::Table => report.table(),
        ScoreFormat::Json => report.json() + "\n",
        ScoreFormat::Csv => csv(&[report.csv_record()]),
    }
}

fn name(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// A picture behind the vision tower, and how long its stages took.
struct Encoded {
    picture: Picture,
    decode: Duration,
    timings: Timings,
}

/// Reads and encodes one picture.
fn encode(assessor: &mut Assessor, path: &Path, args: &ScoreArgs) -> Result<Encoded, Failure> {
    let start = Instant::now();
    let image = pictures::read(path)?;
    let decode = start.elapsed();
    let framing = match args.own_shape {
        true => Framing::OwnShape { max_pixels: args.max_pixels },
        false => Framing::default(),
    };
    let mut picture =
        assessor.encode(&image, framing).map_err(|error| Failure::file(path, error.to_string()))?;
    if args.model.memory.low_memory {
        picture = pollster::block_on(picture.parked())?;
    }
    Ok(Encoded { picture, decode, timings: assessor.timings() })
}

/// Scores one picture; also tells how long it took.
fn score(
    assessor: &mut Assessor,
    path: &Path,
    args: &ScoreArgs,
    encoded: Encoded,
) -> Result<(Report, String), Failure> {
    let Encoded { picture, decode, timings } = encoded;
    let assessment = pollster::block_on(assessor.score(&picture))?;
    let mut timings = describe(decode, timings, assessor);

    let mut comment = None;
    if args.comment {
        let start = Instant::now();
        let text = TextOptions { max_tokens: args.max_tokens, sampling: None };
        let options = CommentOptions { language: args.language, text, written: Vec::new() };
        let mut stream = pollster::block_on(assessor.comment(&picture, &assessment, options))?;
        comment = Some(pollster::block_on(stream.finish())?);
        let (tokens, took) = (stream.tokens().len(), start.elapsed());
        let _ = write!(timings, ", comment {} ({tokens} tokens)", seconds(took));
    }
    let mut report = Report::scored(name(path), assessment, comment);
    if let Some(attribute) = args.where_from {
        let image = pictures::read(path)?;
        report.occlusion = Some(pollster::block_on(assessor.occlusion(&image, attribute))?);
    }
    Ok((report, timings))
}

fn describe(decode: Duration, encoding: Timings, assessor: &Assessor) -> String {
    let (timings, counters) = (assessor.timings(), assessor.counters());
    format!(
        "decode {}, vision {}, language {} ({} rows), head {}; passes so far: vision {}, \
         language {}",
        seconds(decode + encoding.prepare),
        seconds(encoding.vision),
        seconds(timings.language),
        assessor.attributes().len(),
        seconds(timings.head),
        counters.vision_passes,
        counters.language_passes,
    )
}

fn seconds(duration: Duration) -> String {
    format!("{:.3} s", duration.as_secs_f64())
}
