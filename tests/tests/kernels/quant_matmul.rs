//! Products with quantized weights, and their gradients.

use burn::tensor::TensorData;
use easel_checks::weight;
use easel_shaders::quant::{Bits, Packed, Scales};
use easel_shaders::quant_matmul::{QuantWeight, reference};
use easel_shaders::{Op, Replaced, quant_matmul};

use super::*;

/// Where the last block of a row is not full, what fills it up is zero in packs that we make, and
/// must count for nothing whatever it is.
fn compare(
    random: &mut Random,
    rows: usize,
    packed: Packed,
    device: &Device,
    rounded: bool,
) -> [f32; 2] {
    let _plain = Replaced::new(Op::Cooperative);
    let [outputs, inputs] = packed.shape;
    // The same in each run: a sum of few products may by chance be far smaller than they are.
    let mut normal = |shape: [usize; 2]| {
        let values = TensorData::new(random.values(shape[0] * shape[1]), shape);
        Tensor::<2>::from_data(values, device)
    };
    let (x, dy) = (normal([rows, inputs]), normal([rows, outputs]));
    let weight = QuantWeight::new(packed, device);
    let both = |product: fn(Tensor<2>, &QuantWeight) -> Tensor<2>| {
        let x = x.clone().autodiff().require_grad();
        let y = product(x.clone(), &weight);
        let mut found = (y.clone() * dy.clone()).sum().backward();
        (values(y.inner()), values(x.grad_remove(&mut found).unwrap()))
    };
    let (y, dx) = both(quant_matmul);
    let (expected_y, expected_dx) = both(reference);
    let dx = relative_error(&dx, &expected_dx);
    if !rounded {
        return [relative_error(&y, &expected_y), dx];
    }
    let longest =
        |rows: Tensor<2>| (rows.clone() * rows).sum_dim(1).max().sqrt().into_scalar::<f32>();
    let product = longest(x) * longest(weight.dequantize());
    let differences = y.iter().zip(&expected_y).map(|(a, b)| (a - b).abs());
    [differences.fold(0.0, f32::max) / product, dx]
}

/// The processor rounds each block of `x` to 16 bits: the largest difference, as a share of the
/// longest rows' product. A sum may be far smaller than its parts.
const ROUNDED: f32 = 5e-5;

fn check(random: &mut Random, rows: usize, packed: Packed, device: &Device, name: &str) -> f32 {
    let what = format!("{rows} rows, {:?}, {:?}, {name}", packed.shape, packed.bits);
    let rounded = packed.bits != Bits::Brain && *device == Device::flex();
    let most = if rounded { ROUNDED } else { RELATIVE };
    let [y, dx] = compare(random, rows, packed, device, rounded);
    assert!(y <= most, "{what}: {y}");
    assert!(dx <= RELATIVE, "{what}: gradient {dx}");
    y.max(dx)
}

#[test]
fn products_of_any_size_equal_the_reference() {
    let _alone = PRODUCTS.lock();
    for opened in devices() {
        let mut random = Random::new(0x9E37_79B9_7F4A_7C15);
        let mut worst = 0.0_f32;
        for index in 0..60 {
            let (rows, shape) = (random.size(200), [random.size(400), random.size(700)]);
            let bits = [Bits::Four, Bits::Eight][index % 2];
            let full = index % 4 > 1;
            // Two scales a block come with 8 bits alone.
            let kept = Scales { full, groups: 1 + usize::from(index % 6 == 1) };
            let mut packed = weight(&mut random, shape, bits, index % 3 == 0, kept);
            if index % 5 == 0 {
                packed = Packed::quantize(&packed.dequantize(), shape, Bits::Brain);
            }
            worst = worst.max(check(&mut random, rows, packed, &opened.device, &opened.name));
        }
        println!("{}: at most {worst:.1e}", opened.name);
    }
}

#[test]
fn the_models_own_sizes_equal_the_reference() {
    let _alone = PRODUCTS.lock();
    for opened in devices() {
        let mut random = Random::new(7);
        for (rows, shape) in
            [(1, [2048, 512]), (1500, [130, 96]), (9, [1280, 3420]), (8, [3, 3420])]
        {
            for bits in [Bits::Four, Bits::Eight] {
                let packed = weight(&mut random, shape, bits, false, Scales::HALF);
                check(&mut random, rows, packed, &opened.device, &opened.name);
            }
        }
    }
}

#[test]
fn one_changed_integer_is_noticed() {
    for opened in devices() {
        let packed = weight(&mut Random::new(3), [5, 64], Bits::Four, false, Scales::HALF);
        let mut other = packed.clone();
        other.quants[2] ^= 1;
        let x = Tensor::<2>::ones([1, 64], &opened.device);
        let found = values(quant_matmul(x.clone(), &QuantWeight::new(other, &opened.device)));
        let expected = values(reference(x, &QuantWeight::new(packed, &opened.device)));
        assert!(relative_error(&found, &expected) > RELATIVE);
    }
}
