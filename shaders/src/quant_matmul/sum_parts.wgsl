// y[i] = sum over parts of x[part, i].

@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

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
    var sum = 0.0;
    for (var i = at; i < arrayLength(&x); i += count) {
        sum += x[i];
    }
    y[at] = sum;
}
