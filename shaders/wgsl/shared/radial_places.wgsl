// The interval of a radial table that a point reads, and its place t in [−1/2, 1/2] there.

fn radial_place(uv: baseline, length: u32) -> floored {
    var s = turns_of(uv, coefficients[0], coefficients[1]);
    var r = turns_of(uv, coefficients[2], coefficients[3]);
    if turn_is_negative(s) {
        s = turn_neg(s);
        r = turn_neg(r);
    }
    return radius_of(s, r, length);
}
