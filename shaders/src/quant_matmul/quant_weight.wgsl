// What the kernels of products share: a quantized weight's numbers, and where results lie. It follows
// each of their sources, which binds `quants` in words as it reads them and names COLUMNS, those of y.

@group(0) @binding(2) var<storage, read_write> scales: array<u32>;
@group(0) @binding(3) var<storage, read_write> mins: array<u32>;

const BLOCKS: u32 = {{ blocks }}u;
const BITS: u32 = {{ bits }}u;
const MINS: bool = {{ mins }};
// Scales a block, and whether each is a word of its own.
const GROUPS: u32 = {{ groups }}u;
const FULL: bool = {{ full }};
// Where the second and the third of joined weights begin, whose values lie behind each other in y.
const SECOND: u32 = {{ second }}u;
const THIRD: u32 = {{ third }}u;

fn scale_of(group: u32) -> f32 {
    if FULL {
        return bitcast<f32>(scales[group]);
    }
    let both = unpack2x16float(scales[group >> 1u]);
    return select(both.x, both.y, (group & 1u) == 1u);
}

fn min_of(group: u32, scale: f32) -> f32 {
    if !MINS {
        return select(0.0, -8.0 * scale, BITS == 4u);
    }
    if FULL {
        return bitcast<f32>(mins[group]);
    }
    let both = unpack2x16float(mins[group >> 1u]);
    return select(both.x, both.y, (group & 1u) == 1u);
}

// Where a value lies in y.
fn value_at(rows: u32, row: u32, column: u32) -> u32 {
    if column < SECOND {
        return row * SECOND + column;
    }
    if column < THIRD {
        return rows * SECOND + row * (THIRD - SECOND) + column - SECOND;
    }
    return rows * THIRD + row * (COLUMNS - THIRD) + column - THIRD;
}
