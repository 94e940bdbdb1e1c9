//! The language head: five rows of it for scores, all of it for text.

use burn::tensor::{Device, ExecutionError, Tensor, Transaction};
use easel_shaders::quant::even_rows;

use crate::device::{floats, is_processor, on_cores};
use crate::model::embedding::EMBEDDING;
use crate::model::{Keeping, Weight};
use crate::weights::{Checkpoint, WeightsError};

/// How much of the head one buffer holds, in elements: 64 MiB of f32, half of the smallest buffer
/// binding that WebGPU grants.
const PART: usize = 16 << 20;

/// Some rows of the head `[vocab, hidden]`, in parts below a device's binding limit.
#[derive(Debug, Clone)]
pub struct Head {
    parts: Vec<Weight>,
    bytes: u64,
}

/// Rows of a part of the head.
pub(crate) fn part_rows(hidden: usize) -> usize {
    even_rows(PART / hidden.max(1))
}

/// Where a checkpoint keeps its head.
pub(crate) fn name(tied: bool) -> &'static str {
    if tied { EMBEDDING } else { "lm_head.weight" }
}

impl Head {
    /// The rows of `tokens` only.
    ///
    /// # Errors
    /// When the head is missing, of another shape, or cannot be read.
    pub async fn rows(
        checkpoint: &Checkpoint,
        tied: bool,
        [vocab, hidden]: [usize; 2],
        tokens: &[u32],
        device: &Device,
    ) -> Result<Self, WeightsError> {
        let name = name(tied);
        checkpoint.expect_shape(name, &[vocab, hidden])?;
        let mut values = Vec::with_capacity(tokens.len() * hidden);
        for &token in tokens {
            let row = token as usize;
            values.extend(checkpoint.read_rows(name, hidden, row..row + 1).await?);
        }
        let bytes = values.len() as u64 * 4;
        let rows = Weight::floats(values, [tokens.len(), hidden], device);
        Ok(Self { parts: vec![rows], bytes })
    }

    /// All rows, at a precision of 8 bits or more.
    ///
    /// # Errors
    /// As [`Head::rows`].
    pub async fn whole(
        checkpoint: &Checkpoint,
        tied: bool,
        [vocab, hidden]: [usize; 2],
        keeping: Keeping,
        device: &Device,
    ) -> Result<Self, WeightsError> {
        let name = name(tied);
        checkpoint.expect_shape(name, &[vocab, hidden])?;
        let mut bytes = 0;
        let step = part_rows(hidden);
        let mut parts = Vec::with_capacity(vocab.div_ceil(step));
        for start in (0..vocab).step_by(step) {
            let rows = start..(start + step).min(vocab);
            let (part, sent) = keeping.load(checkpoint, name, hidden, rows, device).await?;
            bytes += sent;
            parts.push(part);
            crate::device::settle(device);
        }
        Ok(Self { parts, bytes })
    }

    /// Bytes of these rows on the device.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The logits of some positions, on the device: `[positions, rows]`.
    ///
    /// # Shapes
    /// As [`Head::logits`].
    #[must_use]
    pub(crate) fn forward(&self, hidden: &Tensor<2>) -> Tensor<2> {
        let mut parts = self.forward_parts(hidden);
        match parts.len() {
            1 => parts.remove(0),
            _ => Tensor::cat(parts, 1),
        }
    }

    /// The same by parts of the head: `[positions, rows of the part]` each.
    pub(crate) fn forward_parts(&self, hidden: &Tensor<2>) -> Vec<Tensor<2>> {
        self.parts.iter().map(|part| part.forward(hidden.clone())).collect()
    }

    /// The logits of some positions, read back: `[positions][rows]`.
    ///
    /// # Shapes
    /// - `hidden`: `[positions, hidden]`, normed
    ///
    /// # Errors
    /// When the device fails, as when it is lost.
    pub async fn logits(&self, hidden: Tensor<2>) -> Result<Vec<Vec<f32>>, ExecutionError> {
        let device = hidden.device();
        if is_processor(&device) {
            return self.logits_in_turn(&hidden).await;
        }
        Self::read(self.forward_parts(&hidden)).await
    }

    /// Reads the logits of a head's parts back, which waits for the device: once.
    ///
    /// # Errors
    /// As [`Head::logits`].
    pub(crate) async fn read(parts: Vec<Tensor<2>>) -> Result<Vec<Vec<f32>>, ExecutionError> {
        let positions = parts.first().map_or(0, |part| part.dims()[0]);
        let all = parts.into_iter().fold(Transaction::default(), Transaction::register);
        let mut logits = vec![Vec::new(); positions];
        for part in all.execute_async().await? {
            let values = floats(&part);
            let rows = values.len() / positions.max(1);
            for (all, part) in logits.iter_mut().zip(values.chunks_exact(rows.max(1))) {
                all.extend_from_slice(part);
            }
        }
        Ok(logits)
    }

    /// Part by part, so that no more than one part's lie twice in memory.
    async fn logits_in_turn(&self, hidden: &Tensor<2>) -> Result<Vec<Vec<f32>>, ExecutionError> {
        let mut logits = vec![Vec::new(); hidden.dims()[0]];
        for part in &self.parts {
            let rows = part.outputs();
            let product = on_cores(&hidden.device(), || part.forward(hidden.clone()));
            let values = floats(&product.into_data_async().await?);
            for (all, part) in logits.iter_mut().zip(values.chunks_exact(rows)) {
                all.extend_from_slice(part);
            }
        }
        Ok(logits)
    }
}
