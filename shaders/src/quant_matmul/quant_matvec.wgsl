// y[row, output] = sum over inputs of x[row, input] * w[output, input], for a few rows at a time.
// A lane has 4 outputs of ROWS rows, and shares their blocks with SHARE - 1 other lanes. A line with
// a # stands for ROWS lines: what is named by constants stays in registers. How lanes gather
// their sums is told by gather.wgsl or gather_subgroups.wgsl, which precedes this; so do norm_none.wgsl
// or norm_late.wgsl, which tells what sums are divided by, and put.wgsl, put_sum.wgsl or put_swiglu.wgsl,
// which takes them.

@group(0) @binding(0) var<storage, read_write> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> quants: array<vec4<u32>>;

// From 1 to 8.
const ROWS: u32 = {{ rows }}u;
const COLUMNS: u32 = {{ outputs }}u;
const SHARE: u32 = {{ share }}u;
const LANES: u32 = 64u;
const FOURS: u32 = LANES / SHARE;

var<workgroup> partial: array<vec4<f32>, LANES * ROWS>;
var<workgroup> squared: array<f32, LANES * {{ squares }}u>;

// Scales, and minima, of 4 outputs.
fn scales_of(groups: vec4<u32>) -> mat2x4<f32> {
    let s = vec4<f32>(
        scale_of(groups.x), scale_of(groups.y), scale_of(groups.z), scale_of(groups.w));
    let m = vec4<f32>(
        min_of(groups.x, s.x), min_of(groups.y, s.y), min_of(groups.z, s.z), min_of(groups.w, s.w));
    return mat2x4<f32>(s, m);
}

// Four inputs of 4 outputs, of which each has a word: the lower halves of its bytes.
fn small(words: vec4<u32>, by: mat2x4<f32>) -> mat4x4<f32> {
    let bytes = words & vec4<u32>(0x0f0f0f0fu);
    return mat4x4<f32>(
        vec4<f32>(unpack4xU8(bytes.x)) * by[0].x + by[1].x,
        vec4<f32>(unpack4xU8(bytes.y)) * by[0].y + by[1].y,
        vec4<f32>(unpack4xU8(bytes.z)) * by[0].z + by[1].z,
        vec4<f32>(unpack4xU8(bytes.w)) * by[0].w + by[1].w,
    );
}

// Likewise, of whole bytes.
fn large(words: vec4<u32>, by: mat2x4<f32>) -> mat4x4<f32> {
    return mat4x4<f32>(
        vec4<f32>(unpack4xI8(words.x)) * by[0].x + by[1].x,
        vec4<f32>(unpack4xI8(words.y)) * by[0].y + by[1].y,
        vec4<f32>(unpack4xI8(words.z)) * by[0].z + by[1].z,
        vec4<f32>(unpack4xI8(words.w)) * by[0].w + by[1].w,
    );
}

// Four bfloat16s, the upper halves of 32-bit floats.
fn brains(words: vec2<u32>) -> vec4<f32> {
    let low = words << vec2<u32>(16u);
    let high = words & vec2<u32>(0xffff0000u);
    return bitcast<vec4<f32>>(vec4<u32>(low.x, high.x, low.y, high.y));
}

// Adds the products of eight inputs, which are two fours of each row of x.
fn add(
    sums: ptr<function, array<vec4<f32>, ROWS>>,
    starts: array<u32, ROWS>,
    fours: vec2<u32>,
    a: mat4x4<f32>,
    b: mat4x4<f32>,
) {
    (*sums)[#] += x[starts[#] + fours.x] * a + x[starts[#] + fours.y] * b;
}

@compute @workgroup_size(LANES, 1, 1)
fn main(place: Place) {
    let group = place.group;
    let groups = place.groups;
    let lane = place.lane;
    let rows = arrayLength(&y) / WIDE;
    let top = group.z * ROWS;
    let left = (group.y * groups.x + group.x) * FOURS * 4u;
    let outputs = outputs_of(left + lane / SHARE * 4u);
    // Beyond the last row the last one is computed again, and not written.
    var firsts: array<u32, ROWS>;
    firsts[#] = min(top + #u, rows - 1u) * BLOCKS * 8u;
    var sums: array<vec4<f32>, ROWS>;
    var squares: array<f32, ROWS>;
    if NORMED {
        for (var i = lane; i < BLOCKS * 8u; i += LANES) {
            squares[#] += square(firsts[#] + i);
        }
    }

    for (var at = lane % SHARE; at < BLOCKS; at += SHARE) {
        let o = outputs * BLOCKS + vec4<u32>(at);
        var starts: array<u32, ROWS>;
        starts[#] = firsts[#] + at * 8u;
        if BITS == 4u {
            let by = scales_of(o);
            // Columns of words: the first words of 4 outputs, and so on.
            let words = array<vec4<u32>, 4>(quants[o.x], quants[o.y], quants[o.z], quants[o.w]);
            let first = vec4<u32>(words[0].x, words[1].x, words[2].x, words[3].x);
            let second = vec4<u32>(words[0].y, words[1].y, words[2].y, words[3].y);
            let third = vec4<u32>(words[0].z, words[1].z, words[2].z, words[3].z);
            let fourth = vec4<u32>(words[0].w, words[1].w, words[2].w, words[3].w);
            let half = vec4<u32>(4u);
            add(&sums, starts, vec2<u32>(0u, 4u), small(first, by), small(first >> half, by));
            add(&sums, starts, vec2<u32>(1u, 5u), small(second, by), small(second >> half, by));
            add(&sums, starts, vec2<u32>(2u, 6u), small(third, by), small(third >> half, by));
            add(&sums, starts, vec2<u32>(3u, 7u), small(fourth, by), small(fourth >> half, by));
        } else if BITS == 16u {
            for (var i = 0u; i < 4u; i++) {
                let w = o * 4u + vec4<u32>(i);
                let words = array<vec4<u32>, 4>(quants[w.x], quants[w.y], quants[w.z], quants[w.w]);
                let a = mat4x4<f32>(
                    brains(words[0].xy), brains(words[1].xy), brains(words[2].xy), brains(words[3].xy));
                let b = mat4x4<f32>(
                    brains(words[0].zw), brains(words[1].zw), brains(words[2].zw), brains(words[3].zw));
                add(&sums, starts, vec2<u32>(i * 2u, i * 2u + 1u), a, b);
            }
        } else {
            for (var i = 0u; i < 2u; i++) {
                let by = scales_of(o * GROUPS + vec4<u32>(i * (GROUPS - 1u)));
                let w = o * 2u + vec4<u32>(i);
                let words = array<vec4<u32>, 4>(quants[w.x], quants[w.y], quants[w.z], quants[w.w]);
                let first = vec4<u32>(words[0].x, words[1].x, words[2].x, words[3].x);
                let second = vec4<u32>(words[0].y, words[1].y, words[2].y, words[3].y);
                let third = vec4<u32>(words[0].z, words[1].z, words[2].z, words[3].z);
                let fourth = vec4<u32>(words[0].w, words[1].w, words[2].w, words[3].w);
                let places = vec2<u32>(i * 4u) + vec2<u32>(0u, 1u);
                add(&sums, starts, places, large(first, by), large(second, by));
                add(&sums, starts, places + 2u, large(third, by), large(fourth, by));
            }
        }
    }

    let held = gather(place, &sums, &squares);
    for (var i = lane; i < FOURS * ROWS; i += LANES) {
        var sum = vec4<f32>();
        for (var j = 0u; j < held.x; j++) {
            sum += partial[i * SHARE + j];
        }
        let row = i / FOURS;
        if NORMED {
            var square = 0.0;
            for (var j = 0u; j < held.y; j++) {
                square += squared[row * LANES + j];
            }
            sum /= sqrt(square / WIDTH + EPSILON);
        }
        if top + row < rows {
            put(rows, top + row, left + i % FOURS * 4u, sum);
        }
    }
}
