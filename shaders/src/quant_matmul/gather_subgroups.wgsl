// Sums of lanes, by subgroups first, where all lanes of a workgroup share its outputs: it precedes
// quant_matvec.wgsl. Browsers want `enable subgroups;` before it, which naga does not know.

struct Place {
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
    @builtin(num_subgroups) subgroups: u32,
    @builtin(subgroup_id) subgroup: u32,
    @builtin(subgroup_invocation_id) own: u32,
}

// Writes sums into `partial` and squares into `squared`, and gives how many of them stand for an output,
// and for a row.
fn gather(
    place: Place,
    sums: ptr<function, array<vec4<f32>, ROWS>>,
    squares: ptr<function, array<f32, ROWS>>,
) -> vec2<u32> {
    let sum_# = subgroupAdd((*sums)[#]);
    if place.own == 0u {
        partial[#u * LANES + place.subgroup] = sum_#;
    }
    if NORMED {
        let square_# = subgroupAdd((*squares)[#]);
        if place.own == 0u {
            squared[#u * LANES + place.subgroup] = square_#;
        }
    }
    workgroupBarrier();
    return vec2<u32>(place.subgroups);
}

