//! `easel bench`: how fast this machine is, with a model of random weights.

use std::rc::Rc;
use std::time::{Duration, Instant};

use easel::native;
use easel_core::assess::{Framing, Picture, TextOptions};
use easel_core::device;
use easel_core::measure::{self, Op, Replaced};
use easel_core::model::{ModelConfig, Published, RandomModel, Tower, Work};
use easel_core::prompt::{scoring_prompt, whole_words};
use easel_core::weights::Source;
use easel_core::{Assessor, Attribute, Error, Image, LoadOptions, Precision, demo};
use serde_json::{Value, json};

use crate::args::{BenchArgs, ShapeArg};
use crate::failure::Failure;
use crate::memory::Memory;
use crate::plan::{Limits, Planner};
use crate::progress::LoadBar;
use crate::terminal::{note, print};

/// The settings of a model of a published shape; none for the demo's.
fn config(shape: ShapeArg, layers: Option<u16>) -> Option<String> {
    let model = match shape {
        ShapeArg::Tiny => return None,
        ShapeArg::ThreeB => Published::ThreeB,
        ShapeArg::SevenB => Published::SevenB,
    };
    Some(model.config_json(layers.map(usize::from)))
}

/// Measures, and prints JSON.
pub fn run(args: &BenchArgs) -> Result<(), Failure> {
    if let Some(threads) = args.threads {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(usize::from(threads));
        // A second pool of one process is refused; there is no first one yet.
        let _ = pool.build_global();
    }
    let demo = demo::model();
    let read = |name| pollster::block_on(demo.read_all(name, u64::MAX)).map_err(Error::from);
    let tokenizer = read("tokenizer.json")?;
    let (json, tokenizer) = match config(args.shape, args.layers) {
        Some(json) => (json, whole_words(&tokenizer).map_err(Error::from)?),
        None => (String::from_utf8_lossy(&read("config.json")?).into_owned(), tokenizer),
    };
    let broken = |error| Error::Config { file: "config.json".to_owned(), error };
    let sizes = ModelConfig::from_json(&json).map_err(broken)?;
    let adapters: Rc<dyn Source> = Rc::new(RandomModel::adapters(&sizes));
    let model: Rc<dyn Source> = Rc::new(RandomModel::new(&json, tokenizer).map_err(broken)?);
    let mut options = args.memory.apply(LoadOptions::new().with_timings(true));
    let precision = options.weights.unwrap_or(Precision::of(&sizes));
    options.weights = Some(precision);
    let asked = options.asked();
    let planner = Planner::new(&model)?;

    let start = Instant::now();
    let opened = device::open(args.device.into())?;
    let kernels = native::tune(&opened);
    note(&format!("computing on {}: {}", opened.name, opened.reason));
    let limits = Limits::new(args.memory, opened.max_binding)?;
    let work = Work { low_memory: args.memory.low_memory, ..Work::default() };
    planner.check(asked, work, limits)?;
    let bar = LoadBar::new();
    let mut show = |at| bar.set(at);
    let loading =
        Assessor::load_with_progress(model, Some(adapters), options, &opened.device, &mut show);
    let mut assessor = pollster::block_on(loading)?;
    bar.clear();
    let load = start.elapsed();

    let image = picture()?;
    let loaded = Memory::measure(&opened.device, assessor.weight_bytes());
    let picture = assessor.encode(&image, Framing::default())?;
    pollster::block_on(assessor.score(&picture))?;
    let cold = start.elapsed();
    let best = nine_scores(&mut assessor, &image, args.repeat)?;
    let rows = assessor.attributes().len();
    let length = |attribute: &Attribute| {
        let ids = assessor.tokenizer().chat(&scoring_prompt(*attribute), picture.tokens());
        ids.map(|ids| ids.len()).map_err(Error::from)
    };
    let lengths = assessor.attributes().iter().map(length).collect::<Result<Vec<_>, _>>()?;
    let length = lengths.into_iter().max().unwrap_or(0);
    let scores_only = Memory::measure(&opened.device, assessor.weight_bytes());

    // What is new to the device is compiled in a run that does not count.
    decode(&mut assessor, &picture, 2)?;
    let decoded = decode(&mut assessor, &picture, args.tokens)?;
    let memory = Memory::measure(&opened.device, assessor.weight_bytes());

    let work = Work { length, ..work };
    let plan = planner.plan(asked, work)?;
    let with_text = planner.plan(asked, Work { written: args.tokens, ..work })?;
    let copy = measure::copy(&opened.device).map_err(Error::from)?;
    let matmul = measure::matmul(&opened.device).map_err(Error::from)?;
    let text_weights = sizes.text.weights() as f64;
    let prefill = (rows * length) as f64 / best.language.as_secs_f64();
    let per_second = args.tokens as f64 / decoded.as_secs_f64();
    let read = plan.text as f64 * per_second;
    let flops = 2.0 * text_weights * prefill;
    let mut report = json!({
        "device": opened.name,
        "weights": precision.to_string(),
        "kernels": kernels,
        "seconds": {
            "load": load.as_secs_f64(),
            "cold_to_first_score": cold.as_secs_f64(),
            "warm_nine_scores": best.all.as_secs_f64(),
            "vision": best.vision.as_secs_f64(),
            "language": best.language.as_secs_f64(),
        },
        "prompt_tokens": length,
        "prefill_tokens_per_second": prefill,
        "decode_tokens_per_second": per_second,
        "bytes": {
            "weights": memory.weights,
            "plan_scores_only": plan.peak(),
            "plan": with_text.peak(),
            "plan_towers": plan.towers(),
            "plan_activations": plan.activations,
            "device_loaded": loaded.device,
            "device_scores_only": scores_only.device,
            "device": memory.device,
            "host_peak": memory.host_peak,
        },
        "decode_gb_per_second": read / 1e9,
        "copy_gb_per_second": copy / 1e9,
        "decode_share_of_copy": read / copy,
        "prefill_gflops": flops / 1e9,
        "matmul_gflops": matmul / 1e9,
        "prefill_share_of_matmul": flops / matmul,
    });
    if !args.compare.is_empty() {
        report["compare"] = compare(&mut assessor, (&image, &picture), args, [best.all, decoded])?;
    }
    print(&format!("{report:#}\n"))
}

/// The same with each kernel replaced by its reference: seconds, and how many times the kernel's.
fn compare(
    assessor: &mut Assessor,
    (image, picture): (&Image, &Picture),
    args: &BenchArgs,
    kernels: [Duration; 2],
) -> Result<Value, Failure> {
    let mut found = serde_json::Map::new();
    let wanted = |op: &Op| args.compare.contains(&None) || args.compare.contains(&Some(*op));
    for op in Op::ALL.into_iter().filter(|op| op.is_there() && wanted(op)) {
        note(&format!("without the kernel {}", op.name()));
        let _replaced = Replaced::new(op);
        // What is new to the device is compiled in a run that does not count.
        nine_scores(assessor, image, 1)?;
        let nine = nine_scores(assessor, image, args.repeat)?.all;
        decode(assessor, picture, 1)?;
        let decoded = decode(assessor, picture, args.tokens)?;
        let ratio =
            |reference: Duration, kernel: Duration| reference.as_secs_f64() / kernel.as_secs_f64();
        let figures = json!({
            "warm_nine_scores": nine.as_secs_f64(),
            "nine_scores_ratio": ratio(nine, kernels[0]),
            "decode": decoded.as_secs_f64(),
            "decode_ratio": ratio(decoded, kernels[1]),
        });
        found.insert(op.name().to_owned(), figures);
    }
    Ok(found.into())
}

/// The fastest of some runs of a picture's encoding and its nine scores.
fn nine_scores(assessor: &mut Assessor, image: &Image, runs: u16) -> Result<Stages, Failure> {
    let mut best = Stages::default();
    for _ in 0..runs {
        pollster::block_on(assessor.stage(Tower::Vision, &mut |_| ()))?;
        let start = Instant::now();
        let picture = assessor.encode(image, Framing::default())?;
        let vision = assessor.timings().vision;
        pollster::block_on(assessor.score(&picture))?;
        let timings = assessor.timings();
        best.take(Stages { vision, language: timings.language, all: start.elapsed() });
    }
    Ok(best)
}

/// The fastest of some runs.
#[derive(Debug, Clone, Copy, Default)]
struct Stages {
    vision: Duration,
    language: Duration,
    all: Duration,
}

impl Stages {
    fn take(&mut self, other: Self) {
        if self.all.is_zero() || other.all < self.all {
            *self = other;
        }
    }
}

/// A picture of stripes: what is on it changes no time.
fn picture() -> Result<Image, Failure> {
    let side = 224;
    let rgb = (0..side * side).flat_map(|i| [(i % side) as u8, (i / side) as u8, (i % 7) as u8]);
    Ok(Image::from_rgb(side as u32, side as u32, rgb.collect()).map_err(Error::from)?)
}

/// The time of writing some tokens behind a prompt, whose own pass does not count.
fn decode(assessor: &mut Assessor, picture: &Picture, tokens: usize) -> Result<Duration, Failure> {
    let stream = assessor.ask(picture, "?", None, TextOptions::default());
    let mut stream = pollster::block_on(stream)?;
    // Reading the logits waits for the device; which token follows changes no time.
    pollster::block_on(stream.logits())?;
    let start = Instant::now();
    for _ in 0..tokens {
        pollster::block_on(stream.force(0))?;
        pollster::block_on(stream.logits())?;
    }
    Ok(start.elapsed())
}
