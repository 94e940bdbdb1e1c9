//! The loop: steps, evaluations, checkpoints, and the best adapter as a PEFT folder.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use burn::tensor::Device;

use crate::metrics;
use crate::prompt::scoring_prompt;
use crate::train::cache::{self, VisionCache};
use crate::train::checkpoint::{Checkpoint, Progress};
use crate::train::examples::{self, Example};
use crate::train::heads::ScoreHead;
use crate::train::lora::LoraShape;
use crate::train::objective::Prediction;
use crate::train::output::{EvalRecord, StepRecord};
use crate::train::parameters::{AdamWSettings, GradientSum, HostTensor, Parameters};
use crate::train::pass::{Learner, Part, mix};
use crate::train::record::Recorder;
use crate::train::run::{Claim, Job, RunFolder};
use crate::train::settings::{Metric, TrainSettings};
use crate::train::{Base, Encoded, Prompted, TrainError, augment};

/// What a run tells while it goes on.
#[derive(Debug)]
pub enum Event<'a> {
    /// So many of so many pictures went through the vision tower.
    Encoded(usize, usize),
    /// It goes on from a checkpoint of this step.
    Resumed(u64),
    /// A step was taken: of so many in all.
    Step(&'a StepRecord, u64),
    /// An evaluation, and whether it is the best so far.
    Evaluated(&'a EvalRecord, bool),
    /// A checkpoint was written.
    Saved(u64),
    /// A checkpoint could not be written; the one before is still there.
    NotSaved(&'a TrainError),
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// All steps were taken.
    Complete,
    /// Evaluations brought no gain for as long as the settings allow.
    Early,
    /// It was asked to stop; a checkpoint holds where.
    Stopped,
    /// It had ended before.
    AlreadyDone,
}

/// One job: an adapter over a frozen model.
#[derive(Debug)]
pub struct Trainer<'a> {
    base: &'a mut Base,
    settings: TrainSettings,
    job: Job,
    folder: RunFolder,
    lora: LoraShape,
    head: Option<ScoreHead>,
    parameters: Parameters,
    progress: Progress,
    best: BTreeMap<String, HostTensor>,
    train: Vec<Example>,
    valid: Vec<Example>,
    cache: Option<VisionCache>,
    with_comments: bool,
    resumed: bool,
    _claim: Claim,
}

/// What a job reads.
#[derive(Debug, Clone, PartialEq)]
pub struct Data {
    /// Examples to learn from.
    pub train: Vec<Example>,
    /// Examples to choose the best adapter by.
    pub valid: Vec<Example>,
}

impl<'a> Trainer<'a> {
    /// A job in `folder`, from its checkpoint where `resume` says so and there is one.
    ///
    /// # Errors
    /// When the folder holds another run, one that is not to be resumed or one that another process
    /// trains, settings, data or model are not those of the checkpoint, or a part of the data is empty.
    pub fn new(
        base: &'a mut Base,
        settings: TrainSettings,
        job: Job,
        data: Data,
        folder: RunFolder,
        resume: bool,
    ) -> Result<Self, TrainError> {
        check(&settings, &job, &data)?;
        let claim = folder.claim(&job)?;
        let device = base.device().clone();
        let config = base.config().text.clone();
        let lora = LoraShape {
            rank: settings.rank,
            alpha: settings.lora_alpha,
            dropout: settings.lora_dropout,
            targets: settings.target_modules.clone(),
        };
        let head = ScoreHead::of(settings.objective, config.hidden_size, settings.head_width);
        let mut parameters = Parameters::default();
        let seed = mix(settings.seed, job.number());
        lora.init(&config, seed, &mut parameters, &device);
        if let Some(head) = &head {
            head.init(mix(seed, 1), &mut parameters, &device);
        }
        if settings.reads_vocabulary() {
            base.want_vocabulary()?;
        }
        let with_comments =
            settings.comments && data.train.iter().any(|example| !example.comments.is_empty());
        let mut progress = Progress {
            job: job.name().to_owned(),
            model: base.fingerprint().to_owned(),
            settings: settings.to_toml(),
            data: examples::fingerprint([&data.train, &data.valid]),
            step: 0,
            best_metric: None,
            best_step: 0,
            without_gain: 0,
            finished: false,
        };
        let mut best = BTreeMap::new();
        let held = folder.checkpoint(&job)?;
        let resumed = held.is_some();
        if let Some(held) = held {
            let path = folder.checkpoint_path(&job);
            let refuse = |reason: String| TrainError::Run { path: path.clone(), reason };
            if !resume {
                return Err(refuse(format!(
                    "holds a run at step {}; --resume goes on with it, and another --out starts anew",
                    held.progress.step
                )));
            }
            held.progress.fits(&progress, &settings).map_err(refuse)?;
            let steps = held.progress.step as usize;
            parameters.restore(&held.state, steps, &device).map_err(|name| {
                refuse(format!("lacks the tensor '{name}', or has it in another shape"))
            })?;
            (progress, best) =
                (Progress { settings: progress.settings, ..held.progress }, held.best);
        }
        let cache = match settings.augment.is_empty() {
            true => Some(VisionCache::open(&folder.cache(), base, settings.side)?),
            false => None,
        };
        let Data { train, valid } = data;
        Ok(Self {
            base,
            settings,
            job,
            folder,
            lora,
            head,
            parameters,
            progress,
            best,
            train,
            valid,
            cache,
            with_comments,
            resumed,
            _claim: claim,
        })
    }

    /// Encodes every picture anew each time, as with augmentation; what the cache saves is
    /// measured against this.
    #[must_use]
    pub fn without_cache(mut self) -> Self {
        self.cache = None;
        self
    }

    /// How many numbers are trained.
    #[must_use]
    pub fn trained(&self) -> usize {
        self.parameters.count()
    }

    /// Trains to the end, or until `stop` is set.
    ///
    /// # Errors
    /// When a picture is broken, the device fails, numbers are no longer finite, or the run's
    /// folder cannot be written. The last checkpoint stays.
    pub fn fit(
        &mut self,
        stop: &AtomicBool,
        events: &mut dyn FnMut(Event<'_>),
    ) -> Result<End, TrainError> {
        let per_step = self.settings.batch_size * self.settings.accumulation;
        let per_epoch = self.settings.steps_per_epoch(self.train.len());
        let total = self.settings.total_steps(self.train.len());
        if self.progress.finished {
            return Ok(End::AlreadyDone);
        }
        let mut records = Recorder::open(&self.folder, &self.job, self.progress.step)?;
        if self.resumed {
            events(Event::Resumed(self.progress.step));
        }
        if !self.encode_all(stop, events)? {
            return Ok(End::Stopped);
        }

        let mut order = (u64::MAX, Vec::new());
        while self.progress.step < total {
            if stop.load(Ordering::Relaxed) {
                self.save()?;
                events(Event::Saved(self.progress.step));
                return Ok(End::Stopped);
            }
            let began = Instant::now();
            let (epoch, within) =
                (self.progress.step / per_epoch, (self.progress.step % per_epoch) as usize);
            if order.0 != epoch {
                order = (epoch, examples::order(self.train.len(), self.settings.seed, epoch));
            }
            let chosen: Vec<usize> =
                order.1.iter().copied().skip(within * per_step).take(per_step).collect();
            let learning_rate = self.settings.schedule(self.progress.step, total);
            let (loss, grad_norm) = self.step(&chosen, epoch, learning_rate)?;
            self.progress.step += 1;
            let seconds = began.elapsed().as_secs_f64();

            let step = self.progress.step;
            let attribute = self.job.name().to_owned();
            let mut record = StepRecord {
                attribute,
                step,
                epoch: epoch + 1,
                loss,
                grad_norm,
                learning_rate,
                seconds,
                eval: None,
            };
            let mut early = false;
            let evaluates = step.is_multiple_of(self.settings.eval_steps) || step == total;
            if evaluates {
                let (found, better) = self.evaluate()?;
                events(Event::Evaluated(&found, better));
                record.eval = Some(found);
                let patience = self.settings.patience;
                early = patience > 0 && self.progress.without_gain >= patience;
            }
            self.progress.finished = early || step == total;
            events(Event::Step(&record, total));
            records.add(record)?;
            let due = evaluates || step.is_multiple_of(self.settings.save_steps);
            if due {
                match self.save() {
                    Ok(()) => events(Event::Saved(step)),
                    // What follows may find room again; at the end it must be there.
                    Err(error) if !self.progress.finished => events(Event::NotSaved(&error)),
                    Err(error) => return Err(error),
                }
            }
            if early {
                return Ok(End::Early);
            }
        }
        Ok(End::Complete)
    }

    /// One optimiser step over `chosen` examples. Returns their mean loss and the gradient's norm.
    fn step(
        &mut self,
        chosen: &[usize],
        epoch: u64,
        learning_rate: f64,
    ) -> Result<(f64, f64), TrainError> {
        let mut grads = GradientSum::default();
        let mut loss = 0.0;
        let weight = 1.0 / chosen.len() as f64;
        let seed = mix(self.settings.seed ^ 0x5eed, self.progress.step);
        for (micro, rows) in chosen.chunks(self.settings.batch_size).enumerate() {
            let mut parts = Vec::new();
            for rows in rows.chunks(rows.len().div_ceil(self.threads())) {
                parts.push(self.part(rows, epoch)?);
            }
            let seed = mix(seed, micro as u64);
            let learner = self.learner()?;
            let (part_loss, part) = learner.learn_all(&parts, &self.parameters, weight, seed)?;
            loss += part_loss;
            grads.merge(part);
        }
        let optimiser = AdamWSettings {
            beta1: self.settings.beta1,
            beta2: self.settings.beta2,
            epsilon: self.settings.epsilon,
            weight_decay: self.settings.weight_decay,
            max_grad_norm: self.settings.max_grad_norm,
        };
        let norm = self.parameters.update(grads, learning_rate, &optimiser)?;
        Ok((loss, norm))
    }

    /// Some training examples as a batch.
    fn part(&mut self, rows: &[usize], epoch: u64) -> Result<Part, TrainError> {
        let mut prompts = Vec::with_capacity(rows.len());
        for &row in rows {
            let chance = mix(mix(self.settings.seed, epoch), row as u64);
            let text = self.train[row].prompt(self.with_comments, chance);
            let picture = self.picture(row, epoch)?;
            prompts.push(self.base.prompt(&text, picture)?);
        }
        let labels = rows.iter().map(|&row| self.train[row].label as f32).collect();
        Ok(Part { batch: self.base.batch(&prompts)?, labels })
    }

    fn learner(&self) -> Result<Learner<'_>, TrainError> {
        let TrainSettings { objective, probabilities, .. } = self.settings;
        let learner =
            self.base.learner(&self.lora, objective, probabilities, self.head.as_ref())?;
        let TrainSettings { head_dropout, recompute, .. } = self.settings;
        Ok(Learner { head_dropout, recompute, ..learner })
    }

    /// Into how many parts a batch is dealt: a GPU takes it whole.
    fn threads(&self) -> usize {
        match *self.base.device() == Device::flex() {
            true => thread::available_parallelism().map_or(1, usize::from),
            false => 1,
        }
    }

    /// A training picture: from the cache, or changed by chance and encoded anew.
    fn picture(&mut self, row: usize, epoch: u64) -> Result<Rc<Encoded>, TrainError> {
        let path = &self.train[row].picture;
        if let Some(cache) = &mut self.cache {
            return cache.get(path, self.base);
        }
        let image = cache::decode(path, &cache::read_picture(path)?)?;
        let TrainSettings { augment, seed, .. } = &self.settings;
        let image = augment::augment(image, augment, *seed, epoch, row as u64);
        let image = image.map_err(|error| TrainError::Picture {
            path: path.clone(),
            reason: error.to_string(),
        })?;
        Ok(Rc::new(self.base.encode(&image, self.settings.side)?))
    }

    /// Fills the cache, so that a broken picture is found before the first step. Returns whether
    /// it came to the end of it before `stop`; what is encoded by then stays on the disk.
    fn encode_all(
        &mut self,
        stop: &AtomicBool,
        events: &mut dyn FnMut(Event<'_>),
    ) -> Result<bool, TrainError> {
        let Some(cache) = &mut self.cache else { return Ok(true) };
        let total = self.train.len() + self.valid.len();
        for (index, example) in self.train.iter().chain(&self.valid).enumerate() {
            if stop.load(Ordering::Relaxed) {
                return Ok(false);
            }
            cache.get(&example.picture, self.base)?;
            events(Event::Encoded(index + 1, total));
        }
        Ok(true)
    }

    /// Reads the validation part's scores by the scoring prompt, and the mean loss.
    ///
    /// # Errors
    /// When a picture is broken or the device fails.
    fn predict(&mut self) -> Result<(Vec<Prediction>, f64), TrainError> {
        let (mut found, mut total) = (Vec::with_capacity(self.valid.len()), 0.0);
        let rows: Vec<usize> = (0..self.valid.len()).collect();
        for rows in rows.chunks(self.settings.batch_size * self.threads()) {
            let mut parts = Vec::new();
            for rows in rows.chunks(self.settings.batch_size) {
                let mut prompts: Vec<Prompted> = Vec::with_capacity(rows.len());
                for &row in rows {
                    let picture = self.valid_picture(row)?;
                    let text = scoring_prompt(self.valid[row].attribute);
                    prompts.push(self.base.prompt(&text, picture)?);
                }
                let labels = rows.iter().map(|&row| self.valid[row].label as f32).collect();
                parts.push(Part { batch: self.base.batch(&prompts)?, labels });
            }
            let (predictions, loss) = self.learner()?.predict_all(&parts, &self.parameters)?;
            found.extend(predictions);
            total += loss;
        }
        Ok((found, total / self.valid.len() as f64))
    }

    fn valid_picture(&mut self, row: usize) -> Result<Rc<Encoded>, TrainError> {
        let path = &self.valid[row].picture;
        if let Some(cache) = &mut self.cache {
            return cache.get(path, self.base);
        }
        let image = cache::decode(path, &cache::read_picture(path)?)?;
        Ok(Rc::new(self.base.encode(&image, self.settings.side)?))
    }

    /// Evaluates on the validation part; keeps the adapter where it is the best so far.
    fn evaluate(&mut self) -> Result<(EvalRecord, bool), TrainError> {
        let began = Instant::now();
        let (predictions, loss) = self.predict()?;
        let labels: Vec<f64> = self.valid.iter().map(|example| example.label).collect();
        let scores: Vec<f64> = predictions.iter().map(|prediction| prediction.expected).collect();
        let record = EvalRecord {
            pearson: metrics::pearson(&labels, &scores),
            spearman: metrics::spearman(&labels, &scores),
            qwk: metrics::quadratic_weighted_kappa(&labels, &scores),
            accuracy: metrics::accuracy(&labels, &scores).unwrap_or(0.0),
            mse: metrics::mean_squared_error(&labels, &scores).unwrap_or(0.0),
            rows: labels.len(),
            seconds: began.elapsed().as_secs_f64(),
        };
        // Predictions that are all alike have no correlation, and are worse than any.
        let value = match self.settings.metric {
            Metric::Pearson => record.pearson.unwrap_or(-1.0),
            Metric::Spearman => record.spearman.unwrap_or(-1.0),
            Metric::Mse => -record.mse,
            Metric::Loss => -loss,
        };
        let better = self.progress.best_metric.is_none_or(|best| value > best);
        if better {
            self.progress.best_metric = Some(value);
            self.progress.best_step = self.progress.step;
            self.progress.without_gain = 0;
            self.best = self.parameters.values()?;
        } else {
            self.progress.without_gain += 1;
        }
        Ok((record, better))
    }

    /// Writes the best adapter where there is one, and then the checkpoint.
    fn save(&self) -> Result<(), TrainError> {
        if !self.best.is_empty() {
            let layers = self.base.config().text.num_hidden_layers;
            let weights = self.lora.weights(layers, &self.best);
            let model = self.base.name();
            let objective = self.settings.objective;
            self.folder
                .write_adapter(&self.job, &self.lora, objective, model, &weights, &self.best)?;
        }
        let state = self.parameters.save()?;
        let checkpoint =
            Checkpoint { progress: self.progress.clone(), state, best: self.best.clone() };
        checkpoint.write(&self.folder.checkpoint_path(&self.job))
    }
}

/// Finds what can be known to fail before anything is loaded.
///
/// # Errors
/// When a part of a job's data is empty, or too alike for the metric of the settings.
pub fn check(settings: &TrainSettings, job: &Job, data: &Data) -> Result<(), TrainError> {
    let refuse = |reason: String| Err(TrainError::Unfit { job: job.name().to_owned(), reason });
    if data.train.is_empty() {
        return refuse("no picture of the training part has a label".to_owned());
    }
    if data.valid.len() < 2 {
        return refuse(format!(
            "the validation part has {} labels; expected 2 or more",
            data.valid.len()
        ));
    }
    let first = data.valid[0].label;
    let correlates = matches!(settings.metric, Metric::Pearson | Metric::Spearman);
    if correlates && data.valid.iter().all(|example| example.label == first) {
        return refuse(format!(
            "every label of the validation part is {first}, so that a correlation is undefined; \
             expected different labels, or metric = \"mse\""
        ));
    }
    Ok(())
}
