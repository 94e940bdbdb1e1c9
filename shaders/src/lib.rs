//! Easel's WGSL kernels.
//!
//! Each kernel has one name and three faces: `name.wgsl`, the shader; `name.rs`, the burn op that
//! launches it; and `name::reference`, the same mathematics in plain burn operations, which the
//! CPU backend (`flex`) runs and the tests compare with. [`KERNELS`] lists them.
//!
//! A kernel panics only on a caller's mistake in shapes; a lost device surfaces where results are
//! read, as burn's `ExecutionError`.

pub mod append;
pub mod attention;
mod features;
mod kernel;
pub mod lora;
mod parallel;
mod power;
pub mod quant;
pub mod quant_matmul;
mod recording;
mod replaced;
pub mod rms_norm;
pub mod rotary;
pub mod swiglu;

pub use append::append;
pub use attention::{Spans, attention};
pub use features::{Features, features, offer};
pub use kernel::KernelInfo;
pub use lora::{add_lora, add_lora_halves};
pub use parallel::on_cores;
pub use quant_matmul::{
    Joined, LateNorm, Normed, QuantWeight, Way, quant_matmul, quant_matmul_joined,
    quant_matmul_joined_way, quant_matmul_row, quant_matmul_sum, quant_matmul_swiglu,
    quant_matmul_transposed, quant_matmul_way,
};
pub use recording::{Input, Recording, RecordingError};
pub use replaced::{Op, Replaced};
pub use rms_norm::{add_rms_norm, rms_norm};
pub use rotary::{rotary, rotary_append, rotary_qkv};
pub use swiglu::swiglu;

/// Every kernel of this crate.
pub const KERNELS: &[KernelInfo] = &[
    append::INFO,
    attention::TILES,
    attention::FEW,
    lora::SHRINK,
    lora::EXPAND,
    lora::SHRINK_HALVES,
    lora::EXPAND_HALVES,
    quant_matmul::MATVEC[0],
    quant_matmul::MATVEC_SUBGROUPS[0],
    quant_matmul::MATVEC[1],
    quant_matmul::MATVEC_SUBGROUPS[1],
    quant_matmul::MATVEC[2],
    quant_matmul::MATVEC_SUBGROUPS[2],
    quant_matmul::MATVEC[3],
    quant_matmul::MATVEC_SUBGROUPS[3],
    quant_matmul::MATVEC[4],
    quant_matmul::MATVEC_SUBGROUPS[4],
    quant_matmul::HALF_ROWS,
    quant_matmul::MATMUL,
    quant_matmul::MATMUL_COOPERATIVE,
    quant_matmul::MATMUL_HALVES,
    quant_matmul::MATMUL_PLAIN,
    quant_matmul::SUM_PARTS,
    rms_norm::INFO,
    rms_norm::ADD,
    rotary::INFO,
    rotary::QKV,
    rotary::APPEND,
    swiglu::INFO,
];
