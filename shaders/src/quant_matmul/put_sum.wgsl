// What is done with the 4 sums of a lane: others are added to them, and they are written, also times the
// weight of the norm that follows. It precedes quant_matvec.wgsl.

@group(0) @binding(4) var<storage, read_write> added: array<f32>;
@group(0) @binding(5) var<storage, read_write> weight: array<f32>;
@group(0) @binding(6) var<storage, read_write> y: array<f32>;
@group(0) @binding(7) var<storage, read_write> scaled: array<f32>;

// Values of a row of y.
const WIDE: u32 = COLUMNS;

// As in put.wgsl.
fn outputs_of(four: u32) -> vec4<u32> {
    return min(vec4<u32>(four, four + 1u, four + 2u, four + 3u), vec4<u32>(COLUMNS - 1u));
}

fn put(rows: u32, row: u32, four: u32, sum: vec4<f32>) {
    for (var j = 0u; j < 4u; j++) {
        if four + j < COLUMNS {
            let at = row * COLUMNS + four + j;
            let value = added[at] + sum[j];
            y[at] = value;
            scaled[at] = value * weight[four + j];
        }
    }
}

