//! A spectral observation through UVFITS, averaged over channels, and out as text and npz.

#![expect(clippy::print_stdout, reason = "an example shows what it finds")]

use astro_core::{Angle, Baseline, UvTable};
use astro_io::{
    IfExists, SmearingLimit, UvFitsLabels, UvReadOptions, average_channels, read_uv_table,
    write_uv_npz, write_uv_text, write_uvfits,
};
use num_complex::Complex64;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Three antennas, 16 channels of 2 MHz; a point source half an arcsecond to the East.
    let east = Angle::from_arcsec(0.5).radians();
    let mut table = UvTable::default();
    for (first, second, metres) in [
        (1, 2, [120.0, 40.0]),
        (1, 3, [310.0, -150.0]),
        (2, 3, [190.0, -190.0]),
    ] {
        for channel in 0..16 {
            let frequency = 230e9 + 2e6 * f64::from(channel);
            let [u, v] = metres.map(|x: f64| x * frequency / 299_792_458.0);
            table.u.push(u);
            table.v.push(v);
            table.w.push(0.0);
            table
                .value
                .push(Complex64::cis(std::f64::consts::TAU * u * east));
            table.weight.push(400.0);
            table.frequency_hz.push(frequency);
            table.time_s.push(43_200.0);
            table.baseline.push(Baseline { first, second });
        }
    }
    table.reference_mjd = 60_000;

    let folder = tempfile::tempdir()?;
    let path = folder.path().join("observation.uvfits");
    write_uvfits(&path, &table, &UvFitsLabels::default(), IfExists::Refuse)?;
    // The format is recognised by content.
    let read = read_uv_table(&path, &UvReadOptions::new())?;
    assert_eq!(read.len(), 48);

    // 32 MHz into one channel: how much does a source 3″ from the centre lose?
    let field = SmearingLimit::new(Angle::from_arcsec(3.0).radians());
    let averaged = average_channels(&read, 32e6, &field)?;
    let loss = averaged.smearing.worst_loss;
    println!(
        "{} rows to {}, loss at 3 arcsec at most {loss:.1e}",
        read.len(),
        averaged.table.len()
    );
    assert_eq!(averaged.table.len(), 3);
    for (value, weight) in averaged.table.value.iter().zip(&averaged.table.weight) {
        assert!((value.norm() - 1.0).abs() < 1e-6 && *weight == 6400.0);
    }
    // Ten thousand times that field: refused, with the numbers.
    let refused = average_channels(
        &read,
        32e6,
        &SmearingLimit::new(field.field_radius_rad * 1e4),
    );
    println!("{}", refused.err().ok_or("too wide a field was averaged")?);

    for name in ["averaged.txt", "averaged.npz"] {
        let path = folder.path().join(name);
        match name.ends_with("npz") {
            true => write_uv_npz(&path, &averaged.table, IfExists::Refuse)?,
            false => write_uv_text(&path, &averaged.table, IfExists::Refuse)?,
        }
        let back = read_uv_table(&path, &UvReadOptions::new())?;
        assert_eq!(
            (back.u, back.value),
            (averaged.table.u.clone(), averaged.table.value.clone())
        );
        println!("{name}: {} bytes", std::fs::metadata(&path)?.len());
    }
    Ok(())
}
