//! One step of learning to write about pictures: next-token cross-entropy over all weights.

use std::thread;

use burn::tensor::{Device, Int, Tensor, TensorData, activation};

use crate::model::mrope;
use crate::train::TrainError;
use crate::train::parameters::GradientSum;
use crate::train::pretrain::model::Trainable;

/// One picture and what is said about it.
#[derive(Debug, Clone)]
pub struct Told {
    /// The picture's patches, as the processor makes them.
    pub patches: Vec<f32>,
    /// The picture's grid in patches; one for all pictures of a batch.
    pub grid: [usize; 3],
    /// Prompt and answer.
    pub ids: Vec<u32>,
    /// Where the answer begins.
    pub answer: usize,
}

impl Trainable {
    /// The mean cross-entropy over the answers' tokens, and its gradients.
    ///
    /// The rows are dealt to `threads` threads: a small model's operations are too small to be
    /// worth splitting themselves.
    ///
    /// # Errors
    /// When the device fails or the loss is no number.
    pub fn learn(
        &self,
        rows: &[Told],
        image_token: u32,
        device: &Device,
        threads: usize,
    ) -> Result<(f64, GradientSum), TrainError> {
        let answers: usize = rows.iter().map(|row| row.ids.len() - row.answer).sum();
        let weight = 1.0 / answers.max(1) as f64;
        let share = rows.len().div_ceil(threads.max(1)).max(1);
        let parts = thread::scope(|scope| {
            let part = |rows| scope.spawn(move || self.part(rows, image_token, weight, device));
            let running: Vec<_> = rows.chunks(share).map(part).collect();
            running.into_iter().map(|thread| thread.join()).collect::<Vec<_>>()
        });
        let (mut loss, mut grads) = (0.0, GradientSum::default());
        for part in parts {
            match part {
                Ok(part) => {
                    let (part_loss, part_grads) = part?;
                    loss += part_loss;
                    grads.merge(part_grads);
                }
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        Ok((loss, grads))
    }

    /// Some of a batch's rows; the cross-entropy is summed over their answers and times `weight`.
    fn part(
        &self,
        rows: &[Told],
        image_token: u32,
        weight: f64,
        device: &Device,
    ) -> Result<(f64, GradientSum), TrainError> {
        let mut grads = GradientSum::default();
        let leaves = self.parameters.leaves(|_| true);
        let loss = {
            let (vision, text, table) = self.modules(&leaves)?;
            let hidden = self.config.text.hidden_size;
            let [vocabulary, _] = table.dims();

            // Pictures of one shape are frames of one film to the tower: each sees only itself.
            let [time, height, width] = rows[0].grid;
            let patch = rows[0].patches.len() / (time * height * width);
            let pixels: Vec<f32> =
                rows.iter().flat_map(|row| row.patches.iter().copied()).collect();
            let count = pixels.len() / patch;
            let pixels = Tensor::<2>::from_data(TensorData::new(pixels, [count, patch]), device);
            let pictures = vision.forward(pixels, [rows.len() * time, height, width]);
            let known = Tensor::cat(vec![table.clone(), pictures], 0);

            let length = rows.iter().map(|row| row.ids.len()).max().unwrap_or(0);
            let merge = self.config.vision.spatial_merge_size;
            let (mut picks, mut positions) = (Vec::new(), Vec::new());
            let (mut read, mut targets) = (Vec::new(), Vec::new());
            let mut next_picture = vocabulary as i32..;
            for (index, row) in rows.iter().enumerate() {
                picks.extend(row.ids.iter().map(|&id| match id == image_token {
                    true => next_picture.next().unwrap_or_default(),
                    false => id as i32,
                }));
                picks.resize((index + 1) * length, 0);
                let (mut at, next) = mrope::positions(&row.ids, image_token, &[row.grid], merge);
                at.resize(length, [next; 3]);
                positions.push(at);
                // The token before an answer's token predicts it.
                for at in row.answer..row.ids.len() {
                    read.push((index * length + at - 1) as i32);
                    targets.push(row.ids[at] as i32);
                }
            }
            let ints = |values: Vec<i32>| {
                let count = values.len();
                Tensor::<1, Int>::from_data(TensorData::new(values, [count]), device)
            };
            let rotary = mrope::rotary(&positions, &self.config.text, device);
            let x = known.select(0, ints(picks)).reshape([rows.len(), length, hidden]);
            let x = text.forward(x, &rotary, None, None).reshape([rows.len() * length, hidden]);
            let answers = targets.len();
            let hidden = text.norm.forward(x.select(0, ints(read)));
            let logits = hidden.matmul(table.transpose());
            let targets = ints(targets).reshape([answers, 1]);
            activation::log_softmax(logits, 1).gather(1, targets).sum() * -weight
        };
        let mut found = loss.backward();
        grads.add(&leaves, &mut found);
        let value: f32 = loss.inner().try_into_data()?.iter::<f32>().next().unwrap_or(f32::NAN);
        match value.is_finite() {
            true => Ok((f64::from(value), grads)),
            false => Err(TrainError::Diverged { what: "the loss" }),
        }
    }
}
