// Where pixels lie among the radii of a profile, in steps of it.

// (x / cos i)² of a column.
fn east2_of(j: u32) -> real {
    return r_mul(tables[2u * params.rows + params.columns + j], numbers[3u * params.model]);
}

// Distance from the centre in the plane of the disc.
fn distance_of(i: u32, j: u32) -> real {
    return r_sqrt(r_add(east2_of(j), tables[params.rows + params.columns + i]));
}

// The interval of pixel [i, j] and its place there; −1 past the last radius.
fn ring_of(i: u32, j: u32) -> floored {
    var x = r_sub(distance_of(i, j), numbers[3u * params.model + 1u]);
    if r_less(x, r_of(0.0)) {
        x = r_of(0.0);
    }
    if !r_less(x, r_of(f32(params.count - 1u))) {
        return floored(-1, r_of(0.0));
    }
    return r_floor(x);
}
