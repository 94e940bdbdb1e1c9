// As lora_expand.wgsl for adapters of bfloat16, two outputs in a word: y[t, o] = base[t, o] + sum over
// the ranks of t's row of inner[t, r] * b[r, o].

@group(0) @binding(0) var<storage, read_write> base: array<f32>;
@group(0) @binding(1) var<storage, read_write> inner: array<f32>;
@group(0) @binding(2) var<storage, read_write> b: array<u32>;
// The first rank of each row, and how many it has.
@group(0) @binding(3) var<storage, read_write> own: array<u32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

const ROWS: u32 = {{ rows }}u;
const OUTPUTS: u32 = {{ outputs }}u;
const RANK: u32 = {{ rank }}u;
// Words of one rank.
const WORDS: u32 = {{ words }}u;

@compute @workgroup_size(128, 1, 1)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let at = (group.y * groups.x + group.x) * 128u + lane;
    let count = arrayLength(&y);
    if at >= count {
        return;
    }
    let token = at / OUTPUTS;
    let output = at % OUTPUTS;
    let row = token / (count / (OUTPUTS * ROWS));
    let first = own[2u * row] * WORDS + output / 2u;
    var sum = base[at];
    for (var r = 0u; r < own[2u * row + 1u]; r++) {
        let word = b[first + r * WORDS];
        let value = select(word << 16u, word & 0xffff0000u, output % 2u == 1u);
        sum += inner[token * RANK + r] * bitcast<f32>(value);
    }
    y[at] = sum;
}
