//! What the scripts do for us: the page's (`page.js`) and a worker's (`worker.js`).

use js_sys::{Promise, Uint8Array};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// The page's script.
    #[derive(Clone)]
    pub type PageHost;

    /// Sends a request to a worker: `model`, `pictures` or `shelf`.
    #[wasm_bindgen(method)]
    pub(crate) fn send(this: &PageHost, worker: &str, head: &str, body: Uint8Array);

    /// Shows what the canvas shows, as JSON, to those who do not see it.
    #[wasm_bindgen(method)]
    pub(crate) fn mirror(this: &PageHost, json: &str);

    /// Lets the person choose a picture.
    #[wasm_bindgen(method, js_name = choosePicture)]
    pub(crate) fn choose_picture(this: &PageHost);

    /// Lets the person choose a model's folder.
    #[wasm_bindgen(method, js_name = chooseModel)]
    pub(crate) fn choose_model(this: &PageHost);

    /// Asks for the address of a pack.
    #[wasm_bindgen(method, js_name = askAddress)]
    pub(crate) fn ask_address(this: &PageHost, title: &str, take: &str, cancel: &str);

    /// Takes the picture on the clipboard.
    #[wasm_bindgen(method)]
    pub(crate) fn paste(this: &PageHost);

    /// Whether there may be a camera.
    #[wasm_bindgen(method, getter)]
    pub(crate) fn camera(this: &PageHost) -> bool;

    /// Shows what the camera sees, and takes a picture of it.
    #[wasm_bindgen(method)]
    pub(crate) fn photograph(this: &PageHost, title: &str, take: &str, cancel: &str);

    /// The settings as they were saved, with what the address asks for.
    #[wasm_bindgen(method)]
    pub(crate) fn load(this: &PageHost) -> Option<String>;

    /// Saves the settings.
    #[wasm_bindgen(method)]
    pub(crate) fn save(this: &PageHost, settings: &str);

    /// Whether the browser speaks Chinese.
    #[wasm_bindgen(method, getter)]
    pub(crate) fn chinese(this: &PageHost) -> bool;

    /// Whether the page's own copy of the interface has the keyboard.
    #[wasm_bindgen(method, getter)]
    pub(crate) fn focused(this: &PageHost) -> bool;
}

#[wasm_bindgen]
extern "C" {
    /// A worker's script.
    #[derive(Clone)]
    pub type WorkerHost;

    /// Tells the page an event.
    #[wasm_bindgen(method)]
    pub(crate) fn tell(this: &WorkerHost, head: &str, body: Uint8Array);

    /// Tells that nothing works here any more.
    #[wasm_bindgen(method)]
    pub(crate) fn stopped(this: &WorkerHost, message: &str);

    /// Settles after the messages that wait were taken.
    #[wasm_bindgen(method)]
    pub(crate) fn breath(this: &WorkerHost) -> Promise;

    /// The kind of device that was asked for: "gpu", "cpu" or "auto".
    #[wasm_bindgen(method, getter)]
    pub(crate) fn device(this: &WorkerHost) -> String;

    /// Whether there is WebGPU on a real adapter.
    #[wasm_bindgen(method, js_name = hasGpu)]
    pub(crate) fn has_gpu(this: &WorkerHost) -> Promise;

    /// Hears of a `GPUDevice`, whose loss it tells.
    #[wasm_bindgen(method)]
    pub(crate) fn watch(this: &WorkerHost, device: &JsValue);

    /// Opens a model's folder by its address or by the name of what a person chose.
    #[wasm_bindgen(method, catch)]
    pub(crate) fn open(this: &WorkerHost, folder: &str) -> Result<Folder, JsValue>;

    /// What is kept and what the browser grants, as JSON.
    #[wasm_bindgen(method)]
    pub(crate) fn stock(this: &WorkerHost) -> Promise;

    /// Brings the pack of an address; false where it was given up.
    #[wasm_bindgen(method)]
    pub(crate) fn bring(this: &WorkerHost, place: &str, moved: &Moving, wanted: &Wanted)
    -> Promise;

    /// Checks a pack; the number of damaged files, undefined where it was given up.
    #[wasm_bindgen(method)]
    pub(crate) fn verify(
        this: &WorkerHost,
        place: &str,
        moved: &Moving,
        wanted: &Wanted,
    ) -> Promise;

    /// Deletes a pack.
    #[wasm_bindgen(method)]
    pub(crate) fn discard(this: &WorkerHost, place: &str) -> Promise;

    /// Copies the pack of a chosen folder; its address here, undefined where it was given up.
    #[wasm_bindgen(method)]
    pub(crate) fn take(this: &WorkerHost, key: &str, moved: &Moving, wanted: &Wanted) -> Promise;
}

/// Hears of bytes done and in all.
pub(crate) type Moving = Closure<dyn FnMut(f64, f64)>;
/// Whether a job is still wanted.
pub(crate) type Wanted = Closure<dyn FnMut() -> bool>;

#[wasm_bindgen]
extern "C" {
    /// A folder of files.
    #[derive(Clone)]
    pub type Folder;

    /// Its name in messages.
    #[wasm_bindgen(method, getter)]
    pub(crate) fn name(this: &Folder) -> String;

    /// The paths of all files, as an array of strings.
    #[wasm_bindgen(method)]
    pub(crate) fn files(this: &Folder) -> Promise;

    /// A file's length in bytes; undefined where there is none.
    #[wasm_bindgen(method)]
    pub(crate) fn size(this: &Folder, file: &str) -> Promise;

    /// The bytes from `start` to `end` as a `Uint8Array`.
    #[wasm_bindgen(method)]
    pub(crate) fn read(this: &Folder, file: &str, start: f64, end: f64) -> Promise;
}
