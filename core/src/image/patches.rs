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
