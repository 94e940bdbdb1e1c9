//! Models of random weights, made as they are read: for benches at sizes that are not at hand.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::{Map, Value, json};

use crate::lora::Target;
use crate::model::shapes::tensors;
use crate::model::{ConfigError, ModelConfig};
use crate::rubric::Attribute;
use crate::weights::{Memory, Pending, Source, WeightsError};

const WEIGHTS: &str = "model.safetensors";

/// A checkpoint in bfloat16 whose every value follows from its place: no file, and the same on
/// every machine.
///
/// Matrices are uniform with a deviation of 1/√inputs, norms one.
#[derive(Debug)]
pub struct RandomModel {
    files: Memory,
    header: Vec<u8>,
    /// First value of each tensor, and what the tensor is filled with.
    tensors: BTreeMap<u64, Fill>,
    /// Bytes of all values.
    data: u64,
}

#[derive(Debug, Clone, Copy)]
enum Fill {
    Ones,
    /// Between minus and plus this.
    Uniform(f32),
}

impl RandomModel {
    /// A model of the sizes that `config_json` names, with a tokenizer of `tokenizer_json`.
    ///
    /// # Errors
    /// When the configuration is not one of Qwen2.5-VL.
    pub fn new(config_json: &str, tokenizer_json: Vec<u8>) -> Result<Self, ConfigError> {
        let config = ModelConfig::from_json(config_json)?;
        let files = [
            ("config.json".to_owned(), config_json.as_bytes().to_vec()),
            ("tokenizer.json".to_owned(), tokenizer_json),
        ];
        Ok(Self::of("random", files.into(), &tensors(&config)))
    }

    /// An adapter of rank 8 on q, k, v and o for each of the nine attributes.
    #[must_use]
    pub fn adapters(config: &ModelConfig) -> Memory {
        const RANK: usize = 8;
        let settings = json!({
            "peft_type": "LORA", "r": RANK, "lora_alpha": 16, "bias": "none",
            "target_modules": ["q_proj", "k_proj", "v_proj", "o_proj"],
        });
        let mut all = Vec::new();
        for layer in 0..config.text.num_hidden_layers {
            for (name, target) in
                [("q", Target::Q), ("k", Target::K), ("v", Target::V), ("o", Target::O)]
            {
                let (inputs, outputs) = target.sizes(&config.text);
                let name = format!("base_model.model.model.layers.{layer}.self_attn.{name}_proj");
                all.push((format!("{name}.lora_A.weight"), vec![RANK, inputs]));
                all.push((format!("{name}.lora_B.weight"), vec![outputs, RANK]));
            }
        }
        let made = Self::of("random", BTreeMap::new(), &all);
        let mut bytes = made.header.clone();
        bytes.extend(made.values(0..made.data));
        let mut files = BTreeMap::new();
        for attribute in Attribute::ALL {
            let file = |name: &str| format!("{attribute}/{name}");
            files.insert(file("adapter_config.json"), settings.to_string().into_bytes());
            files.insert(file("adapter_model.safetensors"), bytes.clone());
        }
        Memory::new("random adapters", files)
    }

    fn of(name: &str, files: BTreeMap<String, Vec<u8>>, tensors: &[(String, Vec<usize>)]) -> Self {
        let (mut header, mut fills, mut at) = (Map::new(), BTreeMap::new(), 0_u64);
        for (name, shape) in tensors {
            let end = at + 2 * shape.iter().map(|&side| side as u64).product::<u64>();
            let entry = json!({"dtype": "BF16", "shape": shape, "data_offsets": [at, end]});
            header.insert(name.clone(), entry);
            let inputs: usize = shape.iter().skip(1).product();
            let fill = match shape.len() {
                1 if name.contains("norm") || name.ends_with("ln_q.weight") => Fill::Ones,
                1 => Fill::Uniform(0.02),
                _ => Fill::Uniform((3.0 / inputs as f32).sqrt()),
            };
            fills.insert(at / 2, fill);
            at = end;
        }
        let json = Value::Object(header).to_string();
        let mut header = (json.len() as u64).to_le_bytes().to_vec();
        header.extend(json.into_bytes());
        Self { files: Memory::new(name, files), header, tensors: fills, data: at }
    }

    /// Bytes of the values' part of the file.
    fn values(&self, range: Range<u64>) -> Vec<u8> {
        let (first, last) = (range.start / 2, range.end.div_ceil(2));
        let mut bytes = Vec::with_capacity(2 * (last - first) as usize);
        let mut at = first;
        while at < last {
            let fill = self.tensors.range(..=at).next_back().map_or(Fill::Ones, |(_, fill)| *fill);
            let end = self.tensors.range(at + 1..).next().map_or(last, |(next, _)| *next).min(last);
            match fill {
                Fill::Ones => {
                    let one = half::bf16::ONE.to_le_bytes();
                    bytes.extend((at..end).flat_map(|_| one));
                }
                Fill::Uniform(bound) => {
                    let scale = bound / f32::from(i16::MAX);
                    bytes.extend((at..end).flat_map(|index| {
                        let value = f32::from((scrambled(index) >> 48) as i16) * scale;
                        ((value.to_bits() >> 16) as u16).to_le_bytes()
                    }));
                }
            }
            at = end;
        }
        let skipped = (range.start - 2 * first) as usize;
        bytes.drain(..skipped);
        bytes.truncate((range.end - range.start) as usize);
        bytes
    }
}

/// A number that looks like chance (the finaliser of splitmix64: Steele and others, 2014).
const fn scrambled(index: u64) -> u64 {
    let mut x = index.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

impl Source for RandomModel {
    fn name(&self) -> String {
        self.files.name()
    }

    fn files(&self) -> Pending<'_, Result<Vec<String>, WeightsError>> {
        Box::pin(async {
            let mut files = self.files.files().await?;
            files.push(WEIGHTS.to_owned());
            files.sort();
            Ok(files)
        })
    }

    fn size<'a>(&'a self, file: &'a str) -> Pending<'a, Result<u64, WeightsError>> {
        match file {
            WEIGHTS => Box::pin(async { Ok(self.header.len() as u64 + self.data) }),
            _ => self.files.size(file),
        }
    }

    fn read<'a>(
        &'a self,
        file: &'a str,
        range: Range<u64>,
    ) -> Pending<'a, Result<Vec<u8>, WeightsError>> {
        if file != WEIGHTS {
            return self.files.read(file, range);
        }
        Box::pin(async move {
            let header = self.header.len() as u64;
            let range = crate::weights::checked(
                || format!("{}/{file}", self.name()),
                &range,
                header + self.data,
            )?;
            let (start, end) = (range.start, range.end);
            let mut bytes =
                self.header[start.min(header) as usize..end.min(header) as usize].to_vec();
            bytes.extend(self.values(start.max(header) - header..end.max(header) - header));
            Ok(bytes)
        })
    }
}

#[cfg(test)]
mod tests {
    use pollster::block_on;

    use super::*;

    /// A model without end points: one matrix and one norm.
    fn small() -> RandomModel {
        let tensors = [("a.weight".to_owned(), vec![3, 5]), ("norm.weight".to_owned(), vec![4])];
        RandomModel::of("small", BTreeMap::new(), &tensors)
    }

    #[test]
    fn any_range_is_a_part_of_the_whole() {
        let model = small();
        let size = block_on(model.size(WEIGHTS)).unwrap();
        let whole = block_on(model.read(WEIGHTS, 0..size)).unwrap();
        assert_eq!(whole.len() as u64, size);
        for start in 0..size {
            for end in start..=size {
                let part = block_on(model.read(WEIGHTS, start..end)).unwrap();
                assert_eq!(part, whole[start as usize..end as usize]);
            }
        }
        assert!(block_on(model.read(WEIGHTS, 0..size + 1)).is_err());
    }

    #[test]
    fn matrices_are_spread_and_norms_are_one() {
        let values = small().values(0..2 * 19);
        let values: Vec<f32> = values
            .as_chunks::<2>()
            .0
            .iter()
            .map(|bytes| half::bf16::from_le_bytes(*bytes).to_f32())
            .collect();
        assert_eq!(values[15..], [1.0; 4]);
        let bound = (3.0_f32 / 5.0).sqrt();
        assert!(values[..15].iter().all(|value| value.abs() <= bound && *value != 0.0));
        assert!(values[..15].iter().any(|v| *v > 0.0) && values[..15].iter().any(|v| *v < 0.0));
    }
}
