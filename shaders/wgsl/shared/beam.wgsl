// The primary beam at pixels, where the source is on the sky. With x and y the pixels from the middle to the East
// and up, the beam's own coordinates a and b are lines in them:
//   a = sky[0] x + sky[1] y + sky[2],  b = sky[3] x + sky[4] y + sky[5].
//
// Kinds: 1, polynomials of degree 7 on each unit of √(a² + b²), in powers of the distance from its middle, zero
// beyond the last; 2, radii then powers, linear in between, zero beyond the last; 3 and 4, a map of `beam_rows`
// by `beam_columns` read at column a and row b, linearly or by cubic convolution (Keys 1981), zero outside.

struct Beam { power: real, by_a: real, by_b: real }

fn no_beam() -> Beam { return Beam(r_of(0.0), r_of(0.0), r_of(0.0)); }

// Pixels to the East of the middle, and up.
fn pixels_east(j: u32) -> real { return r_of(f32(bitcast<i32>(params.columns / 2u) - bitcast<i32>(j))); }
fn pixels_up(i: u32) -> real { return r_of(f32(bitcast<i32>(params.rows / 2u) - bitcast<i32>(i))); }

fn sky_line(first: u32, x: real, y: real) -> real {
    return r_add(r_add(r_mul(sky[first], x), r_mul(sky[first + 1u], y)), sky[first + 2u]);
}

fn beam_at(model: u32, i: u32, j: u32) -> Beam {
    let x = pixels_east(j);
    let y = pixels_up(i);
    let a = sky_line(6u * model, x, y);
    let b = sky_line(6u * model + 3u, x, y);
    if params.beam > 2u {
        return beam_of_map(a, b);
    }
    let radius = r_sqrt(r_add(r_mul(a, a), r_mul(b, b)));
    // Power and slope against the radius.
    var found: Radial;
    if params.beam == 1u {
        found = beam_of_polynomials(radius);
    } else {
        found = beam_of_radii(radius);
    }
    if !r_less(r_of(0.0), radius) {
        return Beam(found.value, r_of(0.0), r_of(0.0));
    }
    let slope = r_div(found.slope, radius);
    return Beam(found.value, r_mul(slope, a), r_mul(slope, b));
}

struct Radial { value: real, slope: real }

fn beam_of_polynomials(radius: real) -> Radial {
    if !r_less(radius, r_of(f32(params.beam_rows))) {
        return Radial(r_of(0.0), r_of(0.0));
    }
    let at = r_floor(radius);
    let t = r_sub(at.rest, r_of(0.5));
    let first = 8u * bitcast<u32>(at.whole);
    var value = beam[first + 7u];
    var slope = r_of(0.0);
    for (var power = 7u; power > 0u; power--) {
        slope = r_add(r_mul(slope, t), value);
        value = r_add(r_mul(value, t), beam[first + power - 1u]);
    }
    return Radial(value, slope);
}

fn beam_of_radii(radius: real) -> Radial {
    let count = params.beam_rows;
    // The first radius that is not less.
    var low = 0u;
    var high = count;
    while low < high {
        let middle = (low + high) / 2u;
        if r_less(beam[middle], radius) {
            low = middle + 1u;
        } else {
            high = middle;
        }
    }
    if low == 0u {
        return Radial(beam[count], r_of(0.0));
    }
    if low == count {
        return Radial(r_of(0.0), r_of(0.0));
    }
    let inner = beam[count + low - 1u];
    let slope = r_div(r_sub(beam[count + low], inner), r_sub(beam[low], beam[low - 1u]));
    return Radial(r_add(inner, r_mul(slope, r_sub(radius, beam[low - 1u]))), slope);
}

// Weights of the pixels before, at, after and two after a place t between two.
fn map_weights(t: real) -> array<real, 4> {
    let one = r_of(1.0);
    if params.beam == 3u {
        return array<real, 4>(r_of(0.0), r_sub(one, t), t, r_of(0.0));
    }
    let half = r_scale(t, 0.5);
    return array<real, 4>(
        r_mul(half, r_sub(r_mul(t, r_sub(r_of(2.0), t)), one)),
        r_add(one, r_mul(r_mul(half, t), r_sub(r_mul(r_of(3.0), t), r_of(5.0)))),
        r_mul(half, r_add(one, r_mul(t, r_sub(r_of(4.0), r_mul(r_of(3.0), t))))),
        r_mul(r_mul(half, t), r_sub(t, one)),
    );
}

// Their derivatives with respect to t.
fn map_slopes(t: real) -> array<real, 4> {
    let one = r_of(1.0);
    if params.beam == 3u {
        return array<real, 4>(r_of(0.0), r_of(-1.0), one, r_of(0.0));
    }
    return array<real, 4>(
        r_scale(r_sub(r_mul(t, r_sub(r_of(4.0), r_mul(r_of(3.0), t))), one), 0.5),
        r_mul(t, r_sub(r_mul(r_of(4.5), t), r_of(5.0))),
        r_scale(r_add(one, r_mul(t, r_sub(r_of(8.0), r_mul(r_of(9.0), t)))), 0.5),
        r_mul(r_scale(t, 0.5), r_sub(r_mul(r_of(3.0), t), r_of(2.0))),
    );
}

// The pixel of a weight; the edge pixel stands for those beyond the edge.
fn map_neighbour(whole: i32, offset: u32, count: u32) -> u32 {
    return bitcast<u32>(clamp(whole + bitcast<i32>(offset) - 1, 0, bitcast<i32>(count) - 1));
}

fn beam_of_map(column: real, row: real) -> Beam {
    let none = r_of(0.0);
    let last_column = r_of(f32(params.beam_columns - 1u));
    let last_row = r_of(f32(params.beam_rows - 1u));
    if r_less(column, none) || r_less(last_column, column) || r_less(row, none) || r_less(last_row, row) {
        return no_beam();
    }
    let along = r_floor(column);
    let down = r_floor(row);
    var column_weights = map_weights(along.rest);
    var column_slopes = map_slopes(along.rest);
    var row_weights = map_weights(down.rest);
    var row_slopes = map_slopes(down.rest);
    var sum = no_beam();
    for (var p = 0u; p < 4u; p++) {
        let i = map_neighbour(down.whole, p, params.beam_rows);
        var inner = none;
        var sloped = none;
        for (var q = 0u; q < 4u; q++) {
            let j = map_neighbour(along.whole, q, params.beam_columns);
            let value = beam[i * params.beam_columns + j];
            inner = r_add(inner, r_mul(column_weights[q], value));
            sloped = r_add(sloped, r_mul(column_slopes[q], value));
        }
        sum.power = r_add(sum.power, r_mul(row_weights[p], inner));
        sum.by_a = r_add(sum.by_a, r_mul(row_weights[p], sloped));
        sum.by_b = r_add(sum.by_b, r_mul(row_slopes[p], inner));
    }
    // A cubic never dips below zero next to a null.
    if r_less(sum.power, none) {
        return no_beam();
    }
    return sum;
}
