//! The vision tower of Qwen2.5-VL (arXiv 2502.13923, section 2.1.1): patches in, one token for
//! each 2 x 2 of them out.

use burn::tensor::{Tensor, activation};
use easel_shaders::{Spans, attention};

use crate::lora::Adapted;
use crate::model::config::VisionConfig;
use crate::model::rotary::Rotary;
use crate::model::windows::{self, WindowOrder};
use crate::model::{Linear, Mlp, RmsNorm};

/// The tower's weights, named as in the checkpoint.
#[derive(Debug, Clone)]
pub struct VisionTower {
    /// What the weights were made for.
    pub config: VisionConfig,
    /// The patch convolution; its stride is its size, so it is a matrix over flat patches.
    pub patch_embed: Linear,
    /// The transformer blocks.
    pub blocks: Vec<VisionBlock>,
    /// From patches to tokens of the language model.
    pub merger: PatchMerger,
}

/// One transformer block over patches.
#[derive(Debug, Clone)]
pub struct VisionBlock {
    /// Before attention.
    pub norm1: RmsNorm,
    /// Before the feed-forward layer.
    pub norm2: RmsNorm,
    /// Queries, keys and values in one matrix.
    pub qkv: Linear,
    /// Attention's output projection.
    pub proj: Linear,
    /// The feed-forward layer.
    pub mlp: Mlp,
}

/// Joins each unit of patches into one token.
#[derive(Debug, Clone)]
pub struct PatchMerger {
    /// Over single patches.
    pub ln_q: RmsNorm,
    /// From a unit's patches, end to end, to as many values.
    pub fc1: Linear,
    /// From there to the width of the language model.
    pub fc2: Linear,
}

impl VisionTower {
    /// Encodes one picture.
    ///
    /// # Shapes
    /// - `patches`: `[time * height * width, channels * temporal * patch * patch]`, units of
    ///   merged patches together, as the processor orders them
    /// - `grid`: `image_grid_thw`, in patches
    /// - output: `[time * height * width / merge², out_hidden]`, in the picture's order
    #[must_use]
    pub fn forward(&self, patches: Tensor<2>, grid: [usize; 3]) -> Tensor<2> {
        let device = patches.device();
        let order = WindowOrder::new(grid, &self.config);
        let rotary = windows::rotary(&order, grid, &self.config, &device);
        let [frames, height, width] = grid;
        // Each frame sees all of itself, or each window does.
        let frames = Spans::packed(&vec![height * width; frames], &device);
        let windows = Spans::packed(&order.windows, &device);

        let mut x = self.patch_embed.forward(patches).select(0, order.patches(&device));
        for (index, block) in self.blocks.iter().enumerate() {
            let full = self.config.fullatt_block_indexes.contains(&index);
            let spans = if full { &frames } else { &windows };
            x = block.forward(x, &rotary, spans, self.config.num_heads);
        }
        self.merger.forward(x, self.config.spatial_merge_size).select(0, order.places(&device))
    }
}

impl VisionBlock {
    fn forward(&self, x: Tensor<2>, rotary: &Rotary, spans: &Spans, heads: usize) -> Tensor<2> {
        let seen = self.attend(self.norm1.forward(x.clone()), rotary, spans, heads);
        let (x, normed) = self.norm2.forward_sum(x, seen);
        x + self.mlp.forward(normed, Adapted::none())
    }

    fn attend(&self, x: Tensor<2>, rotary: &Rotary, spans: &Spans, heads: usize) -> Tensor<2> {
        let [patches, width] = x.dims();
        let qkv = self.qkv.forward(x).reshape([1, patches, 3 * heads, width / heads]);
        let part = |index: usize| qkv.clone().narrow(2, index * heads, heads);
        let (q, k, v) = (rotary.apply(part(0)), rotary.apply(part(1)), part(2));
        self.proj.forward(attention(q, k, v, spans).reshape([patches, width]))
    }
}

impl PatchMerger {
    fn forward(&self, x: Tensor<2>, merge: usize) -> Tensor<2> {
        let [patches, width] = x.dims();
        let unit = merge * merge;
        let x = self.ln_q.forward(x).reshape([patches / unit, unit * width]);
        self.fc2.forward(activation::gelu(self.fc1.forward(x)))
    }
}
