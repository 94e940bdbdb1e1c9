//! The arguments of training's commands.

use std::path::PathBuf;

use clap::{Args, ValueEnum, value_parser};

use crate::args::{DeviceArg, ModelArgs, WeightsArg};

/// The labelled pictures.
#[derive(Debug, Args)]
pub struct DataArgs {
    /// A sheet of scores: CSV with `name` and a column for each attribute, or JSON lines.
    #[arg(long, value_name = "CSV")]
    pub data: PathBuf,
    /// The folder of the pictures.
    #[arg(long, value_name = "DIR")]
    pub images: PathBuf,
    /// Leave out rows whose picture is not there, instead of stopping.
    #[arg(long)]
    pub skip_missing: bool,
    /// Count blanks as this score, as the published code does with 3; without it they are skipped.
    #[arg(long, value_name = "SCORE")]
    pub blank_as: Option<f64>,
}

/// Arguments of `easel train`.
#[derive(Debug, Args)]
pub struct TrainArgs {
    #[command(flatten)]
    pub data: DataArgs,
    /// A sheet to validate on; without it, a part of --data.
    #[arg(long, value_name = "CSV")]
    pub valid: Option<PathBuf>,
    /// Teachers' comments for the training prompt (JSON).
    #[arg(long, value_name = "FILE")]
    pub comments: Option<PathBuf>,
    /// An attribute, or `all` for one after another.
    #[arg(long, value_name = "ATTRIBUTE|all", required_unless_present = "attribute_index")]
    pub attribute: Option<String>,
    /// The attribute by its number from 0 to 8, as a cluster's scheduler counts jobs.
    #[arg(long, value_name = "N", value_parser = value_parser!(u8).range(..9), conflicts_with = "attribute")]
    pub attribute_index: Option<u8>,
    /// The base model: a folder or a hub id.
    #[arg(long, value_name = "MODEL")]
    pub model: String,
    /// The tokenizer.json of a model that comes without one.
    #[arg(long, value_name = "FILE")]
    pub tokenizer: Option<PathBuf>,
    /// Where to compute.
    #[arg(long, value_enum, default_value_t)]
    pub device: DeviceArg,
    /// How the frozen base's large matrices are kept: 4 bits for models of a billion weights and
    /// more, else 32.
    #[arg(long, value_enum, value_name = "f32|bf16|q8|q4")]
    pub weights: Option<WeightsArg>,
    /// The run's folder.
    #[arg(long, value_name = "RUN")]
    pub out: PathBuf,
    /// Settings (TOML); what it leaves out is as published.
    #[arg(long, value_name = "F.toml")]
    pub config: Option<PathBuf>,
    /// Stop after so many optimiser steps.
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..))]
    pub max_steps: Option<u64>,
    /// Go on with a run that was interrupted.
    #[arg(long)]
    pub resume: bool,
    /// Check everything, show the plan, and stop.
    #[arg(long)]
    pub dry_run: bool,
}

/// Arguments of `easel predict`.
#[derive(Debug, Args)]
pub struct PredictArgs {
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub model: ModelArgs,
    /// The file to write, in the published format.
    #[arg(long, value_name = "FILE.json")]
    pub out: PathBuf,
    /// The model's name in that file; without it, what --model says.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// What counts as the score.
    #[arg(long, value_enum, default_value_t)]
    pub reading: Reading,
}

/// What counts as the score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Reading {
    /// The expected value, with decimals (RAIL).
    #[default]
    Expected,
    /// One of the five digits: the likeliest, a head's rounded score, or its thresholds passed.
    Digit,
}

/// Arguments of `easel drawings`.
#[derive(Debug, Args)]
pub struct DrawingsArgs {
    /// How many.
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..=1_000_000))]
    pub count: u64,
    /// Where the chance begins: another seed gives other drawings.
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub seed: u64,
    /// The folder to write.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

/// Arguments of `easel pretrain`.
#[derive(Debug, Args)]
pub struct PretrainArgs {
    /// The folder to write.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Where the chance begins.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Optimiser steps of each phase; without it, as the model that ships was trained.
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..))]
    pub steps: Option<u64>,
    /// Where to compute.
    #[arg(long, value_enum, default_value_t)]
    pub device: DeviceArg,
}
