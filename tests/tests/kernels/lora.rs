//! What adapters add, each row of a batch its own, and its gradients.

use easel_shaders::lora::{add_lora, reference};

use super::*;

#[test]
fn gradients_reach_adapters_and_inputs() {
    for opened in devices() {
        let device = &opened.device;
        let mut random = Random::new(4);
        let [base, dy] = [0; 2].map(|_| -> Tensor<2> { random.normal([6, 10], device) });
        let x: Tensor<2> = random.normal([6, 8], device);
        let a: Tensor<3> = random.normal([2, 3, 8], device);
        let b: Tensor<3> = random.normal([2, 10, 3], device);
        let gradients = |op: fn(Tensor<2>, Tensor<2>, Tensor<3>, Tensor<3>) -> Tensor<2>| {
            let [x, base] = [&x, &base].map(|x| x.clone().autodiff().require_grad());
            let [a, b] = [&a, &b].map(|x| x.clone().autodiff().require_grad());
            let y = op(base, x.clone(), a.clone(), b.clone()) * dy.clone().autodiff();
            let mut found = y.sum().backward();
            let x = values(x.grad_remove(&mut found).unwrap());
            let [a, b] = [a, b].map(|x| values(x.grad_remove(&mut found).unwrap()));
            [x, a, b]
        };
        for (found, expected) in gradients(add_lora).iter().zip(&gradients(reference)) {
            assert!(relative_error(found, expected) <= RELATIVE, "{}", opened.name);
        }
    }
}

#[test]
fn one_changed_value_of_an_adapter_is_noticed() {
    for opened in devices() {
        let device = &opened.device;
        let x = Tensor::<2>::ones([3, 16], device);
        let (a, b) = (Tensor::<3>::ones([3, 2, 16], device), Tensor::<3>::ones([3, 16, 2], device));
        let changed = b.clone().slice_fill([2..3, 7..8, 1..2], 1.01);
        let found = values(add_lora(x.clone(), x.clone(), a.clone(), changed));
        let expected = values(reference(x.clone(), x, a, b));
        assert!(relative_error(&found, &expected) > RELATIVE);
    }
}
