// One token's queries, keys and values, which lie one behind another, with their biases: queries and keys
// turned as in rotary.wgsl, keys and values put behind those that are held, as in append.wgsl. One
// invocation a pair of values.

@group(0) @binding(0) var<storage, read_write> qkv: array<f32>;
@group(0) @binding(1) var<storage, read_write> bias: array<f32>;
@group(0) @binding(2) var<storage, read_write> cosines: array<f32>;
@group(0) @binding(3) var<storage, read_write> sines: array<f32>;
// As in attention.wgsl: of the one query, which sees the keys up to its own.
@group(0) @binding(4) var<storage, read_write> spans: array<u32>;
@group(0) @binding(5) var<storage, read_write> held_k: array<f32>;
@group(0) @binding(6) var<storage, read_write> held_v: array<f32>;
@group(0) @binding(7) var<storage, read_write> q: array<f32>;

const HEADS: u32 = {{ heads }}u;
const KV_HEADS: u32 = {{ kv_heads }}u;
const HALF: u32 = {{ half }}u;

@compute @workgroup_size(128, 1, 1)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let pair = (group.y * groups.x + group.x) * 128u + lane;
    let head = pair / HALF;
    let i = pair % HALF;
    if head >= HEADS + 2u * KV_HEADS {
        return;
    }
    let at = head * 2u * HALF + i;
    let pairs = vec2<f32>(qkv[at] + bias[at], qkv[at + HALF] + bias[at + HALF]);
    let turned = vec2<f32>(
        pairs.x * cosines[i] - pairs.y * sines[i],
        pairs.y * cosines[i] + pairs.x * sines[i],
    );
    if head < HEADS {
        q[at] = turned.x;
        q[at + HALF] = turned.y;
        return;
    }
    let first = (spans[5] - 1u) * KV_HEADS;
    if head < HEADS + KV_HEADS {
        let to = (first + head - HEADS) * 2u * HALF + i;
        held_k[to] = turned.x;
        held_k[to + HALF] = turned.y;
    } else {
        let to = (first + head - HEADS - KV_HEADS) * 2u * HALF + i;
        held_v[to] = pairs.x;
        held_v[to + HALF] = pairs.y;
    }
}
