// As attention.wgsl for few queries: a workgroup for each query and head, which reads 128 keys at
// a time, one a lane.

@group(0) @binding(0) var<storage, read_write> q: array<f32>;
@group(0) @binding(1) var<storage, read_write> k: array<f32>;
@group(0) @binding(2) var<storage, read_write> v: array<f32>;
// Queries, keys, batches of spans, nothing; then the first and one past the last key of each query.
@group(0) @binding(3) var<storage, read_write> spans: array<u32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

const HEADS: u32 = {{ heads }}u;
const KV_HEADS: u32 = {{ kv_heads }}u;
const DIM: u32 = {{ dim }}u;
const SCALE: f32 = {{ scale }};
// Lanes side by side on one key's values: a power of two. Other lanes have other keys.
const ACROSS: u32 = {{ across }}u;
const LOWEST: f32 = -1e30;

var<workgroup> queries: array<f32, 128>;
var<workgroup> weights: array<f32, 128>;
var<workgroup> parts: array<f32, 128>;
var<workgroup> seen: vec2<u32>;

@compute @workgroup_size(128, 1, 1)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let head = group.x;
    let kv_head = head / (HEADS / KV_HEADS);
    let batch = group.z;
    let row = ((batch * spans[0] + group.y) * HEADS + head) * DIM;
    if lane == 0u {
        let query = (batch % spans[2]) * spans[0] + group.y;
        seen = vec2<u32>(spans[4u + 2u * query], spans[5u + 2u * query]);
    }
    if lane < DIM {
        queries[lane] = q[row + lane] * SCALE;
    }
    let range = workgroupUniformLoad(&seen);

    let column = lane % ACROSS;
    var largest = LOWEST;
    var sum = 0.0;
    var values = 0.0;
    for (var start = range.x; start < range.y; start += 128u) {
        var score = LOWEST;
        if start + lane < range.y {
            let at = ((batch * spans[1] + start + lane) * KV_HEADS + kv_head) * DIM;
            score = 0.0;
            for (var i = 0u; i < DIM; i++) {
                score += queries[i] * k[at + i];
            }
        }
        parts[lane] = score;
        workgroupBarrier();
        for (var half = 64u; half > 0u; half /= 2u) {
            if lane < half {
                parts[lane] = max(parts[lane], parts[lane + half]);
            }
            workgroupBarrier();
        }
        let before = largest;
        largest = max(largest, parts[0]);
        let factor = exp(before - largest);
        let weight = select(0.0, exp(score - largest), start + lane < range.y);
        sum = sum * factor + weight;
        weights[lane] = weight;
        workgroupBarrier();

        values *= factor;
        if column < DIM {
            let count = min(128u, range.y - start);
            for (var i = lane / ACROSS; i < count; i += 128u / ACROSS) {
                let at = ((batch * spans[1] + start + i) * KV_HEADS + kv_head) * DIM;
                values += weights[i] * v[at + column];
            }
        }
    }

    workgroupBarrier();
    weights[lane] = sum;
    parts[lane] = values;
    workgroupBarrier();
    for (var half = 64u; half > 0u; half /= 2u) {
        if lane < half {
            weights[lane] += weights[lane + half];
            // Only lanes of one column.
            if half >= ACROSS {
                parts[lane] += parts[lane + half];
            }
        }
        workgroupBarrier();
    }
    if lane < DIM {
        // A query that sees nothing has no sum, and zeros.
        y[row + lane] = select(0.0, parts[lane] / weights[0], weights[0] > 0.0);
    }
}
