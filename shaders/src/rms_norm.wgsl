// y[row, i] = x[row, i] * weight[i] / sqrt(mean(x[row, :]^2) + EPSILON), one workgroup a row.

@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> weight: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

const WIDTH: u32 = {{ width }}u;
const EPSILON: f32 = {{ epsilon }};
const LANES: u32 = {{ lanes }}u;

var<workgroup> partial: array<f32, LANES>;

@compute @workgroup_size({{ lanes }}, 1, 1)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    // Rows beyond 65535 spill into the second grid axis, whose last line may be ragged. The row
    // is the same for the whole workgroup, but the barriers below need that proven: no early return.
    let row = group.y * groups.x + group.x;
    let first = row * WIDTH;
    let inside = first < arrayLength(&y);

    var sum = 0.0;
    if inside {
        for (var i = lane; i < WIDTH; i += LANES) {
            let value = x[first + i];
            sum += value * value;
        }
    }
    partial[lane] = sum;
    workgroupBarrier();
    for (var half = LANES / 2u; half > 0u; half /= 2u) {
        if lane < half {
            partial[lane] += partial[lane + half];
        }
        workgroupBarrier();
    }

    let scale = 1.0 / sqrt(partial[0] / f32(WIDTH) + EPSILON);
    if inside {
        for (var i = lane; i < WIDTH; i += LANES) {
            y[first + i] = x[first + i] * scale * weight[i];
        }
    }
}
