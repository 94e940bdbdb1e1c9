//! LoRA adapters as PEFT writes them: a folder with `adapter_config.json` and
//! `adapter_model.safetensors`.

mod error;
mod find;
mod keys;
mod settings;
mod target;
#[cfg(feature = "train")]
mod write;

use std::collections::BTreeMap;

pub use error::PeftError;
pub use find::find_adapters;
use keys::{Key, Side};
use settings::Settings;
pub use target::Target;
#[cfg(feature = "train")]
pub use write::{PeftSettings, peft_files};

use crate::model::TextConfig;
use crate::weights::{Memory, Source, TensorInfo, join, read_header, read_tensor};

/// File names within an adapter's folder.
const CONFIG: &str = "adapter_config.json";
const WEIGHTS: &str = "adapter_model.safetensors";
/// PyTorch's own format, which is not read.
const PICKLE: &str = "adapter_model.bin";

/// Written by hand at most, so it stays small.
const LONGEST_CONFIG: u64 = 1 << 20;
/// Files up to here are read at once: one request where the source is far away, not hundreds.
const READ_WHOLE: u64 = 64 << 20;

/// The two low-rank factors of one linear: it gains `scale * (x · aᵀ) · bᵀ`.
#[derive(Debug, Clone, PartialEq)]
pub struct LoraWeights {
    /// Rows of `a`, columns of `b`.
    pub rank: usize,
    /// `alpha / rank`, or `alpha / sqrt(rank)` with rsLoRA.
    pub scale: f32,
    /// `[rank, in]`, row-major.
    pub a: Vec<f32>,
    /// `[out, rank]`, row-major.
    pub b: Vec<f32>,
}

/// One adapter: factors for some linears of some layers.
#[derive(Debug, Clone, PartialEq)]
pub struct Adapter {
    /// The folder it came from, for messages.
    pub name: String,
    /// By layer and linear; linears without factors stay as they are.
    pub weights: BTreeMap<(usize, Target), LoraWeights>,
}

/// Where one half of a pair of factors lies, and the key that named it.
struct Half {
    key: String,
    module: String,
    info: TensorInfo,
}

/// Reads the adapter in `folder` (relative to the source, empty for its top).
///
/// # Errors
/// If a file is missing or broken, a setting would change the computation in a way that is not
/// supported, a key fits no linear of the language model, or a shape or rank differs from what
/// the two configurations say.
pub async fn load_adapter(
    source: &dyn Source,
    folder: &str,
    config: &TextConfig,
) -> Result<Adapter, PeftError> {
    let path = |file: &str| join_folder(folder, file);
    let (config_file, weights_file) = (path(CONFIG), path(WEIGHTS));
    let named = |file: &str| join(&source.name(), file);
    let json = source.read_all(&config_file, LONGEST_CONFIG).await?;
    let settings = Settings::from_json(&named(&config_file), &json)?;

    if !source.exists(&weights_file).await? && source.exists(&path(PICKLE)).await? {
        return Err(PeftError::Pickle { file: named(&path(PICKLE)) });
    }
    let held;
    let reader: &dyn Source = if source.size(&weights_file).await? <= READ_WHOLE {
        let bytes = source.read_all(&weights_file, READ_WHOLE).await?;
        held = Memory::new(source.name(), [(weights_file.clone(), bytes)].into());
        &held
    } else {
        source
    };

    let file = named(&weights_file);
    let mut pairs = BTreeMap::<(usize, Target), [Option<Half>; 2]>::new();
    for (key, info) in read_header(reader, &weights_file).await? {
        let Key { layer, target, side, module } = Key::parse(&key, config.num_hidden_layers)
            .map_err(|reason| PeftError::Key { file: file.clone(), key: key.clone(), reason })?;
        let halves = pairs.entry((layer, target)).or_default();
        let place = &mut halves[usize::from(side == Side::B)];
        if let Some(half) = place {
            let first = half.key.clone();
            return Err(PeftError::SameKey { file, first, second: key });
        }
        *place = Some(Half { key, module, info });
    }
    if pairs.is_empty() {
        return Err(PeftError::Empty { file });
    }
    let mut weights = BTreeMap::new();
    for ((layer, target), halves) in pairs {
        let (a, b) = match halves {
            [Some(a), Some(b)] => (a, b),
            [Some(Half { key, .. }), _] => return Err(PeftError::Half { file, key, lacking: "B" }),
            [_, Some(Half { key, .. })] => return Err(PeftError::Half { file, key, lacking: "A" }),
            [None, None] => continue,
        };
        let (rank, scale) = settings.rank_and_scale(layer, target, &a.module);
        let (input, output) = target.sizes(config);
        let a = read_half(reader, &file, &a, [rank, input], 0).await?;
        let b = read_half(reader, &file, &b, [output, rank], 1).await?;
        weights.insert((layer, target), LoraWeights { rank, scale, a, b });
    }
    Ok(Adapter { name: named(folder), weights })
}

/// The values of one factor, whose axis `axis` is the rank.
async fn read_half(
    source: &dyn Source,
    file: &str,
    half: &Half,
    shape: [usize; 2],
    axis: usize,
) -> Result<Vec<f32>, PeftError> {
    let Half { key, info, .. } = half;
    let rank = info.shape.get(axis).copied().filter(|&rank| rank != shape[axis]);
    if let Some(found) = rank.filter(|_| info.shape.get(1 - axis) == Some(&shape[1 - axis])) {
        let (file, key, expected) = (file.to_owned(), key.clone(), shape[axis]);
        return Err(PeftError::Rank { file, key, expected, found });
    }
    Ok(read_tensor(source, key, info, &shape).await?)
}

/// A file within a folder that may be the top.
fn join_folder(folder: &str, file: &str) -> String {
    match folder {
        "" => file.to_owned(),
        folder => format!("{folder}/{file}"),
    }
}

#[cfg(test)]
mod tests;
