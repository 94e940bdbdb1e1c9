//! The settings a checkpoint's `preprocessor_config.json` gives for its pictures.

use super::{CHANNELS, ImageError};
use serde::Deserialize;

/// The largest patch and merge size; published models have 14 or 16, and 2.
const MAX_SIZE: usize = 1024;

/// The largest number of frames in a patch; published models have 2.
const MAX_FRAMES: usize = 16;

/// How pictures become the numbers the vision tower takes.
///
/// The default is Qwen2.5-VL's.
#[derive(Clone, Debug, PartialEq)]
pub struct Preprocessor {
    /// Side of a patch in pixels.
    pub patch_size: usize,
    /// Frames in a patch; a picture is one frame, repeated.
    pub temporal_patch_size: usize,
    /// Side, in patches, of the block that becomes one token.
    pub merge_size: usize,
    /// What is taken from red, green and blue, on the scale of 0 to 1.
    pub image_mean: [f32; CHANNELS],
    /// What red, green and blue are then divided by.
    pub image_std: [f32; CHANNELS],
    /// What takes samples of 0 to 255 to the scale of 0 to 1.
    pub rescale_factor: f64,
    /// Whether `rescale_factor` applies.
    pub do_rescale: bool,
    /// Whether `image_mean` and `image_std` apply.
    pub do_normalize: bool,
}

impl Default for Preprocessor {
    fn default() -> Self {
        Self {
            patch_size: 14,
            temporal_patch_size: 2,
            merge_size: 2,
            image_mean: [0.481_454_66, 0.457_827_5, 0.408_210_73],
            image_std: [0.268_629_54, 0.261_302_6, 0.275_777_1],
            rescale_factor: 1.0 / 255.0,
            do_rescale: true,
            do_normalize: true,
        }
    }
}

/// The fields of the file that matter here; a missing or null one keeps its default.
#[derive(Deserialize)]
struct Fields {
    patch_size: Option<usize>,
    temporal_patch_size: Option<usize>,
    merge_size: Option<usize>,
    image_mean: Option<Vec<f32>>,
    image_std: Option<Vec<f32>>,
    rescale_factor: Option<f64>,
    do_rescale: Option<bool>,
    do_normalize: Option<bool>,
}

impl Preprocessor {
    /// Reads the text of a `preprocessor_config.json`; fields it lacks are Qwen2.5-VL's.
    ///
    /// # Errors
    ///
    /// When the text is not JSON of that shape or a value cannot be used (see
    /// [`check`](Self::check)).
    pub fn from_json(text: &str) -> Result<Self, ImageError> {
        let fields: Fields = serde_json::from_str(text)?;
        let default = Self::default();
        let read = Self {
            patch_size: fields.patch_size.unwrap_or(default.patch_size),
            temporal_patch_size: fields.temporal_patch_size.unwrap_or(default.temporal_patch_size),
            merge_size: fields.merge_size.unwrap_or(default.merge_size),
            image_mean: by_channel("image_mean", fields.image_mean, default.image_mean)?,
            image_std: by_channel("image_std", fields.image_std, default.image_std)?,
            rescale_factor: fields.rescale_factor.unwrap_or(default.rescale_factor),
            do_rescale: fields.do_rescale.unwrap_or(default.do_rescale),
            do_normalize: fields.do_normalize.unwrap_or(default.do_normalize),
        };
        read.check()?;
        Ok(read)
    }

    /// Checks that every setting can be used.
    ///
    /// # Errors
    ///
    /// When a size is zero or absurdly large, or a mean, deviation or factor is not finite, or one
    /// of the latter two not above zero.
    pub fn check(&self) -> Result<(), ImageError> {
        check_count("patch_size", self.patch_size, MAX_SIZE)?;
        check_count("temporal_patch_size", self.temporal_patch_size, MAX_FRAMES)?;
        check_count("merge_size", self.merge_size, MAX_SIZE)?;
        for mean in self.image_mean {
            check_number("image_mean", mean.is_finite(), "finite numbers", f64::from(mean))?;
        }
        let positive = "finite numbers above 0";
        for std in self.image_std {
            let good = std.is_finite() && std > 0.0;
            check_number("image_std", good, positive, f64::from(std))?;
        }
        // A factor so small that its inverse overflows would make every sample not a number.
        let scale = self.rescale_factor;
        let good = scale > 0.0 && ((1.0 / scale) as f32).is_finite() && (scale as f32).is_finite();
        check_number("rescale_factor", good, positive, scale)
    }

    /// The value of every sample in each channel, in single precision.
    ///
    /// Follows transformers, which folds the rescaling into mean and deviation:
    /// `(sample - mean / factor) / (std / factor)`.
    pub(super) fn table(&self) -> [[f32; 256]; CHANNELS] {
        let scale = if self.do_rescale { (1.0 / self.rescale_factor) as f32 } else { 1.0 };
        let mut table = [[0.0; 256]; CHANNELS];
        for (channel, values) in table.iter_mut().enumerate() {
            let (mean, std) = if self.do_normalize {
                (self.image_mean[channel] * scale, self.image_std[channel] * scale)
            } else {
                (0.0, scale)
            };
            for (sample, value) in values.iter_mut().enumerate() {
                *value = (sample as f32 - mean) / std;
            }
        }
        table
    }
}

fn by_channel(
    field: &'static str,
    given: Option<Vec<f32>>,
    default: [f32; CHANNELS],
) -> Result<[f32; CHANNELS], ImageError> {
    let Some(values) = given else { return Ok(default) };
    <[f32; CHANNELS]>::try_from(values).map_err(|values| ImageError::Setting {
        field,
        expected: "3 numbers, for red, green and blue".into(),
        found: values.len().to_string(),
    })
}

fn check_count(field: &'static str, value: usize, most: usize) -> Result<(), ImageError> {
    if (1..=most).contains(&value) {
        return Ok(());
    }
    let expected = format!("a whole number from 1 to {most}");
    Err(ImageError::Setting { field, expected, found: value.to_string() })
}

fn check_number(
    field: &'static str,
    good: bool,
    expected: &str,
    value: f64,
) -> Result<(), ImageError> {
    if good {
        return Ok(());
    }
    Err(ImageError::Setting { field, expected: expected.into(), found: value.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_file_is_the_default() {
        let text = r#"{
            "do_convert_rgb": true, "do_normalize": true, "do_rescale": true, "do_pad": null,
            "image_mean": [0.48145466, 0.4578275, 0.40821073],
            "image_std": [0.26862954, 0.26130258, 0.27577711],
            "merge_size": 2, "patch_size": 14, "rescale_factor": 0.00392156862745098,
            "size": {"longest_edge": 1003520, "shortest_edge": 3136}, "temporal_patch_size": 2
        }"#;
        assert_eq!(Preprocessor::from_json(text).unwrap(), Preprocessor::default());
        assert_eq!(Preprocessor::from_json("{}").unwrap(), Preprocessor::default());
    }

    #[test]
    fn other_settings_are_kept() {
        let text = r#"{"patch_size": 16, "merge_size": 1, "image_mean": [0, 0.5, 1]}"#;
        let read = Preprocessor::from_json(text).unwrap();
        assert_eq!((read.patch_size, read.merge_size, read.temporal_patch_size), (16, 1, 2));
        assert_eq!(read.image_mean, [0.0, 0.5, 1.0]);
    }

    #[test]
    fn unusable_settings_are_refused_by_name() {
        let cases = [
            (r#"{"patch_size": 0}"#, "patch_size: expected a whole number from 1 to 1024, found 0"),
            (r#"{"merge_size": 1025}"#, "merge_size: expected a whole number from 1 to 1024"),
            (r#"{"temporal_patch_size": 17}"#, "temporal_patch_size: expected a whole number"),
            (r#"{"image_mean": [1, 2]}"#, "image_mean: expected 3 numbers, for red, green"),
            (r#"{"image_mean": [1, 2, 1e39]}"#, "image_mean: expected finite numbers, found inf"),
            (r#"{"image_std": [1, 0, 1]}"#, "image_std: expected finite numbers above 0, found 0"),
            (r#"{"rescale_factor": 0}"#, "rescale_factor: expected finite numbers above 0"),
            (r#"{"rescale_factor": 1e-60}"#, "rescale_factor: expected finite numbers above 0"),
            (r#"{"patch_size": -1}"#, "the preprocessor settings cannot be read"),
            ("[", "the preprocessor settings cannot be read"),
        ];
        for (text, expected) in cases {
            let message = Preprocessor::from_json(text).unwrap_err().to_string();
            assert!(message.contains(expected), "{text}: {message}");
        }
    }

    #[test]
    fn values_are_rescaled_and_normalised_as_asked() {
        let mut settings = Preprocessor::default();
        let near = |found: f32, expected: f32| (found - expected).abs() < 1e-6;
        // (0 - 0.48145466) / 0.26862954 and (1 - 0.40821073) / 0.27577711
        assert!(near(settings.table()[0][0], -1.792_262_6));
        assert!(near(settings.table()[2][255], 2.145_897));
        settings.do_normalize = false;
        assert!(near(settings.table()[1][51], 0.2));
        settings.do_rescale = false;
        assert!(near(settings.table()[1][51], 51.0));
        settings.do_normalize = true;
        // (1 - 0.48145466) / 0.26862954
        assert!(near(settings.table()[0][1], 1.930_336_2));
    }
}
