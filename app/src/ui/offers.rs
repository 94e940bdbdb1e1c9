//! The real models that can be had: what they take, and whether a device holds that.

use std::sync::LazyLock;

use easel_core::Precision;
use easel_core::model::{DevicePlan, Keeping, Published, Work};

use super::protocol::Grant;
use crate::model::{MOST_TOKENS, STAGED};

/// A published model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Which one.
    pub model: Published,
    /// Bytes of its weights on the hub.
    pub download: u64,
    /// How it can be kept, the smallest first.
    pub variants: [Variant; 2],
}

/// A published model as it is kept on a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variant {
    /// How its large matrices are kept.
    pub weights: Precision,
    /// The most bytes that are on the device at once, while it scores and writes.
    pub memory: u64,
    /// The largest buffer that a kernel binds, in bytes.
    pub largest: u64,
}

/// Whether a device holds a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// With room to spare.
    Fits,
    /// If little else runs.
    Tight,
    /// It does not.
    TooLarge,
    /// The device does not tell.
    Unknown,
}

/// Of a device's memory, up to this part a model leaves room for all else.
const EASY: f64 = 0.6;
/// Beyond this part the system itself gets too little.
const MOST: f64 = 0.9;

/// All of them, the smallest first.
pub static OFFERS: LazyLock<Vec<Offer>> = LazyLock::new(|| {
    let offer = |model: Published| {
        let config = model.config();
        // As the interface asks: nine attributes and the question whether it is a drawing, then a
        // comment. The published models come without adapters.
        let work = Work {
            rows: 10,
            written: MOST_TOKENS,
            adapters: false,
            low_memory: STAGED,
            ..Work::default()
        };
        let variants = [Precision::Q4, Precision::Q8].map(|weights| {
            let plan = DevicePlan::new(&config, Keeping::at(weights), None, work);
            Variant { weights, memory: plan.peak(), largest: plan.largest }
        });
        Offer { model, download: model.download_bytes(), variants }
    };
    Published::ALL.map(offer).into()
});

impl Variant {
    /// Whether a device that grants this holds it.
    #[must_use]
    pub fn fit(&self, grant: &Grant) -> Fit {
        let part = grant.memory.map(|memory| self.memory as f64 / memory.max(1) as f64);
        match part {
            _ if grant.small_page => Fit::TooLarge,
            _ if grant.binding.is_some_and(|most| self.largest > most) => Fit::TooLarge,
            None => Fit::Unknown,
            Some(part) if part > MOST => Fit::TooLarge,
            Some(part) if part > EASY => Fit::Tight,
            Some(_) => Fit::Fits,
        }
    }
}

/// The largest choice that fits a device, where one does.
#[must_use]
pub fn fitting(grant: &Grant) -> Option<(Published, Precision)> {
    let all = OFFERS.iter().flat_map(|offer| offer.variants.map(|variant| (offer.model, variant)));
    let fits = all.filter(|(_, variant)| matches!(variant.fit(grant), Fit::Fits | Fit::Tight));
    let largest = fits.max_by_key(|(_, variant)| variant.memory)?;
    Some((largest.0, largest.1.weights))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(gigabytes: f64) -> Grant {
        Grant { memory: Some((gigabytes * 1e9) as u64), ..Grant::default() }
    }

    #[test]
    fn what_they_take_is_the_plans() {
        let gigabytes: Vec<_> = OFFERS
            .iter()
            .flat_map(|offer| offer.variants.map(|variant| variant.memory as f64 / 1e9))
            .collect();
        assert!(gigabytes.is_sorted(), "{gigabytes:?}");
        assert!(gigabytes[0] > 2.0 && gigabytes[0] < 2.9, "{gigabytes:?}");
        assert!(gigabytes[3] > 7.0 && gigabytes[3] < 9.5, "{gigabytes:?}");
    }

    #[test]
    fn devices_hold_what_they_have_room_for() {
        let fits = |grant| {
            let all = OFFERS.iter().flat_map(|offer| offer.variants);
            all.map(|variant| variant.fit(&grant)).collect::<Vec<_>>()
        };
        assert_eq!(fits(grant(64.0)), [Fit::Fits; 4]);
        assert_eq!(fits(Grant::default()), [Fit::Unknown; 4]);
        assert_eq!(fits(Grant { small_page: true, ..grant(64.0) }), [Fit::TooLarge; 4]);
        assert_eq!(fits(Grant { binding: Some(1 << 20), ..grant(64.0) }), [Fit::TooLarge; 4]);
        let some = fits(grant(8.0));
        assert_eq!(some[0], Fit::Fits);
        assert_eq!(some[3], Fit::TooLarge, "{some:?}");
    }

    #[test]
    fn the_nearest_choice_is_named() {
        assert_eq!(fitting(&grant(64.0)), Some((Published::SevenB, Precision::Q8)));
        assert_eq!(fitting(&grant(4.0)), Some((Published::ThreeB, Precision::Q4)));
        assert_eq!(fitting(&grant(1.0)), None);
    }
}
