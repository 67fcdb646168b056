// The image of an inclined disc: linear between two radii of its profile, zero past the last; the central pixel is
// given.

fn brightness(i: u32, j: u32) -> real {
    if i == params.rows / 2u && j == params.columns / 2u {
        return numbers[3u * params.model + 2u];
    }
    let at = ring_of(i, j);
    if at.whole < 0 {
        return r_of(0.0);
    }
    let first = params.model * params.count + bitcast<u32>(at.whole);
    let inner = profiles[first];
    return r_add(inner, r_mul(at.rest, r_sub(profiles[first + 1u], inner)));
}
