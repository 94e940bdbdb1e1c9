//! `easel drawings`: a data set of drawings made by the computer.

use easel_core::drawings::write_dataset;

use crate::failure::Failure;
use crate::progress::PictureBar;
use crate::terminal::print;
use crate::train::args::DrawingsArgs;

/// Writes the data set.
pub fn run(args: &DrawingsArgs) -> Result<(), Failure> {
    let bar = PictureBar::new(args.count as usize);
    write_dataset(&args.out, args.count, args.seed, &mut |_| bar.advance())?;
    bar.clear();
    print(&format!("{} drawings are in {}\n", args.count, args.out.display()))
}
