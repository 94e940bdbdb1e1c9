//! One loaded model and the scores it gives.

use std::collections::BTreeMap;
use std::rc::Rc;

use easel_core::weights::{Memory, Source};
use easel_core::{Assessor, Image, LoadOptions};
use js_sys::{Map, Uint8Array};
use wasm_bindgen::prelude::*;

use crate::device::{Opened, open};

#[wasm_bindgen]
extern "C" {
    /// The worker's function that passes the message of a panic on.
    #[wasm_bindgen(js_name = easelPanic)]
    fn easel_panic(message: &str);
}

/// A model, its adapters and the device they live on.
#[wasm_bindgen]
pub struct Session {
    assessor: Assessor,
    device: &'static str,
    adapter: String,
}

#[wasm_bindgen]
impl Session {
    /// Loads the files of a checkpoint folder and, where there are any, of the adapters: Maps
    /// from relative paths (`realism/adapter_config.json`) to `Uint8Array`s.
    ///
    /// # Errors
    /// When the device cannot be opened, a file is missing or broken, or files do not belong
    /// together.
    pub async fn load(
        model: Map,
        adapters: Option<Map>,
        device: String,
    ) -> Result<Session, JsError> {
        std::panic::set_hook(Box::new(|panic| easel_panic(&panic.to_string())));
        let model = source("model", &model)?;
        let adapters = adapters.map(|files| source("adapters", &files)).transpose()?;
        let opened = open(&device).await.map_err(|message| JsError::new(&message))?;
        let Opened { device, kind, adapter } = opened;
        let assessor = Assessor::load(model, adapters, LoadOptions::default(), &device).await?;
        Ok(Self { assessor, device: kind, adapter })
    }

    /// Which device computes: "gpu" or "cpu".
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn device(&self) -> String {
        self.device.to_owned()
    }

    /// The GPU's name, as far as the browser tells it.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn adapter(&self) -> String {
        self.adapter.clone()
    }

    /// Scores the bytes of a picture file:
    /// `{"scores": {"realism": {"score": .., "std": .., "probabilities": [..5]}, ..}}`.
    ///
    /// # Errors
    /// When the picture cannot be read, or the device fails.
    pub async fn score(&mut self, picture: Vec<u8>) -> Result<String, JsError> {
        let image = Image::decode(&picture)?;
        let assessment = self.assessor.assess(&image).await?;
        Ok(serde_json::to_string(&assessment)?)
    }
}

fn source(name: &str, files: &Map) -> Result<Rc<dyn Source>, JsError> {
    let mut found = BTreeMap::new();
    for entry in files.entries() {
        let entry = js_sys::Array::from(&entry.map_err(|_| wrong(name))?);
        let path = entry.get(0).as_string().ok_or_else(|| wrong(name))?;
        let bytes: Uint8Array = entry.get(1).dyn_into().map_err(|_| wrong(name))?;
        found.insert(path, bytes.to_vec());
    }
    Ok(Rc::new(Memory::new(name, found)))
}

fn wrong(name: &str) -> JsError {
    JsError::new(&format!("{name}: expected a Map from paths to Uint8Arrays"))
}
