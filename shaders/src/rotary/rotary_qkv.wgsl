// Queries and keys with their biases, turned as in rotary.wgsl, and values with theirs, one behind
// another in y: one invocation a pair of values.

@group(0) @binding(0) var<storage, read_write> q: array<f32>;
@group(0) @binding(1) var<storage, read_write> k: array<f32>;
@group(0) @binding(2) var<storage, read_write> v: array<f32>;
@group(0) @binding(3) var<storage, read_write> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> cosines: array<f32>;
@group(0) @binding(5) var<storage, read_write> sines: array<f32>;
@group(0) @binding(6) var<storage, read_write> y: array<f32>;

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
    let rows = arrayLength(&y) / ((HEADS + 2u * KV_HEADS) * 2u * HALF);
    // Where keys and values begin, in heads.
    let second = rows * HEADS;
    let third = second + rows * KV_HEADS;
    let head = pair / HALF;
    let i = pair % HALF;
    if head >= third + rows * KV_HEADS {
        return;
    }
    var own = head;
    var heads = HEADS;
    var first = 0u;
    if head >= second {
        own = head - second;
        heads = KV_HEADS;
        first = HEADS;
    }
    if head >= third {
        own = head - third;
        first = HEADS + KV_HEADS;
    }
    let at = own * 2u * HALF + i;
    let to = head * 2u * HALF + i;
    let added = (first + own % heads) * 2u * HALF + i;
    var pairs = vec2<f32>(bias[added], bias[added + HALF]);
    if head >= third {
        y[to] = pairs.x + v[at];
        y[to + HALF] = pairs.y + v[at + HALF];
        return;
    }
    if head >= second {
        pairs += vec2<f32>(k[at], k[at + HALF]);
    } else {
        pairs += vec2<f32>(q[at], q[at + HALF]);
    }
    // Sequences may share one table.
    let turn = (own / heads * HALF + i) % arrayLength(&cosines);
    y[to] = pairs.x * cosines[turn] - pairs.y * sines[turn];
    y[to + HALF] = pairs.y * cosines[turn] + pairs.x * sines[turn];
}
