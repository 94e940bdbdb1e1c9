// sum = x + added, and y = sum * weight / sqrt(mean(sum^2) + EPSILON): one workgroup a row.

@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> added: array<f32>;
@group(0) @binding(2) var<storage, read_write> weight: array<f32>;
@group(0) @binding(3) var<storage, read_write> sum: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

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
    // As in rms_norm.wgsl: no early return before the barriers.
    let row = group.y * groups.x + group.x;
    let first = row * WIDTH;
    let inside = first < arrayLength(&y);

    var squares = 0.0;
    if inside {
        for (var i = lane; i < WIDTH; i += LANES) {
            let value = x[first + i] + added[first + i];
            sum[first + i] = value;
            squares += value * value;
        }
    }
    partial[lane] = squares;
    workgroupBarrier();
    for (var half = LANES / 2u; half > 0u; half /= 2u) {
        if lane < half {
            partial[lane] += partial[lane + half];
        }
        workgroupBarrier();
    }

    let scale = 1.0 / sqrt(partial[0] / f32(WIDTH) + EPSILON);
    if inside {
        // Each lane reads what it wrote.
        for (var i = lane; i < WIDTH; i += LANES) {
            y[first + i] = sum[first + i] * scale * weight[i];
        }
    }
}
