//! Measures in words.

use std::fmt::Write;

use easel_core::metrics::{Estimate, MEASURES};

/// What stands for a number that is not defined.
pub const NONE: &str = "–";

/// A number with three decimals.
pub fn number(value: Option<f64>) -> String {
    value.map_or_else(|| NONE.to_owned(), |value| format!("{value:.3}"))
}

/// A number with its interval, as `0.612 [0.55, 0.66]`.
pub fn with_interval(estimate: Estimate) -> String {
    let mut text = number(estimate.value);
    if let Some([low, high]) = estimate.interval {
        let _ = write!(text, " [{low:.2}, {high:.2}]");
    }
    text
}

/// The names of [`cells`].
pub fn measure_heads() -> impl Iterator<Item = String> {
    MEASURES.map(str::to_owned).into_iter()
}

/// All measures; those that agreement is read from have their intervals.
pub fn cells(measures: [Estimate; 7]) -> impl Iterator<Item = String> {
    MEASURES.into_iter().zip(measures).map(|(name, estimate)| match name {
        "SC" | "PC" | "QWK" => with_interval(estimate),
        _ => number(estimate.value),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_decimals_and_intervals_two() {
        let estimate = Estimate { value: Some(0.6125), interval: Some([-0.551, 0.999]) };
        assert_eq!(with_interval(estimate), "0.613 [-0.55, 1.00]");
        assert_eq!(with_interval(Estimate::default()), "–");
        let cells: Vec<_> = cells([estimate; 7]).collect();
        assert_eq!(cells[1], "0.613 [-0.55, 1.00]");
        assert_eq!(cells[2], "0.613");
    }
}
