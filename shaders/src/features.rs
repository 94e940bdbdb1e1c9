//! What the adapter that computes has beyond what WebGPU promises.

use std::sync::atomic::{AtomicBool, Ordering};

/// What kernels may use of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Features {
    /// Cooperative matrices of 16 by 16 by 16, of 16-bit floats summed as 32-bit ones, in subgroups of
    /// 32 lanes.
    pub cooperative_matrix: bool,
}

static COOPERATIVE_MATRIX: AtomicBool = AtomicBool::new(false);

/// What is offered.
#[must_use]
pub fn features() -> Features {
    Features { cooperative_matrix: COOPERATIVE_MATRIX.load(Ordering::Relaxed) }
}

/// Offers what the adapter has. A process computes with one; a second that imitates a GPU in software
/// beside it is never given any of this.
pub fn offer(features: Features) {
    COOPERATIVE_MATRIX.store(features.cooperative_matrix, Ordering::Relaxed);
}
