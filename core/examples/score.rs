//! Scores one drawing: `cargo run --release -p easel-core --example score -- MODEL ADAPTERS DRAWING`.

use std::error::Error;
use std::io::{Write, stdout};
use std::rc::Rc;

use easel_core::assess::{CommentOptions, Framing};
use easel_core::device::{Choice, open};
use easel_core::weights::Folder;
use easel_core::{Assessor, Image, LoadOptions};

fn main() -> Result<(), Box<dyn Error>> {
    pollster::block_on(run())
}

async fn run() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, adapters, drawing] = arguments.as_slice() else {
        return Err("expected three arguments: MODEL ADAPTERS DRAWING".into());
    };
    let device = open(Choice::Auto)?.device;
    let model = Rc::new(Folder::open(model)?);
    let adapters = Rc::new(Folder::open(adapters)?);
    let mut assessor = Assessor::load(model, Some(adapters), LoadOptions::new(), &device).await?;

    let image = Image::decode(&std::fs::read(drawing)?)?;
    // The picture is encoded once, for the scores and for the comment.
    let picture = assessor.encode(&image, Framing::default())?;
    let assessment = assessor.score(&picture).await?;
    let mut out = stdout().lock();
    for (attribute, score) in assessment.iter() {
        writeln!(out, "{attribute:<22}{:.2} ± {:.2}", score.expected(), score.std())?;
    }
    let options = CommentOptions::default();
    let mut comment = assessor.comment(&picture, &assessment, options).await?;
    while let Some(text) = comment.next().await? {
        write!(out, "{text}")?;
        out.flush()?;
    }
    writeln!(out)?;
    Ok(())
}
