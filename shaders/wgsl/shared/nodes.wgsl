// The nodes of a whole plane, from its half-plane `plane`: F(−r, −s) = F*(r, s).

// Node (i, j) of the whole plane, j from −width to length.
fn node(i: u32, j: i32) -> complex {
    var column = j;
    var row = i;
    let mirrored = column < 0 || 2 * column > bitcast<i32>(params.length);
    if mirrored {
        column = select(bitcast<i32>(params.length) - column, -column, column < 0);
        row = select(params.rows - i, 0u, i == 0u);
    }
    return c_conj_if(c_of(plane[row * params.keep + bitcast<u32>(column)]), mirrored);
}
