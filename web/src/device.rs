//! The browser's devices.

use burn::tensor::Device;
use js_sys::Reflect;
use wasm_bindgen::JsValue;

/// A device and what a person may know about it.
pub(crate) struct Opened {
    pub device: Device,
    /// "gpu" or "cpu".
    pub kind: &'static str,
    /// The adapter, as far as the browser tells what it is; empty for the processor.
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
            let adapter = setup.device.as_webgpu().map(|device| adapter_name(device.as_ref()));
            let adapter = adapter.unwrap_or_default();
            Ok(Opened { device, kind: "gpu", adapter })
        }
        "cpu" => Ok(Opened { device: Device::flex(), kind: "cpu", adapter: String::new() }),
        other => Err(format!("'{other}' is no device; there are 'gpu' and 'cpu'")),
    }
}

/// Maker, family and model of a `GPUDevice`'s adapter: browsers fill in what they find harmless.
fn adapter_name(device: &JsValue) -> String {
    // wgpu passes on no more than the description, which is mostly empty.
    let field = |object: &JsValue, name: &str| Reflect::get(object, &name.into()).ok();
    let info = field(device, "adapterInfo").unwrap_or_default();
    let parts = ["vendor", "architecture", "device", "description"];
    let known = parts.map(|name| field(&info, name).and_then(|value| value.as_string()));
    let known: Vec<_> = known.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    match known.is_empty() {
        true => "an adapter the browser does not name".to_owned(),
        false => known.join(" "),
    }
}
