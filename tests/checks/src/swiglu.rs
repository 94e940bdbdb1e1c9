//! The gate of SwiGLU.

use easel_shaders::swiglu::{reference, swiglu};

use super::{Case, Make};

pub(super) const NAMED: [[usize; 2]; 4] = [[1, 11_008], [1500, 17], [9, 3420], [0, 64]];

pub(super) fn case(make: &mut Make) -> Case {
    let random = &mut make.random;
    let shape = NAMED.get(make.index).copied();
    let shape = shape.unwrap_or_else(|| [random.size(300), random.size(500)]);
    let wide = 1.0 + (make.index % 7) as f32 * 8.0;
    let gate = make.normal(shape).map(|gate| gate * wide);
    let [up, up0] = make.normal(shape);
    let [gate, gate0] = gate;
    Case::new(format!("{shape:?}, {wide} wide"), swiglu(gate, up), reference(gate0, up0))
}
