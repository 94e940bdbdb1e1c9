// Sums of lanes, by workgroup memory: it precedes quant_matvec.wgsl.

struct Place {
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
}

// Writes sums into `partial`, and gives how many of them stand for an output.
fn gather(place: Place, sums: ptr<function, array<vec4<f32>, ROWS>>) -> u32 {
    let lane = place.lane;
    partial[#u * LANES + lane] = (*sums)[#];
    workgroupBarrier();
    // Down to 16 that share an output.
    for (var half = SHARE / 2u; half >= 16u; half /= 2u) {
        if lane % SHARE < half {
            partial[#u * LANES + lane] += partial[#u * LANES + lane + half];
        }
        workgroupBarrier();
    }
    return min(SHARE, 16u);
}

