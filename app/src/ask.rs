//! `easel ask`.

use easel_core::LoadOptions;
use easel_core::assess::{Framing, Sampling, Stop, TextOptions};
use easel_core::model::Work;
use serde::Serialize;

use crate::args::{AskArgs, AskFormat};
use crate::failure::Failure;
use crate::terminal::print;
use crate::{pictures, session};

/// Tokens of a question, with room.
const PROMPT: usize = 64;

#[derive(Serialize)]
struct Answer<'a> {
    image: &'a str,
    tokens: &'a [u32],
    text: &'a str,
    stop: &'a str,
}

/// Answers one question about one picture, streamed or as one JSON object.
pub fn run(args: &AskArgs) -> Result<(), Failure> {
    let image = pictures::read(&args.image)?;
    let length = PROMPT + pictures::tokens(args.max_pixels);
    let work = Work { length, rows: 1, written: args.max_tokens, ..Work::default() };
    let (mut assessor, _) =
        session::load(&args.model, args.adapter.is_some(), work, LoadOptions::new())?;
    if args.adapter.is_some() && !assessor.has_adapters() {
        return Err(Failure::Usage("--adapter wants --adapters with a folder of them".into()));
    }
    let sampling = sampling(args, assessor.sampling())?;
    let options = TextOptions { max_tokens: args.max_tokens, sampling };
    let picture = assessor
        .encode(&image, Framing::OwnShape { max_pixels: args.max_pixels })
        .map_err(|error| Failure::file(&args.image, error.to_string()))?;

    let answer = assessor.ask(&picture, &args.prompt, args.adapter, options);
    let mut stream = pollster::block_on(answer)?;
    while let Some(text) = pollster::block_on(stream.next())? {
        if args.format == AskFormat::Text && !text.is_empty() {
            print(&text)?;
        }
    }
    match args.format {
        AskFormat::Text => print("\n"),
        AskFormat::Json => {
            let answer = Answer {
                image: &args.image.to_string_lossy(),
                tokens: stream.tokens(),
                text: &stream.text()?,
                stop: stream.stop().map_or("length", Stop::name),
            };
            // Strings and numbers only: this cannot fail.
            print(&(serde_json::to_string(&answer).unwrap_or_default() + "\n"))
        }
    }
}

/// The model's own sampling with what the arguments change; greedy without `--sample`.
fn sampling(args: &AskArgs, own: &Sampling) -> Result<Option<Sampling>, Failure> {
    if !args.sample {
        return Ok(None);
    }
    let sampling = Sampling {
        temperature: args.temperature.unwrap_or(own.temperature),
        top_p: args.top_p.unwrap_or(own.top_p),
        repetition_penalty: args.repetition_penalty.unwrap_or(own.repetition_penalty),
        seed: args.seed,
        ..own.clone()
    };
    sampling.check().map_err(Failure::Usage)?;
    Ok(Some(sampling))
}
