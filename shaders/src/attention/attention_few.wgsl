// As attention.wgsl for few queries: a workgroup for each query and head, which reads 128 keys at
// a time. Four lanes share a key's product, so that neighbours read what lies together.

@group(0) @binding(0) var<storage, read_write> q: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> k: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> v: array<vec4<f32>>;
// Queries, keys, batches of spans, nothing; then the first and one past the last key of each query.
@group(0) @binding(3) var<storage, read_write> spans: array<u32>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4<f32>>;

const HEADS: u32 = {{ heads }}u;
const KV_HEADS: u32 = {{ kv_heads }}u;
// Fours of a head.
const FOURS: u32 = {{ fours }}u;
const SCALE: f32 = {{ scale }};
// Lanes side by side on one key's values, a four each: a power of two. Others have other keys.
const ACROSS: u32 = {{ across }}u;
const LOWEST: f32 = -1e30;

var<workgroup> query: array<vec4<f32>, 32>;
// Of each quarter of 128 products, which starts on other banks than the next.
const QUARTER: u32 = 136u;

var<workgroup> products: array<f32, 4 * QUARTER>;
var<workgroup> weights: array<f32, 128>;
var<workgroup> largests: array<f32, 128>;
var<workgroup> parts: array<vec4<f32>, 128>;
var<workgroup> seen: vec2<u32>;

@compute @workgroup_size(128, 1, 1)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let head = group.x;
    let kv_head = head / (HEADS / KV_HEADS);
    let batch = group.z;
    let row = ((batch * spans[0] + group.y) * HEADS + head) * FOURS;
    if lane == 0u {
        let span = 4u + 2u * ((batch % spans[2]) * spans[0] + group.y);
        seen = vec2<u32>(spans[span], spans[span + 1u]);
    }
    if lane < FOURS {
        query[lane] = q[row + lane] * SCALE;
    }
    let range = workgroupUniformLoad(&seen);

    let column = lane % ACROSS;
    var largest = LOWEST;
    var sum = 0.0;
    var values = vec4<f32>();
    // The batch's first key of this head.
    let first_key = batch * spans[1] * KV_HEADS + kv_head;
    for (var start = range.x; start < range.y; start += 128u) {
        for (var key = lane / 4u; key < min(128u, range.y - start); key += 32u) {
            let at = (first_key + (start + key) * KV_HEADS) * FOURS;
            var product = 0.0;
            for (var i = lane % 4u; i < FOURS; i += 4u) {
                product += dot(query[i], k[at + i]);
            }
            products[lane % 4u * QUARTER + key] = product;
        }
        workgroupBarrier();
        var score = LOWEST;
        if start + lane < range.y {
            score = products[lane] + products[QUARTER + lane] + products[2u * QUARTER + lane]
                + products[3u * QUARTER + lane];
        }
        largests[lane] = score;
        workgroupBarrier();
        for (var half = 64u; half > 0u; half /= 2u) {
            if lane < half {
                largests[lane] = max(largests[lane], largests[lane + half]);
            }
            workgroupBarrier();
        }
        let before = largest;
        largest = max(largest, largests[0]);
        let factor = exp(before - largest);
        let weight = select(0.0, exp(score - largest), start + lane < range.y);
        sum = sum * factor + weight;
        weights[lane] = weight;
        workgroupBarrier();

        values *= factor;
        if column < FOURS {
            let count = min(128u, range.y - start);
            for (var i = lane / ACROSS; i < count; i += 128u / ACROSS) {
                values += weights[i] * v[(first_key + (start + i) * KV_HEADS) * FOURS + column];
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
    if lane < FOURS {
        // A query that sees nothing has no sum, and zeros.
        y[row + lane] = parts[lane] * select(0.0, 1.0 / weights[0], weights[0] > 0.0);
    }
}
