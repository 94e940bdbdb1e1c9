// Tiles of 32-bit floats: it precedes quant_matmul.wgsl.

alias Given = vec4<f32>;
alias Four = vec4<f32>;
alias Sixteen = mat4x4<f32>;

@group(0) @binding(4) var<storage, read_write> y: array<f32>;

fn power_of(rows: u32, row: u32) -> f32 {
    return 1.0;
}

// Adds the products of a step: rows by 8 columns.
fn multiply(
    tx: u32,
    ty: u32,
    near: ptr<function, array<vec4<f32>, EACH>>,
    far: ptr<function, array<vec4<f32>, EACH>>,
) {
    for (var four = 0u; four < 4u; four++) {
        let w = Sixteen(
            ws[place(tx, four)],
            ws[place(tx + 16u, four)],
            ws[place(tx + 32u, four)],
            ws[place(tx + 48u, four)],
        );
        let v = Sixteen(
            ws[place(tx + 64u, four)],
            ws[place(tx + 80u, four)],
            ws[place(tx + 96u, four)],
            ws[place(tx + 112u, four)],
        );
        let x_# = xs[place(ty + #u * 8u, four)];
        (*near)[#] += x_# * w;
        (*far)[#] += x_# * v;
    }
}

