// The two halves of each head turn by their position's angle: one invocation a pair of values.

@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> cosines: array<f32>;
@group(0) @binding(2) var<storage, read_write> sines: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

const HEADS: u32 = {{ heads }}u;
const HALF: u32 = {{ half }}u;
// 1.0, or -1.0 to turn back.
const SIGN: f32 = {{ sign }};

@compute @workgroup_size(128, 1, 1)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let pair = (group.y * groups.x + group.x) * 128u + lane;
    let at = pair / HALF * 2u * HALF + pair % HALF;
    if at >= arrayLength(&y) {
        return;
    }
    // Sequences may share one table.
    let turn = (pair / (HALF * HEADS) * HALF + pair % HALF) % arrayLength(&cosines);
    let c = cosines[turn];
    let s = sines[turn] * SIGN;
    let first = x[at];
    let second = x[at + HALF];
    y[at] = first * c - second * s;
    y[at + HALF] = second * c + first * s;
}
