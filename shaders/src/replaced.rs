//! Kernels that stand aside for their references: what each brings is measured so.

use std::sync::atomic::{AtomicU16, Ordering};

/// An op that has a kernel and a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Op {
    /// [`attention`](crate::attention()).
    Attention,
    /// [`quant_matmul`](crate::quant_matmul()) by cooperative matrices, whose reference is the kernel
    /// that every GPU has.
    Cooperative,
    /// Few launches for few rows: [`quant_matmul_sum`](crate::quant_matmul_sum) and what else is fused
    /// with products, and [`rotary_append`](crate::rotary_append). Their reference is kernels that each do
    /// one thing.
    Fused,
    /// [`quant_matmul`](crate::quant_matmul()) by tiles of 16-bit floats, likewise.
    Halves,
    /// [`add_lora`](crate::add_lora).
    Lora,
    /// [`quant_matmul`](crate::quant_matmul()).
    QuantMatmul,
    /// [`rms_norm`](crate::rms_norm()) and [`add_rms_norm`](crate::add_rms_norm).
    RmsNorm,
    /// [`rotary`](crate::rotary()).
    Rotary,
    /// [`quant_matmul`](crate::quant_matmul()) of few rows by subgroups, likewise.
    Subgroups,
    /// [`swiglu`](crate::swiglu()).
    Swiglu,
}

impl Op {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Attention,
        Self::Cooperative,
        Self::Fused,
        Self::Halves,
        Self::Lora,
        Self::QuantMatmul,
        Self::RmsNorm,
        Self::Rotary,
        Self::Subgroups,
        Self::Swiglu,
    ];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Attention => "attention",
            Self::Cooperative => "cooperative",
            Self::Fused => "fused",
            Self::Halves => "halves",
            Self::Lora => "lora",
            Self::QuantMatmul => "quant_matmul",
            Self::RmsNorm => "rms_norm",
            Self::Rotary => "rotary",
            Self::Subgroups => "subgroups",
            Self::Swiglu => "swiglu",
        }
    }

    /// Kernels that only some adapters can run, and that each may be better off without.
    pub const OPTIONAL: [Self; 3] = [Self::Cooperative, Self::Halves, Self::Subgroups];

    /// Has its kernel run from now on, where it is there, or stand aside.
    pub fn take(self, taken: bool) {
        match taken {
            true => DECLINED.fetch_and(!self.bit(), Ordering::Relaxed),
            false => DECLINED.fetch_or(self.bit(), Ordering::Relaxed),
        };
    }

    /// Whether the kernel runs, on a device that may imitate a GPU in software.
    pub(crate) fn is_taken(self, software: bool) -> bool {
        let declined = DECLINED.load(Ordering::Relaxed) & self.bit() != 0;
        self.is_there() && !software && !declined && !self.is_replaced()
    }

    const fn bit(self) -> u16 {
        1 << self as u8
    }

    /// Whether its reference runs instead.
    pub(crate) fn is_replaced(self) -> bool {
        REPLACED.load(Ordering::Relaxed) & self.bit() != 0
    }
}

static REPLACED: AtomicU16 = AtomicU16::new(0);

/// What stands aside until it was found to be worth while.
static DECLINED: AtomicU16 = AtomicU16::new(Op::Halves.bit() | Op::Subgroups.bit());

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
