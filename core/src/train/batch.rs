//! Prompts, each about its own picture, as one batch of embeddings.

use std::rc::Rc;

use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::Error;
use crate::model::mrope;
use crate::model::rotary::Rotary;
use crate::model::{Embedding, ModelConfig};

/// What the vision tower made of one picture, on the host.
#[derive(Debug, Clone, PartialEq)]
pub struct Encoded {
    /// `[tokens, hidden]`, row-major.
    pub values: Vec<f32>,
    /// Time, height and width in patches (`image_grid_thw`).
    pub grid: [usize; 3],
}

/// One prompt about one picture.
#[derive(Debug, Clone)]
pub struct Prompted {
    /// The prompt with the picture's places in it.
    pub ids: Vec<u32>,
    /// The picture.
    pub picture: Rc<Encoded>,
}

/// A batch, padded at the end to one length.
#[derive(Debug)]
pub struct Batch {
    /// `[rows * length, hidden]`
    pub x: Tensor<2>,
    /// Rows and tokens a row.
    pub size: [usize; 2],
    /// The turns at every position.
    pub rotary: Rotary,
    /// Each row's last token, among all. `[rows]`
    pub last: Tensor<1, Int>,
}

impl Batch {
    /// Puts `rows` together on `device`.
    ///
    /// # Errors
    /// When the embeddings cannot be read.
    pub fn new(
        rows: &[Prompted],
        image_token: u32,
        config: &ModelConfig,
        embedding: &mut Embedding,
        device: &Device,
    ) -> Result<Self, Error> {
        let hidden = config.text.hidden_size;
        let length = rows.iter().map(|row| row.ids.len()).max().unwrap_or(0);
        let mut values = Vec::with_capacity(rows.len() * length * hidden);
        let (mut positions, mut last) = (Vec::new(), Vec::new());
        for (index, row) in rows.iter().enumerate() {
            let mut picture = row.picture.values.chunks_exact(hidden);
            // A run of words is looked up at once.
            for run in row.ids.chunk_by(|a, b| (*a == image_token) == (*b == image_token)) {
                match run[0] == image_token {
                    true => values.extend(picture.by_ref().take(run.len()).flatten()),
                    false => values.extend(pollster::block_on(embedding.lookup(run))?),
                }
            }
            values.resize((index + 1) * length * hidden, 0.0);
            let merge = config.vision.spatial_merge_size;
            let (mut at, next) =
                mrope::positions(&row.ids, image_token, &[row.picture.grid], merge);
            at.resize(length, [next; 3]);
            positions.push(at);
            last.push((index * length + row.ids.len() - 1) as i32);
        }
        let data = TensorData::new(values, [rows.len() * length, hidden]);
        Ok(Self {
            x: Tensor::from_data(data, device),
            size: [rows.len(), length],
            rotary: mrope::rotary(&positions, &config.text, device),
            last: Tensor::from_data(TensorData::new(last, [rows.len()]), device),
        })
    }
}
