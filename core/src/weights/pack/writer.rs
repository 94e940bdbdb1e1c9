//! Writing a pack from a checkpoint, a piece of a tensor at a time.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use easel_shaders::quant::{Bits, even_rows};
use easel_shaders::quant_matmul::Layout;
use safetensors::Dtype;
use safetensors::tensor::TensorView;

use super::super::{Checkpoint, WeightsError};
use super::manifest::{self, MANIFEST, Manifest, Part, Stored, Tensor};
use super::{SHARD, hex, stream};
use crate::model::{Keeping, Precision};

/// What a pack is made with.
#[derive(Debug, Clone)]
pub struct PackOptions {
    /// How matrices are kept; blocks that stay as they are stored are not rounded a second time.
    pub keeping: Keeping,
    /// Where the model came from, in words.
    pub source: String,
    /// Under which terms it may be used, in words.
    pub licence: String,
}

/// How far packing has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packing {
    /// Bytes of the checkpoint that were packed.
    pub done: u64,
    /// All of its bytes.
    pub total: u64,
}

/// Room for a shard's header.
const HEADER: u64 = 1 << 20;

/// The small files of a model that a pack takes along.
const SMALL: [&str; 6] = [
    "config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "preprocessor_config.json",
    "generation_config.json",
    "LICENSE",
];

/// The largest of them, in bytes.
const MOST: u64 = 64 << 20;

/// Packs `checkpoint`, the small files of its source, and `adapters` (a path in the pack and its
/// content) into the folder `out`, which appears when all is written.
///
/// # Errors
/// When a tensor cannot be read, `out` is there already, or the disk is full; nothing is left then.
pub async fn pack(
    checkpoint: &Checkpoint,
    adapters: &[(String, Vec<u8>)],
    options: PackOptions,
    out: &Path,
    progress: &mut dyn FnMut(Packing),
) -> Result<(), WeightsError> {
    if out.exists() {
        let reason = "is there already; expected the name of a new folder".to_owned();
        return Err(WeightsError::Pack { file: out.display().to_string(), reason });
    }
    let aside = Aside::new(out)?;
    let keeping = options.keeping;
    let weights = keeping.weights(checkpoint);
    let mut writer = Writer {
        folder: &aside.0,
        manifest: Manifest::new(options.source, options.licence, weights),
        shard: Vec::new(),
        held: 0,
        shards: 0,
    };
    let total = checkpoint.bytes(|_| true);
    let mut done = 0;
    let names: Vec<String> = checkpoint.names().map(str::to_owned).collect();
    for name in &names {
        let shape = checkpoint.shape(name)?.to_vec();
        match keeping.layout(checkpoint, name, &shape) {
            Some(layout) => writer.matrix(checkpoint, name, keeping, layout).await?,
            None => writer.tensor(checkpoint, name, shape).await?,
        }
        done += checkpoint.bytes(|other| other == name);
        progress(Packing { done, total });
    }
    writer.flush()?;
    let source = checkpoint.source();
    for name in SMALL {
        if source.exists(name).await? {
            writer.file(name, &source.read_all(name, MOST).await?)?;
        }
    }
    for (path, content) in adapters {
        writer.file(path, content)?;
    }
    let manifest = writer.manifest.to_json();
    write(&aside.0.join(MANIFEST), &manifest)?;
    aside.rename(out)
}

struct Writer<'a> {
    folder: &'a Path,
    manifest: Manifest,
    /// Streams that wait to be written.
    shard: Vec<(String, Dtype, Vec<usize>, Vec<u8>)>,
    held: u64,
    shards: usize,
}

impl Writer<'_> {
    /// Packs a matrix of blocks, in as many parts as shards ask for.
    async fn matrix(
        &mut self,
        checkpoint: &Checkpoint,
        name: &str,
        keeping: Keeping,
        layout: Layout,
    ) -> Result<(), WeightsError> {
        let Layout { bits, outputs, inputs, mins, kept } = layout;
        let bytes = Layout { outputs: 2, ..layout }.bytes();
        let step = even_rows(((SHARD - HEADER) / bytes.max(1)) as usize * 2);
        let mut parts = Vec::new();
        for first in (0..outputs).step_by(step) {
            let end = (first + step).min(outputs);
            let Some(packed) = keeping.pack(checkpoint, name, inputs, first..end).await? else {
                continue;
            };
            let file = self.place(packed.bytes())?;
            let mut push = |kind, words: &[u32]| self.push(stream(name, first, kind), words);
            push("quants", &packed.quants);
            if bits != Bits::Brain {
                push("scales", &packed.scales);
            }
            if let Some(mins) = &packed.mins {
                push("mins", mins);
            }
            parts.push(Part { rows: [first, end], file });
        }
        let (shape, scales) = (vec![outputs, inputs], Stored::new(kept, mins));
        let tensor = Tensor { shape, kind: bits.into(), scales, parts };
        self.manifest.tensors.insert(name.to_owned(), tensor);
        Ok(())
    }

    /// Packs a tensor of floats.
    async fn tensor(
        &mut self,
        checkpoint: &Checkpoint,
        name: &str,
        shape: Vec<usize>,
    ) -> Result<(), WeightsError> {
        let rows = shape.first().copied().unwrap_or(1);
        let mut parts = Vec::new();
        let values = checkpoint.read(name, &shape).await?;
        let per_row = values.len() / rows.max(1);
        let step = even_rows(((SHARD - HEADER) / (4 * per_row as u64).max(1)) as usize);
        for first in (0..rows).step_by(step) {
            let end = (first + step).min(rows);
            let part = &values[first * per_row..end * per_row];
            let bytes: Vec<u8> = part.iter().flat_map(|value| value.to_le_bytes()).collect();
            let file = self.place(bytes.len() as u64)?;
            let mut dims = shape.clone();
            if let Some(rows) = dims.first_mut() {
                *rows = end - first;
            }
            self.held += bytes.len() as u64;
            self.shard.push((stream(name, first, "values"), Dtype::F32, dims, bytes));
            parts.push(Part { rows: [first, end], file });
        }
        let tensor = Tensor { shape, kind: Precision::F32, scales: Stored::default(), parts };
        self.manifest.tensors.insert(name.to_owned(), tensor);
        Ok(())
    }

    fn push(&mut self, name: String, words: &[u32]) {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.held += bytes.len() as u64;
        self.shard.push((name, Dtype::U32, vec![words.len()], bytes));
    }

    /// The shard that has room for so many bytes: this one, or the next.
    fn place(&mut self, bytes: u64) -> Result<String, WeightsError> {
        if self.held + bytes > SHARD - HEADER {
            self.flush()?;
        }
        Ok(self.name())
    }

    fn name(&self) -> String {
        format!("weights-{:05}.safetensors", self.shards + 1)
    }

    fn flush(&mut self) -> Result<(), WeightsError> {
        if self.shard.is_empty() {
            return Ok(());
        }
        let name = self.name();
        let failed = |error: safetensors::SafeTensorError| WeightsError::Pack {
            file: name.clone(),
            reason: format!("cannot be put together: {error}"),
        };
        let views = self.shard.iter().map(|(name, dtype, shape, bytes)| {
            Ok((name.as_str(), TensorView::new(*dtype, shape.clone(), bytes)?))
        });
        let views: Vec<_> = views.collect::<Result<_, _>>().map_err(failed)?;
        let bytes = safetensors::serialize(views, None).map_err(failed)?;
        self.file(&name, &bytes)?;
        self.shard.clear();
        self.held = 0;
        self.shards += 1;
        Ok(())
    }

    /// Writes a file and notes its sum.
    fn file(&mut self, path: &str, content: &[u8]) -> Result<(), WeightsError> {
        let to = self.folder.join(path);
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder).map_err(failed(folder))?;
        }
        write(&to, content)?;
        let file = manifest::File { bytes: content.len() as u64, sha256: hex(content) };
        self.manifest.files.insert(path.to_owned(), file);
        Ok(())
    }
}

fn write(path: &Path, content: &[u8]) -> Result<(), WeightsError> {
    let write = || {
        let mut file = File::create_new(path)?;
        file.write_all(content)?;
        file.sync_all()
    };
    write().map_err(failed(path))
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> WeightsError + use<> {
    let file = path.display().to_string();
    move |error| WeightsError::Pack { file, reason: format!("cannot be written: {error}") }
}

/// A hidden folder beside the one that is made; it goes away unless it is renamed.
struct Aside(PathBuf);

impl Aside {
    fn new(out: &Path) -> Result<Self, WeightsError> {
        let name = out.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let aside = out.with_file_name(format!(".{name}.{}.partial", std::process::id()));
        fs::create_dir(&aside).map_err(failed(out))?;
        Ok(Self(aside))
    }

    fn rename(self, out: &Path) -> Result<(), WeightsError> {
        fs::rename(&self.0, out).map_err(failed(out))
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        // After the renaming there is nothing of this name.
        let _ = fs::remove_dir_all(&self.0);
    }
}
