//! A checkpoint: tensors by the published names, read one at a time.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use easel_shaders::quant::Packed;
use easel_shaders::quant_matmul::Layout;

use super::WeightsError;
use super::gguf::GgufPair;
use super::names::{canonical, nearest};
use super::pack::PackReader;
use super::safetensors::TensorInfo;
use super::shards::find_tensors;
use super::source::{Source, join};
use super::values::{check_shape, read_rows, read_tensor};
use crate::model::Precision;

/// The tensors of a Qwen2.5-VL checkpoint, in safetensors files or a GGUF pair; only their headers
/// are in memory.
///
/// Names are those of the published checkpoints: `model.embed_tokens.weight`,
/// `model.layers.N…`, `model.norm.weight`, `visual.…`, `lm_head.weight`, whatever spelling the
/// files use.
#[derive(Debug)]
pub struct Checkpoint {
    source: Rc<dyn Source>,
    tensors: Tensors,
}

/// Where the tensors lie.
#[derive(Debug)]
enum Tensors {
    Files(BTreeMap<String, TensorInfo>),
    Pair(Rc<GgufPair>),
    Pack(PackReader),
}

impl Checkpoint {
    /// Finds `model.safetensors`, the shards of `model.safetensors.index.json`, or the only
    /// `*.safetensors` at the top, and reads their headers; a source with a GGUF pair behind it
    /// gives that, and one with a pack's manifest the pack.
    ///
    /// # Errors
    /// If there is none, a shard is missing, a header is broken, or two tensors stand for one.
    pub async fn open(source: Rc<dyn Source>) -> Result<Self, WeightsError> {
        if let Some(pair) = source.gguf() {
            return Ok(Self { source, tensors: Tensors::Pair(pair) });
        }
        if let Some(pack) = PackReader::open(&source).await? {
            return Ok(Self { source, tensors: Tensors::Pack(pack) });
        }
        let mut tensors = BTreeMap::new();
        let mut originals = BTreeMap::<String, String>::new();
        for (original, info) in find_tensors(&*source).await? {
            let name = canonical(&original);
            if let Some(first) = originals.insert(name.clone(), original.clone()) {
                let place = source.name();
                return Err(WeightsError::SameName { place, first, second: original, name });
            }
            tensors.insert(name, info);
        }
        Ok(Self { source, tensors: Tensors::Files(tensors) })
    }

    /// Where the checkpoint lies.
    #[must_use]
    pub fn source(&self) -> &Rc<dyn Source> {
        &self.source
    }

    /// How a pack keeps its large matrices; none for other checkpoints.
    #[must_use]
    pub fn packed_as(&self) -> Option<Precision> {
        match &self.tensors {
            Tensors::Pack(pack) => Some(pack.precision()),
            _ => None,
        }
    }

    /// The pack that the tensors are read from, if they are.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn pack(&self) -> Option<&PackReader> {
        match &self.tensors {
            Tensors::Pack(pack) => Some(pack),
            _ => None,
        }
    }

    /// The blocks that a matrix is stored in; none where it is stored as plain numbers.
    #[must_use]
    pub fn layout(&self, name: &str) -> Option<Layout> {
        match &self.tensors {
            Tensors::Files(_) => None,
            Tensors::Pair(pair) => pair.layout(name),
            Tensors::Pack(pack) => pack.layout(name),
        }
    }

    /// Some rows of a matrix as the blocks that they are stored in; none where it is stored as
    /// plain numbers.
    ///
    /// # Errors
    /// As [`Checkpoint::read_rows`].
    pub async fn packed(
        &self,
        name: &str,
        width: usize,
        rows: Range<usize>,
    ) -> Result<Option<Packed>, WeightsError> {
        match &self.tensors {
            Tensors::Files(_) => Ok(None),
            Tensors::Pair(pair) => Ok(pair.block_rows(name, rows).await?.map(Packed::from)),
            Tensors::Pack(pack) => {
                self.check_rows(name, width, &rows)?;
                pack.packed(name, rows).await
            }
        }
    }

    /// That a matrix of a pack is so wide and has these rows.
    fn check_rows(
        &self,
        name: &str,
        width: usize,
        rows: &Range<usize>,
    ) -> Result<(), WeightsError> {
        let &[count, found] = self.shape(name)? else {
            return Err(self.wrong_shape(name, format!("[rows, {width}]")));
        };
        if found != width {
            return Err(self.wrong_shape(name, format!("[rows, {width}]")));
        }
        if rows.start > rows.end || rows.end > count {
            return Err(WeightsError::Rows {
                file: self.file(name)?,
                tensor: name.to_owned(),
                start: rows.start,
                end: rows.end,
                rows: count,
            });
        }
        Ok(())
    }

    fn wrong_shape(&self, name: &str, expected: String) -> WeightsError {
        let found = self.shape(name).map_or_else(|_| "none".to_owned(), |s| format!("{s:?}"));
        let file = self.file(name).unwrap_or_else(|_| self.source.name());
        WeightsError::Shape { file, tensor: name.to_owned(), expected, found }
    }

    /// All tensors' names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let names: Box<dyn Iterator<Item = &str>> = match &self.tensors {
            Tensors::Files(files) => Box::new(files.keys().map(String::as_str)),
            Tensors::Pair(pair) => Box::new(pair.names()),
            Tensors::Pack(pack) => Box::new(pack.names()),
        };
        names
    }

    /// Whether it has such a tensor.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        match &self.tensors {
            Tensors::Files(files) => files.contains_key(name),
            Tensors::Pair(pair) => pair.shape(name).is_some(),
            Tensors::Pack(pack) => pack.shape(name).is_some(),
        }
    }

    /// The tensors that `used` does not know, sorted.
    pub fn unused(&self, used: impl Fn(&str) -> bool) -> Vec<&str> {
        self.names().filter(|name| !used(name)).collect()
    }

    /// The shape of a tensor.
    ///
    /// # Errors
    /// If it is missing; the message has the nearest name.
    pub fn shape(&self, name: &str) -> Result<&[usize], WeightsError> {
        match &self.tensors {
            Tensors::Files(files) => Ok(&self.info(files, name)?.shape),
            Tensors::Pair(pair) => pair.shape(name).ok_or_else(|| self.missing(name)),
            Tensors::Pack(pack) => pack.shape(name).ok_or_else(|| self.missing(name)),
        }
    }

    /// The file that holds a tensor, with its source, for messages.
    ///
    /// # Errors
    /// As [`Checkpoint::shape`].
    pub fn file(&self, name: &str) -> Result<String, WeightsError> {
        match &self.tensors {
            Tensors::Files(files) => Ok(join(&self.source.name(), &self.info(files, name)?.file)),
            Tensors::Pair(pair) => Ok(pair.file(name).to_owned()),
            Tensors::Pack(pack) => {
                let file = pack.file(name).ok_or_else(|| self.missing(name))?;
                Ok(join(&self.source.name(), file))
            }
        }
    }

    fn info<'a>(
        &self,
        files: &'a BTreeMap<String, TensorInfo>,
        name: &str,
    ) -> Result<&'a TensorInfo, WeightsError> {
        files.get(name).ok_or_else(|| self.missing(name))
    }

    fn missing(&self, name: &str) -> WeightsError {
        let near = nearest(name, self.names());
        let nearest = near.map(|near| format!("; the nearest name is {near}"));
        let nearest = nearest.unwrap_or_default();
        WeightsError::NoTensor { place: self.source.name(), tensor: name.to_owned(), nearest }
    }

    /// Checks that a tensor is there and has `shape`, without reading its values.
    ///
    /// # Errors
    /// If it is missing or has another shape.
    pub fn expect_shape(&self, name: &str, shape: &[usize]) -> Result<(), WeightsError> {
        match &self.tensors {
            Tensors::Files(files) => {
                check_shape(&*self.source, name, self.info(files, name)?, shape)
            }
            Tensors::Pair(pair) => pair.expect_shape(name, shape),
            Tensors::Pack(_) => match self.shape(name)? == shape {
                true => Ok(()),
                false => Err(self.wrong_shape(name, format!("{shape:?}"))),
            },
        }
    }

    /// The bytes that the tensors which `counts` chooses take in their files.
    pub fn bytes(&self, counts: impl Fn(&str) -> bool) -> u64 {
        match &self.tensors {
            Tensors::Files(files) => {
                let chosen = files.iter().filter(|(name, _)| counts(name));
                chosen.map(|(_, info)| info.bytes()).sum()
            }
            Tensors::Pair(pair) => {
                pair.names().filter(|name| counts(name)).map(|name| pair.bytes(name)).sum()
            }
            Tensors::Pack(pack) => {
                pack.names().filter(|name| counts(name)).map(|name| pack.bytes(name)).sum()
            }
        }
    }

    /// A tensor's values in row-major order.
    ///
    /// # Errors
    /// If it is missing, has another shape, is of a type that is not read, holds a NaN or an
    /// infinity, or cannot be read.
    pub async fn read(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, WeightsError> {
        match &self.tensors {
            Tensors::Files(files) => {
                read_tensor(&*self.source, name, self.info(files, name)?, shape).await
            }
            Tensors::Pair(pair) => pair.read(name, shape).await,
            Tensors::Pack(pack) => {
                self.expect_shape(name, shape)?;
                pack.read(name).await
            }
        }
    }

    /// Some rows of a matrix `[n, width]`, without the others: `rows.len() * width` values.
    ///
    /// # Errors
    /// As [`Checkpoint::read`], and if it has fewer rows.
    pub async fn read_rows(
        &self,
        name: &str,
        width: usize,
        rows: Range<usize>,
    ) -> Result<Vec<f32>, WeightsError> {
        match &self.tensors {
            Tensors::Files(files) => {
                let info = self.info(files, name)?;
                read_rows(&*self.source, name, info, width, rows).await
            }
            Tensors::Pair(pair) => pair.read_rows(name, width, rows).await,
            Tensors::Pack(pack) => {
                self.check_rows(name, width, &rows)?;
                pack.read_rows(name, width, rows).await
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use half::bf16;
    use pollster::block_on;
    use safetensors::tensor::{Dtype, TensorView, serialize};

    use super::super::Memory;
    use super::*;

    fn open(tensors: &[(&str, &[usize])]) -> Result<Checkpoint, WeightsError> {
        let data: Vec<u8> = (0..64).flat_map(|v| bf16::from_f32(v as f32).to_le_bytes()).collect();
        let view = |&(name, shape): &(&'static str, &[usize])| {
            let bytes = 2 * shape.iter().product::<usize>();
            (name, TensorView::new(Dtype::BF16, shape.to_vec(), &data[..bytes]).unwrap())
        };
        let tensors: Vec<(&'static str, &[usize])> =
            tensors.iter().map(|&(name, shape)| (&*Box::leak(name.into()), shape)).collect();
        let bytes = serialize(tensors.iter().map(view), None).unwrap();
        let files = [("model.safetensors".to_owned(), bytes)];
        block_on(Checkpoint::open(Rc::new(Memory::new("mem", files.into()))))
    }

    #[test]
    fn tensors_are_read_under_their_published_names() {
        let checkpoint = open(&[
            ("model.language_model.embed_tokens.weight", &[4, 3]),
            ("model.visual.merger.ln_q.weight", &[2]),
            ("lm_head.weight", &[4, 3]),
        ])
        .unwrap();
        let names: Vec<_> = checkpoint.names().collect();
        let expected = ["lm_head.weight", "model.embed_tokens.weight", "visual.merger.ln_q.weight"];
        assert_eq!(names, expected);
        let read = block_on(checkpoint.read("visual.merger.ln_q.weight", &[2])).unwrap();
        assert_eq!(read, [0.0, 1.0]);
        let rows = block_on(checkpoint.read_rows("model.embed_tokens.weight", 3, 2..3)).unwrap();
        assert_eq!(rows, [6.0, 7.0, 8.0]);
        let unused =
            checkpoint.unused(|name| name.starts_with("model.") || name == "lm_head.weight");
        assert_eq!(unused, ["visual.merger.ln_q.weight"]);
    }

    #[test]
    fn a_missing_tensor_is_answered_with_the_nearest() {
        let checkpoint = open(&[("model.norm.weight", &[2])]).unwrap();
        let message = checkpoint.shape("model.norm.weights").unwrap_err().to_string();
        let expected =
            "mem: tensor model.norm.weights is missing; the nearest name is model.norm.weight";
        assert_eq!(message, expected);
        let message = checkpoint.shape("lm_head.weight").unwrap_err().to_string();
        assert_eq!(message, "mem: tensor lm_head.weight is missing");
        let message = block_on(checkpoint.read("model.norm.weight", &[3])).unwrap_err().to_string();
        let expected = "tensor model.norm.weight: expected shape [3], found [2]";
        assert!(message.ends_with(expected), "{message}");
    }

    #[test]
    fn two_tensors_for_one_place_are_refused() {
        let error = open(&[("model.norm.weight", &[2]), ("language_model.norm.weight", &[2])]);
        let message = error.unwrap_err().to_string();
        assert!(message.ends_with("are both the model's model.norm.weight"), "{message}");
    }
}
