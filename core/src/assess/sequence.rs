//! Prompts and pictures as one batch of embeddings.

use std::collections::BTreeMap;

use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::Error;
use crate::model::mrope::{self, Position};
use crate::model::rotary::Rotary;
use crate::model::{Embedding, ModelConfig};

/// A batch of prompts about one picture, padded at the end to one length.
pub(crate) struct Sequences {
    /// `[rows, length, hidden]`
    pub(crate) embeddings: Tensor<3>,
    /// The turns at every position.
    pub(crate) rotary: Rotary,
    /// For each row, the place of its last token among all `rows * length`.
    pub(crate) last: Tensor<1, Int>,
    /// The position after the last of each row.
    pub(crate) next: Vec<u32>,
}

impl Sequences {
    /// From token ids; runs of `image_token` become the picture's embeddings.
    ///
    /// # Shapes
    /// - `picture`: `[image tokens, hidden]`, one for all rows, or as many as there are rows
    pub(crate) async fn new(
        rows: &[Vec<u32>],
        image_token: u32,
        picture: &Tensor<2>,
        grid: [usize; 3],
        config: &ModelConfig,
        embedding: &mut Embedding,
    ) -> Result<Self, Error> {
        let device = picture.device();
        let merge = config.vision.spatial_merge_size;
        let length = rows.iter().map(Vec::len).max().unwrap_or(0);

        // One table: each different token once, then the picture. Rows are picked from it.
        let mut places = BTreeMap::new();
        for &id in rows.iter().flatten().filter(|&&id| id != image_token) {
            let next = places.len();
            places.entry(id).or_insert(next);
        }
        let mut ids: Vec<_> = places.iter().map(|(id, place)| (*place, *id)).collect();
        ids.sort_unstable();
        let ids: Vec<u32> = ids.into_iter().map(|(_, id)| id).collect();
        let hidden = config.text.hidden_size;
        let words = embedding.lookup(&ids).await?;
        let words = Tensor::from_data(TensorData::new(words, [ids.len(), hidden]), &device);
        let table = Tensor::cat(vec![words, picture.clone()], 0);

        let mut picks = Vec::with_capacity(rows.len() * length);
        let mut positions: Vec<Vec<Position>> = Vec::with_capacity(rows.len());
        let (mut last, mut next) = (Vec::new(), Vec::new());
        for (index, row) in rows.iter().enumerate() {
            let own = row.iter().filter(|&&id| id == image_token).count();
            let shared = picture.dims()[0] == own;
            let mut image_tokens = ids.len() + if shared { 0 } else { index * own }..;
            picks.extend(row.iter().map(|id| match places.get(id) {
                Some(&place) => place as i32,
                None => image_tokens.next().unwrap_or_default() as i32,
            }));
            picks.resize((index + 1) * length, 0);
            let (mut at, after) = mrope::positions(row, image_token, &[grid], merge);
            at.resize(length, [after; 3]);
            positions.push(at);
            last.push((index * length + row.len() - 1) as i32);
            next.push(after);
        }
        let picks =
            Tensor::<1, Int>::from_data(TensorData::new(picks, [rows.len() * length]), &device);
        Ok(Self {
            embeddings: table.select(0, picks).reshape([rows.len(), length, hidden]),
            rotary: mrope::rotary(&positions, &config.text, &device),
            last: Tensor::from_data(TensorData::new(last, [rows.len()]), &device),
            next,
        })
    }
}

/// One further token.
pub(super) struct Token {
    /// Its embedding: `[hidden]`.
    pub(super) embedding: Vec<f32>,
    /// Of its turns: `[head_dim / 2]`.
    pub(super) angles: Vec<f32>,
}

impl Token {
    /// The token `id` at `position`.
    pub(super) async fn new(
        id: u32,
        position: u32,
        config: &ModelConfig,
        embedding: &mut Embedding,
    ) -> Result<Self, Error> {
        let embedding = embedding.lookup(&[id]).await?;
        let angles = mrope::angles(&[vec![[position; 3]]], &config.text);
        Ok(Self { embedding, angles })
    }

    /// On a device: its embedding `[1, 1, hidden]` and its turns.
    pub(super) fn send(&self, device: &Device) -> (Tensor<3>, Rotary) {
        let shape = [1, 1, self.embedding.len()];
        let embedded = Tensor::from_data(TensorData::new(self.embedding.clone(), shape), device);
        (embedded, Rotary::new(&self.angles, 1, self.angles.len(), device))
    }
}
