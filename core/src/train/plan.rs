//! What a run will hold in memory, computed before it starts.

use std::fmt;

use crate::lora::Target;
use crate::model::{DevicePlan, Keeping, ModelConfig, Precision, Work};
use crate::train::settings::TrainSettings;

/// Bytes of a weight's part that is multiplied as f32.
const PART: f64 = (4 << 20) as f64;

/// Bytes of all that a run holds on the device at its peak.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    precision: Precision,
    recompute: bool,
    rows: [usize; 2],
    /// The language model's layers.
    pub text: f64,
    /// The vision tower.
    pub vision: f64,
    /// The head's rows that the loss reads.
    pub head: f64,
    /// Trained numbers, their gradients and the optimiser's two moments, f32 each.
    pub trained: f64,
    /// What the way back needs of the way there.
    pub activations: f64,
    /// A part of a weight as f32, where weights are kept smaller.
    pub scratch: f64,
}

impl Plan {
    /// For a micro-batch of `length` tokens a row.
    #[must_use]
    pub fn new(
        config: &ModelConfig,
        settings: &TrainSettings,
        length: usize,
        precision: Precision,
    ) -> Self {
        let text = &config.text;
        let (hidden, inner) = (text.hidden_size as f64, text.intermediate_size as f64);
        let queries = (text.num_attention_heads * text.head_dim) as f64;
        let keys = (text.num_key_value_heads * text.head_dim) as f64;
        let layers = text.num_hidden_layers as f64;
        let careful = precision.careful().bits();

        let head_rows = if settings.reads_vocabulary() { text.vocab_size as f64 } else { 5.0 };
        let trained = settings.target_modules.iter().fold(0.0, |sum, target: &Target| {
            let (inputs, outputs) = target.sizes(text);
            sum + (settings.rank * (inputs + outputs)) as f64
        }) * layers;

        let rows = settings.batch_size as f64;
        let tokens = rows * length as f64;
        // Of one block, in f32: what its operations keep for the way back. The residual stream,
        // two norms, queries and the attention's output (each with what adapters and rotary make
        // of it), keys and values, the feed-forward layer's six, and the attention's scores.
        let scores = rows * text.num_attention_heads as f64 * (length * length) as f64;
        let one =
            tokens * (10.0 * hidden + 8.0 * queries + 8.0 * keys + 6.0 * inner) + 4.0 * scores;
        let kept = if settings.recompute { layers * tokens * hidden + one } else { layers * one };
        let scratch = if precision == Precision::F32 { 0.0 } else { PART };
        Self {
            precision,
            recompute: settings.recompute,
            rows: [settings.batch_size, length],
            text: DevicePlan::new(config, Keeping::at(precision), None, Work::default()).text
                as f64,
            vision: config.vision.weights() as f64 * careful / 8.0,
            head: head_rows * hidden * careful / 8.0,
            trained: trained * 16.0,
            activations: kept * 4.0 + 3.0 * rows * head_rows * 4.0,
            scratch,
        }
    }

    /// All of it, in bytes.
    #[must_use]
    pub const fn total(&self) -> f64 {
        self.text + self.vision + self.head + self.trained + self.activations + self.scratch
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gib = |bytes: f64| format!("{:8.2} GiB", bytes / (1_u64 << 30) as f64);
        let weights = self.precision.to_string();
        let way = if self.recompute { "recomputed by block" } else { "kept" };
        let [rows, length] = self.rows;
        writeln!(f, "  language model, {weights:<24}{}", gib(self.text))?;
        writeln!(f, "  vision tower                            {}", gib(self.vision))?;
        writeln!(f, "  language head                           {}", gib(self.head))?;
        writeln!(f, "  trained values, gradients, AdamW        {}", gib(self.trained))?;
        let activations = format!("{rows} x {length} tokens, {way}");
        writeln!(f, "  {activations:<40}{}", gib(self.activations))?;
        writeln!(f, "  a part of a weight as f32               {}", gib(self.scratch))?;
        write!(f, "  together                                {}", gib(self.total()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Published;

    fn plan(precision: Precision, recompute: bool) -> Plan {
        let settings = TrainSettings { batch_size: 4, recompute, ..TrainSettings::default() };
        // A published prompt with a long comment and a picture of 64 tokens.
        Plan::new(&Published::SevenB.config(), &settings, 400, precision)
    }

    #[test]
    fn the_weights_are_as_many_as_published() {
        let plan = plan(Precision::Bf16, true);
        // 6.53 billion in the layers, 0.68 in the vision tower.
        assert!((plan.text / 2e9 - 6.526).abs() < 0.01, "{}", plan.text);
        assert!((plan.vision / 2e9 - 0.676).abs() < 0.01, "{}", plan.vision);
    }

    #[test]
    fn seven_billion_at_batch_four_fit_24_and_9_gigabytes() {
        let bf16 = plan(Precision::Bf16, true).total();
        let q4 = plan(Precision::Q4, true).total();
        assert!(bf16 < 24e9 && q4 < 9e9, "{bf16} {q4}");
        assert!(plan(Precision::Bf16, false).total() > 1.3 * bf16);
    }
}
