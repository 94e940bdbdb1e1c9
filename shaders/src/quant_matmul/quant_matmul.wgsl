// Many rows: y = x W^T, or, with TRANSPOSED, y = x W.
// A workgroup computes 8 EACH rows by 128 columns of y, 16 steps of the sum at a time: both tiles lie
// in workgroup memory, in fours of steps, the weight's as floats; each lane keeps EACH rows by 8
// columns of sums in registers. Where tiles are too few for a GPU, PARTS workgroups share a tile's
// sum. A line with a # stands for EACH lines. What numbers lie in the tiles, and how they are multiplied,
// is told by tiles_floats.wgsl or tiles_halves.wgsl, which precedes this.

@group(0) @binding(0) var<storage, read_write> x: array<Given>;
@group(0) @binding(1) var<storage, read_write> quants: array<vec4<u32>>;

const TRANSPOSED: bool = {{ transposed }};
const OUTPUTS: u32 = {{ outputs }}u;
const INPUTS: u32 = {{ inputs }}u;
// Fours of a row of x, which is filled up to whole blocks, and columns of y.
const DEPTH: u32 = {{ depth }}u;
const COLUMNS: u32 = select(OUTPUTS, INPUTS, TRANSPOSED);
const PARTS: u32 = {{ parts }}u;
// Steps of a part, in halves of blocks.
const SHARE: u32 = (DEPTH / 8u + PARTS - 1u) / PARTS * 2u;
const WORDS: u32 = BITS;
const EACH: u32 = {{ each }}u;
const TALL: u32 = 8u * EACH;
const LANES: u32 = 128u;

var<workgroup> xs: array<Four, TALL * 4u>;
var<workgroup> ws: array<Four, 512>;

// Where a row's or a column's four lies: turned, so that lanes that read the same four of
// neighbours read from all banks.
fn place(row: u32, four: u32) -> u32 {
    return row * 4u + (four ^ ((row / 2u) & 3u));
}

// Scale and minimum of a block's word.
fn scales_of(block: u32, word: u32) -> vec2<f32> {
    let group = block * GROUPS + word * GROUPS / WORDS;
    let scale = scale_of(group);
    return vec2<f32>(scale, min_of(group, scale));
}

// The lower halves of a word's bytes, or all of them.
fn values(word: u32, by: vec2<f32>) -> Four {
    if BITS == 4u {
        return Four(vec4<f32>(unpack4xU8(word & 0x0f0f0f0fu)) * by.x + by.y);
    }
    return Four(vec4<f32>(unpack4xI8(word)) * by.x + by.y);
}

// Two bfloat16s, the upper halves of 32-bit floats.
fn brains(word: u32) -> vec2<f32> {
    return bitcast<vec2<f32>>(vec2<u32>(word << 16u, word & 0xffff0000u));
}

// Half a block of each column: a lane has one.
fn fill(left: u32, step: u32, lane: u32) {
    if left + lane >= OUTPUTS {
        return;
    }
    let block = (left + lane) * BLOCKS + step / 2u;
    let half = step % 2u;
    if BITS == 16u {
        let near = quants[block * 4u + half * 2u];
        let far = quants[block * 4u + half * 2u + 1u];
        ws[place(lane, 0u)] = Four(vec4<f32>(brains(near.x), brains(near.y)));
        ws[place(lane, 1u)] = Four(vec4<f32>(brains(near.z), brains(near.w)));
        ws[place(lane, 2u)] = Four(vec4<f32>(brains(far.x), brains(far.y)));
        ws[place(lane, 3u)] = Four(vec4<f32>(brains(far.z), brains(far.w)));
        return;
    }
    let by = scales_of(block, half * WORDS / 2u);
    var words = vec4<u32>();
    if BITS == 4u {
        words = quants[block] >> vec4<u32>(half * 4u);
    } else {
        words = quants[block * 2u + half];
    }
    ws[place(lane, 0u)] = values(words.x, by);
    ws[place(lane, 1u)] = values(words.y, by);
    ws[place(lane, 2u)] = values(words.z, by);
    ws[place(lane, 3u)] = values(words.w, by);
}

// Blocks of 16 outputs, which are the steps, and of four times 32 columns: a lane has one word of
// four outputs.
fn fill_transposed(left: u32, step: u32, lane: u32) {
    for (var i = lane; i < 16u * WORDS; i += LANES) {
        let at = i % WORDS;
        let four = i / WORDS % 4u;
        let part = i / WORDS / 4u;
        var low: Sixteen;
        var high: Sixteen;
        for (var j = 0u; j < 4u; j++) {
            let output = step * 16u + four * 4u + j;
            let column = left / 32u + part;
            if output < OUTPUTS && column < BLOCKS {
                let block = output * BLOCKS + column;
                let index = block * WORDS + at;
                let word = quants[index / 4u][index % 4u];
                if BITS == 16u {
                    low[j] = Four(vec4<f32>(brains(word), 0.0, 0.0));
                } else {
                    let by = scales_of(block, at);
                    low[j] = values(word, by);
                    high[j] = values(word >> 4u, by);
                }
            }
        }
        low = transpose(low);
        high = transpose(high);
        if BITS == 16u {
            ws[place(part * 32u + at * 2u, four)] = low[0];
            ws[place(part * 32u + at * 2u + 1u, four)] = low[1];
            continue;
        }
        for (var j = 0u; j < 4u; j++) {
            ws[place(part * 32u + at * 4u + j, four)] = low[j];
            if BITS == 4u {
                ws[place(part * 32u + at * 4u + j + 16u, four)] = high[j];
            }
        }
    }
}

fn put(rows: u32, part: u32, row: u32, column: u32, value: f32) {
    if row >= rows || column >= COLUMNS {
        return;
    }
    y[part * rows * COLUMNS + value_at(rows, row, column)] = value;
}

fn put_all(rows: u32, part: u32, row: u32, column: u32, sums: vec4<f32>) {
    let sum = sums * power_of(rows, row);
    put(rows, part, row, column, sum.x);
    put(rows, part, row, column + 16u, sum.y);
    put(rows, part, row, column + 32u, sum.z);
    put(rows, part, row, column + 48u, sum.w);
}

@compute @workgroup_size(LANES, 1, 1)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let rows = arrayLength(&y) / (COLUMNS * PARTS);
    let top = group.y * TALL;
    let left = group.x * 128u;
    let tx = lane % 16u;
    let ty = lane / 16u;
    var near: array<vec4<f32>, EACH>;
    var far: array<vec4<f32>, EACH>;

    for (var step = group.z * SHARE; step < min((group.z + 1u) * SHARE, DEPTH / 4u); step++) {
        for (var i = lane; i < TALL * 4u; i += LANES) {
            let row = i / 4u;
            let four = i % 4u;
            var value = Given();
            if top + row < rows {
                value = x[(top + row) * DEPTH + step * 4u + four];
            }
            xs[place(row, four)] = Four(value);
        }
        if TRANSPOSED {
            fill_transposed(left, step, lane);
        } else {
            fill(left, step, lane);
        }
        workgroupBarrier();
        multiply(tx, ty, &near, &far);
        workgroupBarrier();
    }

    put_all(rows, group.z, top + ty + #u * 8u, left + tx, near[#]);
    put_all(rows, group.z, top + ty + #u * 8u, left + tx + 64u, far[#]);
}
