// inner[t, r] = sum over i of x[t, i] * a[row of t, r, i]: a workgroup has 4 tokens of one row of
// the batch and 8 of its adapter's ranks; its lanes share the sum.

@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> a: array<f32>;
@group(0) @binding(2) var<storage, read_write> inner: array<f32>;

const ROWS: u32 = {{ rows }}u;
const INPUTS: u32 = {{ inputs }}u;
const RANK: u32 = {{ rank }}u;

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
    let tokens = min(4u, length - token);

    var sums: array<vec4<f32>, 8>;
    for (var i = lane; i < INPUTS; i += 64u) {
        var values = vec4<f32>();
        for (var t = 0u; t < 4u; t++) {
            if t < tokens {
                values[t] = x[(row * length + token + t) * INPUTS + i];
            }
        }
        for (var r = 0u; r < 8u; r++) {
            if rank + r < RANK {
                sums[r] += values * a[(row * RANK + rank + r) * INPUTS + i];
            }
        }
    }
    for (var r = 0u; r < 8u; r++) {
        for (var t = 0u; t < 4u; t++) {
            partial[(r * 4u + t) * 65u + lane] = sums[r][t];
        }
    }
    workgroupBarrier();

    let r = lane / 4u;
    let t = lane % 4u;
    if lane < 32u && rank + r < RANK && t < tokens {
        var sum = 0.0;
        for (var i = 0u; i < 64u; i++) {
            sum += partial[lane * 65u + i];
        }
        inner[(row * length + token + t) * RANK + rank + r] = sum;
    }
}
