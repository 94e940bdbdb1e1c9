//! Keys and values of what the language model has read, so that each new token is one row.

use burn::tensor::{Device, Tensor};
use easel_shaders::{Spans, append};

use crate::device::is_processor;

/// Tokens for which room is made at a time.
const ROOM: usize = 128;

/// One layer's keys and values, `[batch, keys, kv_heads, head_dim]` each; the last of these keys may be
/// room for tokens to come.
#[derive(Debug, Clone, Default)]
pub struct LayerCache {
    held: Option<[Tensor<4>; 2]>,
}

impl LayerCache {
    /// Adds keys and values where `spans` end, and returns all that these are of.
    #[must_use]
    pub fn extend(&mut self, k: Tensor<4>, v: Tensor<4>, spans: &Spans) -> [Tensor<4>; 2] {
        let [_, added, ..] = k.dims();
        let [_, keys] = spans.ranges().lengths();
        let all = match self.held.take() {
            None => [k, v],
            Some(held) if added == 1 && held[0].dims()[1] == keys => append(held, [k, v], spans),
            Some([held_k, held_v]) => [(held_k, k), (held_v, v)]
                .map(|(held, new)| Tensor::cat(vec![held.narrow(1, 0, keys - added), new], 1)),
        };
        self.held = Some(all.clone());
        all
    }

    /// Those that are held, where the one token of `spans` finds room among them.
    pub(super) fn room(&self, spans: &Spans) -> Option<[Tensor<4>; 2]> {
        let ranges = spans.ranges();
        let fits = |held: &&[Tensor<4>; 2]| {
            let [batch, keys, ..] = held[0].dims();
            [batch, ranges.batch()] == [1; 2] && ranges.lengths() == [1, keys]
        };
        self.held.as_ref().filter(fits).cloned()
    }

    /// Holds these from now on.
    pub(super) fn hold(&mut self, all: [Tensor<4>; 2]) {
        self.held = Some(all);
    }

    /// Makes it `room` keys, of which the first `length` are kept.
    fn grow(&mut self, length: usize, room: usize) {
        self.held = self.held.take().map(|held| {
            held.map(|held| {
                let [batch, _, heads, dim] = held.dims();
                let larger = Tensor::empty([batch, room, heads, dim], &held.device());
                larger.slice_assign([0..batch, 0..length], held.narrow(1, 0, length))
            })
        });
    }
}

/// All layers' keys and values; lent to the model, which holds weights only.
#[derive(Debug, Clone, Default)]
pub struct Cache {
    pub(crate) layers: Vec<LayerCache>,
    length: usize,
    /// Keys that the layers have room for, where some was made.
    room: usize,
}

impl Cache {
    /// An empty cache for `layers` layers.
    #[must_use]
    pub fn new(layers: usize) -> Self {
        Self { layers: vec![LayerCache::default(); layers], length: 0, room: 0 }
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

    /// How many keys there are once `added` tokens stand behind those held: as many as tokens, or, on a
    /// GPU that reads one sequence token by token, those and the room that is made for more.
    pub(crate) fn reserve(&mut self, [batch, added]: [usize; 2], device: &Device) -> usize {
        let wanted = self.length + added;
        if self.is_empty() || [batch, added] != [1, 1] || is_processor(device) {
            self.room = 0;
            return wanted;
        }
        if self.is_full() {
            self.room = wanted + ROOM;
            self.layers.iter_mut().for_each(|layer| layer.grow(self.length, self.room));
        }
        self.room
    }

    /// Whether one token more is without room.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.room <= self.length
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
                let mut cache = Cache::new(1);
                let mut all: Option<[Tensor<4>; 2]> = None;
                for added in [3, 1, 128, 1, 1, 2, 130, 1] {
                    let new = || {
                        Tensor::<4>::random([batch, added, 2, 64], Distribution::Default, &device)
                    };
                    let (k, v) = (new(), new());
                    let expected = match all.take() {
                        None => [k.clone(), v.clone()],
                        Some([all_k, all_v]) => [(all_k, &k), (all_v, &v)]
                            .map(|(all, new)| Tensor::cat(vec![all, new.clone()], 1)),
                    };
                    let keys = cache.reserve([batch, added], &device);
                    let spans = Spans::causal_within(cache.len(), added, keys, &device);
                    let found = cache.layers[0].extend(k, v, &spans);
                    cache.advance(added);
                    let found = found.map(|all| all.narrow(1, 0, cache.len()));
                    for (found, expected) in found.into_iter().zip(&expected) {
                        found.into_data().assert_eq(&expected.clone().into_data(), true);
                    }
                    all = Some(expected);
                }
            }
        }
    }
}
