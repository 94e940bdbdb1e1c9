//! `easel devices`.

use std::fmt::Write;

use easel_core::device::{Choice, adapters, open};
use easel_core::model::Work;
use indicatif::HumanBytes;

use crate::args::DevicesArgs;
use crate::failure::Failure;
use crate::plan::{Limits, Planner};
use crate::session;
use crate::terminal::print;

/// Tokens of a comment.
const WRITTEN: usize = 160;

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
        let planner = Planner::new(&session::model(name, None)?)?;
        let (asked, low_memory) = (args.memory.precision.asked(), args.memory.low_memory);
        for (what, written) in [("scores", 0), ("scores and text", WRITTEN)] {
            let work = Work { low_memory, written, ..Work::default() };
            let plan = planner.plan(asked, work)?;
            let _ = writeln!(text, "plan  of {name}, for {what}\n{plan}");
            for adapter in found.iter().filter(|adapter| adapter.max_binding < plan.largest) {
                let _ = writeln!(text, "      too large a buffer for {adapter}");
            }
            let binding = found.first().map(|adapter| adapter.max_binding);
            let limits = Limits::new(args.memory, binding)?;
            if let Err(refused) = planner.check(asked, work, limits) {
                let _ = writeln!(text, "      {refused}");
            }
        }
    }
    print(&text)
}
