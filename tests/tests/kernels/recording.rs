//! What is recorded computes anew, from what is written into its inputs.

use burn::tensor::TensorData;
use easel_shaders::{Input, Recording, rms_norm, swiglu};

use super::*;

fn data(values: &[f32]) -> TensorData {
    TensorData::new(values.to_vec(), [values.len()])
}

/// Several launches, some of which reuse memory of others.
fn work(x: Tensor<2>, weight: &Tensor<1>) -> Tensor<2> {
    (0..6).fold(x, |x, _| rms_norm(swiglu(x.clone(), x.clone() + 1.0), weight.clone(), 1e-6) + x)
}

#[test]
fn a_recording_computes_what_its_inputs_hold() {
    for opened in devices() {
        let device = &opened.device;
        let mut random = Random::new(3);
        let weight: Tensor<1> = random.normal([300], device);
        let x: Tensor<2> = random.normal([2, 300], device);
        let Some(input) = Input::of(x.clone()) else {
            assert_eq!(*device, Device::flex(), "GPUs record");
            continue;
        };
        let recording = Recording::new(&input, || work(x.clone(), &weight)).unwrap();
        for _ in 0..20 {
            let new: Tensor<2> = random.normal([2, 300], device);
            let held = values(new.clone());
            // What comes and goes meanwhile gets other memory.
            let expected = values(work(new, &weight));
            input.write(data(&held));
            recording.play().unwrap();
            assert_eq!(values(recording.output().clone()), expected, "{}", opened.name);
        }
    }
}

#[test]
fn what_is_no_launch_is_refused_and_harms_nothing() {
    for opened in devices() {
        let device = &opened.device;
        let x = Tensor::<2>::ones([2, 300], device);
        let weight = Tensor::<1>::ones([300], device);
        let Some(input) = Input::of(x.clone()) else { continue };
        let sent = || Tensor::<1>::from_floats([1.0; 300], device);
        assert!(Recording::new(&input, || work(x.clone(), &sent())).is_err(), "{}", opened.name);
        let expected = values(work(x.clone(), &weight));
        let recording = Recording::new(&input, || work(x.clone(), &weight)).unwrap();
        recording.play().unwrap();
        assert_eq!(values(recording.output().clone()), expected, "{}", opened.name);
        std::thread::scope(|scope| {
            let other = scope.spawn(|| recording.play().is_err());
            assert!(other.join().unwrap(), "another thread's work is in no order with it");
        });
    }
}
