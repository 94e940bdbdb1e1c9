//! A model's files, as the worker's script reads them.

use std::fmt;
use std::ops::Range;

use easel_core::weights::{Pending, Source, WeightsError};
use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::hosts::Folder;

/// A folder behind the script.
pub(crate) struct Files(pub Folder);

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Files({})", self.0.name())
    }
}

impl Files {
    fn path(&self, file: &str) -> String {
        format!("{}/{file}", self.0.name())
    }

    fn failed(&self, file: &str, error: &JsValue) -> WeightsError {
        let file = if file.is_empty() { self.0.name() } else { self.path(file) };
        WeightsError::Io { file, error: std::io::Error::other(words(error)) }
    }
}

impl Source for Files {
    fn name(&self) -> String {
        self.0.name()
    }

    fn files(&self) -> Pending<'_, Result<Vec<String>, WeightsError>> {
        Box::pin(async {
            let names = JsFuture::from(self.0.files()).await;
            let names = names.map_err(|error| self.failed("", &error))?;
            let mut names: Vec<_> =
                Array::from(&names).iter().filter_map(|n| n.as_string()).collect();
            names.sort();
            Ok(names)
        })
    }

    fn size<'a>(&'a self, file: &'a str) -> Pending<'a, Result<u64, WeightsError>> {
        Box::pin(async move {
            let size = JsFuture::from(self.0.size(file)).await;
            let size = size.map_err(|error| self.failed(file, &error))?;
            // Lengths of files are whole and below 2^53.
            let size = size.as_f64().map(|size| size as u64);
            size.ok_or_else(|| WeightsError::NoFile { file: self.path(file) })
        })
    }

    fn read<'a>(
        &'a self,
        file: &'a str,
        range: Range<u64>,
    ) -> Pending<'a, Result<Vec<u8>, WeightsError>> {
        Box::pin(async move {
            let size = self.size(file).await?;
            if range.start > range.end || range.end > size {
                let Range { start, end } = range;
                return Err(WeightsError::Range { file: self.path(file), start, end, size });
            }
            let bytes =
                JsFuture::from(self.0.read(file, range.start as f64, range.end as f64)).await;
            let bytes = bytes.and_then(|bytes| bytes.dyn_into::<Uint8Array>());
            let bytes = bytes.map_err(|error| self.failed(file, &error))?.to_vec();
            if bytes.len() as u64 != range.end - range.start {
                return Err(
                    self.failed(file, &JsValue::from("it is shorter than it was told to be"))
                );
            }
            Ok(bytes)
        })
    }
}

/// The message of a JavaScript error.
pub(crate) fn words(error: &JsValue) -> String {
    match error.dyn_ref::<js_sys::Error>() {
        Some(error) => error.message().into(),
        None => error.as_string().unwrap_or_else(|| "unknown".to_owned()),
    }
}
