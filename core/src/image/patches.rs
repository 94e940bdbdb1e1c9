//! The flat patches the vision tower takes, in the order of the Qwen2-VL processor.

use super::{CHANNELS, Image, ImageError, Preprocessor};

/// The most memory for one picture's patches, in MiB.
const MAX_MIB: u64 = 2048;

/// A picture as the vision tower takes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Patches {
    /// `[patches, channels * frames * patch height * patch width]`, row major.
    ///
    /// The rows go block by block from the top left, a block being `merge_size` x `merge_size`
    /// patches that become one token; inside a block also row by row.
    pub values: Vec<f32>,
    /// Frames, rows and columns of patches: frames is 1 for a picture.
    pub image_grid_thw: [usize; 3],
}

impl Preprocessor {
    /// Normalises a picture and cuts it into patches, without resizing it.
    ///
    /// Follows transformers' `Qwen2VLImageProcessor`; the single frame is repeated
    /// `temporal_patch_size` times.
    ///
    /// # Shapes
    ///
    /// - values: `[grid_h * grid_w, 3 * temporal_patch_size * patch_size * patch_size]`
    ///
    /// # Errors
    ///
    /// When a setting cannot be used, a side is not a multiple of `patch_size * merge_size`, or
    /// the patches would be larger than 2 GiB.
    pub fn patches(&self, image: &Image) -> Result<Patches, ImageError> {
        self.check()?;
        let (patch, merge, frames) = (self.patch_size, self.merge_size, self.temporal_patch_size);
        let (width, height) = (image.width() as usize, image.height() as usize);
        let block = patch * merge;
        if width % block != 0 || height % block != 0 {
            let (width, height) = (image.width(), image.height());
            return Err(ImageError::NotMultiple { width, height, multiple: block });
        }
        // Wide enough: at most 100 million pixels, 3 channels, 16 frames, 4 bytes.
        let bytes = (image.rgb().len() as u64) * (frames as u64) * size_of::<f32>() as u64;
        if bytes > MAX_MIB << 20 {
            return Err(ImageError::Memory { limit: MAX_MIB, step: "its patches" });
        }

        let table = self.table();
        let mut values = Vec::with_capacity(image.rgb().len() * frames);
        for block_y in (0..height).step_by(block) {
            for block_x in (0..width).step_by(block) {
                for y in (block_y..block_y + block).step_by(patch) {
                    for x in (block_x..block_x + block).step_by(patch) {
                        self.push_patch(image, x, y, &table, &mut values);
                    }
                }
            }
        }
        Ok(Patches { values, image_grid_thw: [1, height / patch, width / patch] })
    }

    /// Appends the patch whose top left pixel is at `x`, `y`: channel, frame, row, column.
    fn push_patch(
        &self,
        image: &Image,
        x: usize,
        y: usize,
        table: &[[f32; 256]; CHANNELS],
        values: &mut Vec<f32>,
    ) {
        let stride = image.width() as usize * CHANNELS;
        for (channel, table) in table.iter().enumerate() {
            let plane = values.len();
            for row in image.rgb().chunks_exact(stride).skip(y).take(self.patch_size) {
                let pixels = row.chunks_exact(CHANNELS).skip(x).take(self.patch_size);
                values.extend(pixels.map(|pixel| table[usize::from(pixel[channel])]));
            }
            let plane = plane..values.len();
            for _ in 1..self.temporal_patch_size {
                values.extend_from_within(plane.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::pattern;
    use super::*;

    /// Patches of 2 x 2 pixels, 2 x 2 of them a block, 2 frames, samples as they are.
    fn plain() -> Preprocessor {
        Preprocessor {
            patch_size: 2,
            do_rescale: false,
            do_normalize: false,
            ..Preprocessor::default()
        }
    }

    #[test]
    fn rows_go_by_block_and_columns_by_channel_frame_and_pixel() {
        // Red is the number of the pixel, green 100 more, blue 200 more; 8 x 4 pixels.
        let rgb = (0..32).flat_map(|pixel| [pixel, pixel + 100, pixel + 200]).collect();
        let patches = plain().patches(&Image::from_rgb(8, 4, rgb).unwrap()).unwrap();
        assert_eq!(patches.image_grid_thw, [1, 2, 4]);
        assert_eq!(patches.values.len(), 8 * 24);
        let rows: Vec<&[f32]> = patches.values.chunks_exact(24).collect();
        let corners: Vec<f32> = rows.iter().map(|row| row[0]).collect();
        assert_eq!(corners, [0.0, 2.0, 16.0, 18.0, 4.0, 6.0, 20.0, 22.0]);
        let red = [18.0, 19.0, 26.0, 27.0];
        let (green, blue) = (red.map(|value| value + 100.0), red.map(|value| value + 200.0));
        assert_eq!(rows[3], [red, red, green, green, blue, blue].concat());
    }

    #[test]
    fn the_real_sizes_are_the_published_ones() {
        let patches = Preprocessor::default().patches(&pattern(84, 56)).unwrap();
        assert_eq!(patches.image_grid_thw, [1, 4, 6]);
        assert_eq!(patches.values.len(), 24 * 1176);
        assert!((patches.values[0] + 1.792_262_6).abs() < 1e-6);
    }

    #[test]
    fn pictures_that_do_not_fit_are_refused() {
        let error = Preprocessor::default().patches(&pattern(56, 57)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the picture is 56 x 57 pixels: both sides must be multiples of 28"
        );
    }

    #[test]
    fn settings_set_by_hand_are_checked() {
        let broken = Preprocessor { patch_size: 0, ..Preprocessor::default() };
        assert!(matches!(broken.patches(&pattern(28, 28)), Err(ImageError::Setting { .. })));
    }

    #[test]
    fn an_absurd_amount_is_refused() {
        let many = Preprocessor { temporal_patch_size: 16, ..plain() };
        let picture = Image::from_rgb(4000, 4000, vec![0; 48_000_000]).unwrap();
        assert!(matches!(many.patches(&picture), Err(ImageError::Memory { .. })));
    }
}
