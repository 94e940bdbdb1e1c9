// As lora_shrink.wgsl for adapters of bfloat16, two in a word, whose ranks may differ: a workgroup has
// 4 tokens of one row of the batch and 8 of its adapter's ranks, and zeros beyond its last. A line
// with a # stands for 8 lines.

@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> a: array<u32>;
// The first rank of each row, and how many it has.
@group(0) @binding(2) var<storage, read_write> own: array<u32>;
@group(0) @binding(3) var<storage, read_write> inner: array<f32>;

const ROWS: u32 = {{ rows }}u;
const INPUTS: u32 = {{ inputs }}u;
// Of inner.
const RANK: u32 = {{ rank }}u;
// Words of one rank.
const WORDS: u32 = {{ words }}u;

// For each of 8 ranks by 4 tokens, what each of 64 lanes has, and one value that nobody reads.
var<workgroup> partial: array<f32, 2080>;

@compute @workgroup_size(64, 1, 1)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let length = arrayLength(&x) / (INPUTS * ROWS);
    let row = group.z;
    let rank = group.y * 8u;
    let token = group.x * 4u;
    let count = own[2u * row + 1u];
    // Beyond the last token and rank the last is read once more, and not written.
    let tokens = min(vec4<u32>(token, token + 1u, token + 2u, token + 3u), vec4<u32>(length - 1u));
    let starts = (vec4<u32>(row * length) + tokens) * INPUTS;
    let first = own[2u * row];
    let last = max(count, 1u) - 1u;
    let from_# = (first + min(rank + #u, last)) * WORDS;

    var sums_# = vec4<f32>();
    if rank < count {
        for (var i = lane; i < (INPUTS + 1u) / 2u; i += 64u) {
            let at = starts + 2u * i;
            let low = vec4<f32>(x[at.x], x[at.y], x[at.z], x[at.w]);
            var high = vec4<f32>();
            if 2u * i + 1u < INPUTS {
                high = vec4<f32>(x[at.x + 1u], x[at.y + 1u], x[at.z + 1u], x[at.w + 1u]);
            }
            let word_# = a[from_# + i];
            sums_# += low * bitcast<f32>(word_# << 16u) + high * bitcast<f32>(word_# & 0xffff0000u);
        }
    }
    partial[#u * 260u + lane] = sums_#.x;
    partial[#u * 260u + 65u + lane] = sums_#.y;
    partial[#u * 260u + 130u + lane] = sums_#.z;
    partial[#u * 260u + 195u + lane] = sums_#.w;
    workgroupBarrier();

    let r = rank + lane / 4u;
    let t = token + lane % 4u;
    if lane < 32u && r < RANK && t < length {
        var sum = 0.0;
        if r < count {
            for (var i = 0u; i < 64u; i++) {
                sum += partial[lane * 65u + i];
            }
        }
        inner[(row * length + t) * RANK + r] = sum;
    }
}
