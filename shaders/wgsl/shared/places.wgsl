// The footprint of a point: its first row modulo the plane's, its first column in an array that begins
// `width` columns before the plane, and the two places within.

struct Place { row: u32, column: u32, row_t: real, column_t: real, folded: bool }

fn place_of(uv: baseline, rows: u32, length: u32, width: u32) -> Place {
    var s = turns_of(uv, coefficients[0], coefficients[1]);
    var r = turns_of(uv, coefficients[2], coefficients[3]);
    let folded = turn_is_negative(s);
    if folded {
        s = turn_neg(s);
        r = turn_neg(r);
    }
    let down = footprint(cells_of(r, rows), width);
    let along = footprint(cells_of(s, length), width);
    return Place(
        wrapped(down.first, rows),
        bitcast<u32>(along.first + bitcast<i32>(width)),
        down.t,
        along.t,
        folded,
    );
}
