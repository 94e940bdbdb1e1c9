//! A picture on its way to the language model.

use burn::tensor::{Device, Tensor, TensorData};

use crate::device::floats;
use crate::error::Error;

/// How a picture is brought to the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Letterboxed into a square of so many pixels a side. The published adapters were trained
    /// on 224.
    Letterbox(u32),
    /// The picture's own shape, at most so many pixels in area.
    OwnShape {
        /// The most pixels.
        max_pixels: u64,
    },
}

impl Default for Framing {
    fn default() -> Self {
        Self::Letterbox(224)
    }
}

/// A picture as the language model sees it.
#[derive(Debug, Clone)]
pub struct Picture {
    /// `[tokens, hidden]`
    pub(crate) embeddings: Tensor<2>,
    pub(crate) grid: [usize; 3],
    /// Whether its page is blank; false where nobody looked.
    pub(crate) blank: bool,
}

impl Picture {
    /// Time, height and width in patches (`image_grid_thw`).
    #[must_use]
    pub const fn grid(&self) -> [usize; 3] {
        self.grid
    }

    /// How many tokens the picture is.
    #[must_use]
    pub fn tokens(&self) -> usize {
        self.embeddings.dims()[0]
    }

    /// Takes the picture off the device, which matters where many wait for the language model.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn parked(self) -> Result<Self, Error> {
        let shape = self.embeddings.dims();
        let values = TensorData::new(self.values().await?, shape);
        Ok(Self { embeddings: Tensor::from_data(values, &Device::flex()), ..self })
    }

    /// Its tokens where they are needed.
    pub(crate) fn on(&self, device: &Device) -> Tensor<2> {
        match self.embeddings.device() == *device {
            true => self.embeddings.clone(),
            // Parked: reading host memory waits for nothing.
            false => Tensor::from_data(self.embeddings.to_data(), device),
        }
    }

    /// The output of the vision tower, read back: `[tokens, hidden]`, row-major.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn values(&self) -> Result<Vec<f32>, Error> {
        let data = self.embeddings.clone().into_data_async().await?;
        Ok(floats(&data))
    }
}
