// What is done with the 4 sums of a lane: they are written. It precedes quant_matvec.wgsl.

@group(0) @binding({{ y }}) var<storage, read_write> y: array<f32>;

// Values of a row of y.
const WIDE: u32 = COLUMNS;

// The outputs of a lane whose first four is this. Beyond the last the last one is computed again, and not
// written.
fn outputs_of(four: u32) -> vec4<u32> {
    return min(vec4<u32>(four, four + 1u, four + 2u, four + 3u), vec4<u32>(COLUMNS - 1u));
}

fn put(rows: u32, row: u32, four: u32, sum: vec4<f32>) {
    for (var j = 0u; j < 4u; j++) {
        if four + j < COLUMNS {
            y[value_at(rows, row, four + j)] = sum[j];
        }
    }
}

