//! The browser's devices.

use burn::tensor::Device;

/// A device and what a person may know about it.
pub(crate) struct Opened {
    pub device: Device,
    /// "gpu" or "cpu".
    pub kind: &'static str,
    /// The adapter's name, as far as the browser tells it; empty for the processor.
    pub adapter: String,
}

/// Opens `gpu`, the adapter that WebGPU prefers, or `cpu`, burn's `flex`.
///
/// The GPU can be opened once in the life of a module: another session wants another worker.
///
/// # Errors
/// When there is no WebGPU, it refuses, or `kind` is neither.
pub(crate) async fn open(kind: &str) -> Result<Opened, String> {
    match kind {
        "gpu" => {
            let opened = Device::wgpu_options().init_with_setup_async().await;
            let (device, setup) =
                opened.map_err(|error| format!("this browser gives no WebGPU device: {error}"))?;
            let info = setup.adapter.get_info();
            // Browsers fill in what they find harmless, and leave the rest empty.
            let known = [info.name, info.driver, info.driver_info];
            let known: Vec<_> = known.into_iter().filter(|part| !part.is_empty()).collect();
            let adapter = match known.is_empty() {
                true => "an adapter without a name".to_owned(),
                false => known.join(", "),
            };
            Ok(Opened { device, kind: "gpu", adapter })
        }
        "cpu" => Ok(Opened { device: Device::flex(), kind: "cpu", adapter: String::new() }),
        other => Err(format!("'{other}' is no device; there are 'gpu' and 'cpu'")),
    }
}
