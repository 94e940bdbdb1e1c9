//! Keys and values of what the language model has read, so that each new token is one row.

use burn::tensor::Tensor;

use crate::device::is_processor;

/// Tokens for which room is made at a time.
const ROOM: usize = 128;

/// One layer's keys and values, `[batch, length, kv_heads, head_dim]` each, with room for more behind
/// them on a GPU.
#[derive(Debug, Clone, Default)]
pub struct LayerCache {
    held: Option<[Tensor<4>; 2]>,
    length: usize,
}

impl LayerCache {
    /// Adds keys and values behind those held, and returns all of them.
    pub fn extend(&mut self, k: Tensor<4>, v: Tensor<4>) -> (Tensor<4>, Tensor<4>) {
        let [batch, added, ..] = k.dims();
        let (start, device) = (self.length, k.device());
        self.length += added;
        let [k, v] = match self.held.take() {
            None => [k, v],
            // What is written into a batch's room does not lie together.
            Some([held_k, held_v]) if batch > 1 || is_processor(&device) => {
                [Tensor::cat(vec![held_k, k], 1), Tensor::cat(vec![held_v, v], 1)]
            }
            Some([held_k, held_v]) => [(held_k, k), (held_v, v)].map(|(held, new)| {
                with_room(held, start, self.length).slice_assign([0..1, start..self.length], new)
            }),
        };
        self.held = Some([k.clone(), v.clone()]);
        (k.narrow(1, 0, self.length), v.narrow(1, 0, self.length))
    }
}

/// The first `length` of what is held, and room for `wanted` and more.
fn with_room(held: Tensor<4>, length: usize, wanted: usize) -> Tensor<4> {
    let [batch, room, heads, dim] = held.dims();
    if room >= wanted {
        return held;
    }
    let larger = Tensor::empty([batch, wanted + ROOM, heads, dim], &held.device());
    larger.slice_assign([0..batch, 0..length], held.narrow(1, 0, length))
}

/// All layers' keys and values; lent to the model, which holds weights only.
#[derive(Debug, Clone, Default)]
pub struct Cache {
    pub(crate) layers: Vec<LayerCache>,
    length: usize,
}

impl Cache {
    /// An empty cache for `layers` layers.
    #[must_use]
    pub fn new(layers: usize) -> Self {
        Self { layers: vec![LayerCache::default(); layers], length: 0 }
    }

    /// How many tokens are held.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.length
    }

    /// Whether nothing has been read yet.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    pub(crate) const fn advance(&mut self, tokens: usize) {
        self.length += tokens;
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Distribution};

    use super::*;
    use crate::device::{Choice, open};

    #[test]
    fn what_is_added_stands_behind_what_was_held() {
        let gpu =
            std::env::var_os("EASEL_NO_GPU").is_none().then(|| open(Choice::Gpu).unwrap().device);
        for device in [Device::flex()].into_iter().chain(gpu) {
            for batch in [1, 2] {
                let mut cache = LayerCache::default();
                let mut all: Option<[Tensor<4>; 2]> = None;
                for added in [3, 1, 200, 1, 1] {
                    let new = || {
                        Tensor::<4>::random([batch, added, 2, 64], Distribution::Default, &device)
                    };
                    let (k, v) = (new(), new());
                    let expected = match all.take() {
                        None => [k.clone(), v.clone()],
                        Some([all_k, all_v]) => [(all_k, &k), (all_v, &v)]
                            .map(|(all, new)| Tensor::cat(vec![all, new.clone()], 1)),
                    };
                    let (k, v) = cache.extend(k, v);
                    for (found, expected) in [k, v].into_iter().zip(&expected) {
                        found.into_data().assert_eq(&expected.clone().into_data(), true);
                    }
                    all = Some(expected);
                }
            }
        }
    }
}
