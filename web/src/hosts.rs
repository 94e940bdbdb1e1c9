//! What the scripts do for us: the page's (`page.js`) and a worker's (`worker.js`).

use js_sys::{Array, Promise, Uint8Array};
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

    /// A character is shown that the font with more characters may have: the page brings it, once.
    #[wasm_bindgen(method)]
    pub(crate) fn missing(this: &PageHost);

    /// Lets the person choose a picture.
    #[wasm_bindgen(method, js_name = choosePicture)]
    pub(crate) fn choose_picture(this: &PageHost);

    /// Lets the person choose a model's folder.
    #[wasm_bindgen(method, js_name = chooseModel)]
    pub(crate) fn choose_model(this: &PageHost);

    /// Asks for the address of a pack.
    #[wasm_bindgen(method, js_name = askAddress)]
    pub(crate) fn ask_address(this: &PageHost, title: &str, take: &str, cancel: &str);
    /// Lets the person choose pictures for a class, or a folder of them.
    #[wasm_bindgen(method, js_name = choosePictures)]
    pub(crate) fn choose_pictures(this: &PageHost, folder: bool);
    /// Takes files that were dropped for a class.
    #[wasm_bindgen(method)]
    pub(crate) fn gather(this: &PageHost, files: Array);
    /// Lets the person choose a zip.
    #[wasm_bindgen(method, js_name = chooseImport)]
    pub(crate) fn choose_import(this: &PageHost);

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

    /// How many threads compute from now on, on the processor.
    #[wasm_bindgen(method)]
    pub(crate) fn threads(this: &WorkerHost) -> Promise;

    /// Hears of a `GPUDevice`, whose loss it tells.
    #[wasm_bindgen(method)]
    pub(crate) fn watch(this: &WorkerHost, device: &JsValue);

    /// The bytes of the font with more characters, or undefined.
    #[wasm_bindgen(method, js_name = moreFont)]
    pub(crate) fn more_font(this: &WorkerHost) -> Promise;

    /// Opens the portfolios of a version: a [`Rows`].
    #[wasm_bindgen(method)]
    pub(crate) fn portfolios(this: &WorkerHost, version: u32) -> Promise;

    /// A new file of that name, which the page downloads once it is finished.
    #[wasm_bindgen(method, js_name = createZip)]
    pub(crate) fn create_zip(this: &WorkerHost, name: &str) -> ZipSink;

    /// The zip that a person chose.
    #[wasm_bindgen(method, catch, js_name = openZip)]
    pub(crate) fn open_zip(this: &WorkerHost, name: &str) -> Result<ZipFile, JsValue>;

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

    /// Sees to it that all of it is kept in this browser.
    #[wasm_bindgen(method)]
    pub(crate) fn whole(this: &Folder) -> Promise;

    /// Nobody wants it any more: [`Folder::whole`] ends early.
    #[wasm_bindgen(method)]
    pub(crate) fn leave(this: &Folder);
}

#[wasm_bindgen]
extern "C" {
    /// Portfolios as bytes by number and order (`portfolio.js`).
    pub type Rows;

    /// `[pupil, number of drawings, newest record or undefined, number of hidden ones]` of each.
    #[wasm_bindgen(method)]
    pub(crate) fn pupils(this: &Rows) -> Promise;

    /// Adds a pupil, or puts it in place of the one of that number.
    #[wasm_bindgen(method, js_name = putPupil)]
    pub(crate) fn put_pupil(this: &Rows, id: &str, pupil: Uint8Array) -> Promise;

    /// Removes a pupil and the pupil's drawings; whether it was there.
    #[wasm_bindgen(method, js_name = removePupil)]
    pub(crate) fn remove_pupil(this: &Rows, id: &str) -> Promise;

    /// Keeps a drawing; whether its pupil was there.
    #[wasm_bindgen(method, js_name = putDrawing)]
    pub(crate) fn put_drawing(
        this: &Rows,
        id: &str,
        order: JsValue,
        record: Uint8Array,
        thumbnail: Uint8Array,
        picture: Uint8Array,
    ) -> Promise;

    /// Changes a record; whether it was there.
    #[wasm_bindgen(method, js_name = putRecord)]
    pub(crate) fn put_record(this: &Rows, id: &str, order: JsValue, record: Uint8Array) -> Promise;

    /// The record of a drawing, or undefined.
    #[wasm_bindgen(method)]
    pub(crate) fn record(this: &Rows, id: &str) -> Promise;

    /// The small copy of a drawing, or undefined.
    #[wasm_bindgen(method)]
    pub(crate) fn thumbnail(this: &Rows, id: &str) -> Promise;

    /// The bytes of each class.
    #[wasm_bindgen(method)]
    pub(crate) fn classes(this: &Rows) -> Promise;

    /// Adds a class.
    #[wasm_bindgen(method, js_name = putClass)]
    pub(crate) fn put_class(this: &Rows, id: &str, class: Uint8Array) -> Promise;

    /// Removes a class and its hidden drawings; whether it was there.
    #[wasm_bindgen(method, js_name = removeClass)]
    pub(crate) fn remove_class(this: &Rows, id: &str) -> Promise;

    /// The records of a class, the oldest first.
    #[wasm_bindgen(method, js_name = classRecords)]
    pub(crate) fn class_records(this: &Rows, id: &str) -> Promise;

    /// Takes a drawing to look at it; whether no other tab has it.
    #[wasm_bindgen(method)]
    pub(crate) fn claim(this: &Rows, id: &str) -> Promise;

    /// Lets go of a drawing.
    #[wasm_bindgen(method)]
    pub(crate) fn leave(this: &Rows, id: &str) -> Promise;

    /// Removes a drawing; whether it was there.
    #[wasm_bindgen(method, js_name = removeDrawing)]
    pub(crate) fn remove_drawing(this: &Rows, id: &str) -> Promise;

    /// How many drawings a pupil has.
    #[wasm_bindgen(method)]
    pub(crate) fn count(this: &Rows, pupil: &str) -> Promise;

    /// `[record, thumbnail]` of drawings, the newest first.
    #[wasm_bindgen(method)]
    pub(crate) fn drawings(
        this: &Rows,
        pupil: &str,
        from: f64,
        count: u32,
        thumbnails: bool,
    ) -> Promise;

    /// The record before one, or undefined.
    #[wasm_bindgen(method)]
    pub(crate) fn before(this: &Rows, pupil: &str, at: f64, id: &str) -> Promise;

    /// `[record, thumbnail, picture]`, or undefined.
    #[wasm_bindgen(method)]
    pub(crate) fn drawing(this: &Rows, id: &str) -> Promise;
}

#[wasm_bindgen]
extern "C" {
    /// A file on its way to the page.
    pub type ZipSink;

    /// Adds bytes.
    #[wasm_bindgen(method)]
    pub(crate) fn write(this: &ZipSink, bytes: Uint8Array);

    /// Hands it over.
    #[wasm_bindgen(method)]
    pub(crate) fn finish(this: &ZipSink);

    /// A file that a person chose.
    pub type ZipFile;

    /// Its length in bytes.
    #[wasm_bindgen(method, getter)]
    pub(crate) fn size(this: &ZipFile) -> f64;

    /// The bytes from `start` to `end`, as far as there are any.
    #[wasm_bindgen(method, catch)]
    pub(crate) fn read(this: &ZipFile, start: f64, end: f64) -> Result<Uint8Array, JsValue>;
}
