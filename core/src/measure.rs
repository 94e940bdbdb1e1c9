//! What a device can do at best, as a yardstick for what models reach on it.

use burn::tensor::{Device, Distribution, ExecutionError, Tensor};
pub use easel_shaders::{Op, Replaced};
use web_time::Instant;

/// How often each is measured; the fastest counts.
const REPEAT: usize = 5;

/// Bytes a second that are read and written by the simplest of operations over 64 MiB.
///
/// # Errors
/// When the device fails.
pub fn copy(device: &Device) -> Result<f64, ExecutionError> {
    const VALUES: usize = 16 << 20;
    let x = Tensor::<1>::zeros([VALUES], device);
    let seconds = fastest(device, || x.clone() + 1.0)?;
    Ok(2.0 * 4.0 * VALUES as f64 / seconds)
}

/// Operations a second of a product of f32 matrices, `[1024, 2048]` and `[2048, 2048]`; a
/// multiplication and an addition are two.
///
/// # Errors
/// When the device fails.
pub fn matmul(device: &Device) -> Result<f64, ExecutionError> {
    let random = |shape| Tensor::<2>::random(shape, Distribution::Default, device);
    let (a, b) = (random([1024, 2048]), random([2048, 2048]));
    let seconds = fastest(device, || a.clone().matmul(b.clone()))?;
    Ok(2.0 * 1024.0 * 2048.0 * 2048.0 / seconds)
}

/// How long the operation takes. What is over at once is done many times before it is waited for: else
/// the waiting would be measured.
pub(crate) fn fastest<const D: usize>(
    device: &Device,
    work: impl Fn() -> Tensor<D>,
) -> Result<f64, ExecutionError> {
    const LONG: f64 = 0.05;
    let once = seconds(device, &work, 1)?.min(seconds(device, &work, 1)?);
    let times = (LONG / once).clamp(1.0, 64.0) as usize;
    let mut fastest = once;
    for _ in 0..REPEAT {
        fastest = fastest.min(seconds(device, &work, times)? / times as f64);
    }
    Ok(fastest)
}

fn seconds<const D: usize>(
    device: &Device,
    work: impl Fn() -> Tensor<D>,
    times: usize,
) -> Result<f64, ExecutionError> {
    crate::device::settle(device);
    let start = Instant::now();
    let mut result = work();
    for _ in 1..times {
        result = work();
    }
    crate::device::settle(device);
    let seconds = start.elapsed().as_secs_f64();
    // What was computed must have been.
    result.narrow(0, 0, 1).try_into_data()?;
    Ok(seconds)
}
