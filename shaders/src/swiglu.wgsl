// y = gate / (1 + exp(-gate)) * up, one invocation a value.

@group(0) @binding(0) var<storage, read_write> gate: array<f32>;
@group(0) @binding(1) var<storage, read_write> up: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

const LANES: u32 = {{ lanes }}u;

@compute @workgroup_size({{ lanes }}, 1, 1)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let at = (group.y * groups.x + group.x) * LANES + lane;
    if at < arrayLength(&y) {
        let value = gate[at];
        // Far below zero exp(-value) is above all numbers, and the product is zero.
        y[at] = select(0.0, value / (1.0 + exp(-value)), value > -80.0) * up[at];
    }
}
