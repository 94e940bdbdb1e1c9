// One token's keys and values, put behind those that are held.

@group(0) @binding(0) var<storage, read_write> k: array<f32>;
@group(0) @binding(1) var<storage, read_write> v: array<f32>;
// As in attention.wgsl: of the one query, which sees the keys up to its own.
@group(0) @binding(2) var<storage, read_write> spans: array<u32>;
@group(0) @binding(3) var<storage, read_write> held_k: array<f32>;
@group(0) @binding(4) var<storage, read_write> held_v: array<f32>;

// Values of a token: key heads times their width.
const WIDTH: u32 = {{ width }}u;

@compute @workgroup_size(128, 1, 1)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let i = (group.y * groups.x + group.x) * 128u + lane;
    if i < WIDTH {
        let at = (spans[5] - 1u) * WIDTH + i;
        held_k[at] = k[i];
        held_v[at] = v[i];
    }
}
