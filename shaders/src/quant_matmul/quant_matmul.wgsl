// Many rows: y = x W^T, or, with TRANSPOSED, y = x W.
// A workgroup computes 64 rows by 64 columns of y, 32 steps of the sum at a time: both tiles lie in
// workgroup memory, the weight's as floats, and each lane keeps 4 by 4 sums in registers.

@group(0) @binding(0) var<storage, read_write> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> quants: array<u32>;
@group(0) @binding(2) var<storage, read_write> scales: array<u32>;
@group(0) @binding(3) var<storage, read_write> mins: array<u32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

const TRANSPOSED: bool = {{ transposed }};
const OUTPUTS: u32 = {{ outputs }}u;
const INPUTS: u32 = {{ inputs }}u;
const BLOCKS: u32 = {{ blocks }}u;
const BITS: u32 = {{ bits }}u;
const MINS: bool = {{ mins }};
// Scales a block, and whether each is a word of its own.
const GROUPS: u32 = {{ groups }}u;
const FULL: bool = {{ full }};
// Fours of a row of x, which is filled up to whole steps, and columns of y.
const DEPTH: u32 = {{ depth }}u;
const COLUMNS: u32 = select(OUTPUTS, INPUTS, TRANSPOSED);
const WORDS: u32 = BITS;

var<workgroup> xs: array<array<f32, 64>, 32>;
var<workgroup> ws: array<array<f32, 64>, 32>;

fn scale_of(group: u32) -> f32 {
    if FULL {
        return bitcast<f32>(scales[group]);
    }
    let both = unpack2x16float(scales[group >> 1u]);
    return select(both.x, both.y, (group & 1u) == 1u);
}

fn min_of(group: u32, scale: f32) -> f32 {
    if !MINS {
        return select(0.0, -8.0 * scale, BITS == 4u);
    }
    if FULL {
        return bitcast<f32>(mins[group]);
    }
    let both = unpack2x16float(mins[group >> 1u]);
    return select(both.x, both.y, (group & 1u) == 1u);
}

// Value `at` of the tile's block `which`, where the sum and the columns have it.
fn put(which: u32, at: u32, value: f32) {
    if TRANSPOSED {
        ws[which / 2u][(which % 2u) * 32u + at] = value;
    } else {
        ws[at][which] = value;
    }
}

@compute @workgroup_size(256, 1, 1)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let rows = arrayLength(&y) / COLUMNS;
    let top = group.y * 64u;
    let left = group.x * 64u;
    let tx = (lane % 16u) * 4u;
    let ty = (lane / 16u) * 4u;
    var sums: array<vec4<f32>, 4>;

    for (var step = 0u; step < DEPTH / 8u; step++) {
        // 64 rows of 8 fours: two for each lane.
        for (var i = lane; i < 512u; i += 256u) {
            let row = i / 8u;
            let four = i % 8u;
            var value = vec4<f32>();
            if top + row < rows {
                value = x[(top + row) * DEPTH + step * 8u + four];
            }
            for (var j = 0u; j < 4u; j++) {
                xs[four * 4u + j][row] = value[j];
            }
        }
        // 64 blocks, of one step and 64 outputs or of 32 outputs and two steps.
        for (var i = lane; i < 64u * WORDS; i += 256u) {
            let which = i / WORDS;
            let at = i % WORDS;
            let output = select(left + which, step * 32u + which / 2u, TRANSPOSED);
            let column = select(step, left / 32u + which % 2u, TRANSPOSED);
            var scale = 0.0;
            var least = 0.0;
            var word = 0u;
            if output < OUTPUTS && column < BLOCKS {
                let block = output * BLOCKS + column;
                word = quants[block * WORDS + at];
                if BITS < 16u {
                    let part = block * GROUPS + at * GROUPS / WORDS;
                    scale = scale_of(part);
                    least = min_of(part, scale);
                }
            }
            if BITS == 4u {
                let low = vec4<f32>(unpack4xU8(word & 0x0f0f0f0fu)) * scale + least;
                let high = vec4<f32>(unpack4xU8((word >> 4u) & 0x0f0f0f0fu)) * scale + least;
                for (var j = 0u; j < 4u; j++) {
                    put(which, at * 4u + j, low[j]);
                    put(which, 16u + at * 4u + j, high[j]);
                }
            } else if BITS == 16u {
                // Two bfloat16s, the upper halves of 32-bit floats.
                put(which, at * 2u, bitcast<f32>(word << 16u));
                put(which, at * 2u + 1u, bitcast<f32>(word & 0xffff0000u));
            } else {
                let values = vec4<f32>(unpack4xI8(word)) * scale + least;
                for (var j = 0u; j < 4u; j++) {
                    put(which, at * 4u + j, values[j]);
                }
            }
        }
        workgroupBarrier();
        for (var k = 0u; k < 32u; k++) {
            let w = vec4<f32>(ws[k][tx], ws[k][tx + 1u], ws[k][tx + 2u], ws[k][tx + 3u]);
            sums[0] += xs[k][ty] * w;
            sums[1] += xs[k][ty + 1u] * w;
            sums[2] += xs[k][ty + 2u] * w;
            sums[3] += xs[k][ty + 3u] * w;
        }
        workgroupBarrier();
    }

    for (var i = 0u; i < 4u; i++) {
        let row = top + ty + i;
        for (var j = 0u; j < 4u; j++) {
            let column = left + tx + j;
            if row < rows && column < COLUMNS {
                y[row * COLUMNS + column] = sums[i][j];
            }
        }
    }
}
