//! Where a score comes from: the picture is covered part by part, and what the score falls by is
//! what that part was worth (occlusion sensitivity; Zeiler and Fergus, arXiv 1311.2901, section 4.2).
//!
//! Covered by the border's colour, an empty part changes nothing, which the picture's mean colour
//! would. It shows how the model reacts to covered squares. It is no proof of why a score is what it is.

use burn::tensor::{Tensor, TensorData};
use serde::{Deserialize, Serialize};

use crate::assess::{Assessor, Picture};
use crate::error::Error;
use crate::image::{Image, Patches};
use crate::model::Tower;
use crate::prompt::scoring_prompt;
use crate::rubric::Attribute;

/// Cells along either side of the picture.
pub const CELLS: usize = 4;

/// The side of the square that the picture is fitted into, in pixels: as for scoring.
const SIDE: u32 = 224;

/// What each part of a picture is worth for one attribute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Occlusion {
    /// The attribute.
    pub attribute: Attribute,
    /// Its score of the whole picture, from 1 to 5.
    pub score: f64,
    /// By how many points the score is lower where a cell is covered: rows from the top, cells from
    /// the left. Below zero where it is higher.
    pub falls: [[f64; CELLS]; CELLS],
}

impl Occlusion {
    /// Row and column, from 0, of the cell that changes the score most, up or down.
    #[must_use]
    pub fn most(&self) -> [usize; 2] {
        let cells = (0..CELLS).flat_map(|row| (0..CELLS).map(move |column| [row, column]));
        let change = |&[row, column]: &[usize; 2]| self.falls[row][column].abs();
        cells.max_by(|a, b| change(a).total_cmp(&change(b))).unwrap_or_default()
    }
}

impl Assessor {
    /// Scores a picture for one attribute, whole and with each of 4 x 4 cells covered by the colour
    /// of its border: seventeen rows of one batch.
    ///
    /// # Errors
    /// When the attribute's adapter is not loaded, or as [`Assessor::assess`].
    pub async fn occlusion(
        &mut self,
        image: &Image,
        attribute: Attribute,
    ) -> Result<Occlusion, Error> {
        let adapter = self.adapter_of(attribute)?;
        let (framed, area) = image.letterbox_with_area(SIDE)?;
        let colour = border(&framed, area);
        let mut patches = self.preprocessor.patches(&framed)?;
        for row in 0..CELLS {
            for column in 0..CELLS {
                let covered = cover(&framed, cell(area, row, column), colour)?;
                patches.values.extend(self.preprocessor.patches(&covered)?.values);
            }
        }
        self.stage(Tower::Vision, &mut |_| ()).await?;
        let pictures = self.encode_many(patches, 1 + CELLS * CELLS)?;
        let tokens = pictures.tokens() / (1 + CELLS * CELLS);
        let ids = self.tokenizer.chat(&scoring_prompt(attribute), tokens)?;
        let rows = vec![ids; 1 + CELLS * CELLS];
        let hidden = self.read(&rows, &pictures, adapter.as_ref()).await?;
        let (scores, _) = self.digit_scores(hidden, rows.len()).await?;
        let expected: Vec<f64> = scores.iter().map(|score| score.expected()).collect();
        let (score, covered) = expected.split_first().map_or((0.0, &[][..]), |(s, c)| (*s, c));
        let mut falls = [[0.0; CELLS]; CELLS];
        for (fall, covered) in falls.as_flattened_mut().iter_mut().zip(covered) {
            *fall = score - covered;
        }
        Ok(Occlusion { attribute, score, falls })
    }

    /// Runs the vision tower once over many pictures of one size; they stand one behind the other.
    fn encode_many(&mut self, patches: Patches, pictures: usize) -> Result<Picture, Error> {
        let [_, height, width] = patches.image_grid_thw;
        let count = pictures * height * width;
        let values = TensorData::new(patches.values, [count, self.patch_width()]);
        let values = Tensor::from_data(values, &self.device);
        self.counters.vision_passes += 1;
        // The tower keeps the frames of a film apart: each is encoded as if it were alone.
        let embeddings = self.model.vision()?.forward(values, [pictures, height, width]);
        Ok(Picture { embeddings, grid: [1, height, width], blank: false })
    }
}

/// Left, top, right and bottom of a cell, in pixels.
fn cell([left, top, width, height]: [u32; 4], row: usize, column: usize) -> [usize; 4] {
    let edge = |from: u32, length: u32, at: usize| from as usize + length as usize * at / CELLS;
    [
        edge(left, width, column),
        edge(top, height, row),
        edge(left, width, column + 1),
        edge(top, height, row + 1),
    ]
}

/// The picture with one cell in one colour.
fn cover(
    image: &Image,
    [left, top, right, bottom]: [usize; 4],
    colour: [u8; 3],
) -> Result<Image, Error> {
    let mut rgb = image.rgb().to_vec();
    let stride = 3 * image.width() as usize;
    for row in rgb.chunks_exact_mut(stride).take(bottom).skip(top) {
        row[3 * left..3 * right].as_chunks_mut().0.fill(colour);
    }
    Ok(Image::from_rgb(image.width(), image.height(), rgb)?)
}

/// The colour of most of the border, channel by channel: paper, where the drawing leaves some.
fn border(image: &Image, [left, top, width, height]: [u32; 4]) -> [u8; 3] {
    let (right, bottom) = (left + width - 1, top + height - 1);
    let across = (left..=right).flat_map(|x| [(x, top), (x, bottom)]);
    let down = (top..=bottom).flat_map(|y| [(left, y), (right, y)]);
    let stride = image.width() as usize;
    let at = |(x, y): (u32, u32)| 3 * (y as usize * stride + x as usize);
    let pixels: Vec<usize> = across.chain(down).map(at).collect();
    std::array::from_fn(|channel| {
        let mut values: Vec<u8> = pixels.iter().map(|at| image.rgb()[at + channel]).collect();
        values.sort_unstable();
        values[values.len() / 2]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_fill_the_picture_without_overlap() {
        // 50 does not divide by 4.
        let area = [7, 10, 50, 61];
        let mut seen = vec![0; 80 * 80];
        for row in 0..CELLS {
            for column in 0..CELLS {
                let [left, top, right, bottom] = cell(area, row, column);
                for y in top..bottom {
                    seen[y * 80 + left..y * 80 + right].iter_mut().for_each(|n| *n += 1);
                }
            }
        }
        let inside = |at: usize| (7..57).contains(&(at % 80)) && (10..71).contains(&(at / 80));
        assert!(seen.iter().enumerate().all(|(at, &n)| n == i32::from(inside(at))));
    }

    #[test]
    fn a_cell_is_covered_and_the_rest_stays() {
        let image = Image::from_rgb(4, 2, (0..24).collect()).unwrap();
        let covered = cover(&image, [1, 1, 3, 2], [90, 91, 92]).unwrap();
        let mut expected: Vec<u8> = (0..24).collect();
        expected[15..21].copy_from_slice(&[90, 91, 92, 90, 91, 92]);
        assert_eq!(covered.rgb(), expected);
    }

    #[test]
    fn the_border_is_the_pictures_and_not_the_letterboxs() {
        // A 4 x 2 picture of 200 with a red corner, in a grey square of 4 x 4.
        let mut rgb = vec![128; 48];
        rgb[12..36].fill(200);
        rgb[12..15].copy_from_slice(&[255, 0, 0]);
        let image = Image::from_rgb(4, 4, rgb).unwrap();
        assert_eq!(border(&image, [0, 1, 4, 2]), [200; 3]);
    }

    #[test]
    fn the_cell_that_changes_most_is_found_whether_the_score_falls_or_rises() {
        for fall in [0.25, -0.25] {
            let mut falls = [[0.1; CELLS]; CELLS];
            (falls[0][3], falls[2][1]) = (-0.2, fall);
            let occlusion = Occlusion { attribute: Attribute::Realism, score: 3.0, falls };
            assert_eq!(occlusion.most(), [2, 1]);
        }
    }
}
