//! The root mean square norm.

use burn::tensor::Tolerance;
use easel_shaders::{add_rms_norm, rms_norm};

use super::*;

fn error(x: &Tensor<2>, weight: &Tensor<1>, epsilon: f64) -> f32 {
    let found = values(rms_norm(x.clone(), weight.clone(), epsilon));
    let expected = values(rms_norm::reference(x.clone(), weight.clone(), epsilon));
    relative_error(&found, &expected)
}

#[test]
fn rms_norm_reads_what_does_not_lie_in_order() {
    for opened in devices() {
        let x = Tensor::<2>::random([48, 20], Distribution::Default, &opened.device);
        let weight = Tensor::<1>::random([48], Distribution::Default, &opened.device);
        let found = error(&x.transpose(), &weight, 1e-6);
        assert!(found <= RELATIVE, "{}: {found}", opened.name);
    }
}

#[test]
fn one_changed_weight_is_noticed() {
    let device = Device::flex();
    let x = Tensor::<2>::ones([2, 64], &device);
    let weight = Tensor::<1>::ones([64], &device);
    let changed = weight.clone().slice_fill(7..8, 1.0001);
    let found = values(rms_norm(x.clone(), changed, 1e-6));
    let expected = values(rms_norm::reference(x, weight, 1e-6));
    assert!(relative_error(&found, &expected) > RELATIVE);
}

#[test]
fn gradients_of_rms_norm_equal_those_of_the_reference() {
    for opened in devices() {
        let device = &opened.device;
        for (rows, width) in [(1, 1), (3, 64), (7, 1280), (2, 3420)] {
            let normal = Distribution::Normal(0.0, 2.0);
            let x = Tensor::<2>::random([rows, width], normal, device);
            let weight = Tensor::<1>::random([width], Distribution::Default, device);
            let back = Tensor::<2>::random([rows, width], normal, device);
            let gradients = |norm: fn(Tensor<2>, Tensor<1>, f64) -> Tensor<2>| {
                let x = x.clone().autodiff().require_grad();
                let weight = weight.clone().autodiff().require_grad();
                let y = norm(x.clone(), weight.clone(), 1e-6);
                let mut found = (y * back.clone()).sum().backward();
                let dx = x.grad_remove(&mut found).unwrap();
                (dx, weight.grad_remove(&mut found).unwrap())
            };
            let (dx, dw) = gradients(rms_norm);
            let (expected_dx, expected_dw) = gradients(rms_norm::reference);
            let near = Tolerance::<f32>::rel_abs(1e-4, 1e-4);
            dx.into_data().assert_approx_eq::<f32>(&expected_dx.into_data(), near);
            dw.into_data().assert_approx_eq::<f32>(&expected_dw.into_data(), near);
        }
    }
}

#[test]
fn gradients_pass_through_a_sum_and_its_norm() {
    for opened in devices() {
        let mut random = Random::new(2);
        let [x, added, dsum, dy] =
            [0; 4].map(|_| -> Tensor<2> { random.normal([5, 40], &opened.device) });
        let weight = Tensor::<1>::ones([40], &opened.device);
        let gradient = |op: fn(Tensor<2>, Tensor<2>, Tensor<1>) -> (Tensor<2>, Tensor<2>)| {
            let x = x.clone().autodiff().require_grad();
            let (sum, y) = op(x.clone(), added.clone().autodiff(), weight.clone().autodiff());
            let loss = sum * dsum.clone().autodiff() + y * dy.clone().autodiff();
            values(x.grad_remove(&mut loss.sum().backward()).unwrap())
        };
        let found = gradient(|x, added, weight| add_rms_norm(x, added, weight, 1e-6));
        let expected = gradient(|x, added, weight| {
            let sum = x + added;
            (sum.clone(), rms_norm::reference(sum, weight, 1e-6))
        });
        assert!(relative_error(&found, &expected) <= RELATIVE, "{}", opened.name);
    }
}
