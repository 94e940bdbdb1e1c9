// What is done with the 4 sums of a lane: two are gates, as in swiglu.wgsl, of the other two, which stand
// at the same places of the second half. It precedes quant_matvec.wgsl.

@group(0) @binding({{ y }}) var<storage, read_write> y: array<f32>;

// Values of a row of y.
const WIDE: u32 = COLUMNS / 2u;

// As in put.wgsl.
fn outputs_of(four: u32) -> vec4<u32> {
    let gates = min(vec2<u32>(four / 2u, four / 2u + 1u), vec2<u32>(WIDE - 1u));
    return vec4<u32>(gates, gates + vec2<u32>(WIDE));
}

fn put(rows: u32, row: u32, four: u32, sum: vec4<f32>) {
    for (var j = 0u; j < 2u; j++) {
        let output = four / 2u + j;
        if output < WIDE {
            let gate = sum[j];
            let value = select(0.0, gate / (1.0 + exp(-gate)), gate > -80.0);
            y[row * WIDE + output] = value * sum[j + 2u];
        }
    }
}

