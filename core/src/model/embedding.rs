//! Token embeddings, looked up on the host.
//!
//! A prompt has some hundred different tokens of 150,000: their rows are read from where the
//! weights are, and the table never takes room on the device.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::weights::{Checkpoint, WeightsError};

/// The embedding table `[vocab, hidden]`, a row at a time, each read once.
#[derive(Debug)]
pub struct Embedding {
    checkpoint: Rc<Checkpoint>,
    hidden: usize,
    rows: BTreeMap<u32, Vec<f32>>,
}

/// The table's name in a checkpoint.
pub const EMBEDDING: &str = "model.embed_tokens.weight";

impl Embedding {
    /// The table of `checkpoint`.
    ///
    /// # Errors
    /// When the checkpoint has none of the shape `[vocab, hidden]`.
    pub fn new(
        checkpoint: Rc<Checkpoint>,
        vocab: usize,
        hidden: usize,
    ) -> Result<Self, WeightsError> {
        checkpoint.expect_shape(EMBEDDING, &[vocab, hidden])?;
        Ok(Self { checkpoint, hidden, rows: BTreeMap::new() })
    }

    /// The rows of `ids`, end to end: `[ids.len(), hidden]`.
    ///
    /// # Errors
    /// When the checkpoint cannot be read, or an id is beyond the table.
    pub async fn lookup(&mut self, ids: &[u32]) -> Result<Vec<f32>, WeightsError> {
        let mut values = Vec::with_capacity(ids.len() * self.hidden);
        for &id in ids {
            if !self.rows.contains_key(&id) {
                let row = id as usize;
                let read = self.checkpoint.read_rows(EMBEDDING, self.hidden, row..row + 1).await?;
                self.rows.insert(id, read);
            }
            values.extend_from_slice(&self.rows[&id]);
        }
        Ok(values)
    }
}
