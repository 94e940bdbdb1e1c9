// Sums of lanes, by workgroup memory: it precedes quant_matvec.wgsl.

struct Place {
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
}

// Writes sums into `partial` and squares into `squared`, and gives how many of them stand for an output,
// and for a row.
fn gather(
    place: Place,
    sums: ptr<function, array<vec4<f32>, ROWS>>,
    squares: ptr<function, array<f32, ROWS>>,
) -> vec2<u32> {
    let lane = place.lane;
    partial[#u * LANES + lane] = (*sums)[#];
    if NORMED {
        squared[#u * LANES + lane] = (*squares)[#];
    }
    workgroupBarrier();
    // Down to 16 that share an output, or a row.
    for (var half = select(SHARE, LANES, NORMED) / 2u; half >= 16u; half /= 2u) {
        if (half < SHARE) && (lane % SHARE < half) {
            partial[#u * LANES + lane] += partial[#u * LANES + lane + half];
        }
        if NORMED && lane < half {
            squared[#u * LANES + lane] += squared[#u * LANES + lane + half];
        }
        workgroupBarrier();
    }
    return vec2<u32>(min(SHARE, 16u), 16u);
}

