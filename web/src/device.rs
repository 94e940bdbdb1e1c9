//! The browser's devices.

use burn::tensor::Device;
use easel::model::Computer;
use easel::ui::{Fault, FaultKind};
use js_sys::Reflect;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use crate::hosts::WorkerHost;

/// Opens what was asked for: `gpu`, the adapter that WebGPU prefers; `cpu`, burn's `flex`; or
/// `auto`, a real adapter where there is one, else the processor.
///
/// The GPU can be opened once in the life of a module: after a loss another worker is wanted.
///
/// # Errors
/// When a GPU was asked for and there is no WebGPU, or it refuses.
pub(crate) async fn open(host: &WorkerHost) -> Result<Computer, Fault> {
    let asked = host.device();
    if asked == "cpu" {
        return Ok(processor(host, false).await);
    }
    let real = JsFuture::from(host.has_gpu()).await.is_ok_and(|there| there.is_truthy());
    if asked != "gpu" && !real {
        return Ok(processor(host, true).await);
    }
    match Device::wgpu_options().init_with_setup_async().await {
        Ok((device, setup)) => {
            let opened = setup.device.as_webgpu();
            let adapter = opened.map(|device| {
                let device: &JsValue = device.as_ref();
                host.watch(device);
                adapter_name(device)
            });
            let name = format!("WebGPU, {}", adapter.unwrap_or_default());
            Ok(Computer { device, name, no_webgpu: false })
        }
        Err(error) if asked == "gpu" => {
            let message = format!("this browser gives no WebGPU device: {error}");
            Err(Fault::new(FaultKind::Device, message))
        }
        Err(_) => Ok(processor(host, true).await),
    }
}

/// The processor, on as many threads as there are.
async fn processor(host: &WorkerHost, no_webgpu: bool) -> Computer {
    let threads = JsFuture::from(host.threads()).await.ok().and_then(|threads| threads.as_f64());
    let name = match threads {
        Some(threads) if threads > 1.0 => format!("processor, {threads} threads"),
        _ => "processor".to_owned(),
    };
    Computer { device: Device::flex(), name, no_webgpu }
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
