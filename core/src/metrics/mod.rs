//! How well scores agree with teachers', measured as KidsArtBench's analysis does it.
//!
//! A measure takes two columns of one length, the teachers' scores and the model's, and answers
//! `None` where it is not defined (one of the columns is constant, there are too few values, or the
//! lengths differ); a number that comes out is finite. [`Table`] holds the scores of one model,
//! [`Predictions`] a published file of them, and [`Summary`] everything that is measured of a
//! table, with [`bootstrap`] intervals.

mod accuracy;
pub mod bootstrap;
pub mod calibration;
mod difference;
mod error;
mod kappa;
mod node;
mod numbers;
mod pearson;
mod predictions;
pub mod raters;
mod read;
#[cfg(test)]
mod reference;
mod rv;
mod spearman;
mod summary;
mod table;

pub use accuracy::{accuracy, rounded};
pub use difference::{mean_absolute_difference, mean_squared_error, root_mean_squared_error};
pub use error::TableError;
pub use kappa::quadratic_weighted_kappa;
pub use pearson::pearson;
pub use predictions::Predictions;
pub use rv::rv_coefficient;
pub use spearman::{ranks, spearman};
pub use summary::{Agreement, Estimate, MEASURES, Raters, Summary};
pub use table::{Entry, Table};

/// The mean of some values; `None` where there is none.
fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_u32), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count)).filter(|mean| mean.is_finite())
}

/// Whether all values are the same one, as they are where there is none.
fn is_constant(values: &[f64]) -> bool {
    values.windows(2).all(|pair| pair[0] == pair[1])
}
