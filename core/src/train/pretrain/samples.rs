//! What the small model learns to say: pairs of a drawing and a text about it, made as needed.

use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use crate::assess::{Assessment, Score};
use crate::drawings::Drawing;
use crate::image::{ImageError, Preprocessor};
use crate::prompt::{Language, PromptError, Tokenizer, comment_prompt, scoring_prompt};
use crate::rubric::Attribute;
use crate::train::TrainError;
use crate::train::pass::mix;
use crate::train::pretrain::step::Told;

/// The question that a plain description answers, in both languages.
const DESCRIBE: [&str; 2] = ["Describe this drawing.", "描述这幅画。"];

/// Of ten texts, so many are descriptions, and so many comments; the others are scores.
const DESCRIPTIONS: u32 = 8;
const COMMENTS: u32 = 1;

/// How often a score is not the drawing's own but any of the five. The model shall know how
/// scores are asked for, and little more: judging is what adapters are for.
const NOISE: f64 = 0.5;

/// The level at which each attribute, in order, disturbs the others least.
const PLAIN: [u8; 9] = [3, 1, 1, 2, 4, 1, 1, 5, 1];

/// How likely an attribute has its own level, not the plain one, at the beginning of training.
///
/// It rises to 1 at the middle of training: what is hard to see in a full picture is learned from
/// plain ones first (curriculum learning: Bengio et al., ICML 2009).
const VARIED: f64 = 0.25;

/// A drawing and what it shows, as the tower learns it.
#[derive(Debug, Clone)]
pub struct Sight {
    /// The picture's patches.
    pub patches: Vec<f32>,
    /// Its grid.
    pub grid: [usize; 3],
    /// Its levels.
    pub levels: [u8; 9],
    /// Which of all kinds of things it holds.
    pub facts: Vec<f32>,
}

impl Sight {
    /// The drawing of an index, which is the more varied the more of training is `done`, 0 to 1.
    ///
    /// # Errors
    /// Never for the drawings that we make, which are neither flat nor narrow.
    pub fn new(seed: u64, index: u64, done: f64) -> Result<Self, ImageError> {
        let drawing = drawing(seed, index, done);
        let patches = Preprocessor::default().patches(&drawing.image.letterbox(224)?)?;
        let (grid, facts) = (patches.image_grid_thw, drawing.facts.present());
        Ok(Self { patches: patches.values, grid, levels: drawing.levels, facts })
    }
}

/// A drawing and what is said about it, ready for the tokenizer.
#[derive(Debug, Clone)]
pub struct Sample {
    /// The picture's patches.
    pub patches: Vec<f32>,
    /// Its grid.
    pub grid: [usize; 3],
    /// The user's turn.
    pub prompt: String,
    /// The assistant's.
    pub answer: String,
}

impl Sample {
    /// The sample of an index: the drawing and the kind of text follow from `seed` and `index`.
    ///
    /// # Errors
    /// Never for the drawings that we make, which are neither flat nor narrow.
    pub fn new(seed: u64, index: u64) -> Result<Self, ImageError> {
        let drawing = Drawing::generate(seed, index);
        let patches = Preprocessor::default().patches(&drawing.image.letterbox(224)?)?;
        let (prompt, answer) = text(&drawing, mix(seed, index));
        Ok(Self { patches: patches.values, grid: patches.image_grid_thw, prompt, answer })
    }

    /// As tokens.
    ///
    /// # Errors
    /// When the tokenizer refuses the text.
    pub fn told(self, tokenizer: &Tokenizer) -> Result<Told, PromptError> {
        let [time, height, width] = self.grid;
        let mut ids = tokenizer.chat(&self.prompt, time * height * width / 4)?;
        let answer = ids.len();
        ids.extend(tokenizer.encode(&self.answer)?);
        ids.push(tokenizer.special().im_end);
        Ok(Told { patches: self.patches, grid: self.grid, ids, answer })
    }
}

/// The drawing of an index, some of whose levels are plain ones in the first half of training.
fn drawing(seed: u64, index: u64, done: f64) -> Drawing {
    let drawing = Drawing::generate(seed, index);
    let varied = VARIED + (1.0 - VARIED) * 2.0 * done;
    if varied >= 1.0 {
        return drawing;
    }
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(mix(seed, !index));
    let mut levels = drawing.levels;
    for (level, plain) in levels.iter_mut().zip(PLAIN) {
        if !rng.random_bool(varied) {
            *level = plain;
        }
    }
    Drawing::with_levels(seed, index, levels)
}

/// A prompt and its answer.
fn text(drawing: &Drawing, chance: u64) -> (String, String) {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(chance);
    let language = if rng.random_bool(0.5) { Language::En } else { Language::Zh };
    let kind = rng.random_range(0..10);
    if kind < DESCRIPTIONS {
        let prompt = DESCRIBE[usize::from(language == Language::Zh)];
        return (prompt.to_owned(), drawing.describe(language));
    }
    if kind < DESCRIPTIONS + COMMENTS {
        // The prompt names the strongest and the weakest attribute, as the product's does.
        let one = |level: u8| {
            let mut probs = [0.0; 5];
            probs[usize::from(level) - 1] = 1.0;
            Score { probs }
        };
        let scores = Attribute::ALL.into_iter().zip(drawing.levels.map(one)).collect();
        let extremes = Assessment::new(scores).extremes();
        let (strength, next) = extremes.unwrap_or((Attribute::Realism, Attribute::Deformation));
        return (comment_prompt(strength, next, language), drawing.comment(language, rng.random()));
    }
    let attribute = Attribute::ALL[rng.random_range(0..Attribute::ALL.len())];
    let level = match rng.random_bool(NOISE) {
        true => rng.random_range(1..=5),
        false => drawing.levels[attribute as usize],
    };
    (scoring_prompt(attribute), level.to_string())
}

/// All texts of some drawings, for a tokenizer to be made from.
pub fn corpus(seed: u64, drawings: u64) -> impl Iterator<Item = String> {
    let prompts = Attribute::ALL.into_iter().flat_map(|attribute| {
        // As often as a model reads them.
        let comment = |language| comment_prompt(attribute, attribute, language);
        let texts = [
            scoring_prompt(attribute),
            comment(Language::En),
            comment(Language::Zh),
            "system\nYou are a helpful assistant.".to_owned(),
            "user\n".to_owned(),
            "assistant\n".to_owned(),
            DESCRIBE.join("\n"),
        ];
        std::iter::repeat_n(texts, 20).flatten()
    });
    let texts = (0..drawings).flat_map(move |index| {
        let drawing = Drawing::generate(seed, index);
        [Language::En, Language::Zh]
            .into_iter()
            .flat_map(|language| [drawing.describe(language), drawing.comment(language, index)])
            .collect::<Vec<_>>()
    });
    prompts.chain(texts)
}

/// Batches, made ahead by a thread of their own; `make` is given an index and the part of training
/// that is done.
pub fn stream<T: Send + 'static>(
    batch: usize,
    batches: u64,
    make: impl Fn(u64, f64) -> Result<T, ImageError> + Send + 'static,
) -> Receiver<Result<Vec<T>, ImageError>> {
    let (send, receive) = sync_channel(2);
    thread::spawn(move || {
        for step in 0..batches {
            let from = step * batch as u64;
            let done = step as f64 / batches as f64;
            let made = (from..from + batch as u64).map(|index| make(index, done));
            if send.send(made.collect()).is_err() {
                // Nobody listens any more.
                break;
            }
        }
    });
    receive
}

impl From<ImageError> for TrainError {
    fn from(error: ImageError) -> Self {
        Self::Model(error.into())
    }
}
