//! The checks in a browser, on its WebGPU.

use burn::tensor::Device;
use easel_shaders::Op;
use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::future_to_promise;

use crate::{check, notices};

/// The browser's GPU, and the checks.
#[wasm_bindgen]
#[derive(Debug, Clone)]
pub struct Checks {
    device: Device,
}

/// All but what WebGPU does not have.
fn ops() -> impl Iterator<Item = Op> {
    Op::ALL.into_iter().filter(|op| !Op::OPTIONAL.contains(op))
}

#[wasm_bindgen]
impl Checks {
    /// Opens the adapter that WebGPU prefers.
    ///
    /// # Errors
    /// When there is none.
    pub async fn open() -> Result<Self, JsValue> {
        let opened = Device::wgpu_options().init_async().await;
        Ok(Self { device: opened.map_err(|error| JsValue::from_str(&error.to_string()))? })
    }

    /// The kernels' names.
    #[must_use]
    pub fn kernels() -> Vec<String> {
        ops().map(|op| format!("{op:?}")).collect()
    }

    /// Checks one of them over its known shapes and so many others: a promise of the largest error,
    /// which fails with what differs.
    #[must_use]
    pub fn check(&self, kernel: usize, others: usize) -> Promise {
        let device = self.device.clone();
        future_to_promise(async move {
            let op = ops().nth(kernel).ok_or("no such kernel")?;
            Ok(check(op, &device, others).await?.into())
        })
    }

    /// A promise that a small change is noticed.
    #[must_use]
    pub fn notices(&self) -> Promise {
        let device = self.device.clone();
        future_to_promise(async move { Ok(notices(&device).await.map(|()| JsValue::TRUE)?) })
    }
}
