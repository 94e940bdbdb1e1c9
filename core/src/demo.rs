//! The demo model that ships: small enough to be part of the program.
//!
//! It is a Qwen2.5-VL of our own with nine adapters, trained on drawings made by a computer
//! (`core/demo/README.md`). It shows how Easel works; what it says about a child's drawing is no
//! assessment.

use std::rc::Rc;

use crate::rubric::Attribute;
use crate::weights::{Memory, Source};

/// What messages call the demo model, and what `--model` takes.
pub const NAME: &str = "demo";

/// What must be said wherever the demo model speaks.
pub const NOTICE: &str = "the demo model was trained on drawings made by a computer; \
                          what it says is no assessment of a child";

macro_rules! model {
    ($($file:literal),+) => { [$(($file, include_bytes!(concat!("../demo/model/", $file)).as_slice())),+] };
}

macro_rules! adapters {
    ($($name:literal),+) => {
        [$(
            [
                include_bytes!(concat!("../demo/adapters/", $name, "/adapter_config.json")).as_slice(),
                include_bytes!(concat!("../demo/adapters/", $name, "/adapter_model.safetensors")),
            ],
        )+]
    };
}

const MODEL: [(&str, &[u8]); 3] = model!("config.json", "tokenizer.json", "model.safetensors");

/// In the rubric's order.
const ADAPTERS: [[&[u8]; 2]; 9] = adapters!(
    "realism",
    "deformation",
    "imagination",
    "color_richness",
    "color_contrast",
    "line_combination",
    "line_texture",
    "picture_organization",
    "transformation"
);

/// The base model.
#[must_use]
pub fn model() -> Rc<dyn Source> {
    let files = MODEL.map(|(name, bytes)| (name.to_owned(), bytes.to_vec()));
    Rc::new(Memory::new(NAME, files.into()))
}

/// Its nine adapters.
#[must_use]
pub fn adapters() -> Rc<dyn Source> {
    let names = ["adapter_config.json", "adapter_model.safetensors"];
    let files = Attribute::ALL.iter().zip(ADAPTERS).flat_map(|(attribute, bytes)| {
        names
            .into_iter()
            .zip(bytes)
            .map(move |(name, bytes)| (format!("{attribute}/{name}"), bytes.to_vec()))
    });
    Rc::new(Memory::new(NAME, files.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Assessor, Image, LoadOptions};
    use burn::tensor::Device;
    use pollster::block_on;

    #[test]
    fn it_loads_with_all_nine_adapters_and_tells_pictures_apart() {
        let device = Device::flex();
        let loading = Assessor::load(model(), Some(adapters()), LoadOptions::new(), &device);
        let mut assessor = block_on(loading).unwrap();
        assert_eq!(assessor.attributes(), Attribute::ALL);
        let mut scored = |name: &str| {
            let path = format!("../tests/fixtures/golden/case3/{name}");
            let image = Image::decode(&std::fs::read(path).unwrap()).unwrap();
            let assessment = block_on(assessor.assess(&image)).unwrap();
            assessment.iter().map(|(_, score)| score.expected()).collect::<Vec<_>>()
        };
        let (first, second) = (scored("drawing_0.png"), scored("drawing_1.png"));
        assert!(first.iter().chain(&second).all(|score| (1.0..=5.0).contains(score)));
        assert!(first.iter().zip(&second).all(|(a, b)| a != b), "{first:?} {second:?}");
    }

    #[test]
    fn it_is_small() {
        let model: usize = MODEL.iter().map(|(_, bytes)| bytes.len()).sum();
        let adapters: usize = ADAPTERS.iter().flatten().map(|bytes| bytes.len()).sum();
        assert!(model + adapters <= 8 << 20, "{model} + {adapters}");
    }
}
