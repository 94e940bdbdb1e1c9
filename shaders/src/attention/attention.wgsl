// y = softmax(q k^T · scale) v, where each query sees one span of the keys.
// A workgroup computes 32 rows: consecutive queries of all the heads that share a key head. It
// reads the keys that any row sees 32 at a time and keeps, for each row, the largest score so far,
// the sum of exponentials and the weighted values (online softmax), so that scores exist only as a
// tile of 32 by 32.

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
const GROUP: u32 = HEADS / KV_HEADS;
// More than 64 values a head: each lane has a second four of columns, 64 behind the first.
const WIDE: bool = FOURS > 16u;
// Keys whose values are held at once.
const HELD: u32 = select(32u, 16u, WIDE);
// Fours from one held row to the next. Those of queries and keys do not start on the same bank.
const ROW: u32 = 9u;
const VALUES: u32 = select(16u, 32u, WIDE);
const LOWEST: f32 = -1e30;

// 32 values of 32 queries, and of 32 keys; or values of HELD keys.
var<workgroup> held: array<vec4<f32>, 576>;
// Scores, then weights: 32 rows of 32 keys and one that nobody reads.
var<workgroup> weights: array<f32, 1056>;
// For each row, of the four parts of its scores the largest, or their sum.
var<workgroup> parts: array<f32, 128>;
// What a row's earlier sums are worth now; in the end, what its sum is divided by.
var<workgroup> factors: array<f32, 32>;
var<workgroup> firsts: array<u32, 32>;
var<workgroup> ends: array<u32, 32>;
var<workgroup> seen: vec2<u32>;

// Where a row starts in q and y.
fn place(batch: u32, kv_head: u32, row: u32) -> u32 {
    return ((batch * spans[0] + row / GROUP) * HEADS + kv_head * GROUP + row % GROUP) * FOURS;
}

@compute @workgroup_size(128, 1, 1)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let kv_head = group.y;
    let batch = group.z;
    let top = group.x * 32u;
    let rows = spans[0] * GROUP;
    // The batch's first key of this head.
    let first_key = batch * spans[1] * KV_HEADS + kv_head;

    if lane < 32u {
        var first = 0xffffffffu;
        var end = 0u;
        if top + lane < rows {
            let query = (batch % spans[2]) * spans[0] + (top + lane) / GROUP;
            first = spans[4u + 2u * query];
            end = spans[5u + 2u * query];
        }
        firsts[lane] = first;
        ends[lane] = end;
    }
    workgroupBarrier();
    if lane == 0u {
        var least = 0xffffffffu;
        var most = 0u;
        for (var i = 0u; i < 32u; i++) {
            if firsts[i] < ends[i] {
                least = min(least, firsts[i]);
                most = max(most, ends[i]);
            }
        }
        seen = vec2<u32>(least, most);
    }
    let range = workgroupUniformLoad(&seen);

    // Of scores, each lane has 4 rows by 2 keys; of y, 4 rows by one or two fours of columns.
    let tx = lane % 16u;
    let ty = (lane / 16u) * 4u;
    // Of the softmax, each lane has a quarter of a row.
    let own = lane / 4u;
    let quarter = (lane % 4u) * 8u;
    var largest = LOWEST;
    var sum = 0.0;
    var y0 = vec4<f32>();
    var y1 = vec4<f32>();
    var y2 = vec4<f32>();
    var y3 = vec4<f32>();
    var z0 = vec4<f32>();
    var z1 = vec4<f32>();
    var z2 = vec4<f32>();
    var z3 = vec4<f32>();

    for (var start = range.x; start < range.y; start += 32u) {
        var left = vec4<f32>();
        var right = vec4<f32>();
        for (var begin = 0u; begin < FOURS; begin += 8u) {
            for (var i = lane; i < 256u; i += 128u) {
                let line = i / 8u;
                let column = begin + i % 8u;
                var query = vec4<f32>();
                if top + line < rows && column < FOURS {
                    query = q[place(batch, kv_head, top + line) + column] * SCALE;
                }
                held[line * ROW + i % 8u] = query;
                var key = vec4<f32>();
                if start + line < range.y && column < FOURS {
                    key = k[(first_key + (start + line) * KV_HEADS) * FOURS + column];
                }
                held[288u + line * ROW + i % 8u] = key;
            }
            workgroupBarrier();
            for (var i = 0u; i < 8u; i++) {
                let a = held[288u + tx * ROW + i];
                let b = held[288u + (tx + 16u) * ROW + i];
                let q0 = held[ty * ROW + i];
                let q1 = held[(ty + 1u) * ROW + i];
                let q2 = held[(ty + 2u) * ROW + i];
                let q3 = held[(ty + 3u) * ROW + i];
                left += vec4<f32>(dot(q0, a), dot(q1, a), dot(q2, a), dot(q3, a));
                right += vec4<f32>(dot(q0, b), dot(q1, b), dot(q2, b), dot(q3, b));
            }
            workgroupBarrier();
        }
        for (var i = 0u; i < 4u; i++) {
            weights[(ty + i) * 33u + tx] = left[i];
            weights[(ty + i) * 33u + tx + 16u] = right[i];
        }
        workgroupBarrier();

        let first = firsts[own];
        let end = ends[own];
        var most = LOWEST;
        for (var i = quarter; i < quarter + 8u; i++) {
            if start + i >= first && start + i < end {
                most = max(most, weights[own * 33u + i]);
            }
        }
        parts[lane] = most;
        workgroupBarrier();
        let before = largest;
        for (var i = 0u; i < 4u; i++) {
            largest = max(largest, parts[own * 4u + i]);
        }
        let factor = exp(before - largest);
        sum *= factor;
        for (var i = quarter; i < quarter + 8u; i++) {
            var weight = 0.0;
            if start + i >= first && start + i < end {
                weight = exp(weights[own * 33u + i] - largest);
            }
            weights[own * 33u + i] = weight;
            sum += weight;
        }
        if quarter == 0u {
            factors[own] = factor;
        }
        workgroupBarrier();

        y0 *= factors[ty];
        y1 *= factors[ty + 1u];
        y2 *= factors[ty + 2u];
        y3 *= factors[ty + 3u];
        if WIDE {
            z0 *= factors[ty];
            z1 *= factors[ty + 1u];
            z2 *= factors[ty + 2u];
            z3 *= factors[ty + 3u];
        }
        for (var begin = 0u; begin < 32u; begin += HELD) {
            for (var i = lane; i < 512u; i += 128u) {
                let line = begin + i / VALUES;
                let column = i % VALUES;
                var four = vec4<f32>();
                if start + line < range.y && column < FOURS {
                    four = v[(first_key + (start + line) * KV_HEADS) * FOURS + column];
                }
                held[i] = four;
            }
            workgroupBarrier();
            for (var i = 0u; i < HELD; i++) {
                let w0 = weights[ty * 33u + begin + i];
                let w1 = weights[(ty + 1u) * 33u + begin + i];
                let w2 = weights[(ty + 2u) * 33u + begin + i];
                let w3 = weights[(ty + 3u) * 33u + begin + i];
                let a = held[i * VALUES + tx];
                y0 += w0 * a;
                y1 += w1 * a;
                y2 += w2 * a;
                y3 += w3 * a;
                if WIDE {
                    let b = held[i * VALUES + 16u + tx];
                    z0 += w0 * b;
                    z1 += w1 * b;
                    z2 += w2 * b;
                    z3 += w3 * b;
                }
            }
            workgroupBarrier();
        }
    }

    parts[lane] = sum;
    workgroupBarrier();
    if lane < 32u {
        let part = lane * 4u;
        let total = parts[part] + parts[part + 1u] + parts[part + 2u] + parts[part + 3u];
        // A query that sees nothing has no sum, and zeros.
        factors[lane] = select(0.0, 1.0 / total, total > 0.0);
    }
    workgroupBarrier();
    var near = array<vec4<f32>, 4>(y0, y1, y2, y3);
    var far = array<vec4<f32>, 4>(z0, z1, z2, z3);
    for (var i = 0u; i < 4u; i++) {
        if top + ty + i < rows {
            let at = place(batch, kv_head, top + ty + i) + tx;
            if tx < FOURS {
                y[at] = near[i] * factors[ty + i];
            }
            if tx + 16u < FOURS {
                y[at + 16u] = far[i] * factors[ty + i];
            }
        }
    }
}
