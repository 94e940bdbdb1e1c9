//! Which of the kernels that only some adapters can run an adapter is better off with: measured once,
//! and kept.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use burn::tensor::{Device, Distribution, ExecutionError, Tensor};
use easel_shaders::quant::{Bits, Packed};
use easel_shaders::{Op, QuantWeight, Replaced, quant_matmul};
use serde::{Deserialize, Serialize};

use crate::device::{Opened, floats};
use crate::measure::fastest;

/// What a kernel must save to be taken: less is chance.
const WORTH: f64 = 0.97;

/// The largest difference to what every GPU computes, as a share of the largest value.
const SAME: f32 = 2e-3;

/// Inputs and outputs of the weight that is multiplied: 3B's.
const WEIGHT: [usize; 2] = [2048, 2048];

/// What was measured of an adapter, by the kernel's name.
pub type Kernels = BTreeMap<String, Measured>;

/// One kernel beside what every GPU has.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// A product's time with it, in seconds.
    pub seconds: f64,
    /// The same without it.
    pub without: f64,
    /// Whether it is worth having, and computes the same.
    pub taken: bool,
}

impl Measured {
    /// Of a kernel that fails.
    const FAILED: Self = Self { seconds: 0.0, without: 0.0, taken: false };
}

/// All adapters that were measured.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Table {
    /// Of the program that measured: another has other kernels.
    version: String,
    adapters: BTreeMap<String, Kernels>,
}

/// Has kernels run, or stand aside, as it is best on an adapter: as `file` tells, or as is measured now,
/// in a second or two, and written there. A file that is none is written anew; without one, or where it
/// cannot be written, adapters are measured each time. A measuring that never ended leaves them without
/// these kernels. Nothing is measured of a processor, nor of one that imitates a GPU.
#[must_use]
pub fn tune(opened: &Opened, file: Option<&Path>) -> Kernels {
    match opened.is_gpu {
        true => settle(&opened.device, &opened.name, file),
        false => Kernels::new(),
    }
}

fn settle(device: &Device, name: &str, file: Option<&Path>) -> Kernels {
    let mut table = file.map(Table::read).unwrap_or_default();
    let there = || Op::OPTIONAL.into_iter().filter(|op| op.is_there());
    let known = table.adapters.get(name);
    let known = known.filter(|kernels| there().all(|op| kernels.contains_key(op.name())));
    let kernels = known.cloned().unwrap_or_else(|| {
        let mut keep = |kernels: &Kernels| {
            table.adapters.insert(name.to_owned(), kernels.clone());
            if let Some(Err(error)) = file.map(|file| table.write(file)) {
                log::warn!("what was measured of {name} is not kept: {error}");
            }
        };
        // A driver that brings the program down is not tried again.
        keep(&there().map(|op| (op.name().to_owned(), Measured::FAILED)).collect());
        let kernels = measure_all(device, there());
        keep(&kernels);
        kernels
    });
    for op in there() {
        op.take(kernels.get(op.name()).is_some_and(|measured| measured.taken));
    }
    kernels
}

impl Table {
    fn new() -> Self {
        Self { version: env!("CARGO_PKG_VERSION").to_owned(), adapters: BTreeMap::new() }
    }

    /// What is kept; nothing where that is of another program or cannot be read.
    fn read(file: &Path) -> Self {
        let kept = fs::read(file).ok().and_then(|json| serde_json::from_slice::<Self>(&json).ok());
        let new = Self::new();
        kept.filter(|table| table.version == new.version).unwrap_or(new)
    }

    /// Written aside and renamed.
    fn write(&self, file: &Path) -> io::Result<()> {
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        let aside = file.with_extension(format!("{}.part", std::process::id()));
        fs::write(&aside, serde_json::to_vec_pretty(self)?)?;
        fs::rename(aside, file)
    }
}

fn measure_all(device: &Device, ops: impl Iterator<Item = Op>) -> Kernels {
    let values: Vec<_> = (0..WEIGHT[0] * WEIGHT[1]).map(|i| (i as f32 * 0.7).sin()).collect();
    let weight = QuantWeight::new(Packed::quantize(&values, WEIGHT, Bits::Four), device);
    let mut kernels = Kernels::new();
    for op in ops {
        op.take(true);
        // Of those for many rows, cooperative matrices would be asked first.
        let _alone = (op == Op::Halves).then(|| Replaced::new(Op::Cooperative));
        let measured = measure(op, &weight, device).unwrap_or_else(|error| {
            log::warn!("the kernel {} fails on this adapter: {error}", op.name());
            Measured::FAILED
        });
        // The next is measured beside what is taken.
        op.take(measured.taken);
        kernels.insert(op.name().to_owned(), measured);
    }
    kernels
}

fn measure(op: Op, weight: &QuantWeight, device: &Device) -> Result<Measured, ExecutionError> {
    let rows = if op == Op::Subgroups { 1 } else { 512 };
    let x = Tensor::<2>::random([rows, WEIGHT[1]], Distribution::Default, device);
    let product = || quant_matmul(x.clone(), weight);
    let value = || product().try_into_data().map(|data| floats(&data));
    let (found, seconds) = (value()?, fastest(device, product)?);
    let _without = Replaced::new(op);
    let (expected, without) = (value()?, fastest(device, product)?);
    let largest = expected.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
    let same = found.iter().zip(&expected).all(|(a, b)| (a - b).abs() <= SAME * largest);
    Ok(Measured { seconds, without, taken: same && seconds < WORTH * without })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_measured_is_kept_for_each_adapter() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new/kernels.json");
        let first = settle(&Device::flex(), "first", Some(&file));
        let told = || Table::read(&file).adapters;
        assert_eq!(told(), BTreeMap::from([("first".to_owned(), first.clone())]));
        // What stands there is believed.
        let mut table = Table::read(&file);
        let invented = Measured { seconds: 1.0, without: 3.0, taken: false };
        let invented: Kernels = first.keys().map(|name| (name.clone(), invented)).collect();
        table.adapters.insert("second".to_owned(), invented.clone());
        table.write(&file).unwrap();
        assert_eq!(settle(&Device::flex(), "second", Some(&file)), invented);
        assert_eq!(told().len(), 2);
        // What another program measured, or no table, is not.
        table.version = "another".to_owned();
        table.write(&file).unwrap();
        assert!(told().is_empty());
        fs::write(&file, "{").unwrap();
        assert!(told().is_empty());
        let names = [folder.path().join("new")].map(|folder| fs::read_dir(folder).unwrap().count());
        assert_eq!(names, [1], "nothing is left beside it");
    }

    #[test]
    fn a_kernel_is_taken_by_its_time() {
        // On the processor all ways are one.
        let values = vec![0.5; WEIGHT[0] * WEIGHT[1]];
        let packed = Packed::quantize(&values, WEIGHT, Bits::Four);
        let weight = QuantWeight::new(packed, &Device::flex());
        let measured = measure(Op::Subgroups, &weight, &Device::flex()).unwrap();
        assert!(measured.seconds > 0.0 && measured.without > 0.0, "{measured:?}");
        assert_eq!(measured.taken, measured.seconds < WORTH * measured.without);
    }
}
