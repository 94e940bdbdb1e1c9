// y[t, o] = base[t, o] + sum over r of inner[t, r] * b[row of t, o, r]: one invocation a value.

@group(0) @binding(0) var<storage, read_write> base: array<f32>;
@group(0) @binding(1) var<storage, read_write> inner: array<f32>;
@group(0) @binding(2) var<storage, read_write> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

const ROWS: u32 = {{ rows }}u;
const OUTPUTS: u32 = {{ outputs }}u;
const RANK: u32 = {{ rank }}u;

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
    let output = token / (count / (OUTPUTS * ROWS)) * OUTPUTS + at % OUTPUTS;
    var sum = base[at];
    for (var r = 0u; r < RANK; r++) {
        sum += inner[token * RANK + r] * b[output * RANK + r];
    }
    y[at] = sum;
}
