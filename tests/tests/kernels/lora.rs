//! What adapters add, each row of a batch its own, and its gradients.

use easel_shaders::lora::{add_lora, reference};

use super::*;

#[test]
fn adapters_of_any_rank_equal_the_reference() {
    for opened in devices() {
        let device = &opened.device;
        let mut random = Random(0x2545_F491_4F6C_DD1D);
        for index in 0..60 {
            let (rows, rank) = (random.size(9), random.size(64));
            let length = if index == 7 { 1500 } else { random.size(120) };
            let inputs = if index == 9 { 3420 } else { random.size(500) };
            let outputs = random.size(500);
            let total = rows * length;
            let held: [Tensor<2>; 2] =
                [random.normal([total, outputs], device), random.normal([total, inputs], device)];
            let a: Tensor<3> = random.normal([rows, rank, inputs], device);
            let b: Tensor<3> = random.normal([rows, outputs, rank], device);
            let [base, x] = held;
            let found = values(add_lora(base.clone(), x.clone(), a.clone(), b.clone()));
            let expected = values(reference(base, x, a, b));
            let error = relative_error(&found, &expected);
            let what = format!("{rows} x {length}, {inputs} to {outputs}, rank {rank}");
            assert!(error <= RELATIVE, "{what} on {}: {error}", opened.name);
        }
    }
}

#[test]
fn gradients_reach_adapters_and_inputs() {
    for opened in devices() {
        let device = &opened.device;
        let mut random = Random(4);
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
