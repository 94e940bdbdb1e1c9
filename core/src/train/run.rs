//! A run's folder: what lies where, and who may write it.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::lora::{LoraWeights, PeftSettings, Target, peft_files};
use crate::rubric::Attribute;
use crate::train::TrainError;
use crate::train::checkpoint::{Checkpoint, Progress};
use crate::train::heads;
use crate::train::lora::LoraShape;
use crate::train::output::{clear_aside, replace_folder, write_atomic};
use crate::train::parameters::HostTensor;
use crate::train::settings::{Objective, TrainSettings};

/// What lies aside where several jobs write is left from a kill once it is as old as this.
pub(crate) const SHARED: Duration = Duration::from_secs(3600);

/// The file of a run's settings.
pub(crate) const CONFIG: &str = "config.toml";

/// The file that whoever trains a job holds a lock on.
pub(crate) const LOCK: &str = ".lock";

/// How long a lock is waited for: whoever only looks whether a job is trained holds it for a moment.
const PATIENCE: [Duration; 5] = [Duration::from_millis(40); 5];

/// One adapter's training: the unit that is resumed, and that a cluster's scheduler hands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Job {
    /// The adapter of one attribute.
    One(Attribute),
    /// One adapter for all nine prompts.
    Single,
}

impl Job {
    /// The attribute's name, or `single`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::One(attribute) => attribute.name(),
            Self::Single => "single",
        }
    }

    /// The attributes that it trains.
    #[must_use]
    pub fn attributes(&self) -> Vec<Attribute> {
        match self {
            Self::One(attribute) => vec![*attribute],
            Self::Single => Attribute::ALL.to_vec(),
        }
    }

    /// A number of its own, for seeds.
    #[must_use]
    pub(crate) const fn number(&self) -> u64 {
        match self {
            Self::One(attribute) => *attribute as u64,
            Self::Single => Attribute::ALL.len() as u64,
        }
    }
}

/// The folder of one run.
///
/// ```text
/// RUN/config.toml            the settings
/// RUN/data.json              where the labelled pictures lie, by whoever trains
/// RUN/metrics.jsonl          a line a step, of all jobs
/// RUN/adapters/ATTRIBUTE/    the best adapter so far: a PEFT folder and a model card
/// RUN/jobs/JOB/              checkpoint, curves, TensorBoard's event files
/// RUN/cache/                 encoded pictures
/// ```
#[derive(Debug, Clone)]
pub struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// The folder at `path`, made where it is missing.
    ///
    /// # Errors
    /// When it cannot be made, holds a `config.toml` of other settings, or is no run's folder but
    /// not empty either.
    pub fn open(path: &Path, settings: &TrainSettings) -> Result<Self, TrainError> {
        let folder = Self { path: path.to_owned() };
        folder.make(path)?;
        folder.refuse_strangers()?;
        clear_aside(path, SHARED)?;
        let file = path.join(CONFIG);
        match std::fs::read_to_string(&file) {
            Ok(text) => {
                let held = TrainSettings::from_toml(&text, &file.display().to_string())?;
                if let Some(difference) = settings.difference(&held) {
                    return Err(TrainError::Run {
                        path: file,
                        reason: format!(
                            "{difference}; expected the settings that the run began with, or \
                             another --out"
                        ),
                    });
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                write_atomic(&file, settings.to_toml().as_bytes())?;
            }
            Err(error) => {
                let reason = format!("cannot be read: {error}");
                return Err(TrainError::Run { path: file, reason });
            }
        }
        Ok(folder)
    }

    /// Keeps a run out of a folder that is used for something else.
    fn refuse_strangers(&self) -> Result<(), TrainError> {
        let refuse = |reason: String| TrainError::Run { path: self.path.clone(), reason };
        let entries = std::fs::read_dir(&self.path)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| refuse(format!("cannot be read: {error}")))?;
        let names: Vec<String> =
            entries.iter().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        // Hidden files are what another job is writing aside.
        let stranger = names.iter().find(|name| !name.starts_with('.'));
        match stranger {
            Some(stranger) if !names.iter().any(|name| name == CONFIG) => Err(refuse(format!(
                "holds '{stranger}' and no {CONFIG}; expected a new or empty folder, or a run's"
            ))),
            _ => Ok(()),
        }
    }

    fn make(&self, path: &Path) -> Result<(), TrainError> {
        std::fs::create_dir_all(path).map_err(|error| TrainError::Run {
            path: path.to_owned(),
            reason: format!("cannot be made: {error}"),
        })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where encoded pictures are kept.
    #[must_use]
    pub fn cache(&self) -> PathBuf {
        self.path.join("cache")
    }

    /// Where the adapters are.
    #[must_use]
    pub fn adapters(&self) -> PathBuf {
        self.path.join("adapters")
    }

    /// A job's own folder.
    #[must_use]
    pub fn job(&self, job: &Job) -> PathBuf {
        self.path.join("jobs").join(job.name())
    }

    /// A job's checkpoint.
    #[must_use]
    pub fn checkpoint_path(&self, job: &Job) -> PathBuf {
        self.job(job).join("checkpoint.safetensors")
    }

    /// Reads a job's checkpoint; `None` where it has none.
    ///
    /// # Errors
    /// When it is broken.
    pub fn checkpoint(&self, job: &Job) -> Result<Option<Checkpoint>, TrainError> {
        self.make(&self.job(job))?;
        clear_aside(&self.job(job), Duration::ZERO)?;
        Checkpoint::read(&self.checkpoint_path(job))
    }

    /// Takes a job for this process alone. The system takes the lock back when the process ends,
    /// however it ends.
    ///
    /// # Errors
    /// When another one trains it, or the lock's file cannot be made.
    pub(crate) fn claim(&self, job: &Job) -> Result<Claim, TrainError> {
        let path = self.job(job);
        self.make(&path)?;
        let lock = path.join(LOCK);
        let refuse = |path: &Path, reason: String| TrainError::Run { path: path.into(), reason };
        let failed = |error: std::io::Error| refuse(&lock, format!("cannot be locked: {error}"));
        let file = File::options().create(true).append(true).open(&lock).map_err(failed)?;
        for pause in PATIENCE {
            match file.try_lock() {
                Ok(()) => return Ok(Claim { _file: file }),
                Err(TryLockError::WouldBlock) => thread::sleep(pause),
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
        }
        let reason = "is being trained by another process; expected that one to end first";
        Err(refuse(&path, reason.to_owned()))
    }

    /// The log of steps.
    #[must_use]
    pub fn metrics(&self) -> PathBuf {
        self.path.join("metrics.jsonl")
    }

    /// Writes a job's adapter as PEFT folders, one for each of its attributes, with the
    /// parameters of a head of its own beside it.
    ///
    /// # Errors
    /// When the folder cannot be written; the adapter before stays then.
    pub fn write_adapter(
        &self,
        job: &Job,
        lora: &LoraShape,
        objective: Objective,
        base_model: &str,
        weights: &BTreeMap<(usize, Target), LoraWeights>,
        values: &BTreeMap<String, HostTensor>,
    ) -> Result<(), TrainError> {
        let settings = PeftSettings {
            rank: lora.rank,
            alpha: lora.alpha,
            dropout: lora.dropout,
            targets: lora.targets.clone(),
            base_model: Some(base_model.to_owned()),
        };
        let broken = |reason: String| TrainError::Run { path: self.adapters(), reason };
        let mut files: Vec<(&str, Vec<u8>)> = peft_files(&settings, weights)
            .map_err(|error| broken(error.to_string()))?
            .into_iter()
            .collect();
        if let Some(head) = heads::file(objective, values).map_err(broken)? {
            files.push((heads::FILE, head));
        }
        for attribute in job.attributes() {
            let folder = self.adapters().join(attribute.name());
            self.make(&self.adapters())?;
            replace_folder(&folder, |aside| {
                for (name, bytes) in &files {
                    write_atomic(&aside.join(name), bytes)?;
                }
                // The model card, where one was written.
                let card = folder.join("README.md");
                if let Ok(card) = std::fs::read(card) {
                    write_atomic(&aside.join("README.md"), &card)?;
                }
                Ok::<_, TrainError>(())
            })?;
        }
        Ok(())
    }
}

/// A job that no other process may train.
#[derive(Debug)]
pub(crate) struct Claim {
    /// Locked until it is dropped.
    _file: File,
}

impl Progress {
    /// Whether a run that stands here may go on as `now`.
    ///
    /// # Errors
    /// What differs.
    pub(crate) fn fits(&self, now: &Self, settings: &TrainSettings) -> Result<(), String> {
        if self.job != now.job {
            return Err(format!("is of {}; expected {}", self.job, now.job));
        }
        if self.model != now.model {
            return Err("was made over another base model; expected the one that the run began \
                        with"
                .to_owned());
        }
        let held = TrainSettings::from_toml(&self.settings, "its settings");
        let held = held.map_err(|error| error.to_string())?;
        if let Some(difference) = settings.difference(&held) {
            return Err(format!("{difference}; expected the settings that the run began with"));
        }
        if self.data != now.data {
            return Err("was made with other rows, labels or comments; expected the data that \
                        the run began with"
                .to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_trained_once_at_a_time_and_others_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunFolder::open(folder.path(), &TrainSettings::default()).unwrap();
        let job = Job::One(Attribute::Realism);
        let claim = run.claim(&job).unwrap();
        let refused = run.claim(&job).unwrap_err().to_string();
        assert!(refused.contains("jobs/realism: is being trained by another process"), "{refused}");
        run.claim(&Job::Single).unwrap();
        assert!(crate::train::look::is_trained(&run.job(&job)));
        drop(claim);
        assert!(!crate::train::look::is_trained(&run.job(&job)));
        run.claim(&job).unwrap();
    }
}
