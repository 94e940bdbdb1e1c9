// y[row, output] = sum over inputs of x[row, input] * w[output, input], for a few rows.
// A workgroup computes OUTPUTS outputs of all rows; its lanes share the blocks of a weight's row.

@group(0) @binding(0) var<storage, read_write> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> quants: array<u32>;
@group(0) @binding(2) var<storage, read_write> scales: array<u32>;
@group(0) @binding(3) var<storage, read_write> mins: array<u32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

const ROWS: u32 = {{ rows }}u;
const N: u32 = {{ outputs }}u;
const BLOCKS: u32 = {{ blocks }}u;
const BITS: u32 = {{ bits }}u;
const MINS: bool = {{ mins }};
// Scales a block, and whether each is a word of its own.
const GROUPS: u32 = {{ groups }}u;
const FULL: bool = {{ full }};
const LANES: u32 = 64u;
const OUTPUTS: u32 = 4u;

var<workgroup> partial: array<f32, LANES * OUTPUTS * ROWS>;

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

// Four bfloat16s, the upper halves of 32-bit floats.
fn brains(a: u32, b: u32) -> vec4<f32> {
    let words = vec4<u32>(a << 16u, a & 0xffff0000u, b << 16u, b & 0xffff0000u);
    return bitcast<vec4<f32>>(words);
}

@compute @workgroup_size(64, 1, 1)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let first = (group.y * groups.x + group.x) * OUTPUTS;
    var sums: array<f32, OUTPUTS * ROWS>;
    for (var o = 0u; o < OUTPUTS; o++) {
        // Beyond the last output the last one is computed again, and not written.
        let output = min(first + o, N - 1u);
        for (var at = lane; at < BLOCKS; at += LANES) {
            let block = output * BLOCKS + at;
            var scale = 1.0;
            var least = 0.0;
            for (var i = 0u; i < 4u; i++) {
                if BITS < 16u && (i == 0u || (GROUPS == 2u && i == 2u)) {
                    let part = block * GROUPS + i / 2u;
                    scale = scale_of(part);
                    least = min_of(part, scale);
                }
                var low: vec4<f32>;
                var high: vec4<f32>;
                // Which fours of the block's inputs the two hold.
                var places = vec2<u32>(i, i + 4u);
                if BITS == 4u {
                    let word = quants[block * 4u + i];
                    low = vec4<f32>(unpack4xU8(word & 0x0f0f0f0fu));
                    high = vec4<f32>(unpack4xU8((word >> 4u) & 0x0f0f0f0fu));
                } else if BITS == 16u {
                    places = vec2<u32>(2u * i, 2u * i + 1u);
                    let word = block * 16u + 4u * i;
                    low = brains(quants[word], quants[word + 1u]);
                    high = brains(quants[word + 2u], quants[word + 3u]);
                } else {
                    places = vec2<u32>(2u * i, 2u * i + 1u);
                    low = vec4<f32>(unpack4xI8(quants[block * 8u + 2u * i]));
                    high = vec4<f32>(unpack4xI8(quants[block * 8u + 2u * i + 1u]));
                }
                low = low * scale + least;
                high = high * scale + least;
                for (var row = 0u; row < ROWS; row++) {
                    let start = (row * BLOCKS + at) * 8u;
                    sums[o * ROWS + row] += dot(low, x[start + places.x]) + dot(high, x[start + places.y]);
                }
            }
        }
    }
    for (var i = 0u; i < OUTPUTS * ROWS; i++) {
        partial[i * LANES + lane] = sums[i];
    }
    workgroupBarrier();
    for (var half = LANES / 2u; half > 0u; half /= 2u) {
        if lane < half {
            for (var i = 0u; i < OUTPUTS * ROWS; i++) {
                partial[i * LANES + lane] += partial[i * LANES + lane + half];
            }
        }
        workgroupBarrier();
    }
    if lane < OUTPUTS * ROWS {
        let output = first + lane / ROWS;
        if output < N {
            y[(lane % ROWS) * N + output] = partial[lane * LANES];
        }
    }
}
