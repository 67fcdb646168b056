// The nodes under a kernel.

// The first node under a kernel of `width` nodes, and the place t in [−1, 1] between two nodes.
struct Footprint { first: i32, t: real }

fn footprint(cell: floored, width: u32) -> Footprint {
    // With position = whole + rest, the first node is ⌊position − width/2⌋ + 1.
    var first = cell.whole - bitcast<i32>(width / 2u) + 1;
    var fraction = cell.rest;
    if width % 2u == 1u {
        let half = r_of(0.5);
        if r_less(fraction, half) {
            first -= 1;
            fraction = r_add(fraction, half);
        } else {
            fraction = r_sub(fraction, half);
        }
    }
    return Footprint(first, r_sub(r_scale(fraction, 2.0), r_of(1.0)));
}

fn wrapped(i: i32, length: u32) -> u32 {
    var k = i;
    let n = bitcast<i32>(length);
    if k < 0 {
        k += n;
    } else if k >= n {
        k -= n;
    }
    return bitcast<u32>(k);
}
