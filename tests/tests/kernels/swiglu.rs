//! The gate of SwiGLU, and its gradients.

use easel_shaders::swiglu::{reference, swiglu};

use super::*;

#[test]
fn gates_of_any_shape_equal_the_reference() {
    for opened in devices() {
        let device = &opened.device;
        let mut random = Random::new(0x2545_F491_4F6C_DD1D);
        for index in 0..60 {
            let rows = if index == 7 { 1500 } else { random.size(300) };
            let shape = [rows, if index == 9 { 3420 } else { random.size(500) }];
            let gate: Tensor<2> = random.normal(shape, device) * (1.0 + (index % 7) as f32 * 8.0);
            let up: Tensor<2> = random.normal(shape, device);
            let dy: Tensor<2> = random.normal(shape, device);
            let all = |op: fn(Tensor<2>, Tensor<2>) -> Tensor<2>| {
                let [gate, up] = [&gate, &up].map(|x| x.clone().autodiff().require_grad());
                let y = op(gate.clone(), up.clone());
                let mut found = (y.clone() * dy.clone().autodiff()).sum().backward();
                let [gate, up] = [gate, up].map(|x| x.grad_remove(&mut found).unwrap());
                [values(y.inner()), values(gate), values(up)]
            };
            for (found, expected) in all(swiglu).iter().zip(&all(reference)) {
                let error = relative_error(found, expected);
                assert!(error <= RELATIVE, "{shape:?} on {}: {error}", opened.name);
            }
        }
    }
}

#[test]
fn the_largest_gates_give_numbers() {
    for opened in devices() {
        let gate = Tensor::<1>::from_floats([-1e30, -100.0, -85.0, 0.0, 1e30], &opened.device);
        let y = values(swiglu(gate.clone(), gate.ones_like()));
        assert_eq!(y[3..], [0.0, 1e30], "{}", opened.name);
        assert!(y[..3].iter().all(|value| value.abs() < 1e-30), "{}: {y:?}", opened.name);
    }
}

#[test]
fn one_changed_gate_is_noticed() {
    let device = Device::flex();
    let x = Tensor::<2>::ones([2, 64], &device);
    let changed = x.clone().slice_fill([1..2, 7..8], 1.0001);
    let found = values(swiglu(changed, x.clone()));
    let expected = values(reference(x.clone(), x));
    assert!(relative_error(&found, &expected) > RELATIVE);
}
