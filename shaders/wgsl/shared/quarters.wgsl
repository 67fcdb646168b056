// Multiplication by a power of i.

fn turned_by_quarters(a: complex, quarters: i32) -> complex {
    switch quarters & 3 {
        case 1: { return complex(r_neg(a.im), a.re); }
        case 2: { return complex(r_neg(a.re), r_neg(a.im)); }
        case 3: { return complex(a.im, r_neg(a.re)); }
        default: { return a; }
    }
}
