//! A kernel that belongs to no op: what a bench compares with.

use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::wgpu::{
    CubeBackend, CubeTensor, KernelSource, SourceKernel, SourceTemplate, into_contiguous,
};
use burn::backend::{Backend, Dispatch, backend_extension};
use burn::tensor::{Int, Tensor};
use cubecl::prelude::KernelId;
use cubecl::server::KernelArguments;
use cubecl::{CubeCount, CubeDim};

/// A shader of storage buffers, and how it is launched.
#[derive(Debug, Clone)]
pub struct Kernel {
    pub source: String,
    /// Invocations of a workgroup.
    pub lanes: u32,
    pub groups: [u32; 3],
    /// Of its one output.
    pub shape: [usize; 2],
}

/// Launches `kernel` over `x` and `words`, which it binds in this order before its output.
pub fn run(x: Tensor<2>, words: [&Tensor<1, Int>; 3], kernel: Kernel) -> Tensor<2> {
    let [a, b, c] = words.map(|words| words.clone().into_dispatch());
    Tensor::from_dispatch(Dispatch::own(x.into_dispatch(), a, b, c, kernel))
}

#[backend_extension(Cube)]
trait Own: Backend {
    fn own(
        x: FloatTensor<Self>,
        a: IntTensor<Self>,
        b: IntTensor<Self>,
        c: IntTensor<Self>,
        kernel: Kernel,
    ) -> FloatTensor<Self>;
}

impl Own for CubeBackend {
    fn own(
        x: FloatTensor<Self>,
        a: IntTensor<Self>,
        b: IntTensor<Self>,
        c: IntTensor<Self>,
        kernel: Kernel,
    ) -> FloatTensor<Self> {
        let inputs = [x, a, b, c].map(into_contiguous);
        let (client, device, dtype) =
            (inputs[0].client.clone(), inputs[0].device.clone(), inputs[0].dtype);
        let [rows, columns] = kernel.shape;
        let buffer = client.empty(rows * columns * dtype.size());
        let output =
            CubeTensor::new_contiguous(client.clone(), device, kernel.shape.into(), buffer, dtype);
        let mut buffers: Vec<_> = inputs.into_iter().map(|x| x.handle.binding()).collect();
        buffers.push(output.handle.clone().binding());
        let [x, y, z] = kernel.groups;
        let lanes = CubeDim::new_1d(kernel.lanes);
        client.launch(
            Box::new(SourceKernel::new(Text(kernel.source), lanes)),
            CubeCount::Static(x, y, z),
            KernelArguments::new().with_buffers(buffers),
        );
        output
    }
}

struct Text(String);

impl KernelSource for Text {
    fn source(&self) -> SourceTemplate {
        SourceTemplate::new(&*self.0)
    }

    fn id(&self) -> KernelId {
        KernelId::new::<Self>().info(self.0.clone())
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}
