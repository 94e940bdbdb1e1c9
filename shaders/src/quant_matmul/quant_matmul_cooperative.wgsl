// Many rows: y = x W^T by matrices of 16 by 16 that a subgroup multiplies together, as 16-bit floats
// whose products are summed as 32-bit ones.
// A workgroup of four subgroups computes TALL rows by 128 columns of y, a block of 32 steps of the
// sum at a time: both tiles lie in workgroup memory, and the next block is read while one is
// multiplied. Where tiles are too few for a GPU, PARTS workgroups share a tile's sum. A line with a #
// stands for EACH lines.
enable f16;
enable wgpu_cooperative_matrix;

@group(0) @binding(0) var<storage, read_write> x: array<vec4<f16>>;
@group(0) @binding(1) var<storage, read_write> quants: array<vec4<u32>>;
// What each row of x was divided by.
@group(0) @binding(4) var<storage, read_write> powers: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;

const OUTPUTS: u32 = {{ outputs }}u;
const COLUMNS: u32 = OUTPUTS;
const PARTS: u32 = {{ parts }}u;
// Blocks of a part.
const SHARE: u32 = (BLOCKS + PARTS - 1u) / PARTS;
// Matrices of a subgroup, side by side; it has four, one below another.
const EACH: u32 = {{ each }}u;
const ACROSS: u32 = 128u / (16u * EACH);
const TALL: u32 = 64u * (4u / ACROSS);
const LANES: u32 = 128u;
// A block's fours of a row, and one row's distance to the next, which starts on other banks.
const FOURS: u32 = 8u;
const ROW: u32 = 10u;
// Fours of words of a block.
const WORDS: u32 = BITS / 4u;

var<workgroup> xs: array<vec4<f16>, TALL * ROW>;
var<workgroup> ws: array<vec4<f16>, 128u * ROW>;
// A matrix of each subgroup.
var<workgroup> held: array<f32, 1024>;

// The bytes of a word as floats, by the last bits of a float of 2^23: what converts integers is slow.
fn bytes(word: u32, mask: u32) -> vec4<f32> {
    let each = vec4<u32>(word, word >> 8u, word >> 16u, word >> 24u) & vec4<u32>(mask);
    return bitcast<vec4<f32>>(each | vec4<u32>(0x4b000000u)) - 8388608.0;
}

// The lower halves of a word's bytes.
fn small(word: u32, by: vec2<f32>) -> vec4<f16> {
    return vec4<f16>(bytes(word, 15u) * by.x + by.y);
}

// Its bytes, which have signs.
fn large(word: u32, by: vec2<f32>) -> vec4<f16> {
    return vec4<f16>((bytes(word ^ 0x80808080u, 255u) - 128.0) * by.x + by.y);
}

fn scales_of(group: u32) -> vec2<f32> {
    let scale = scale_of(group);
    return vec2<f32>(scale, min_of(group, scale));
}

// A column's block.
fn fill(column: u32, a: vec4<u32>, b: vec4<u32>, near: vec2<f32>, far: vec2<f32>) {
    let at = column * ROW;
    if BITS == 4u {
        ws[at] = small(a.x, near);
        ws[at + 1u] = small(a.y, near);
        ws[at + 2u] = small(a.z, near);
        ws[at + 3u] = small(a.w, near);
        ws[at + 4u] = small(a.x >> 4u, near);
        ws[at + 5u] = small(a.y >> 4u, near);
        ws[at + 6u] = small(a.z >> 4u, near);
        ws[at + 7u] = small(a.w >> 4u, near);
    } else {
        ws[at] = large(a.x, near);
        ws[at + 1u] = large(a.y, near);
        ws[at + 2u] = large(a.z, near);
        ws[at + 3u] = large(a.w, near);
        ws[at + 4u] = large(b.x, far);
        ws[at + 5u] = large(b.y, far);
        ws[at + 6u] = large(b.z, far);
        ws[at + 7u] = large(b.w, far);
    }
}

// The matrix that a subgroup holds.
fn put(rows: u32, part: u32, lane: u32, top: u32, left: u32) {
    let first = lane / 32u * 256u;
    for (var i = lane % 32u; i < 256u; i += 32u) {
        let row = top + i / 16u;
        let column = left + i % 16u;
        if row < rows && column < OUTPUTS {
            y[part * rows * OUTPUTS + value_at(rows, row, column)] = held[first + i] * powers[row];
        }
    }
}

@compute @workgroup_size(LANES, 1, 1)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let rows = arrayLength(&powers);
    let top = group.y * TALL;
    let left = group.x * 128u;
    let subgroup = lane / 32u;
    let down = subgroup / ACROSS * 64u;
    let right = subgroup % ACROSS * 16u * EACH;
    // Where this lane reads: beyond the last row and column, the last once more, which are not written.
    let column = min(left + lane, OUTPUTS - 1u) * BLOCKS;
    let four = lane % FOURS;
    let line = lane / FOURS;
    let low_# = min(top + line + #u * 16u, rows - 1u) * BLOCKS * FOURS + four;
    let high_# = min(top + line + (#u + EACH) * 16u, rows - 1u) * BLOCKS * FOURS + four;

    var sums0_# = coop_mat16x16<f32, C>();
    var sums1_# = coop_mat16x16<f32, C>();
    var sums2_# = coop_mat16x16<f32, C>();
    var sums3_# = coop_mat16x16<f32, C>();
    var step = group.z * SHARE;
    let end = min(step + SHARE, BLOCKS);
    var a = quants[(column + step) * WORDS];
    var b = quants[(column + step) * WORDS + WORDS - 1u];
    var near = scales_of((column + step) * GROUPS);
    var far = scales_of((column + step) * GROUPS + GROUPS - 1u);
    var x0_# = x[low_# + step * FOURS];
    var x1_# = x[high_# + step * FOURS];

    for (; step < end; step++) {
        workgroupBarrier();
        xs[(line + #u * 16u) * ROW + four] = x0_#;
        xs[(line + (#u + EACH) * 16u) * ROW + four] = x1_#;
        fill(lane, a, b, near, far);
        workgroupBarrier();
        if step + 1u < end {
            let block = column + step + 1u;
            a = quants[block * WORDS];
            b = quants[block * WORDS + WORDS - 1u];
            near = scales_of(block * GROUPS);
            far = scales_of(block * GROUPS + GROUPS - 1u);
            x0_# = x[low_# + (step + 1u) * FOURS];
            x1_# = x[high_# + (step + 1u) * FOURS];
        }
        for (var half = 0u; half < FOURS; half += 4u) {
            let w_# = coopLoad<coop_mat16x16<f16, B>>(&ws[(right + #u * 16u) * ROW + half], ROW);
            let x0 = coopLoadT<coop_mat16x16<f16, A>>(&xs[down * ROW + half], ROW);
            sums0_# = coopMultiplyAdd(x0, w_#, sums0_#);
            let x1 = coopLoadT<coop_mat16x16<f16, A>>(&xs[(down + 16u) * ROW + half], ROW);
            sums1_# = coopMultiplyAdd(x1, w_#, sums1_#);
            let x2 = coopLoadT<coop_mat16x16<f16, A>>(&xs[(down + 32u) * ROW + half], ROW);
            sums2_# = coopMultiplyAdd(x2, w_#, sums2_#);
            let x3 = coopLoadT<coop_mat16x16<f16, A>>(&xs[(down + 48u) * ROW + half], ROW);
            sums3_# = coopMultiplyAdd(x3, w_#, sums3_#);
        }
    }

    // Each matrix by way of workgroup memory, whose order is known.
    let first = subgroup * 256u;
    let place = vec2<u32>(top + down, left + right);
    workgroupBarrier(); coopStoreT(sums0_#, &held[first], 16u); workgroupBarrier(); put(rows, group.z, lane, place.x, place.y + #u * 16u);
    workgroupBarrier(); coopStoreT(sums1_#, &held[first], 16u); workgroupBarrier(); put(rows, group.z, lane, place.x + 16u, place.y + #u * 16u);
    workgroupBarrier(); coopStoreT(sums2_#, &held[first], 16u); workgroupBarrier(); put(rows, group.z, lane, place.x + 32u, place.y + #u * 16u);
    workgroupBarrier(); coopStoreT(sums3_#, &held[first], 16u); workgroupBarrier(); put(rows, group.z, lane, place.x + 48u, place.y + #u * 16u);
}
