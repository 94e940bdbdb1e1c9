//! Progress bars on standard error; none where it is no terminal.

use std::collections::BTreeMap;

use easel_core::hub::Progress;
use easel_core::model::Loading;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// How far a model is loaded.
pub struct LoadBar(ProgressBar);

impl LoadBar {
    /// An empty bar.
    pub fn new() -> Self {
        let bar = ProgressBar::new(0);
        bar.set_style(style("loading {bar:30} {bytes} of {total_bytes}, {eta} left"));
        Self(bar)
    }

    /// Moves it.
    pub fn set(&self, at: Loading) {
        self.0.set_length(at.total);
        self.0.set_position(at.done);
    }

    /// Takes it away.
    pub fn clear(&self) {
        self.0.finish_and_clear();
    }
}

/// How far a training run is.
#[cfg(feature = "train")]
pub fn train_bar(name: &str) -> ProgressBar {
    let bar = ProgressBar::new(0);
    bar.set_style(style("{prefix} {pos} of {len} {bar:30} {msg}"));
    bar.set_prefix(name.to_owned());
    bar
}

/// How many pictures are done.
pub struct PictureBar(ProgressBar);

impl PictureBar {
    /// A bar for `count` pictures; one picture has none.
    pub fn new(count: usize) -> Self {
        let bar = if count > 1 { ProgressBar::new(count as u64) } else { ProgressBar::hidden() };
        bar.set_style(style("{pos} of {len} {bar:30} {per_sec}, {eta} left  {msg}"));
        Self(bar)
    }

    /// Says which picture is at work.
    pub fn start(&self, name: &str) {
        self.0.set_message(name.to_owned());
    }

    /// One more is done.
    pub fn advance(&self) {
        self.0.inc(1);
    }

    /// Writes a line without tearing the bar.
    pub fn suspend<T>(&self, write: impl FnOnce() -> T) -> T {
        self.0.suspend(write)
    }

    /// Takes it away.
    pub fn clear(&self) {
        self.0.finish_and_clear();
    }
}

/// A bar for each file that is fetched.
pub struct FetchBars {
    all: MultiProgress,
    bars: BTreeMap<String, ProgressBar>,
    current: Option<ProgressBar>,
}

impl FetchBars {
    /// No bars yet.
    pub fn new() -> Self {
        Self { all: MultiProgress::new(), bars: BTreeMap::new(), current: None }
    }

    /// Shows one step.
    pub fn show(&mut self, progress: &Progress<'_>) {
        match *progress {
            Progress::Total { files, bytes } if files > 0 => {
                let size = indicatif::HumanBytes(bytes);
                crate::terminal::note(&format!("fetching {files} files, {size} in all"));
            }
            Progress::Started { name, size, already } => {
                let bar = self.bars.entry(name.to_owned()).or_insert_with(|| {
                    let bar = self.all.add(ProgressBar::new(size));
                    bar.set_style(style(
                        "{msg} {bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left",
                    ));
                    bar.set_message(name.to_owned());
                    bar
                });
                bar.set_length(size);
                bar.set_position(already);
                bar.reset_eta();
                self.current = Some(bar.clone());
            }
            Progress::Advanced { bytes } => {
                if let Some(bar) = &self.current {
                    bar.inc(bytes);
                }
            }
            Progress::Finished { name } => {
                if let Some(bar) = self.bars.get(name) {
                    bar.finish();
                }
            }
            _ => {}
        }
    }
}
