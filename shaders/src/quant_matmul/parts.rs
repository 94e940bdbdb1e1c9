//! Sums that several workgroups share, where a product has too few tiles for a GPU.

use burn::backend::TensorMetadata;
use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::{CubeBackend, CubeTensor, KernelSource, SourceTemplate};
use burn::tensor::{DType, Shape};
use cubecl::CubeCount;
use cubecl::prelude::KernelId;

use crate::kernel::{KernelInfo, grid, identity, launch};

const TEMPLATE: &str = include_str!("sum_parts.wgsl");

/// The row of this kernel in the table.
pub(crate) const SUM_PARTS: KernelInfo = KernelInfo {
    name: "sum_parts",
    template: TEMPLATE,
    example: &[],
    repeats: 1,
    bindings: &["x", "y"],
    workgroup_bytes: 0,
};

/// Workgroups that a GPU is kept busy by: more than the largest has processors.
const BUSY: usize = 256;

/// Blocks of a part at least.
const STEPS: usize = 16;

/// The workgroups of so many tiles across and down, whose sums are over so many blocks; and into how
/// many parts each sum is cut.
pub(super) fn cut(across: usize, down: usize, blocks: usize) -> (CubeCount, usize) {
    let parts = parts(across * down, blocks);
    let [x, y, z] = [across, down, parts].map(|n| u32::try_from(n).unwrap_or(u32::MAX));
    (CubeCount::Static(x, y, z), parts)
}

const fn parts(tiles: usize, blocks: usize) -> usize {
    let wanted = BUSY.div_ceil(if tiles == 0 { 1 } else { tiles });
    let most = blocks / STEPS;
    let parts = if wanted < most { wanted } else { most };
    if parts == 0 { 1 } else { parts }
}

/// The sum of a product's parts, which lie one behind another.
pub(super) fn sum(y: CubeTensor, shape: Shape) -> FloatTensor<CubeBackend> {
    let count = shape.num_elements();
    match y.shape().num_elements() == count {
        true => CubeTensor::new_contiguous(y.client, y.device, shape, y.handle, DType::F32),
        false => launch(Sum, 128, grid(count.div_ceil(128)), vec![y], shape),
    }
}

#[derive(Debug)]
struct Sum;

impl KernelSource for Sum {
    fn source(&self) -> SourceTemplate {
        SourceTemplate::new(TEMPLATE)
    }

    fn id(&self) -> KernelId {
        identity::<Self>(())
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_tiles_are_cut_and_many_are_not() {
        // 3B's down projection of 256 rows, its gate and up of 1,611, and a small one.
        assert_eq!([parts(32, 344), parts(13 * 172, 64), parts(1, 3)], [8, 1, 1]);
    }
}
