//! Whether a picture is a drawing at all: what the model says to that, and what the pixels say.

use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::image::Image;
use crate::model::{Head, ModelConfig};
use crate::prompt::{Tokenizer, drawing_prompt};
use crate::weights::Checkpoint;

/// What speaks against a picture being a drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// It is of one colour, or almost.
    Blank,
    /// The model takes it for something else, such as a photograph or a page of text.
    NoDrawing,
}

/// The question that is read as one more row of the batch, without an adapter.
#[derive(Debug)]
pub(crate) struct Question {
    /// The rows of the head for the answers' tokens: those of yes, then those of no.
    head: Head,
    /// How many are of yes.
    yes: usize,
}

impl Question {
    /// The question to a model; none where its tokenizer has no tokens for yes or for no.
    ///
    /// # Errors
    /// When the tokenizer refuses the words, or the head cannot be read.
    pub(crate) async fn new(
        tokenizer: &Tokenizer,
        checkpoint: &Checkpoint,
        config: &ModelConfig,
        device: &Device,
    ) -> Result<Option<Self>, Error> {
        let vocabulary = config.text.vocab_size;
        let [yes, no] = tokenizer.yes_and_no()?;
        if yes.is_empty() || no.is_empty() {
            return Ok(None);
        }
        let tokens = [&yes[..], &no].concat();
        Tokenizer::check(&tokens, vocabulary)?;
        let shape = [vocabulary, config.text.hidden_size];
        let tied = config.tie_word_embeddings;
        let head = Head::rows(checkpoint, tied, shape, &tokens, device).await?;
        Ok(Some(Self { head, yes: yes.len() }))
    }

    /// The prompt's tokens for a picture of so many.
    ///
    /// # Errors
    /// When the tokenizer refuses the words.
    pub(crate) fn ids(&self, tokenizer: &Tokenizer, picture: usize) -> Result<Vec<u32>, Error> {
        Ok(tokenizer.chat(drawing_prompt(), picture)?)
    }

    /// The answers' logits, on the device.
    ///
    /// # Shapes
    /// - `hidden`: `[1, hidden]`, normed
    /// - output: `[answers]`
    pub(crate) fn forward(&self, hidden: &Tensor<2>) -> Tensor<1> {
        self.head.forward(hidden).flatten(0, 1)
    }

    /// The probability of yes against no, from the answers' logits; none where they are no numbers.
    pub(crate) fn probability(&self, logits: &[f32]) -> Option<f64> {
        let (yes, no) = logits.split_at_checked(self.yes)?;
        let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum = |logits: &[f32]| -> f64 {
            logits.iter().map(|logit| f64::from(logit - most).exp()).sum()
        };
        let (yes, no) = (sum(yes), sum(no));
        let share = yes / (yes + no);
        share.is_finite().then_some(share)
    }
}

/// Whether a model's settings claim that it answers what people ask: that they have a chat template
/// (`tokenizer_config.json`), as those of the published Instruct models do. The demo's have none: it
/// never learned to answer, and its yes would mean nothing.
pub(crate) fn claims_answers(tokenizer_config: &str) -> Result<bool, serde_json::Error> {
    #[derive(Deserialize)]
    struct Settings {
        chat_template: Option<serde_json::Value>,
    }
    let settings: Settings = serde_json::from_str(tokenizer_config)?;
    Ok(settings.chat_template.is_some_and(|template| match template {
        serde_json::Value::String(text) => !text.trim().is_empty(),
        serde_json::Value::Array(templates) => !templates.is_empty(),
        _ => false,
    }))
}

/// The longest side that pixels are judged at.
const SIDE: u32 = 256;
/// How far around a pixel its surroundings reach, in such pixels.
const AROUND: usize = 8;
/// From this difference to its surroundings on, of 255, a pixel is a mark. Paper's grain and a
/// photograph's noise stay below it at this size.
const MARK: f32 = 8.0;
/// Below this share of marks a page may be blank: a faint line across it has several times as many.
const MARKS: f32 = 1e-3;
/// Surroundings that differ by more than this, of 255, are no shadow on a sheet of paper.
const SHADE: f32 = 96.0;

/// Whether a picture is of one colour, or almost, be it lit unevenly: a blank page. Any line, dot or
/// patch of colour that stands out somewhere makes it none.
///
/// # Errors
/// When it is too flat or too narrow to be resized.
pub(crate) fn is_blank(image: &Image) -> Result<bool, crate::image::ImageError> {
    let longest = image.width().max(image.height());
    let side = |side: u32| (side * SIDE / longest).max(1);
    let small = match longest > SIDE {
        true => &image.resize(side(image.width()), side(image.height()))?,
        false => image,
    };
    let (width, height) = (small.width() as usize, small.height() as usize);
    let mut marks = vec![false; width * height];
    for channel in 0..3 {
        let values: Vec<f32> =
            small.rgb().iter().skip(channel).step_by(3).map(|value| f32::from(*value)).collect();
        let means = surroundings(&values, width, height);
        let (least, most) = means
            .iter()
            .fold((f32::MAX, f32::MIN), |(least, most), mean| (least.min(*mean), most.max(*mean)));
        if most - least > SHADE {
            return Ok(false);
        }
        for ((mark, value), mean) in marks.iter_mut().zip(&values).zip(&means) {
            *mark |= (value - mean).abs() > MARK;
        }
    }
    let count = marks.iter().filter(|mark| **mark).count();
    Ok((count as f32) < MARKS * marks.len() as f32)
}

/// The mean around each pixel, by a table of sums (Crow, 1984).
fn surroundings(values: &[f32], width: usize, height: usize) -> Vec<f32> {
    let stride = width + 1;
    let mut sums = vec![0.0_f64; stride * (height + 1)];
    for (y, row) in values.chunks_exact(width).enumerate() {
        let mut sum = 0.0;
        for (x, value) in row.iter().enumerate() {
            sum += f64::from(*value);
            sums[(y + 1) * stride + x + 1] = sums[y * stride + x + 1] + sum;
        }
    }
    let mut means = Vec::with_capacity(values.len());
    for y in 0..height {
        let (top, bottom) = (y.saturating_sub(AROUND), (y + AROUND + 1).min(height));
        for x in 0..width {
            let (left, right) = (x.saturating_sub(AROUND), (x + AROUND + 1).min(width));
            let sum = sums[bottom * stride + right] + sums[top * stride + left]
                - sums[top * stride + right]
                - sums[bottom * stride + left];
            means.push((sum / ((bottom - top) * (right - left)) as f64) as f32);
        }
    }
    means
}

/// From which probability of yes on a picture passes for a drawing.
const YES: f64 = 0.5;

/// What speaks against a picture: its pixels before the model's answer.
pub(crate) fn doubt(blank: bool, drawing: Option<f64>) -> Option<Doubt> {
    match drawing {
        _ if blank => Some(Doubt::Blank),
        Some(yes) if yes < YES => Some(Doubt::NoDrawing),
        _ => None,
    }
}

/// A source's settings that claim answers, for [`claims_answers`].
pub(crate) const TOKENIZER_CONFIG: &str = "tokenizer_config.json";

#[cfg(test)]
mod tests {
    use super::*;

    /// A sheet of paper of 800 x 600 pixels, grainy and lit from one side, that `ink` draws on.
    fn sheet(ink: impl Fn(i32, i32) -> Option<[u8; 3]>) -> Image {
        let pixel = |at: i32| {
            let (x, y) = (at % 800, at / 800);
            let grain = (x * 7919 + y * 104_729).rem_euclid(13) - 6;
            let paper = (235 - x / 16 - y / 20 + grain).clamp(0, 255) as u8;
            ink(x, y).unwrap_or([paper; 3])
        };
        let rgb = (0..800 * 600).flat_map(pixel).collect();
        Image::from_rgb(800, 600, rgb).unwrap()
    }

    #[test]
    fn a_page_is_blank_however_it_is_lit() {
        assert!(is_blank(&sheet(|_, _| None)).unwrap());
        let black = Image::from_rgb(40, 30, vec![0; 3600]).unwrap();
        assert!(is_blank(&black).unwrap());
        assert!(is_blank(&Image::from_rgb(1, 1, vec![9; 3]).unwrap()).unwrap());
    }

    #[test]
    fn the_faintest_drawing_is_not() {
        // One thin pencil line, not much darker than the paper.
        let line =
            sheet(|x, y| ((200..600).contains(&x) && (300..303).contains(&y)).then_some([150; 3]));
        assert!(!is_blank(&line).unwrap());
        // A dot of yellow on white.
        let dot =
            sheet(|x, y| ((x - 400).pow(2) + (y - 300).pow(2) < 400).then_some([250, 240, 120]));
        assert!(!is_blank(&dot).unwrap());
        // A sheet that is coloured in from side to side.
        let sky = sheet(|x, _| Some([(40 + x / 4) as u8, 120, 220]));
        assert!(!is_blank(&sky).unwrap());
    }

    #[test]
    fn only_a_chat_template_claims_answers() {
        assert!(claims_answers(r#"{"chat_template": "{% for m in messages %}"}"#).unwrap());
        assert!(claims_answers(r#"{"chat_template": [{"name": "default"}]}"#).unwrap());
        for none in [r#"{"chat_template": " "}"#, r#"{"chat_template": null}"#, "{}"] {
            assert!(!claims_answers(none).unwrap(), "{none}");
        }
        assert!(claims_answers("{").is_err());
    }

    #[test]
    fn pixels_speak_before_the_model() {
        assert_eq!(doubt(true, Some(0.9)), Some(Doubt::Blank));
        assert_eq!(doubt(false, Some(0.2)), Some(Doubt::NoDrawing));
        assert_eq!(doubt(false, Some(0.8)), None);
        assert_eq!(doubt(false, None), None);
    }
}
