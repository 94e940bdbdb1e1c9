//! The two kinds of step: seeing what a drawing shows, and writing about it.

use std::thread;

use burn::tensor::{Device, Gradients, Int, Tensor, TensorData, activation};

use crate::model::mrope;
use crate::model::vision::VisionTower;
use crate::train::TrainError;
use crate::train::parameters::GradientSum;
use crate::train::pretrain::model::Trainable;
use crate::train::pretrain::readout;
use crate::train::pretrain::samples::Sight;

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

/// The vision tower's parameters, and the head that reads from its tokens.
fn sees(name: &str) -> bool {
    name.starts_with("visual.") || name.starts_with("readout.")
}

impl Trainable {
    /// The mean loss of reading what pictures show from the vision tower's tokens, and its
    /// gradients; the language model has no part in it.
    ///
    /// # Errors
    /// When the device fails or the loss is no number.
    pub fn see(
        &self,
        rows: &[Sight],
        device: &Device,
        threads: usize,
    ) -> Result<(f64, GradientSum), TrainError> {
        let weight = 1.0 / rows.len().max(1) as f64;
        in_threads(rows, threads, |rows| {
            let leaves = self.parameters.leaves(sees);
            let all = self.parameters.fixed(|name| !sees(name)).with(leaves.clone());
            let (vision, ..) = self.modules(all)?;
            let patches = rows.iter().map(|row| (row.patches.as_slice(), row.grid));
            let tokens = pictures(&vision, patches, device);
            let [count, width] = tokens.dims();
            let tokens = tokens.reshape([rows.len(), count / rows.len(), width]);
            let levels: Vec<_> = rows.iter().map(|row| row.levels).collect();
            let facts = rows.iter().flat_map(|row| row.facts.iter().copied()).collect();
            let loss = readout::loss(&leaves, tokens, &levels, facts) * weight;
            finish(loss, |found, grads| grads.add(&leaves, found))
        })
    }

    /// The mean cross-entropy over the answers' tokens, and its gradients; the vision tower stays
    /// as it is.
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
        in_threads(rows, threads, |rows| self.part(rows, image_token, weight, device))
    }

    /// Some of a batch's rows; the cross-entropy is summed over their answers and times `weight`.
    fn part(
        &self,
        rows: &[Told],
        image_token: u32,
        weight: f64,
        device: &Device,
    ) -> Result<(f64, GradientSum), TrainError> {
        let leaves = self.parameters.leaves(|name| !sees(name));
        let all = self.parameters.fixed(sees).with(leaves.clone());
        let loss = {
            let (vision, text, table) = self.modules(all)?;
            let hidden = self.config.text.hidden_size;
            let [vocabulary, _] = table.dims();
            let patches = rows.iter().map(|row| (row.patches.as_slice(), row.grid));
            let known = Tensor::cat(vec![table.clone(), pictures(&vision, patches, device)], 0);

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
        finish(loss, |found, grads| grads.add(&leaves, found))
    }
}

/// The tokens of pictures of one shape, `[pictures x tokens, width]`: frames of one film to the
/// tower, of which each sees only itself.
fn pictures<'a>(
    vision: &VisionTower,
    rows: impl Iterator<Item = (&'a [f32], [usize; 3])>,
    device: &Device,
) -> Tensor<2> {
    let (mut pixels, mut frames, mut shape) = (Vec::new(), 0, [0, 0]);
    for (patches, [time, height, width]) in rows {
        pixels.extend_from_slice(patches);
        frames += time;
        shape = [height, width];
    }
    let [height, width] = shape;
    let count = frames * height * width;
    let patch = pixels.len() / count.max(1);
    let pixels = Tensor::<2>::from_data(TensorData::new(pixels, [count, patch]), device);
    vision.forward(pixels, [frames, height, width])
}

/// Runs back from a loss; returns its value and the gradients.
fn finish(
    loss: Tensor<1>,
    collect: impl FnOnce(&mut Gradients, &mut GradientSum),
) -> Result<(f64, GradientSum), TrainError> {
    let mut grads = GradientSum::default();
    collect(&mut loss.backward(), &mut grads);
    let value: f32 = loss.inner().try_into_data()?.iter::<f32>().next().unwrap_or(f32::NAN);
    match value.is_finite() {
        true => Ok((f64::from(value), grads)),
        false => Err(TrainError::Diverged { what: "the loss" }),
    }
}

/// Deals rows to threads and sums what comes of them: a small model's operations are too small to
/// be worth splitting themselves.
fn in_threads<T: Sync>(
    rows: &[T],
    threads: usize,
    work: impl Fn(&[T]) -> Result<(f64, GradientSum), TrainError> + Sync,
) -> Result<(f64, GradientSum), TrainError> {
    let share = rows.len().div_ceil(threads.max(1)).max(1);
    let parts = thread::scope(|scope| {
        let work = &work;
        let running: Vec<_> =
            rows.chunks(share).map(|rows| scope.spawn(move || work(rows))).collect();
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
