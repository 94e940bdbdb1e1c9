//! Which device computes.

pub use burn::tensor::Device;
use burn::tensor::{Tensor, TensorData};

#[cfg(not(target_family = "wasm"))]
mod tune;

#[cfg(not(target_family = "wasm"))]
pub use native::{AdapterInfo, Choice, DeviceError, Opened, adapters, open};
#[cfg(not(target_family = "wasm"))]
pub use tune::{Kernels, Measured, tune};

/// Hands what waits to the device and, natively, waits for it to be done: uploads that pile up
/// unsubmitted cost host memory, and some devices lose them.
pub(crate) fn settle(device: &Device) {
    // A device that fails here fails again where its results are read, which reports it.
    #[cfg(not(target_family = "wasm"))]
    let outcome = device.sync();
    #[cfg(target_family = "wasm")]
    let outcome = device.flush();
    if let Err(error) = outcome {
        log::debug!("the device did not settle: {error}");
    }
}

/// Sends values that stay: they take as much memory as they are long, off the pages that are cut for
/// what comes and goes.
pub(crate) fn lasting<const D: usize>(
    values: Vec<f32>,
    shape: [usize; D],
    device: &Device,
) -> Tensor<D> {
    let send = |data| Tensor::from_data(data, device);
    let data = TensorData::new(values, shape);
    // What is small shares pages: a buffer of its own costs more than it holds.
    match data.num_elements() * 4 < SMALL {
        true => send(data),
        false => device.memory_persistent_allocations(data, send),
    }
}

/// Bytes below which a tensor has no buffer of its own.
const SMALL: usize = 64 << 10;

/// The values of what was read back.
pub(crate) fn floats(data: &TensorData) -> Vec<f32> {
    match data.as_slice::<f32>() {
        Ok(values) => values.to_vec(),
        Err(_) => data.iter::<f32>().collect(),
    }
}

/// Does work that consists of many short loops over the processor's cores on one of their threads:
/// each loop would else wake one and wait for it. A GPU is driven from the thread that always does.
pub(crate) fn on_cores<T: Send>(device: &Device, work: impl FnOnce() -> T + Send) -> T {
    match is_processor(device) {
        true => easel_shaders::on_cores(work),
        false => work(),
    }
}

/// Whether the processor computes.
pub(crate) fn is_processor(device: &Device) -> bool {
    *device == Device::flex()
}

/// Gives memory that nothing uses back to the device.
pub(crate) fn trim(device: &Device) {
    settle(device);
    device.memory_cleanup();
    settle(device);
}

#[cfg(not(target_family = "wasm"))]
mod native {
    use std::fmt;
    use std::sync::Mutex;

    use burn::tensor::{Device, DeviceKind};
    use easel_shaders::Features;
    use wgpu::DeviceType;

    /// What a person asks for.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub enum Choice {
        /// A real GPU where there is one, else the processor.
        #[default]
        Auto,
        /// The best adapter there is, one that imitates a GPU in software too.
        Gpu,
        /// The processor, by burn's `flex`.
        Cpu,
    }

    /// Why no device could be opened.
    #[derive(Debug, thiserror::Error)]
    #[non_exhaustive]
    pub enum DeviceError {
        /// A GPU was asked for, and there is none.
        #[error(
            "no GPU adapter was found (expected a Vulkan, Metal or DirectX 12 driver); \
             --device cpu works without one"
        )]
        NoAdapter,
        /// The adapter refused.
        #[error("the adapter {adapter} cannot be opened: {reason}")]
        Refused {
            /// Its name.
            adapter: String,
            /// What the driver said.
            reason: String,
        },
    }

    /// A GPU, or a program that imitates one.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct AdapterInfo {
        /// The name the driver gives.
        pub name: String,
        /// Vulkan, Metal or Dx12.
        pub api: String,
        /// The driver's own name and version.
        pub driver: String,
        /// What kind of GPU it is, in words.
        pub kind: &'static str,
        /// Whether it is an imitation in software.
        pub software: bool,
        /// The largest buffer that a kernel may bind, in bytes.
        pub max_binding: u64,
        selector: DeviceKind,
    }

    impl fmt::Display for AdapterInfo {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "{} ({}, {})", self.name, self.kind, self.api)
        }
    }

    /// A device and how it came to be chosen.
    #[derive(Debug, Clone)]
    pub struct Opened {
        /// Where tensors live.
        pub device: Device,
        /// What it is, in words.
        pub name: String,
        /// Why it was chosen, in words.
        pub reason: String,
        /// The largest buffer that a kernel may bind, in bytes; none for the processor.
        pub max_binding: Option<u64>,
        /// Whether it is a GPU, and no imitation of one.
        pub is_gpu: bool,
        /// Whether it computes in the machine's own memory, as all but discrete GPUs do.
        pub shares_memory: bool,
    }

    /// The adapters of this machine, best first. Without any Vulkan, Metal or DirectX library the
    /// list is empty.
    #[must_use]
    pub fn adapters() -> Vec<AdapterInfo> {
        // The order in which burn tries the graphics APIs; it takes the first that has a real
        // GPU, else the first that has anything.
        let apis = [wgpu::Backends::VULKAN, wgpu::Backends::METAL, wgpu::Backends::DX12];
        let lists = apis.map(adapters_of);
        let real = lists.iter().position(|list| list.iter().any(|adapter| !adapter.software));
        let any = lists.iter().position(|list| !list.is_empty());
        let mut list = real.or(any).map_or_else(Vec::new, |index| lists[index].clone());
        list.sort_by_key(|adapter| rank(&adapter.selector));
        list
    }

    fn adapters_of(backends: wgpu::Backends) -> Vec<AdapterInfo> {
        let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
        descriptor.backends = backends;
        let instance = wgpu::Instance::new(descriptor);
        let found = pollster::block_on(instance.enumerate_adapters(backends));
        let mut counts = [0; 3];
        let mut count = |index: usize| {
            counts[index] += 1;
            counts[index] - 1
        };
        let describe = |adapter: wgpu::Adapter| {
            let info = adapter.get_info();
            let (selector, kind) = match info.device_type {
                DeviceType::DiscreteGpu => (DeviceKind::DiscreteGpu(count(0)), "discrete GPU"),
                DeviceType::IntegratedGpu => {
                    (DeviceKind::IntegratedGpu(count(1)), "integrated GPU")
                }
                DeviceType::VirtualGpu => (DeviceKind::VirtualGpu(count(2)), "virtual GPU"),
                DeviceType::Cpu => (DeviceKind::Cpu, "software"),
                DeviceType::Other => (DeviceKind::DefaultDevice, "GPU of unknown kind"),
            };
            AdapterInfo {
                api: format!("{:?}", info.backend),
                driver: format!("{} {}", info.driver, info.driver_info).trim().to_owned(),
                kind,
                software: info.device_type == DeviceType::Cpu,
                max_binding: adapter.limits().max_storage_buffer_binding_size,
                name: info.name,
                selector,
            }
        };
        found.into_iter().map(describe).collect()
    }

    const fn rank(kind: &DeviceKind) -> u8 {
        match kind {
            DeviceKind::DiscreteGpu(_) => 0,
            DeviceKind::IntegratedGpu(_) => 1,
            DeviceKind::VirtualGpu(_) => 2,
            DeviceKind::DefaultDevice | DeviceKind::Existing(_) => 3,
            DeviceKind::Cpu => 4,
        }
    }

    /// Opens the device that `choice` asks for.
    ///
    /// # Errors
    /// With [`Choice::Gpu`], when there is no adapter or it refuses. [`Choice::Auto`] falls back
    /// to the processor and says why.
    pub fn open(choice: Choice) -> Result<Opened, DeviceError> {
        if choice == Choice::Cpu {
            return Ok(cpu("as asked"));
        }
        let adapters = adapters();
        match (choice, adapters.into_iter().next()) {
            (Choice::Gpu, None) => Err(DeviceError::NoAdapter),
            (Choice::Gpu, Some(adapter)) => open_adapter(&adapter, "as asked"),
            (_, Some(adapter)) if !adapter.software => {
                let opened = open_adapter(&adapter, "the best GPU of this machine");
                Ok(opened.unwrap_or_else(|error| cpu(&error.to_string())))
            }
            (_, Some(adapter)) => {
                Ok(cpu(&format!("the only adapter, {}, imitates a GPU in software", adapter.name)))
            }
            (_, None) => Ok(cpu("no GPU adapter was found")),
        }
    }

    fn cpu(reason: &str) -> Opened {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let name = format!("processor, {threads} threads");
        let reason = reason.to_owned();
        Opened {
            device: Device::flex(),
            name,
            reason,
            max_binding: None,
            is_gpu: false,
            shares_memory: true,
        }
    }

    fn open_adapter(adapter: &AdapterInfo, reason: &str) -> Result<Opened, DeviceError> {
        // An adapter can be initialised only once in a process; afterwards it is reused.
        static OPEN: Mutex<Vec<(DeviceKind, Device)>> = Mutex::new(Vec::new());
        let mut open = OPEN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let held = open.iter().find(|(kind, _)| *kind == adapter.selector);
        let device = match held {
            Some((_, device)) => device.clone(),
            None => {
                let options = Device::wgpu_options().device_kind(adapter.selector.clone());
                let (device, setup) = options.init_with_setup().map_err(|error| {
                    DeviceError::Refused { adapter: adapter.to_string(), reason: error.to_string() }
                })?;
                easel_shaders::offer(features(&setup.adapter, &setup.device));
                open.push((adapter.selector.clone(), device.clone()));
                device
            }
        };
        Ok(Opened {
            device,
            name: adapter.to_string(),
            reason: reason.to_owned(),
            max_binding: Some(adapter.max_binding),
            is_gpu: !adapter.software,
            shares_memory: matches!(
                adapter.selector,
                DeviceKind::IntegratedGpu(_) | DeviceKind::Cpu
            ),
        })
    }

    /// What kernels may use of it.
    fn features(adapter: &wgpu::Adapter, device: &wgpu::Device) -> Features {
        let wanted = wgpu::Features::EXPERIMENTAL_COOPERATIVE_MATRIX | wgpu::Features::SHADER_F16;
        let (half, float) = (wgpu::CooperativeScalarType::F16, wgpu::CooperativeScalarType::F32);
        let fits = |matrix: &wgpu::CooperativeMatrixProperties| {
            [matrix.m_size, matrix.n_size, matrix.k_size] == [16; 3]
                && (matrix.ab_type, matrix.cr_type) == (half, float)
        };
        let info = adapter.get_info();
        // Kernels count on a subgroup's lanes.
        let lanes = (info.subgroup_min_size, info.subgroup_max_size) == (32, 32);
        Features {
            halves: device.features().contains(wgpu::Features::SHADER_F16),
            // Of 64 lanes, the sums of all subgroups have room.
            subgroups: device.features().contains(wgpu::Features::SUBGROUP),
            cooperative_matrix: lanes
                // The pointers of their loads are to fours, which only Vulkan has.
                && info.backend == wgpu::Backend::Vulkan
                && device.features().contains(wanted)
                && adapter.cooperative_matrix_properties().iter().any(fits),
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn the_processor_is_always_there() {
            let opened = open(Choice::Cpu).unwrap();
            assert_eq!(opened.device, Device::flex());
            assert!(open(Choice::Auto).is_ok());
        }

        #[test]
        fn adapters_come_best_first() {
            let ranks: Vec<_> = adapters().iter().map(|a| rank(&a.selector)).collect();
            assert!(ranks.is_sorted(), "{ranks:?}");
        }
    }
}
