//! A token's keys and values in their place.

use easel_shaders::append::{append, reference};
use easel_shaders::{Spans, attention};

use super::*;

#[test]
fn tokens_come_into_their_place_and_change_no_other() {
    for opened in devices() {
        let device = &opened.device;
        let mut random = Random::new(0x2545_F491_4F6C_DD1D);
        for _ in 0..60 {
            let (keys, heads, width) = (random.size(1600), random.size(4), random.size(128));
            let held = [(); 2].map(|()| random.normal([1, keys, heads, width], device));
            let new = [(); 2].map(|()| random.normal([1, 1, heads, width], device));
            let before = random.size(keys as u64) - 1;
            let spans = Spans::causal_within(before, 1, keys, device);
            let expected = reference(held.each_ref().map(|x| x.clone() * 1.0), new.clone(), &spans);
            let found = append(held, new, &spans);
            for (found, expected) in found.into_iter().zip(expected) {
                assert_eq!(values(found), values(expected), "{keys} {heads} {width} {before}");
            }
        }
    }
}

#[test]
fn room_behind_the_tokens_is_not_seen() {
    for opened in devices() {
        let device = &opened.device;
        let mut random = Random::new(7);
        let [k, v]: [Tensor<4>; 2] = [(); 2].map(|()| random.normal([1, 40, 2, 64], device));
        let q: Tensor<4> = random.normal([1, 1, 4, 64], device);
        let within = Spans::causal_within(30, 1, 40, device);
        let found = values(attention(q.clone(), k.clone(), v.clone(), &within));
        let [k, v] = [k, v].map(|x| x.narrow(1, 0, 31));
        let expected = values(attention(q, k, v, &Spans::causal(30, 1, device)));
        assert!(relative_error(&found, &expected) <= RELATIVE, "{}", opened.name);
    }
}
