//! Kernels that stand aside for their references: what each brings is measured so.

use std::sync::atomic::{AtomicU8, Ordering};

/// An op that has a kernel and a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Op {
    /// [`attention`](crate::attention()).
    Attention,
    /// [`quant_matmul`](crate::quant_matmul()) by cooperative matrices, whose reference is the kernel
    /// that every GPU has.
    Cooperative,
    /// [`add_lora`](crate::add_lora).
    Lora,
    /// [`quant_matmul`](crate::quant_matmul()).
    QuantMatmul,
    /// [`rms_norm`](crate::rms_norm()) and [`add_rms_norm`](crate::add_rms_norm).
    RmsNorm,
    /// [`rotary`](crate::rotary()).
    Rotary,
    /// [`swiglu`](crate::swiglu()).
    Swiglu,
}

impl Op {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Attention,
        Self::Cooperative,
        Self::Lora,
        Self::QuantMatmul,
        Self::RmsNorm,
        Self::Rotary,
        Self::Swiglu,
    ];

    /// The name of its module.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Attention => "attention",
            Self::Cooperative => "cooperative",
            Self::Lora => "lora",
            Self::QuantMatmul => "quant_matmul",
            Self::RmsNorm => "rms_norm",
            Self::Rotary => "rotary",
            Self::Swiglu => "swiglu",
        }
    }

    /// Whether the adapter that computes has what the kernel needs.
    #[must_use]
    pub fn is_there(self) -> bool {
        self != Self::Cooperative || crate::features().cooperative_matrix
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }

    /// Whether its reference runs instead.
    pub(crate) fn is_replaced(self) -> bool {
        REPLACED.load(Ordering::Relaxed) & self.bit() != 0
    }
}

static REPLACED: AtomicU8 = AtomicU8::new(0);

/// While this lives, an op is its reference in the whole process, on every device.
#[derive(Debug)]
#[must_use = "the kernel is back once this is dropped"]
pub struct Replaced(Op);

impl Replaced {
    /// Has `op`'s kernel stand aside.
    pub fn new(op: Op) -> Self {
        REPLACED.fetch_or(op.bit(), Ordering::Relaxed);
        Self(op)
    }
}

impl Drop for Replaced {
    fn drop(&mut self) {
        REPLACED.fetch_and(!self.0.bit(), Ordering::Relaxed);
    }
}
