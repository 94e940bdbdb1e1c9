// Rows as 16-bit floats, each divided by a power of two that brings its largest value to LARGEST or
// near its double: y[row, i] = x[row, i] / powers[row]. One workgroup a row.
enable f16;

@group(0) @binding(0) var<storage, read_write> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4<f16>>;
@group(0) @binding(2) var<storage, read_write> powers: array<f32>;

// Fours of a row.
const WIDTH: u32 = {{ width }}u;
// A power of two.
const LARGEST: f32 = {{ largest }};
const LANES: u32 = 128u;
// Exponents that both the power and what divides by it have.
const LEAST: u32 = 0x08000000u;
const MOST: u32 = 0x77800000u;

var<workgroup> largest: array<f32, LANES>;

@compute @workgroup_size(LANES, 1, 1)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    // As in rms_norm.wgsl: no early return before the barriers.
    let row = group.y * groups.x + group.x;
    let first = row * WIDTH;
    let inside = row < arrayLength(&powers);

    var most = 0.0;
    if inside {
        for (var i = lane; i < WIDTH; i += LANES) {
            let value = abs(x[first + i]);
            most = max(most, max(max(value.x, value.y), max(value.z, value.w)));
        }
    }
    largest[lane] = most;
    workgroupBarrier();
    for (var half = LANES / 2u; half > 0u; half /= 2u) {
        if lane < half {
            largest[lane] = max(largest[lane], largest[lane + half]);
        }
        workgroupBarrier();
    }

    // The exponent alone.
    let exponent = clamp(bitcast<u32>(largest[0]) & 0x7f800000u, LEAST, MOST);
    let factor = bitcast<f32>(0x7f000000u - exponent) * LARGEST;
    if inside {
        for (var i = lane; i < WIDTH; i += LANES) {
            y[first + i] = vec4<f16>(x[first + i] * factor);
        }
        if lane == 0u {
            powers[row] = bitcast<f32>(exponent) / LARGEST;
        }
    }
}
