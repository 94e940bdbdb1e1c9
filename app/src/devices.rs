//! `easel devices`.

use std::fmt::Write;

use easel_core::device::{Choice, adapters, open};
use indicatif::HumanBytes;

use crate::failure::Failure;
use crate::terminal::print;

/// Lists what this machine offers and what `auto` takes.
pub fn run() -> Result<(), Failure> {
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
    print(&text)
}
