//! The command line's arguments.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum, value_parser};
use easel::size::Bytes;
use easel_core::device::Choice;
use easel_core::measure::Op;
use easel_core::model::Asked;
use easel_core::prompt::Language;
use easel_core::rubric::Attribute;
use easel_core::{LoadOptions, Precision};

/// Private, on-device feedback on children's drawings.
#[derive(Debug, Parser)]
#[command(name = "easel", version, about, long_about = None)]
pub struct Cli {
    /// What to do; without one, the window opens.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Open the window, as `easel` or `easel DRAWING` alone do.
    Open(OpenArgs),
    /// Score drawings on nine rubric attributes, with their uncertainty.
    Score(ScoreArgs),
    /// Look at the drawings of a class, and write tables and report cards.
    Class(crate::classes::ClassArgs),
    /// Ask the model a question about a drawing.
    Ask(AskArgs),
    /// Show what this machine offers, and which device `auto` takes.
    Devices(DevicesArgs),
    /// Pack a model and its adapters for a page, a stick or a class server, or verify a pack.
    Pack(PackArgs),
    /// Serve the page and a pack to tablets that have no internet.
    Serve(crate::serve::ServeArgs),
    /// Print what is to be read about Easel: for children, parents and schools, and a model card.
    About(crate::about::AboutArgs),
    /// Measure how fast this machine is with a model of random weights.
    Bench(BenchArgs),
    /// Bring a model from the hub to the cache, verified.
    Fetch(FetchArgs),
    /// Measure how well predictions agree with teachers' scores.
    Evaluate(crate::evaluate::EvaluateArgs),
    /// Train adapters by RAFT on labelled drawings.
    #[cfg(feature = "train")]
    Train(crate::train::args::TrainArgs),
    /// Score a labelled data set, in the published format.
    #[cfg(feature = "train")]
    Predict(crate::train::args::PredictArgs),
    /// Make a data set of drawings, to try training with.
    #[cfg(feature = "train")]
    Drawings(crate::train::args::DrawingsArgs),
    /// Train the demo's base model from nothing.
    #[cfg(feature = "train")]
    #[command(hide = true)]
    Pretrain(crate::train::args::PretrainArgs),
}

/// Arguments of `easel open`.
#[derive(Debug, Default, Args)]
pub struct OpenArgs {
    /// A drawing to begin with.
    #[arg(value_name = "DRAWING")]
    pub picture: Option<PathBuf>,
}

/// Which model computes, and where.
#[derive(Debug, Args)]
pub struct ModelArgs {
    /// A model folder or pack, a GGUF file, a hub id such as Qwen/Qwen2.5-VL-3B-Instruct@main
    /// (with a GGUF file's name behind it, where it has those), or the demo within.
    #[arg(long, value_name = "MODEL", default_value = DEFAULT_MODEL)]
    pub model: String,
    /// The GGUF file of the vision tower; without it, the only one named mmproj beside --model.
    #[arg(long, value_name = "FILE.gguf")]
    pub mmproj: Option<String>,
    /// A folder or hub id with adapters for any of the nine attributes, or `none`; without it,
    /// those that come with the model.
    #[arg(long, value_name = "ADAPTERS")]
    pub adapters: Option<String>,
    /// The tokenizer.json of a model that comes without one.
    #[arg(long, value_name = "FILE")]
    pub tokenizer: Option<PathBuf>,
    /// Where to compute.
    #[arg(long, value_enum, default_value_t)]
    pub device: DeviceArg,
    #[command(flatten)]
    pub memory: MemoryArgs,
}

/// How large matrices are kept.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct PrecisionArgs {
    /// How large matrices are kept: as they are stored where that is in blocks, else 4 bits for
    /// models of a billion weights and more, else 32.
    #[arg(long, value_enum, value_name = "f32|bf16|q8|q4")]
    pub weights: Option<WeightsArg>,
    /// The same for the vision tower alone; without it as --weights, at 8 bits or more.
    #[arg(long, value_enum, value_name = "f32|bf16|q8|q4")]
    pub vision: Option<WeightsArg>,
}

impl PrecisionArgs {
    /// What is asked for the precision of weights.
    pub fn asked(self) -> Asked {
        Asked { weights: self.weights.map(Into::into), vision: self.vision.map(Into::into) }
    }
}

/// How much memory a model may take on the device.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct MemoryArgs {
    #[command(flatten)]
    pub precision: PrecisionArgs,
    /// Hold one half of the model on the device at a time: pictures are encoded first, many
    /// together, then the language model takes the vision tower's place.
    #[arg(long)]
    pub low_memory: bool,
    /// Refuse a model that would take more on the device, such as 2GB or 800MB; without it
    /// EASEL_MEMORY_LIMIT says so.
    #[arg(long, value_name = "SIZE")]
    pub memory_limit: Option<Bytes>,
}

impl MemoryArgs {
    /// Options to load a model with that say the same.
    pub fn apply(self, mut options: LoadOptions) -> LoadOptions {
        let Asked { weights, vision } = self.precision.asked();
        (options.weights, options.vision) = (weights, vision);
        options.with_low_memory(self.low_memory)
    }
}

/// Arguments of `easel devices`.
#[derive(Debug, Args)]
pub struct DevicesArgs {
    /// Also tell what a model would take there; it is not loaded.
    #[arg(long, value_name = "MODEL")]
    pub plan: Option<String>,
    #[command(flatten)]
    pub memory: MemoryArgs,
}

/// Arguments of `easel pack`.
#[derive(Debug, Args)]
pub struct PackArgs {
    /// What is packed, as --model takes it; with --verify, the pack.
    #[arg(value_name = "MODEL")]
    pub model: String,
    /// The GGUF file of the vision tower.
    #[arg(long, value_name = "FILE.gguf")]
    pub mmproj: Option<String>,
    /// A folder or hub id with adapters to take along; without it, those that come with the model.
    #[arg(long, value_name = "ADAPTERS")]
    pub adapters: Option<String>,
    #[command(flatten)]
    pub precision: PrecisionArgs,
    /// The new folder.
    #[arg(long, value_name = "DIR", required_unless_present = "verify")]
    pub out: Option<PathBuf>,
    /// Under which terms the model may be used, for the pack's manifest.
    #[arg(long, value_name = "TEXT", default_value = "as its source says")]
    pub licence: String,
    /// Check every file of a pack against its sum instead.
    #[arg(long, conflicts_with_all = ["out", "adapters", "weights", "vision", "mmproj"])]
    pub verify: bool,
}

/// Arguments of `easel bench`.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// The model's sizes: those of the demo, of Qwen2.5-VL 3B, or of 7B.
    #[arg(long, value_enum, default_value_t = ShapeArg::Tiny)]
    pub shape: ShapeArg,
    #[command(flatten)]
    pub memory: MemoryArgs,
    /// Layers of either tower, instead of the shape's: memory and time of a part. Of 4-bit weights the
    /// first layer is kept at 8 bits: take two or more.
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..=100))]
    pub layers: Option<u16>,
    /// Where to compute.
    #[arg(long, value_enum, default_value_t)]
    pub device: DeviceArg,
    /// Threads of the processor; without it, all.
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Tokens that are written, one after another.
    #[arg(long, value_name = "N", default_value_t = 16)]
    pub tokens: usize,
    /// How often what can be repeated is; the fastest counts.
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..=1000), default_value_t = 3)]
    pub repeat: u16,
    /// Measures again with each kernel, or each of these, replaced by what stands in for it: what it
    /// brings.
    #[arg(
        long,
        value_name = "KERNEL,..",
        num_args = 0..=1,
        default_missing_value = "all",
        value_delimiter = ',',
        value_parser = kernel
    )]
    pub compare: Vec<Option<Op>>,
}

/// The kernel of a name; none for all of them.
fn kernel(name: &str) -> Result<Option<Op>, String> {
    match Op::ALL.into_iter().find(|op| op.name() == name) {
        Some(op) => Ok(Some(op)),
        None if name == "all" => Ok(None),
        None => Err(format!("expected all, or some of {}", Op::ALL.map(Op::name).join(", "))),
    }
}

/// A model's sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ShapeArg {
    /// The demo's.
    Tiny,
    /// Qwen2.5-VL 3B.
    #[value(name = "3b")]
    ThreeB,
    /// Qwen2.5-VL 7B.
    #[value(name = "7b")]
    SevenB,
}

/// How large matrices are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum WeightsArg {
    /// 32-bit floats.
    F32,
    /// The upper halves of 32-bit floats.
    Bf16,
    /// 8 bits, in blocks with a scale.
    Q8,
    /// 4 bits, in blocks with a scale; the vision tower at 8, unless asked otherwise.
    Q4,
}

impl From<WeightsArg> for Precision {
    fn from(arg: WeightsArg) -> Self {
        match arg {
            WeightsArg::F32 => Self::F32,
            WeightsArg::Bf16 => Self::Bf16,
            WeightsArg::Q8 => Self::Q8,
            WeightsArg::Q4 => Self::Q4,
        }
    }
}

/// The model that is taken where none is named.
pub const DEFAULT_MODEL: &str = easel_core::demo::NAME;

impl ModelArgs {
    /// Whether the demo model speaks.
    pub fn is_demo(&self) -> bool {
        self.model == easel_core::demo::NAME
    }
}

/// Arguments of `easel score`.
#[derive(Debug, Args)]
pub struct ScoreArgs {
    /// Pictures, or folders of them.
    #[arg(required = true, value_name = "IMAGE|DIR")]
    pub inputs: Vec<PathBuf>,
    #[command(flatten)]
    pub model: ModelArgs,
    /// How results are written; with --out, its ending decides by default.
    #[arg(long, value_enum)]
    pub format: Option<ScoreFormat>,
    /// Append results to this file, picture by picture; finished pictures are skipped.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Also write a comment on each drawing.
    #[arg(long)]
    pub comment: bool,
    /// Also show which parts of the drawing one attribute's score comes from: by how many points it
    /// falls where each of 4 x 4 parts is covered.
    #[arg(long = "where", value_name = "ATTRIBUTE")]
    pub where_from: Option<Attribute>,
    /// The comment's language: en or zh.
    #[arg(long, default_value_t, requires = "comment")]
    pub language: Language,
    /// The most tokens of a comment.
    #[arg(long, value_name = "N", default_value_t = 160, requires = "comment")]
    pub max_tokens: usize,
    /// Keep each picture's own shape instead of fitting it into 224 x 224.
    #[arg(long)]
    pub own_shape: bool,
    /// With --own-shape, the largest area in pixels.
    #[arg(
        long,
        value_name = "N",
        value_parser = value_parser!(u64).range(1..),
        default_value_t = DEFAULT_MAX_PIXELS,
        requires = "own_shape"
    )]
    pub max_pixels: u64,
    /// Score only a part of the pictures, the I-th of N, so that N machines share the work.
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
    /// Show how long each stage took, and the memory used.
    #[arg(long)]
    pub timings: bool,
}

/// The largest picture that is shown to the model in its own shape: 512 tokens.
const DEFAULT_MAX_PIXELS: u64 = 512 * 28 * 28;

/// Arguments of `easel ask`.
#[derive(Debug, Args)]
pub struct AskArgs {
    /// The picture.
    pub image: PathBuf,
    /// What to ask.
    #[arg(long, value_name = "TEXT")]
    pub prompt: String,
    #[command(flatten)]
    pub model: ModelArgs,
    /// Answer with one attribute's adapter (from --adapters).
    #[arg(long, value_name = "ATTRIBUTE")]
    pub adapter: Option<Attribute>,
    /// The most tokens of the answer.
    #[arg(long, value_name = "N", default_value_t = 256)]
    pub max_tokens: usize,
    /// The largest area in pixels that the picture is shown with.
    #[arg(
        long,
        value_name = "N",
        value_parser = value_parser!(u64).range(1..),
        default_value_t = DEFAULT_MAX_PIXELS
    )]
    pub max_pixels: u64,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t)]
    pub format: AskFormat,
    /// Write by chance, as the model's generation_config.json says, instead of greedily.
    #[arg(long)]
    pub sample: bool,
    /// With --sample: where the chance begins.
    #[arg(long, value_name = "N", default_value_t = 0, requires = "sample")]
    pub seed: u64,
    /// With --sample: instead of the model's.
    #[arg(long, value_name = "X", requires = "sample")]
    pub temperature: Option<f32>,
    /// With --sample: instead of the model's.
    #[arg(long, value_name = "X", requires = "sample")]
    pub top_p: Option<f32>,
    /// With --sample: instead of the model's.
    #[arg(long, value_name = "X", requires = "sample")]
    pub repetition_penalty: Option<f32>,
}

/// One of several equal parts of a work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    index: usize,
    count: usize,
}

impl Shard {
    /// Whether the work's item of this number, from 0, is in this part.
    pub const fn has(self, item: usize) -> bool {
        item % self.count == self.index - 1
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.split_once('/');
        let parts = parts.and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
        match parts {
            Some((index, count)) if (1..=count).contains(&index) => Ok(Self { index, count }),
            _ => Err(format!("'{text}' is no part; expected one such as 3/16, from 1/16 to 16/16")),
        }
    }
}

/// Arguments of `easel fetch`.
#[derive(Debug, Args)]
pub struct FetchArgs {
    /// A hub id, with an optional revision: owner/name@revision.
    pub model: String,
}

/// How scores are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ScoreFormat {
    /// For people.
    Table,
    /// JSON Lines, one object a picture.
    Json,
    /// A table for spreadsheets, one line a picture.
    Csv,
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum AskFormat {
    /// As it comes.
    #[default]
    Text,
    /// One object at the end.
    Json,
}

/// Where to compute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum DeviceArg {
    /// A real GPU where there is one, else the processor.
    #[default]
    Auto,
    /// The best adapter there is, a software one too.
    Gpu,
    /// The processor.
    Cpu,
}

impl From<DeviceArg> for Choice {
    fn from(device: DeviceArg) -> Self {
        match device {
            DeviceArg::Auto => Self::Auto,
            DeviceArg::Gpu => Self::Gpu,
            DeviceArg::Cpu => Self::Cpu,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn parts_share_the_work_without_overlap() {
        let parts: Vec<Shard> = ["1/3", "2/3", "3/3"].map(|text| text.parse().unwrap()).to_vec();
        for item in 0..10 {
            assert_eq!(parts.iter().filter(|part| part.has(item)).count(), 1);
        }
        for wrong in ["0/3", "4/3", "1/0", "1", "a/b", "1/2/3", "-1/3"] {
            assert!(wrong.parse::<Shard>().unwrap_err().contains("expected one such as 3/16"));
        }
    }

    #[test]
    fn attributes_are_read_in_any_spelling() {
        let line = ["easel", "ask", "a.png", "--prompt", "Why?", "--adapter", "Line Texture"];
        let Some(Command::Ask(args)) = Cli::try_parse_from(line).unwrap().command else { panic!() };
        assert_eq!(args.adapter, Some(Attribute::LineTexture));
    }
}
