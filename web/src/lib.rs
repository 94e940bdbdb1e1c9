//! Easel in the browser: the interface and the model, compiled to WebAssembly once for both.
//!
//! The page calls [`start`], its workers make a [`Desk`] each. What differs from a window is here;
//! everything that is seen is `easel`'s. A panic of a worker is told to its host, since after it no
//! promise settles, and the page starts another. On other targets this library is empty.

#[cfg(target_family = "wasm")]
mod desk;
#[cfg(target_family = "wasm")]
mod device;
#[cfg(target_family = "wasm")]
mod folder;
#[cfg(target_family = "wasm")]
mod hosts;
#[cfg(target_family = "wasm")]
mod page;
#[cfg(target_family = "wasm")]
mod platform;
#[cfg(target_family = "wasm")]
mod portfolio;
#[cfg(target_family = "wasm")]
mod post;
#[cfg(target_family = "wasm")]
mod shelf;
#[cfg(all(target_family = "wasm", target_feature = "atomics"))]
mod threads;

#[cfg(target_family = "wasm")]
pub use desk::Desk;
#[cfg(target_family = "wasm")]
pub use page::{Page, start};
#[cfg(all(target_family = "wasm", target_feature = "atomics"))]
pub use threads::{compute, open_pool};

#[cfg(target_family = "wasm")]
mod ctors {
    use std::sync::Once;

    use wasm_bindgen::prelude::wasm_bindgen;

    /// Threads share what was registered, and each of them starts here.
    static REGISTERED: Once = Once::new();

    #[expect(unsafe_code, reason = "the linker's own function, which takes and gives nothing")]
    unsafe extern "C" {
        safe fn __wasm_call_ctors();
    }

    /// What libraries register before `main`. Where nobody asks for it the linker does so in front of
    /// every single call from a script, which is most of the time of the interface's frames.
    #[wasm_bindgen(start)]
    pub fn once() {
        REGISTERED.call_once(|| __wasm_call_ctors());
    }
}
