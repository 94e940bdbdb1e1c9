//! Dropout on what enters an adapter while it is trained (Srivastava et al., 2014).

use burn::tensor::{Device, Distribution, Tensor, TensorData};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};

/// Leaves out values by chance and raises the others, so that the mean stays.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dropout {
    /// The probability with which a value is left out.
    pub rate: f64,
    /// Where the chance of this pass begins, for masks that are made on the host: they are the
    /// same on every machine and in every thread. `None` takes them from the device's own
    /// generator, which saves the way there on a GPU.
    pub seed: Option<u64>,
}

impl Dropout {
    /// Applies it; `place` tells uses of one pass apart.
    #[must_use]
    pub fn apply(&self, x: Tensor<2>, place: u64) -> Tensor<2> {
        if self.rate <= 0.0 {
            return x;
        }
        let keep = 1.0 - self.rate;
        let mask = match self.seed {
            Some(seed) => {
                let seed = seed ^ place.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                mask(x.dims(), keep, seed, &x.device())
            }
            None => Tensor::random(x.dims(), Distribution::Bernoulli(keep), &x.device()),
        };
        x * mask * (1.0 / keep)
    }
}

/// Ones with the probability `keep`, else zeros.
fn mask(shape: [usize; 2], keep: f64, seed: u64, device: &Device) -> Tensor<2> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let below = (keep * f64::from(u16::MAX)).round() as u16;
    let count = shape[0] * shape[1];
    let mut values = Vec::with_capacity(count + 4);
    while values.len() < count {
        let bits = rng.next_u64();
        // Four draws of 16 bits: finer than any dropout rate is known.
        values.extend([0, 16, 32, 48].map(|shift| f32::from((bits >> shift) as u16 <= below)));
    }
    values.truncate(count);
    Tensor::from_data(TensorData::new(values, shape), device)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_stays_and_the_rate_is_met() {
        let x = Tensor::<2>::ones([300, 301], &Device::flex());
        for seed in [Some(3), None] {
            let y = Dropout { rate: 0.05, seed }.apply(x.clone(), 0);
            let values: Vec<f32> = y.into_data().iter::<f32>().collect();
            let zeros = values.iter().filter(|&&value| value == 0.0).count() as f64;
            assert!((zeros / 90_300.0 - 0.05).abs() < 0.005, "{zeros}");
            let mean = values.iter().map(|&value| f64::from(value)).sum::<f64>() / 90_300.0;
            assert!((mean - 1.0).abs() < 0.01, "{mean}");
        }
    }

    #[test]
    fn a_seed_repeats_itself_and_places_differ() {
        let x = Tensor::<2>::ones([5, 7], &Device::flex());
        let dropout = Dropout { rate: 0.5, seed: Some(1) };
        let at =
            |place| dropout.apply(x.clone(), place).into_data().iter::<f32>().collect::<Vec<_>>();
        assert_eq!(at(0), at(0));
        assert_ne!(at(0), at(1));
    }
}
