//! What all kernels share: the table of them, and how a template is launched.

use std::fmt::Debug;
use std::hash::Hash;

use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::{CubeBackend, CubeTensor, KernelSource, SourceKernel};
use burn::tensor::{DType, Shape};
use cubecl::ir::settings::ExecutionMode;
use cubecl::prelude::{BufferIOAttr, KernelId};
use cubecl::server::KernelArguments;
use cubecl::{CubeCount, CubeDim};

/// One row of the kernel table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KernelInfo {
    /// The kernel's name: the stem of its `.wgsl` and `.rs` files.
    pub name: &'static str,
    /// The WGSL template.
    pub template: &'static str,
    /// The placeholders the template wants filled in, with values that make a valid shader.
    pub example: &'static [(&'static str, &'static str)],
    /// How many lines a line with a `#` stands for in the example; see [`unrolled`].
    pub repeats: usize,
    /// The storage buffers it binds, in order.
    pub bindings: &'static [&'static str],
    /// Bytes of workgroup memory in the largest variant (WebGPU grants 16384; more is for what has
    /// cooperative matrices alone).
    pub workgroup_bytes: usize,
}

/// WebGPU's default limit on workgroups along one axis of a dispatch.
const GRID_MAX: u32 = 65_535;

/// So many workgroups along two axes.
pub(crate) fn spread(groups: usize) -> [u32; 2] {
    let groups = u32::try_from(groups).expect("a tensor has fewer than 2^32 rows");
    let x = groups.min(GRID_MAX);
    [x, groups.div_ceil(x.max(1))]
}

/// A grid of at least `groups` workgroups within WebGPU's limit per axis; the kernel skips the
/// ragged rest.
pub(crate) fn grid(groups: usize) -> CubeCount {
    let [x, y] = spread(groups);
    CubeCount::Static(x, y, 1)
}

/// A template whose lines with a `#` are repeated, each time with the next number for the `#`: WGSL has
/// no way to ask for an unrolled loop, and what is indexed by a variable leaves the registers.
pub(crate) fn unrolled(template: &str, times: usize) -> String {
    let mut source = String::with_capacity(2 * template.len());
    for line in template.lines() {
        let repeated = line.contains('#') && !line.trim_start().starts_with("//");
        let times = if repeated { times } else { 1 };
        for number in 0..times {
            match repeated {
                true => source.push_str(&line.replace('#', &number.to_string())),
                false => source.push_str(line),
            }
            source.push('\n');
        }
    }
    source
}

/// What tells a variant from others. Loops of ours end, so that none needs a counter beside it, which
/// costs a twentieth of a product's time.
pub(crate) fn identity<K: 'static>(
    variant: impl Clone + Debug + Eq + Hash + Send + Sync + 'static,
) -> KernelId {
    KernelId::new::<K>().info(variant).mode(ExecutionMode::Unchecked)
}

/// Launches `source` over contiguous `inputs` and returns its one output of `shape`, of the first
/// input's type.
pub(crate) fn launch(
    source: impl KernelSource,
    lanes: u32,
    count: CubeCount,
    inputs: Vec<CubeTensor>,
    shape: Shape,
) -> FloatTensor<CubeBackend> {
    let dtype = inputs[0].dtype;
    let [output] = launch_for(source, lanes, count, inputs, [(shape, dtype)]);
    output
}

/// As [`launch`] for several outputs.
pub(crate) fn launch_for<const N: usize>(
    source: impl KernelSource,
    lanes: u32,
    count: CubeCount,
    inputs: Vec<CubeTensor>,
    outputs: [(Shape, DType); N],
) -> [FloatTensor<CubeBackend>; N] {
    let (client, device) = (inputs[0].client.clone(), inputs[0].device.clone());
    let outputs = outputs.map(|(shape, dtype)| {
        let buffer = client.empty(shape.num_elements() * dtype.size());
        CubeTensor::new_contiguous(client.clone(), device.clone(), shape, buffer, dtype)
    });

    let written = outputs.each_ref().map(|output| (output, BufferIOAttr::WriteOnly));
    launch_into(source, lanes, count, inputs, &written);
    outputs
}

/// Launches `source` over contiguous `inputs`, which it reads, and `outputs`, each of which it writes as
/// told.
pub(crate) fn launch_into(
    source: impl KernelSource,
    lanes: u32,
    count: CubeCount,
    inputs: Vec<CubeTensor>,
    outputs: &[(&CubeTensor, BufferIOAttr)],
) {
    let Some(client) = outputs.first().map(|(output, _)| output.client.clone()) else { return };
    // What is only read is not spoilt by a launch that fails.
    let mut arguments = KernelArguments::new();
    for input in inputs {
        arguments = arguments.with_buffer_io(input.handle.binding(), BufferIOAttr::ReadOnly);
    }
    for (output, written) in outputs {
        let binding = output.handle.clone().binding();
        arguments = arguments.with_buffer_io(binding, *written);
    }
    let kernel = SourceKernel::new(source, CubeDim::new_1d(lanes));
    client.launch(Box::new(kernel), count, arguments);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::KERNELS;
    use naga::front::wgsl;
    use naga::valid::{Capabilities, ValidationFlags, Validator};

    fn filled(kernel: &KernelInfo) -> String {
        let mut source = unrolled(kernel.template, kernel.repeats);
        for (name, value) in kernel.example {
            source = source.replace(&format!("{{{{ {name} }}}}"), value);
        }
        source
    }

    #[test]
    fn every_kernel_is_valid_wgsl_with_the_bindings_its_row_names() {
        for kernel in KERNELS {
            let source = filled(kernel);
            assert!(!source.contains("{{"), "{}: a placeholder is left", kernel.name);
            let module = wgsl::parse_str(&source)
                .unwrap_or_else(|e| panic!("{}: {}", kernel.name, e.emit_to_string(&source)));
            // WebGPU has f16 in words everywhere; only OpenGL's old versions lack it.
            let mut capabilities = Capabilities::SHADER_FLOAT16_IN_FLOAT32;
            let cooperative = source.contains("enable wgpu_cooperative_matrix;");
            if source.contains("enable f16;") {
                capabilities |= Capabilities::SHADER_FLOAT16;
            }
            if source.contains("subgroupAdd") {
                capabilities |= Capabilities::SUBGROUP;
            }
            if cooperative {
                capabilities |= Capabilities::COOPERATIVE_MATRIX;
            }
            Validator::new(ValidationFlags::all(), capabilities)
                .validate(&module)
                .unwrap_or_else(|e| panic!("{}: {e:?}", kernel.name));
            let mut bound: Vec<_> = module
                .global_variables
                .iter()
                .filter_map(|(_, v)| Some((v.binding.as_ref()?.binding, v.name.clone()?)))
                .collect();
            bound.sort();
            let names: Vec<_> = bound.into_iter().map(|(_, name)| name).collect();
            assert_eq!(names, kernel.bindings, "{}", kernel.name);
            let most = if cooperative { 32_768 } else { 16_384 };
            assert!(kernel.workgroup_bytes <= most, "{}", kernel.name);
        }
    }

    #[test]
    fn lines_are_repeated_and_remarks_are_not() {
        assert_eq!(
            unrolled("// a # b\n  c[#] = #;\nd", 2),
            "// a # b\n  c[0] = 0;\n  c[1] = 1;\nd\n"
        );
    }

    #[test]
    fn a_grid_covers_its_groups_within_the_limit() {
        for groups in [1, 2, 65_535, 65_536, 1_000_000] {
            let CubeCount::Static(x, y, 1) = grid(groups) else { panic!("static grid") };
            assert!(x <= GRID_MAX && y <= GRID_MAX);
            assert!(x as usize * y as usize >= groups);
        }
    }
}
