//! Where sources of a catalogue lie in a field: direction cosines from a phase centre, and back.

#![expect(clippy::print_stdout, reason = "an example shows what it finds")]

use astro_core::{Angle, CompensatedSum, SkyCoord, merge_tree};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let center = SkyCoord::from_degrees(68.98, 18.23);
    // Right ascension and declination, degrees, and flux, Jy.
    let catalogue = [
        (68.9801, 18.2301, 0.120),
        (68.9790, 18.2295, 0.035),
        (69.0200, 18.2600, 0.008),
    ];
    println!("  East [arcsec]  North [arcsec]  distance [arcsec]");
    for (ra, dec, _) in catalogue {
        let source = SkyCoord::from_degrees(ra, dec);
        let offset = source
            .offset_from(center)
            .ok_or("a source lies behind the tangent plane")?;
        let distance = source.separation(center);
        let [east, north] = [offset.l, offset.m].map(|x| Angle::from_radians(x).arcsec());
        println!("{east:15.3} {north:15.3} {:18.3}", distance.arcsec());

        // The sine of the distance is the length of the offset, and the way back is exact.
        let length = offset.l.hypot(offset.m);
        assert!((length - distance.radians().sin()).abs() < 1e-15);
        let back = center.at_offset(offset).ok_or("beyond the horizon")?;
        assert!(back.separation(source).arcsec() < 1e-9);
    }

    // Parts summed anywhere give the same bits, merged along one tree.
    let parts = catalogue.map(|(_, _, flux)| [flux].into_iter().collect::<CompensatedSum>());
    let total = merge_tree(parts.to_vec()).value();
    println!("total flux {total} Jy");
    assert!((total - 0.163).abs() < 1e-16);
    Ok(())
}
