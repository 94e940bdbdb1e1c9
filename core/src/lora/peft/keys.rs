//! The keys of `adapter_model.safetensors`.

use super::target::Target;
use crate::weights::canonical;

/// What peft puts before the base model's own names.
const PREFIX: &str = "base_model.model.";
/// Why the vision tower takes no adapter.
pub(super) const VISION: &str =
    "the vision tower takes no adapter, as a picture is encoded once for all nine attributes";

/// Which factor of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// `lora_A`, applied first.
    A,
    /// `lora_B`.
    B,
}

/// A key taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) layer: usize,
    pub(super) target: Target,
    pub(super) side: Side,
    /// The linear's name in the model that the adapter was trained with.
    pub(super) module: String,
}

impl Key {
    /// Reads a key such as
    /// `base_model.model.model.language_model.layers.3.self_attn.q_proj.lora_A.weight`, with or
    /// without `language_model.` and with or without the adapter's name before `weight`.
    ///
    /// Fails with what does not fit.
    pub(super) fn parse(key: &str, layers: usize) -> Result<Self, String> {
        let inner = key.strip_prefix(PREFIX);
        let inner = inner.ok_or_else(|| format!("expected {PREFIX}… as peft writes it"))?;
        let name = canonical(inner);
        if name.starts_with("visual.") {
            return Err(VISION.to_owned());
        }
        let other = || {
            "expected model.layers.N, one of the layer's seven linears, and lora_A.weight or \
             lora_B.weight"
                .to_owned()
        };
        let rest = name.strip_prefix("model.layers.").ok_or_else(other)?;
        let parts: Vec<&str> = rest.split('.').collect();
        let (layer, module, linear, side) = match parts[..] {
            [layer, module, linear, side, "weight"] => (layer, module, linear, side),
            // Saved by peft's older ways, with the adapter's name inside.
            [layer, module, linear, side, _, "weight"] => (layer, module, linear, side),
            _ => return Err(other()),
        };
        let side = match side {
            "lora_A" => Side::A,
            "lora_B" => Side::B,
            _ => return Err(other()),
        };
        let target = Target::from_name(linear).filter(|target| target.module() == module);
        let target = target.ok_or_else(|| format!("a layer has no linear {module}.{linear}"))?;
        let digits = layer.bytes().all(|byte| byte.is_ascii_digit());
        let number = layer.parse::<usize>().ok().filter(|_| digits).ok_or_else(other)?;
        if number >= layers {
            return Err(format!("expected a layer below {layers}, found {layer}"));
        }
        let module = inner.split(".lora_").next().unwrap_or(inner).to_owned();
        Ok(Self { layer: number, target, side, module })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_spellings_of_peft_are_read() {
        let keys = [
            "base_model.model.model.layers.3.self_attn.q_proj.lora_A.weight",
            "base_model.model.model.language_model.layers.3.self_attn.q_proj.lora_A.weight",
            "base_model.model.model.layers.3.self_attn.q_proj.lora_A.default.weight",
            "base_model.model.language_model.model.layers.3.self_attn.q_proj.lora_A.weight",
        ];
        for key in keys {
            let Key { layer, target, side, module } = Key::parse(key, 4).unwrap();
            assert_eq!((layer, target, side), (3, Target::Q, Side::A));
            assert!(module.ends_with("layers.3.self_attn.q_proj"), "{module}");
        }
        let key = Key::parse("base_model.model.model.layers.0.mlp.up_proj.lora_B.weight", 1);
        assert_eq!(key.unwrap().side, Side::B);
    }

    #[test]
    fn what_does_not_fit_is_said() {
        let error = |inner: &str| Key::parse(&format!("base_model.model.{inner}"), 4).unwrap_err();
        let cases = [
            ("model.layers.4.self_attn.q_proj.lora_A.weight", "a layer below 4, found 4"),
            ("model.layers.+1.self_attn.q_proj.lora_A.weight", "expected model.layers.N"),
            ("model.layers..self_attn.q_proj.lora_A.weight", "expected model.layers.N"),
            ("model.layers.99999999999999999999.mlp.up_proj.lora_A.weight", "expected model"),
            ("model.layers.1.mlp.q_proj.lora_A.weight", "no linear mlp.q_proj"),
            ("model.layers.1.self_attn.qkv.lora_A.weight", "no linear self_attn.qkv"),
            ("model.layers.1.self_attn.q_proj.lora_A.bias", "lora_B.weight"),
            ("model.layers.1.self_attn.q_proj.lora_magnitude_vector", "lora_B.weight"),
            ("model.layers.1.self_attn.q_proj.lora_C.weight", "lora_B.weight"),
            ("lm_head.lora_A.weight", "lora_B.weight"),
            ("visual.blocks.0.attn.qkv.lora_A.weight", "vision tower takes no adapter"),
            ("model.visual.merger.mlp.0.lora_A.weight", "vision tower takes no adapter"),
        ];
        for (inner, expected) in cases {
            assert!(error(inner).contains(expected), "{inner}: {}", error(inner));
        }
        let error = Key::parse("model.layers.1.mlp.up_proj.lora_A.weight", 4).unwrap_err();
        assert!(error.contains("base_model.model."), "{error}");
        assert!(Key::parse("", 4).is_err());
    }
}
