//! Spectra of powers or lags for the fitting programs of X-ray spectroscopy.

use std::path::{Path, PathBuf};

use crate::{Error, IfExists, Result, Table, write_fits_tables};

/// A spectrum in frequency bins, as a density: power in 1/Hz, or a lag or any other value taken as one.
#[derive(Clone, Copy, Debug)]
pub struct BinnedDensity<'a> {
    /// Lower edges of the bins, Hz: above zero and ascending.
    pub low_hz: &'a [f64],
    /// Upper edges, Hz: at most the next bin's lower edge.
    pub high_hz: &'a [f64],
    /// Mean density in each bin.
    pub density: &'a [f64],
    /// Its standard deviation.
    pub error: &'a [f64],
}

/// Writes `STEM.pha` and `STEM.rsp`, which XSPEC (`data STEM.pha`) and Sherpa (`load_pha`) open;
/// returns both names.
///
/// What HEASARC's `flx2xsp` does: each frequency bin is a channel, its edges are written where the
/// programs expect keV (read 1 keV as 1 Hz), and the response is the identity. The count rate of a
/// channel is density × bin width, because the programs integrate a model over the bin: a
/// model then is a density per Hz, and a Lorentzian's or power law's parameters are in Hz. The exposure is 1 s.
///
/// # Errors
/// [`Error::BadSpectrum`] for columns of different lengths, edges that are not above zero or do not
/// ascend, and values that are not finite; [`Error::AlreadyExists`]; [`Error::Writing`] when the disk refuses.
pub fn write_pha_and_response(
    stem: impl AsRef<Path>,
    spectrum: &BinnedDensity<'_>,
    if_exists: IfExists,
) -> Result<(PathBuf, PathBuf)> {
    let bins = check(spectrum)?;
    let name = |extension: &str| {
        let mut name = stem.as_ref().as_os_str().to_owned();
        name.push(extension);
        PathBuf::from(name)
    };
    let (pha, response) = (name(".pha"), name(".rsp"));
    let response_name = response.file_name().unwrap_or_default().to_string_lossy();

    let channels: Vec<i32> = (1..=bins as i32).collect();
    let per_channel = |values: &[f64]| -> Vec<f64> {
        let widths = spectrum
            .low_hz
            .iter()
            .zip(spectrum.high_hz)
            .map(|(low, high)| high - low);
        values
            .iter()
            .zip(widths)
            .map(|(value, width)| value * width)
            .collect()
    };
    let last = bins as i64;
    let common = |table: Table<'static>| {
        table
            .keyword("TELESCOP", "none", "")
            .keyword("INSTRUME", "none", "")
            .keyword("FILTER", "none", "")
            .keyword("CHANTYPE", "PI", "")
            .keyword("DETCHANS", last, "frequency bins")
            .keyword("HDUCLASS", "OGIP", "")
    };
    let spectrum_table = common(
        Table::new("SPECTRUM")
            .column("CHANNEL", "", channels.clone())
            .column("RATE", "count/s", per_channel(spectrum.density))
            .column("STAT_ERR", "count/s", per_channel(spectrum.error)),
    )
    .keyword("HDUCLAS1", "SPECTRUM", "")
    .keyword("HDUCLAS2", "TOTAL", "")
    .keyword("HDUCLAS3", "RATE", "")
    .keyword("HDUVERS", "1.2.1", "")
    .keyword("TLMIN1", 1, "first channel")
    .keyword("TLMAX1", last, "last channel")
    .keyword("EXPOSURE", 1.0, "[s]")
    .keyword("AREASCAL", 1.0, "")
    .keyword("BACKSCAL", 1.0, "")
    .keyword("CORRSCAL", 1.0, "")
    .keyword("BACKFILE", "none", "")
    .keyword("CORRFILE", "none", "")
    .keyword("ANCRFILE", "none", "")
    .keyword("RESPFILE", &*response_name, "frequency in place of energy")
    .keyword("POISSERR", false, "errors are in STAT_ERR")
    .keyword("SYS_ERR", 0, "")
    .keyword("QUALITY", 0, "")
    .keyword("GROUPING", 0, "");

    let whole = |value: i16| vec![value; bins];
    let channel_numbers: Vec<i32> = channels.clone();
    let matrix = common(
        Table::new("MATRIX")
            .column("ENERG_LO", "keV", spectrum.low_hz.to_vec())
            .column("ENERG_HI", "keV", spectrum.high_hz.to_vec())
            .column("N_GRP", "", whole(1))
            .column("F_CHAN", "", channel_numbers)
            .column("N_CHAN", "", whole(1))
            .column("MATRIX", "", vec![1.0f32; bins]),
    )
    .keyword("HDUCLAS1", "RESPONSE", "")
    .keyword("HDUCLAS2", "RSP_MATRIX", "")
    .keyword("HDUCLAS3", "REDIST", "")
    .keyword("HDUVERS", "1.3.0", "")
    .keyword("TLMIN4", 1, "first channel")
    .keyword("TLMAX4", last, "last channel");
    let bounds = common(
        Table::new("EBOUNDS")
            .column("CHANNEL", "", channels)
            .column("E_MIN", "keV", spectrum.low_hz.to_vec())
            .column("E_MAX", "keV", spectrum.high_hz.to_vec()),
    )
    .keyword("HDUCLAS1", "RESPONSE", "")
    .keyword("HDUCLAS2", "EBOUNDS", "")
    .keyword("HDUVERS", "1.2.0", "");

    write_fits_tables(&pha, &[spectrum_table], if_exists)?;
    write_fits_tables(&response, &[matrix, bounds], if_exists)?;
    Ok((pha, response))
}

/// The number of bins.
fn check(spectrum: &BinnedDensity<'_>) -> Result<usize> {
    let bins = spectrum.low_hz.len();
    let bad = |bin: usize, requirement| Err(Error::BadSpectrum { bin, requirement });
    if bins == 0 || bins > i32::MAX as usize {
        return bad(bins, "it must have at least one bin");
    }
    for column in [spectrum.high_hz, spectrum.density, spectrum.error] {
        if column.len() != bins {
            return bad(
                bins.min(column.len()),
                "edges, densities and errors must be equally many",
            );
        }
    }
    for bin in 0..bins {
        let (low, high) = (spectrum.low_hz[bin], spectrum.high_hz[bin]);
        if !(low > 0.0 && low < high && high.is_finite()) {
            return bad(bin, "its edges must be above zero and ascend");
        }
        if bin > 0 && low < spectrum.high_hz[bin - 1] * (1.0 - 1e-9) {
            return bad(bin, "it must not start before the one before it ends");
        }
        if !(spectrum.density[bin].is_finite() && spectrum.error[bin].is_finite()) {
            return bad(bin, "density and error must be finite: leave the bin out");
        }
    }
    Ok(bins)
}
