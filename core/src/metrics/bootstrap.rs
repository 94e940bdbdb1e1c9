//! Intervals by resampling (Efron, 1979).

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

/// How images are drawn anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bootstrap {
    /// How often; 0 for no intervals.
    pub resamples: u32,
    /// Where the chance begins.
    pub seed: u64,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Self { resamples: 1000, seed: 0 }
    }
}

impl Bootstrap {
    /// The 95% percentile interval of each number that `measure` makes of some rows: of all rows
    /// drawn with replacement, as many as there are. Whole rows are drawn, so that what belongs
    /// together stays together; the same number of rows gives the same draws.
    ///
    /// Draws of which a number is not defined are left out of its interval; where those are the
    /// larger part, there is none. `measure` answers the same count of numbers each time.
    #[must_use]
    pub fn intervals(
        &self,
        rows: usize,
        mut measure: impl FnMut(&[usize]) -> Vec<Option<f64>>,
    ) -> Vec<Option<[f64; 2]>> {
        if rows == 0 {
            return Vec::new();
        }
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(self.seed);
        let mut drawn = vec![0; rows];
        let mut found: Vec<Vec<f64>> = Vec::new();
        for _ in 0..self.resamples {
            drawn.fill_with(|| rng.random_range(0..rows));
            let numbers = measure(&drawn);
            found.resize_with(numbers.len(), Vec::new);
            for (found, number) in found.iter_mut().zip(numbers) {
                found.extend(number);
            }
        }
        let enough = |found: &Vec<f64>| found.len() * 2 >= self.resamples as usize;
        let interval = |mut found: Vec<f64>| {
            found.sort_unstable_by(f64::total_cmp);
            [percentile(&found, 0.025), percentile(&found, 0.975)]
        };
        found.into_iter().map(|found| enough(&found).then(|| interval(found))).collect()
    }
}

/// The value below which a share of the sorted values lies, linear between two of them, as numpy's
/// `quantile`; 0 where there are none.
fn percentile(sorted: &[f64], share: f64) -> f64 {
    let place = share * sorted.len().saturating_sub(1) as f64;
    let at = |index: f64| sorted.get(index as usize).copied().unwrap_or_default();
    let (low, high) = (at(place.floor()), at(place.ceil()));
    low + (high - low) * place.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The interval of the mean of 0, 1, .. 9.
    fn of_the_mean(bootstrap: Bootstrap) -> [f64; 2] {
        let mean = |rows: &[usize]| {
            let sum: usize = rows.iter().sum();
            vec![Some(sum as f64 / rows.len() as f64), None]
        };
        let intervals = bootstrap.intervals(10, mean);
        assert_eq!(intervals.len(), 2);
        assert_eq!(intervals[1], None);
        intervals[0].unwrap()
    }

    #[test]
    fn percentiles_lie_between_values_as_numpys_do() {
        let sorted = [1.0, 2.0, 3.0, 4.0];
        let found = [0.0, 0.025, 0.5, 0.975, 1.0].map(|share| percentile(&sorted, share));
        for (found, expected) in found.iter().zip([1.0, 1.075, 2.5, 3.925, 4.0]) {
            assert!((found - expected).abs() < 1e-12, "{found}, expected {expected}");
        }
        assert_eq!(percentile(&[7.0], 0.025), 7.0);
    }

    #[test]
    fn the_mean_of_ten_rows_spreads_as_theory_says() {
        // The standard error is sqrt(8.25 / 10).
        let [low, high] = of_the_mean(Bootstrap { resamples: 4000, seed: 1 });
        let reach = 1.96 * 0.825_f64.sqrt();
        let (low, high) = ((4.5 - low) / reach, (high - 4.5) / reach);
        assert!((low - 1.0).abs() < 0.08 && (high - 1.0).abs() < 0.08, "{low} and {high}");
    }

    #[test]
    fn the_seed_decides() {
        let of = |seed| of_the_mean(Bootstrap { seed, ..Bootstrap::default() });
        assert_eq!(of(7), of(7));
        assert_ne!(of(7), of(8));
        // The same on every machine.
        assert_eq!(of(7), [2.7, 6.1]);
    }

    #[test]
    fn without_rows_or_draws_there_is_no_interval() {
        let none = Bootstrap { resamples: 0, seed: 0 };
        assert!(none.intervals(3, |_| vec![Some(1.0)]).is_empty());
        assert!(Bootstrap::default().intervals(0, |_| vec![Some(1.0)]).is_empty());
    }

    #[test]
    fn a_number_that_is_seldom_defined_has_none() {
        let mut call = 0;
        let intervals = Bootstrap { resamples: 10, seed: 0 }.intervals(2, |_| {
            call += 1;
            vec![(call > 4).then_some(2.0), (call > 6).then_some(2.0)]
        });
        assert_eq!(intervals, [Some([2.0, 2.0]), None]);
    }
}
