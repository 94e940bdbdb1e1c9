//! Known numbers, what is lost, and where things lie.

use super::*;

/// Bell-shaped values without a library: sums of a scrambled counter's bytes.
fn bell(count: usize) -> Vec<f32> {
    let scrambled = |i: u64| (i + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
    let sum = |x: u64| x.to_le_bytes().iter().map(|&b| f32::from(b) / 255.0 - 0.5).sum::<f32>();
    (0..count as u64).map(|i| sum(scrambled(scrambled(i))) * 0.03).collect()
}

fn error(bits: Bits, values: &[f32], shape: [usize; 2]) -> f32 {
    let found = Packed::quantize(values, shape, bits).dequantize();
    let square = |a: f32| a * a;
    let wrong: f32 = values.iter().zip(&found).map(|(a, b)| square(a - b)).sum();
    (wrong / values.iter().map(|a| square(*a)).sum::<f32>()).sqrt()
}

#[test]
fn halves_become_what_a_library_says() {
    for bits in 0..=u16::MAX {
        let [found, expected] = [half_to_f32(bits), f16::from_bits(bits).to_f32()];
        assert!(found == expected || found.is_nan() && expected.is_nan(), "{bits:x}");
    }
}

#[test]
fn small_known_numbers() {
    let mut values = [0.0; 33];
    (values[0], values[1], values[16], values[32]) = (-8.0, 7.0, 3.0, -2.0);
    let packed = Packed::quantize(&values, [1, 33], Bits::Four);
    assert_eq!(packed.quants[0] & 0xFFFF, 0x8FB0);
    assert_eq!(packed.dequantize(), values);
    let packed = Packed::quantize(&[127.0, -127.0, 1.0], [1, 3], Bits::Eight);
    assert_eq!(packed.quants[0], 0x0001_817F);
    assert_eq!(packed.dequantize(), [127.0, -127.0, 1.0]);
}

#[test]
fn what_is_lost_is_small() {
    for shape in [[7, 64], [3, 3420], [1, 1]] {
        let values = bell(shape[0] * shape[1]);
        assert!(error(Bits::Four, &values, shape) < 0.09);
        assert!(error(Bits::Eight, &values, shape) < 0.006);
        assert!(error(Bits::Brain, &values, shape) < 0.004);
    }
}

#[test]
fn zeros_and_tiny_values_stay_finite() {
    for bits in [Bits::Four, Bits::Eight, Bits::Brain] {
        let packed = Packed::quantize(&[0.0; 64], [2, 32], bits);
        assert_eq!(packed.dequantize(), [0.0; 64]);
        let packed = Packed::quantize(&[1e-9; 32], [1, 32], bits);
        assert!(packed.dequantize().iter().all(|v| v.abs() <= 1e-6));
    }
}

#[test]
fn rows_are_quantized_alike_wherever_they_stand() {
    let values = bell(70 * 33);
    for bits in [Bits::Four, Bits::Eight, Bits::Brain] {
        let all = Packed::quantize(&values, [70, 33], bits).dequantize();
        let one = Packed::quantize(&values[61 * 33..62 * 33], [1, 33], bits).dequantize();
        assert_eq!(one, all[61 * 33..62 * 33]);
    }
}

#[test]
fn rows_in_pieces_are_the_whole() {
    let values = bell(7 * 33);
    for bits in [Bits::Four, Bits::Eight, Bits::Brain] {
        let whole = Packed::quantize(&values, [7, 33], bits);
        let mut joined = Packed::quantize(&values[..4 * 33], [4, 33], bits);
        joined.append(Packed::quantize(&values[4 * 33..], [3, 33], bits));
        assert_eq!(joined, whole);
    }
}

#[test]
fn rows_are_read_where_they_lie() {
    let values = bell(5 * 40);
    let packed = Packed::quantize(&values, [5, 40], Bits::Eight);
    let all = packed.dequantize();
    let mut some = vec![0.0; 2 * 40];
    packed.view().rows(2..4, &mut some);
    assert_eq!(some, all[80..160]);
}
