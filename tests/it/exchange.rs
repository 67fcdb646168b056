//! Tables that go through every format give the same χ².

use astro_core::UvTable;
use astro_io::{IfExists, UvReadOptions, UvUnit, read_uv_table, write_uv_npz, write_uv_text};
use astro_visibility::{
    ImageGrid, Orientation, ProfileMethod, RadialGrid, UvCoverage, chi2_profile, sample_profile,
};

const SOURCE: Orientation = Orientation {
    inclination_rad: 0.5,
    position_angle_rad: 0.9,
    ra_offset_rad: 4e-7,
    dec_offset_rad: 1e-7,
};

/// A disc to the North-East, observed without noise.
struct Observation {
    grid: ImageGrid,
    radii: RadialGrid,
    profile: Vec<f64>,
    table: UvTable,
}

fn observation() -> Observation {
    let grid = ImageGrid::square(128, 6e-8);
    let radii = RadialGrid::new(0.0, 5e-9, 500).unwrap();
    let profile: Vec<f64> = radii
        .radii_rad()
        .iter()
        .map(|r| 2e11 * (-0.5 * (r / 5e-7).powi(2)).exp())
        .collect();
    let (mut u, mut v) = (Vec::new(), Vec::new());
    for k in 0..400 {
        let (sin, cos) = (2.4 * f64::from(k)).sin_cos();
        u.push(2e3 * f64::from(k) * cos);
        v.push(2e3 * f64::from(k) * sin);
    }
    let coverage = UvCoverage::new(u.clone(), v.clone()).unwrap();
    let method = ProfileMethod::default();
    let value = sample_profile(&profile, &radii, &grid, &coverage, &SOURCE, method).unwrap();
    let table = UvTable::new(u, v, value, vec![1e6; 400]).unwrap();
    Observation {
        grid,
        radii,
        profile,
        table,
    }
}

impl Observation {
    fn chi2(&self, table: &UvTable, orientation: &Orientation) -> f64 {
        let method = ProfileMethod::default();
        chi2_profile(
            &self.profile,
            &self.radii,
            &self.grid,
            table,
            orientation,
            method,
        )
        .unwrap()
    }
}

#[test]
fn text_and_npz_keep_the_chi_squared() {
    let observation = observation();
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("disc.txt");
    let npz = folder.path().join("disc.npz");
    write_uv_text(&text, &observation.table, IfExists::Refuse).unwrap();
    write_uv_npz(&npz, &observation.table, IfExists::Refuse).unwrap();
    for path in [text, npz] {
        let table = read_uv_table(&path, &UvReadOptions::new().unit(UvUnit::Wavelengths)).unwrap();
        assert_eq!(table.len(), observation.table.len());
        // The model that made the data fits it: what is left is the rounding of the file.
        assert!(
            observation.chi2(&table, &SOURCE) < 1e-12,
            "{}",
            path.display()
        );
    }
}

#[test]
fn the_other_sign_puts_the_source_on_the_other_side() {
    let observation = observation();
    let mirrored = Orientation {
        ra_offset_rad: -SOURCE.ra_offset_rad,
        dec_offset_rad: -SOURCE.dec_offset_rad,
        ..SOURCE
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other-sign.txt");
    write_uv_text(
        &path,
        &observation.table.clone().conjugated(),
        IfExists::Refuse,
    )
    .unwrap();
    let as_is = read_uv_table(&path, &UvReadOptions::new()).unwrap();
    assert!(observation.chi2(&as_is, &SOURCE) > 1e3);
    assert!(observation.chi2(&as_is, &mirrored) < 1e-12);
    let conjugated = read_uv_table(&path, &UvReadOptions::new().conjugate(true)).unwrap();
    assert!(observation.chi2(&conjugated, &SOURCE) < 1e-12);
}
