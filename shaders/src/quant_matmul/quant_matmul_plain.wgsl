// y[row, output] = sum over inputs of x[row, input] * w[output, input], without workgroup memory: for
// programs that imitate a GPU, whom barriers cost more than reading twice, and loads most. A lane has
// 16 outputs of ROWS rows. A line with a # stands for ROWS lines.

@group(0) @binding(0) var<storage, read_write> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> quants: array<vec4<u32>>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

const ROWS: u32 = {{ rows }}u;
const COLUMNS: u32 = {{ outputs }}u;
// Fours of words of a block, and the fours of inputs that each holds.
const PARTS: u32 = BITS / 4u;
const FOURS: u32 = 8u / PARTS;
const LANES: u32 = 64u;
const OUTPUTS: u32 = 16u;

// What 4 outputs have of a block: their first words, their second, and so on, scales and minima.
struct Four {
    words: array<vec4<u32>, 4>,
    scales: vec4<f32>,
    mins: vec4<f32>,
}

fn load(first: u32, at: u32, part: u32) -> Four {
    // Beyond the last output the last one is computed again, and not written.
    let outputs = min(vec4<u32>(first, first + 1u, first + 2u, first + 3u), vec4<u32>(COLUMNS - 1u));
    let blocks = outputs * BLOCKS + at;
    let places = blocks * PARTS + part;
    let a = quants[places.x];
    let b = quants[places.y];
    let c = quants[places.z];
    let d = quants[places.w];
    var four: Four;
    four.words[0] = vec4<u32>(a.x, b.x, c.x, d.x);
    four.words[1] = vec4<u32>(a.y, b.y, c.y, d.y);
    four.words[2] = vec4<u32>(a.z, b.z, c.z, d.z);
    four.words[3] = vec4<u32>(a.w, b.w, c.w, d.w);
    if BITS < 16u {
        let g = blocks * GROUPS + part * (GROUPS - 1u);
        let s = vec4<f32>(scale_of(g.x), scale_of(g.y), scale_of(g.z), scale_of(g.w));
        four.scales = s;
        four.mins =
            vec4<f32>(min_of(g.x, s.x), min_of(g.y, s.y), min_of(g.z, s.z), min_of(g.w, s.w));
    }
    return four;
}

// Four inputs of 4 outputs: of 4 bits the first and the last 16, of 8 those of a word, of bfloat16
// those of two words.
fn weights(four: Four, at: u32) -> mat4x4<f32> {
    let s = four.scales;
    let m = four.mins;
    if BITS == 4u {
        let bytes = (four.words[at % 4u] >> vec4<u32>(at / 4u * 4u)) & vec4<u32>(0x0f0f0f0fu);
        return mat4x4<f32>(
            vec4<f32>(unpack4xU8(bytes.x)) * s.x + m.x,
            vec4<f32>(unpack4xU8(bytes.y)) * s.y + m.y,
            vec4<f32>(unpack4xU8(bytes.z)) * s.z + m.z,
            vec4<f32>(unpack4xU8(bytes.w)) * s.w + m.w,
        );
    }
    if BITS == 16u {
        let first = four.words[at * 2u % 4u];
        let second = four.words[at * 2u % 4u + 1u];
        let a = bitcast<vec4<f32>>(first << vec4<u32>(16u));
        let b = bitcast<vec4<f32>>(first & vec4<u32>(0xffff0000u));
        let c = bitcast<vec4<f32>>(second << vec4<u32>(16u));
        let d = bitcast<vec4<f32>>(second & vec4<u32>(0xffff0000u));
        return transpose(mat4x4<f32>(a, b, c, d));
    }
    let bytes = four.words[at % 4u];
    return mat4x4<f32>(
        vec4<f32>(unpack4xI8(bytes.x)) * s.x + m.x,
        vec4<f32>(unpack4xI8(bytes.y)) * s.y + m.y,
        vec4<f32>(unpack4xI8(bytes.z)) * s.z + m.z,
        vec4<f32>(unpack4xI8(bytes.w)) * s.w + m.w,
    );
}

// Adds the products of four inputs with 8 outputs.
fn add(
    sums: ptr<function, array<vec4<f32>, 4u * ROWS>>,
    starts: array<u32, ROWS>,
    at: u32,
    a: Four,
    b: Four,
    c: Four,
    d: Four,
) {
    let wa = weights(a, at);
    let wb = weights(b, at);
    let wc = weights(c, at);
    let wd = weights(d, at);
    let value_# = x[starts[#] + at];
    (*sums)[# * 4] += value_# * wa;
    (*sums)[# * 4 + 1] += value_# * wb;
    (*sums)[# * 4 + 2] += value_# * wc;
    (*sums)[# * 4 + 3] += value_# * wd;
}

fn put(rows: u32, row: u32, output: u32, sum: vec4<f32>) {
    for (var j = 0u; j < 4u; j++) {
        if row < rows && output + j < COLUMNS {
            y[value_at(rows, row, output + j)] = sum[j];
        }
    }
}

@compute @workgroup_size(LANES, 1, 1)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let rows = arrayLength(&y) / COLUMNS;
    let top = group.z * ROWS;
    let left = ((group.y * groups.x + group.x) * LANES + lane) * OUTPUTS;
    var sums: array<vec4<f32>, 4u * ROWS>;
    for (var step = 0u; step < BLOCKS * PARTS; step++) {
        let a = load(left, step / PARTS, step % PARTS);
        let b = load(left + 4u, step / PARTS, step % PARTS);
        let c = load(left + 8u, step / PARTS, step % PARTS);
        let d = load(left + 12u, step / PARTS, step % PARTS);
        var starts: array<u32, ROWS>;
        starts[#] = min(top + #u, rows - 1u) * BLOCKS * 8u + step * FOURS;
        add(&sums, starts, 0u, a, b, c, d);
        add(&sums, starts, 1u, a, b, c, d);
        if BITS < 16u {
            add(&sums, starts, 2u, a, b, c, d);
            add(&sums, starts, 3u, a, b, c, d);
        }
        if BITS == 4u {
            add(&sums, starts, 4u, a, b, c, d);
            add(&sums, starts, 5u, a, b, c, d);
            add(&sums, starts, 6u, a, b, c, d);
            add(&sums, starts, 7u, a, b, c, d);
        }
    }
    put(rows, top + #u, left, sums[# * 4]);
    put(rows, top + #u, left + 4u, sums[# * 4 + 1]);
    put(rows, top + #u, left + 8u, sums[# * 4 + 2]);
    put(rows, top + #u, left + 12u, sums[# * 4 + 3]);
}
