//! `easel score`.

use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use easel_core::assess::{CommentOptions, Framing, TextOptions};
use easel_core::{Assessor, LoadOptions};

use crate::args::{ScoreArgs, ScoreFormat};
use crate::failure::Failure;
use crate::memory::Memory;
use crate::progress::PictureBar;
use crate::report::{NOTICE, Report, csv};
use crate::results::{Results, format_of};
use crate::terminal::{note, print};
use crate::{pictures, session};

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

    let (mut assessor, opened) =
        session::load(&args.model, true, LoadOptions::new().with_timings(args.timings))?;
    if !assessor.has_adapters() {
        note("no adapters: the bare model answers, which agrees less with teachers");
    }
    if results.is_none() && format == ScoreFormat::Csv {
        print(&csv(&[Report::csv_header()]))?;
    }
    let bar = PictureBar::new(left.len());
    let mut failed = 0;
    for path in &left {
        bar.start(&name(path));
        let start = Instant::now();
        let outcome = score(&mut assessor, path, args, start);
        let (report, timings) = match outcome {
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

/// Scores one picture; also tells how long it took.
fn score(
    assessor: &mut Assessor,
    path: &Path,
    args: &ScoreArgs,
    start: Instant,
) -> Result<(Report, String), Failure> {
    let image = pictures::read(path)?;
    let decode = start.elapsed();
    let framing = match args.own_shape {
        true => Framing::OwnShape { max_pixels: args.max_pixels },
        false => Framing::default(),
    };
    let picture =
        assessor.encode(&image, framing).map_err(|error| Failure::file(path, error.to_string()))?;
    let assessment = pollster::block_on(assessor.score(&picture))?;
    let mut timings = describe(decode, assessor);

    let mut comment = None;
    if args.comment {
        let start = Instant::now();
        let text = TextOptions { max_tokens: args.max_tokens, sampling: None };
        let options = CommentOptions { language: args.language, text };
        let mut stream = pollster::block_on(assessor.comment(&picture, &assessment, options))?;
        comment = Some(pollster::block_on(stream.finish())?);
        let (tokens, took) = (stream.tokens().len(), start.elapsed());
        let _ = write!(timings, ", comment {} ({tokens} tokens)", seconds(took));
    }
    Ok((Report::scored(name(path), assessment, comment), timings))
}

fn describe(decode: Duration, assessor: &Assessor) -> String {
    let (timings, counters) = (assessor.timings(), assessor.counters());
    format!(
        "decode {}, vision {}, language {} ({} rows), head {}; passes so far: vision {}, \
         language {}",
        seconds(decode + timings.prepare),
        seconds(timings.vision),
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
