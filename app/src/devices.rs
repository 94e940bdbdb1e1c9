//! `easel devices`.

use std::fmt::Write;

use easel_core::Precision;
use easel_core::device::{Choice, adapters, open};
use easel_core::model::DevicePlan;
use indicatif::HumanBytes;

use crate::args::DevicesArgs;
use crate::failure::Failure;
use crate::session;
use crate::terminal::print;

/// Tokens of a prompt about a picture of 224 x 224 pixels, with room.
const PROMPT: usize = 128;

/// Lists what this machine offers and what `auto` takes, and plans a model.
pub fn run(args: &DevicesArgs) -> Result<(), Failure> {
    let mut text = String::new();
    let found = adapters();
    if found.is_empty() {
        text.push_str("gpu   none: no Vulkan, Metal or DirectX 12 driver was found\n");
    }
    for adapter in &found {
        let binding = HumanBytes(adapter.max_binding);
        let driver = &adapter.driver;
        let _ = writeln!(text, "gpu   {adapter}; driver {driver}; buffers up to {binding}");
    }
    let cpu = open(Choice::Cpu)?;
    let _ = writeln!(text, "cpu   {}", cpu.name);
    let auto = open(Choice::Auto)?;
    let _ = writeln!(text, "auto  takes {}: {}", auto.name, auto.reason);
    if let Some(best) = found.first() {
        let _ = writeln!(text, "      --device gpu takes {best}");
    }
    if let Some(name) = &args.plan {
        let config = session::config(&*session::model(name, None)?)?;
        let precision = args.weights.map_or(Precision::of(&config), Into::into);
        let plan = DevicePlan::new(&config, precision, PROMPT);
        let _ = writeln!(text, "plan  of {name}\n{plan}");
        for adapter in found.iter().filter(|adapter| (adapter.max_binding as f64) < plan.largest) {
            let _ = writeln!(text, "      too large a buffer for {adapter}");
        }
    }
    print(&text)
}
