// The transpose of drawing a profile (sweep_rows): a workgroup gathers, from 256 rows of an image g, the pixels
// between two radii. Of pixels at the place t between them, (x / cos i) their East coordinate in the disc and R
// their radius, it writes the three sums Σ (1 − t) g, Σ t g and Σ (x / cos i)² g / R, the last by which
// inclination moves them: none inside the first radius. The central pixel stands by itself, behind all sums.
//
// Each thread takes the pixels of a row whose columns may lie in the ring, to the East and to the West, and asks
// of each where it does: no atomics, always in the same order.

struct Params {
    rows: u32,
    columns: u32,
    // The rows of this dispatch, the first a multiple of 256: the image begins with it.
    first_row: u32,
    block_rows: u32,
    // Number of radii.
    count: u32,
    // Always 0: which of a batch.
    model: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
// As in sweep_rows.
@group(0) @binding(1) var<storage, read> tables: array<real>;
@group(0) @binding(2) var<storage, read> numbers: array<real>;
@group(0) @binding(3) var<storage, read> image: array<real>;
@group(0) @binding(4) var<storage, read_write> sums: array<real>;

fn pixel(i: u32, j: u32) -> real { return image[(i - params.first_row) * params.columns + j]; }

// The largest distance from the middle column, in pixels, that has (x / cos i)² ≤ square.
fn columns_within(square: f32) -> u32 {
    if params.columns == 1u || square <= 0.0 {
        return 0u;
    }
    // One column from the middle.
    let one = r_f32(east2_of(params.columns / 2u - 1u));
    return u32(min(sqrt(square / one), f32(params.columns)));
}

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    guard_with(groups.z - 1u);
    let number = group_number(group, groups);
    let rings = params.count - 1u;
    let blocks = (params.block_rows + 255u) / 256u;
    let ring = number % rings;
    let i = params.first_row + number / rings * 256u + local;
    let end = params.first_row + params.block_rows;
    let center = params.columns / 2u;
    var inner = r_of(0.0);
    var outer = r_of(0.0);
    var turned = r_of(0.0);
    if i < end {
        let first = r_f32(numbers[1]);
        let north2 = r_f32(tables[params.rows + params.columns + i]);
        // In f32, so with room for its roundings.
        let high = (first + f32(ring) + 1.0) * (first + f32(ring) + 1.0) * 1.000002 - north2 * 0.999998;
        var low = (first + f32(ring)) * (first + f32(ring)) * 0.999998 - north2 * 1.000002;
        if ring == 0u {
            low = 0.0;
        }
        if high >= 0.0 {
            let nearest = columns_within(low);
            let farthest = columns_within(high) + 1u;
            for (var d = nearest - min(nearest, 1u); d <= farthest; d++) {
                for (var side = 0u; side < 2u; side++) {
                    let outside = select(center + d >= params.columns, d > center, side == 0u);
                    let middle = d == 0u && (side == 1u || i == params.rows / 2u);
                    if outside || middle {
                        continue;
                    }
                    let j = select(center + d, center - d, side == 0u);
                    let at = ring_of(i, j);
                    if at.whole != bitcast<i32>(ring) {
                        continue;
                    }
                    let g = pixel(i, j);
                    let part = r_mul(at.rest, g);
                    outer = r_add(outer, part);
                    inner = r_add(inner, r_sub(g, part));
                    let distance = distance_of(i, j);
                    if r_less(numbers[1], distance) {
                        turned = r_add(turned, r_mul(g, r_div(east2_of(j), distance)));
                    }
                }
            }
        }
    }
    let total_inner = group_sum(local, inner);
    let total_outer = group_sum(local, outer);
    let total_turned = group_sum(local, turned);
    if local == 0u && number < rings * blocks {
        let at = 3u * (params.first_row / 256u * rings + number);
        sums[at] = total_inner;
        sums[at + 1u] = total_outer;
        sums[at + 2u] = total_turned;
        let middle = params.rows / 2u;
        if number == 0u && middle >= params.first_row && middle < end {
            sums[3u * rings * ((params.rows + 255u) / 256u)] = pixel(middle, center);
        }
    }
}
