//! The root mean square norm, alone and with a sum before it.

use easel_shaders::rms_norm::reference;
use easel_shaders::{add_rms_norm, rms_norm};

use super::{Case, Make};

/// One lane and many, one row and more than one axis of a grid holds, odd widths, and nothing.
pub(super) const NAMED: [[usize; 2]; 7] =
    [[1, 1], [3, 64], [7, 1280], [2, 3420], [1500, 33], [70_000, 5], [0, 64]];

pub(super) fn case(make: &mut Make) -> Case {
    let random = &mut make.random;
    let shape = NAMED.get(make.index).copied();
    let [rows, width] = shape.unwrap_or_else(|| [random.size(300), random.size(600)]);
    let epsilon = [1e-6, 1e-2][make.index % 2];
    let [x, x0] = make.normal([rows, width]);
    let [added, added0] = make.normal([rows, width]);
    let [weight, weight0] = make.normal([width]);
    let alone = rms_norm(x.clone(), weight.clone(), epsilon);
    let alone0 = reference(x0.clone(), weight0.clone(), epsilon);
    let (sum, y) = add_rms_norm(x, added, weight, epsilon);
    let sum0 = x0 + added0;
    let y0 = reference(sum0.clone(), weight0, epsilon);
    Case::new(format!("{rows} x {width}"), alone, alone0).and(sum, sum0).and(y, y0)
}
