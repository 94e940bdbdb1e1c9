//! `easel about`.

use clap::Args;
use easel::papers::Paper;
use easel_core::prompt::Language;

use crate::failure::Failure;
use crate::terminal::print;

/// Arguments of `easel about`.
#[derive(Debug, Args)]
pub struct AboutArgs {
    /// Which paper: child, parent, school or model; without one, which there are.
    #[arg(value_name = "PAPER")]
    pub paper: Option<Paper>,
    /// Its language: en or zh.
    #[arg(long, default_value_t)]
    pub language: Language,
}

/// Prints a paper, or which papers there are.
pub fn run(args: &AboutArgs) -> Result<(), Failure> {
    if let Some(paper) = args.paper {
        return print(paper.text(args.language));
    }
    let mut text = format!("Easel {}, Apache-2.0\n\n", env!("CARGO_PKG_VERSION"));
    for paper in Paper::ALL {
        text.push_str(&format!("easel about {:<8}{}\n", paper.name(), paper.title(args.language)));
    }
    print(&text)
}
