//! Where a run stands, in one file: parameters, optimiser, best adapter, and what comes next.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};

use crate::train::TrainError;
use crate::train::output::write_atomic;
use crate::train::parameters::HostTensor;

/// All that a run needs to go on. Schedule, order of the data and chance all follow from the
/// seed and the step, so they need no state of their own.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    /// The numbers beside the tensors.
    pub progress: Progress,
    /// Parameters and moments, as `Parameters::save` gives them.
    pub state: BTreeMap<String, HostTensor>,
    /// The parameters of the best evaluation; empty before the first one.
    pub best: BTreeMap<String, HostTensor>,
}

/// Where a run stands, beside its tensors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// What is trained: an attribute's name, or `single` for one adapter for all.
    pub job: String,
    /// The base model's fingerprint.
    pub model: String,
    /// The settings, as TOML.
    pub settings: String,
    /// What tells the rows apart from other rows: a sum over names and labels.
    pub data: String,
    /// Optimiser steps that were taken.
    pub step: u64,
    /// The best value of the metric so far.
    #[serde(with = "bits")]
    pub best_metric: Option<f64>,
    /// The step of the best evaluation.
    pub best_step: u64,
    /// Evaluations since then.
    pub without_gain: u64,
    /// Whether the run came to its end.
    pub finished: bool,
}

/// A number by its bits: decimals may be read back one bit off.
mod bits {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(value: &Option<f64>, to: S) -> Result<S::Ok, S::Error> {
        value.map(f64::to_bits).serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
        Ok(Option::<u64>::deserialize(from)?.map(f64::from_bits))
    }
}

const STATE: &str = "state/";
const BEST: &str = "best/";
/// The metadata key that holds [`Progress`].
const PROGRESS: &str = "easel.progress";

impl Checkpoint {
    /// Writes the checkpoint aside and puts it in the place of the one before.
    ///
    /// # Errors
    /// When the disk is full or the folder cannot be written; the one before stays then.
    pub fn write(&self, path: &Path) -> Result<(), TrainError> {
        let tensors: Vec<_> = [(STATE, &self.state), (BEST, &self.best)]
            .into_iter()
            .flat_map(|(prefix, tensors)| {
                tensors.iter().map(move |(name, tensor)| {
                    let bytes: Vec<u8> =
                        tensor.values.iter().flat_map(|value| value.to_le_bytes()).collect();
                    (format!("{prefix}{name}"), tensor.shape.clone(), bytes)
                })
            })
            .collect();
        let views = tensors.iter().map(|(name, shape, bytes)| {
            Ok((name.as_str(), TensorView::new(Dtype::F32, shape.clone(), bytes)?))
        });
        let broken = |error: &dyn std::fmt::Display| TrainError::Run {
            path: path.to_owned(),
            reason: format!("cannot be put together: {error}"),
        };
        let views: Vec<_> = views
            .collect::<Result<_, safetensors::SafeTensorError>>()
            .map_err(|error| broken(&error))?;
        let progress = serde_json::to_string(&self.progress).map_err(|error| broken(&error))?;
        let metadata = [(PROGRESS.to_owned(), progress)].into();
        let bytes =
            safetensors::serialize(views, Some(metadata)).map_err(|error| broken(&error))?;
        Ok(write_atomic(path, &bytes)?)
    }

    /// Reads where a run stands, without its tensors; `None` where there is no checkpoint, or one
    /// that is none of ours.
    pub fn progress(path: &Path) -> Option<Progress> {
        const MOST: u64 = 64 << 20;
        let mut file = std::fs::File::open(path).ok()?;
        let mut length = [0; 8];
        file.read_exact(&mut length).ok()?;
        let length = u64::from_le_bytes(length);
        let mut header = Vec::new();
        file.take(length.min(MOST)).read_to_end(&mut header).ok()?;
        let header: serde_json::Value = serde_json::from_slice(&header).ok()?;
        serde_json::from_str(header.get("__metadata__")?.get(PROGRESS)?.as_str()?).ok()
    }

    /// Reads a checkpoint; `None` where there is no file.
    ///
    /// # Errors
    /// When the file cannot be read or is none of ours.
    pub fn read(path: &Path) -> Result<Option<Self>, TrainError> {
        let refuse = |reason: String| TrainError::Run { path: path.to_owned(), reason };
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(refuse(format!("cannot be read: {error}"))),
        };
        let broken = |error: &dyn std::fmt::Display| {
            refuse(format!("is no checkpoint of a training run: {error}"))
        };
        let (_, header) = SafeTensors::read_metadata(&bytes).map_err(|error| broken(&error))?;
        let progress = header.metadata().as_ref().and_then(|all| all.get(PROGRESS));
        let progress = progress.ok_or_else(|| broken(&"it has no progress in its header"))?;
        let progress = serde_json::from_str(progress).map_err(|error| broken(&error))?;

        let file = SafeTensors::deserialize(&bytes).map_err(|error| broken(&error))?;
        let (mut state, mut best) = (BTreeMap::new(), BTreeMap::new());
        for (name, view) in file.iter() {
            let (part, name) = match (name.strip_prefix(STATE), name.strip_prefix(BEST)) {
                (Some(name), _) => (&mut state, name),
                (_, Some(name)) => (&mut best, name),
                _ => return Err(broken(&format!("what is the tensor '{name}'?"))),
            };
            if view.dtype() != Dtype::F32 {
                return Err(broken(&format!("the tensor '{name}' is not f32")));
            }
            let (values, _) = view.data().as_chunks::<4>();
            let values = values.iter().map(|value| f32::from_le_bytes(*value)).collect();
            part.insert(name.to_owned(), HostTensor { shape: view.shape().to_vec(), values });
        }
        Ok(Some(Self { progress, state, best }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint() -> Checkpoint {
        let tensor =
            HostTensor { shape: vec![2, 2], values: vec![1.0, -2.5, f32::MIN_POSITIVE, 0.1] };
        Checkpoint {
            progress: Progress {
                job: "realism".into(),
                model: "abc".into(),
                settings: "rank = 8".into(),
                data: "d".into(),
                step: 7,
                best_metric: Some(0.1 + 0.2),
                best_step: 5,
                without_gain: 1,
                finished: false,
            },
            state: [("a".to_owned(), tensor.clone()), ("a#first".to_owned(), tensor.clone())]
                .into(),
            best: [("a".to_owned(), tensor)].into(),
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint.safetensors");
        assert_eq!(Checkpoint::read(&path).unwrap(), None);
        checkpoint().write(&path).unwrap();
        assert_eq!(Checkpoint::read(&path).unwrap(), Some(checkpoint()));
        assert_eq!(Checkpoint::progress(&path), Some(checkpoint().progress));
    }

    #[test]
    fn another_file_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint.safetensors");
        std::fs::write(&path, b"no such thing").unwrap();
        let message = Checkpoint::read(&path).unwrap_err().to_string();
        assert!(message.contains("checkpoint.safetensors: is no checkpoint"), "{message}");
        assert_eq!(Checkpoint::progress(&path), None);
    }
}
