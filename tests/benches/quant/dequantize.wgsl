// Values of a matrix of 4-bit blocks without minima: one invocation a block.

@group(0) @binding(0) var<storage, read_write> unread: array<f32>;
@group(0) @binding(1) var<storage, read_write> quants: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read_write> scales: array<u32>;
@group(0) @binding(3) var<storage, read_write> mins: array<u32>;
@group(0) @binding(4) var<storage, read_write> w: array<vec4<f32>>;

@compute @workgroup_size(64, 1, 1)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let block = group.x * 64u + lane;
    // Bound, as the other kernels bind them.
    if block * 8u >= arrayLength(&w) || arrayLength(&unread) + arrayLength(&mins) == 0u {
        return;
    }
    let both = unpack2x16float(scales[block >> 1u]);
    let scale = select(both.x, both.y, (block & 1u) == 1u);
    let words = quants[block];
    w[block * 8u] = (vec4<f32>(unpack4xU8(words.x & 0x0f0f0f0fu)) - 8.0) * scale;
    w[block * 8u + 1u] = (vec4<f32>(unpack4xU8(words.y & 0x0f0f0f0fu)) - 8.0) * scale;
    w[block * 8u + 2u] = (vec4<f32>(unpack4xU8(words.z & 0x0f0f0f0fu)) - 8.0) * scale;
    w[block * 8u + 3u] = (vec4<f32>(unpack4xU8(words.w & 0x0f0f0f0fu)) - 8.0) * scale;
    w[block * 8u + 4u] = (vec4<f32>(unpack4xU8((words.x >> 4u) & 0x0f0f0f0fu)) - 8.0) * scale;
    w[block * 8u + 5u] = (vec4<f32>(unpack4xU8((words.y >> 4u) & 0x0f0f0f0fu)) - 8.0) * scale;
    w[block * 8u + 6u] = (vec4<f32>(unpack4xU8((words.z >> 4u) & 0x0f0f0f0fu)) - 8.0) * scale;
    w[block * 8u + 7u] = (vec4<f32>(unpack4xU8((words.w >> 4u) & 0x0f0f0f0fu)) - 8.0) * scale;
}
