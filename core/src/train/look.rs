//! A run seen from outside, by whoever follows it: nothing here changes its folder.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use crate::train::checkpoint::Checkpoint;
use crate::train::run::{CONFIG, LOCK};
use crate::train::settings::TrainSettings;

/// A run's folder as it is now.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// The folder.
    pub path: PathBuf,
    /// What it is trained with.
    pub settings: TrainSettings,
    /// The jobs that were begun, by name.
    pub jobs: Vec<JobLook>,
}

/// One job of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct JobLook {
    /// An attribute's name, or `single`.
    pub name: String,
    /// The step of its checkpoint; 0 before the first.
    pub saved: u64,
    /// The step of the best evaluation, where there was one.
    pub best_step: Option<u64>,
    /// Whether it came to its end.
    pub finished: bool,
    /// Whether a process trains it now.
    pub trained: bool,
}

impl Look {
    /// Looks into a folder; `None` where it is no run's.
    #[must_use]
    pub fn at(path: &Path) -> Option<Self> {
        let config = path.join(CONFIG);
        let text = fs::read_to_string(&config).ok()?;
        let settings = TrainSettings::from_toml(&text, &config.display().to_string()).ok()?;
        let mut jobs: Vec<JobLook> =
            folders(&path.join("jobs")).iter().map(|job| of(job)).collect();
        jobs.sort_by(|a, b| a.name.cmp(&b.name));
        Some(Self { path: path.to_owned(), settings, jobs })
    }

    /// The runs in a folder, by name; that folder itself where it is a run's.
    #[must_use]
    pub fn all(folder: &Path) -> Vec<Self> {
        if let Some(look) = Self::at(folder) {
            return vec![look];
        }
        let mut found: Vec<Self> =
            folders(folder).iter().filter_map(|path| Self::at(path)).collect();
        found.sort_by(|a, b| a.path.cmp(&b.path));
        found
    }

    /// Whether a process trains it now.
    #[must_use]
    pub fn is_trained(&self) -> bool {
        self.jobs.iter().any(|job| job.trained)
    }

    /// The log of its steps.
    #[must_use]
    pub fn metrics(&self) -> PathBuf {
        self.path.join("metrics.jsonl")
    }
}

fn of(folder: &Path) -> JobLook {
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let progress = Checkpoint::progress(&folder.join("checkpoint.safetensors"));
    let best_step = progress.as_ref().and_then(|p| p.best_metric.map(|_| p.best_step));
    JobLook {
        name,
        saved: progress.as_ref().map_or(0, |progress| progress.step),
        best_step,
        finished: progress.is_some_and(|progress| progress.finished),
        trained: is_trained(folder),
    }
}

/// Whether a process holds the lock of a job's folder.
#[must_use]
pub fn is_trained(job: &Path) -> bool {
    // Shared, so that two who look do not take each other for one who trains.
    let lock = File::open(job.join(LOCK));
    lock.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path());
    let hidden = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
    };
    entries.filter(|path| path.is_dir() && !hidden(path)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_found_and_other_folders_are_not() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b", "a", "none"] {
            fs::create_dir_all(folder.path().join(name).join("jobs/realism")).unwrap();
        }
        for name in ["b", "a"] {
            let text = TrainSettings::default().to_toml();
            fs::write(folder.path().join(name).join(CONFIG), text).unwrap();
        }
        let found = Look::all(folder.path());
        let paths: Vec<_> = found.iter().map(|look| look.path.clone()).collect();
        assert_eq!(paths, [folder.path().join("a"), folder.path().join("b")]);
        assert_eq!(Look::all(&paths[1]), found[1..]);
        let job = &found[0].jobs[0];
        assert_eq!((job.name.as_str(), job.saved, job.best_step), ("realism", 0, None));
        assert!(!job.finished && !found[0].is_trained());
    }
}
