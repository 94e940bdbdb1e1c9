//! Rotary turns, and their gradient.

use easel_shaders::rotary::{reference, rotary};

use super::*;

#[test]
fn turns_of_any_shape_equal_the_reference() {
    for opened in devices() {
        let device = &opened.device;
        let mut random = Random::new(0x2545_F491_4F6C_DD1D);
        for index in 0..60 {
            let (batch, heads, half) = (random.size(9), random.size(16), random.size(64));
            let length = if index == 7 { 1500 } else { random.size(200) };
            let tables = if index % 2 == 0 { 1 } else { batch };
            let angles: Tensor<3> = random.normal([tables, length, half], device) * 100.0;
            let (cosines, sines) = (angles.clone().cos(), angles.sin());
            let x: Tensor<4> = random.normal([batch, length, heads, 2 * half], device);
            let dy: Tensor<4> = random.normal(x.dims(), device);
            let both = |op: fn(Tensor<4>, Tensor<3>, Tensor<3>) -> Tensor<4>| {
                let x = x.clone().autodiff().require_grad();
                let y = op(x.clone(), cosines.clone().autodiff(), sines.clone().autodiff());
                let mut found = (y.clone() * dy.clone().autodiff()).sum().backward();
                [values(y.inner()), values(x.grad_remove(&mut found).unwrap())]
            };
            for (found, expected) in both(rotary).iter().zip(&both(reference)) {
                let error = relative_error(found, expected);
                assert!(error <= RELATIVE, "{:?} on {}: {error}", x.dims(), opened.name);
            }
        }
    }
}

#[test]
fn heads_within_wider_rows_turn_alone() {
    for opened in devices() {
        let mut random = Random::new(1);
        let wide: Tensor<4> = random.normal([2, 5, 9, 6], &opened.device);
        let table: Tensor<3> = random.normal([1, 5, 3], &opened.device);
        let part = wide.narrow(2, 3, 3);
        let found = values(rotary(part.clone(), table.clone(), table.clone() * 0.5));
        let expected = values(reference(part, table.clone(), table * 0.5));
        assert!(relative_error(&found, &expected) <= RELATIVE, "{}", opened.name);
    }
}

#[test]
fn one_changed_angle_is_noticed() {
    let device = Device::flex();
    let x = Tensor::<4>::ones([1, 3, 2, 4], &device);
    let table = Tensor::<3>::ones([1, 3, 2], &device);
    let changed = table.clone().slice_fill([0..1, 1..2, 1..2], 1.001);
    let found = values(rotary(x.clone(), changed, table.clone()));
    let expected = values(reference(x, table.clone(), table));
    assert!(relative_error(&found, &expected) > RELATIVE);
}
