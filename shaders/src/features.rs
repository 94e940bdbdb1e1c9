//! What the adapter that computes has beyond what WebGPU promises.

use std::sync::atomic::{AtomicU8, Ordering};

use crate::replaced::Op;

/// What kernels may use of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Features {
    /// Cooperative matrices of 16 by 16 by 16, of 16-bit floats summed as 32-bit ones, in subgroups of
    /// 32 lanes.
    pub cooperative_matrix: bool,
    /// Arithmetic of 16-bit floats.
    pub halves: bool,
    /// Sums over subgroups.
    pub subgroups: bool,
}

static OFFERED: AtomicU8 = AtomicU8::new(0);

/// What is offered.
#[must_use]
pub fn features() -> Features {
    let bits = OFFERED.load(Ordering::Relaxed);
    let [cooperative_matrix, halves, subgroups] = [1, 2, 4].map(|bit| bits & bit != 0);
    Features { cooperative_matrix, halves, subgroups }
}

/// Offers what the adapter has. A process computes with one; a second that imitates a GPU in software
/// beside it is never given any of this.
pub fn offer(features: Features) {
    let Features { cooperative_matrix, halves, subgroups } = features;
    let bits = [cooperative_matrix, halves, subgroups].map(u8::from);
    OFFERED.store(bits[0] | bits[1] << 1 | bits[2] << 2, Ordering::Relaxed);
}

impl Op {
    /// Whether the adapter that computes has what the kernel needs.
    #[must_use]
    pub fn is_there(self) -> bool {
        match self {
            Self::Cooperative => features().cooperative_matrix,
            Self::Halves => features().halves,
            Self::Subgroups => features().subgroups,
            _ => true,
        }
    }
}
