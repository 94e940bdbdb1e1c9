// Products of rows that are yet to be divided by the root mean square of others, `whole`, whose values x
// has times a norm's weight: it precedes quant_matvec.wgsl.

@group(0) @binding(4) var<storage, read_write> whole: array<vec4<f32>>;

const NORMED: bool = true;
// Values of a row, without what fills its last block.
const WIDTH: f32 = {{ width }}.0;
const EPSILON: f32 = {{ epsilon }};

// The squares of four values.
fn square(at: u32) -> f32 {
    let values = whole[at];
    return dot(values, values);
}

