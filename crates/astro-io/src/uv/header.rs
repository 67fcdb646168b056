//! What the comment lines of a text table say: columns, their units, a wavelength.

use super::{UvColumn, UvUnit};

/// What was understood; a comment may hold any text.
#[derive(Debug, Default, PartialEq)]
pub(super) struct TextHeader {
    pub(super) wavelength_m: Option<f64>,
    pub(super) unit: Option<UvUnit>,
    /// Columns of the last line that names u, v, Re, Im and weight.
    pub(super) columns: Option<Vec<UvColumn>>,
}

impl TextHeader {
    /// Takes one comment line (or line of names) into account.
    pub(super) fn line(&mut self, text: &str) {
        if let Some(wavelength) = wavelength(text) {
            self.wavelength_m = Some(wavelength);
        }
        if let Some((columns, unit)) = column_names(text) {
            self.columns = Some(columns);
            self.unit = unit.or(self.unit);
        }
    }
}

/// `wavelength[m] = 0.00088` (uvplot), `wavelength: 1.3 mm`, `wle = 1e-3`.
fn wavelength(text: &str) -> Option<f64> {
    let (name, value) = text.split_once(['=', ':'])?;
    let name = name.trim().to_ascii_lowercase();
    let (name, unit) = match name.split_once(['[', '(']) {
        Some((name, unit)) => (
            name.trim().to_owned(),
            unit.trim_end_matches([']', ')']).trim().to_owned(),
        ),
        None => (name, String::new()),
    };
    let last_word = name.split_whitespace().last()?;
    if !matches!(last_word, "wavelength" | "wle" | "lambda") {
        return None;
    }
    let mut words = value.split_whitespace();
    let number: f64 = words.next()?.trim_end_matches([',', ';']).parse().ok()?;
    let after = words.next().unwrap_or("").to_ascii_lowercase();
    let unit = if unit.is_empty() { after } else { unit };
    let meters = match unit.trim_matches(['[', ']', '(', ')', '.', ',', ';']) {
        // A bare `wavelength = 0.87` could be millimetres: take it only where it can be nothing else.
        "" if last_word == "wle" => number,
        "m" | "meter" | "meters" | "metre" | "metres" => number,
        "cm" => number / 1e2,
        "mm" => number / 1e3,
        "um" | "micron" | "microns" => number / 1e6,
        _ => return None,
    };
    (meters.is_finite() && meters > 0.0).then_some(meters)
}

/// The columns a line names, if it names all five essential ones, and the unit of u.
fn column_names(text: &str) -> Option<(Vec<UvColumn>, Option<UvUnit>)> {
    // "Columns [units] are: u [m], ..." and "Columns:\tu[m]\t..." start after the colon.
    let list = text.rsplit_once(':').map_or(text, |(_, list)| list);
    let mut columns = Vec::new();
    let mut unit = None;
    for (name, name_unit) in names(list) {
        let column = column(&name)?;
        if column == UvColumn::U {
            unit = uv_unit(&name_unit);
        }
        columns.push(column);
    }
    // `u v Re Im w`: a table has weights, so a lone w is the weight and not the third coordinate.
    if !columns.contains(&UvColumn::Weight)
        && let Some(w) = columns.iter_mut().find(|column| **column == UvColumn::W)
    {
        *w = UvColumn::Weight;
    }
    let essential = UvColumn::DEFAULT
        .iter()
        .all(|wanted| columns.iter().filter(|&c| c == wanted).count() == 1);
    essential.then_some((columns, unit))
}

/// Splits at commas, tabs and blanks outside brackets; `Re(V)[Jy]` gives `("re(v)", "jy")`.
fn names(list: &str) -> Vec<(String, String)> {
    let mut names: Vec<(String, String)> = Vec::new();
    let (mut depth, mut fresh) = (0usize, true);
    for c in list.chars() {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            ',' | '\t' | ' ' | ';' if depth == 0 => fresh = true,
            _ => {
                if depth == 0 && fresh {
                    names.push(Default::default());
                }
                if let Some((name, unit)) = names.last_mut() {
                    let part = if depth > 0 { unit } else { name };
                    part.extend(c.to_lowercase());
                }
            }
        }
        if depth > 0 || !matches!(c, ',' | '\t' | ' ' | ';') {
            fresh = false;
        }
        // A unit closes its name: "u[m]v[m]" is never meant as one word.
        if c == ']' && depth == 0 {
            fresh = true;
        }
    }
    names
}

fn column(name: &str) -> Option<UvColumn> {
    Some(match name.trim_matches('_') {
        "u" | "uu" => UvColumn::U,
        "v" | "vv" => UvColumn::V,
        "w" | "ww" => UvColumn::W,
        "re" | "real" | "re(v)" | "re_v" | "v_re" | "re(vis)" => UvColumn::Re,
        "im" | "imag" | "imaginary" | "im(v)" | "im_v" | "v_im" | "im(vis)" => UvColumn::Im,
        "weight" | "weights" | "wgt" | "wt" | "wts" => UvColumn::Weight,
        "freq" | "freqs" | "frequency" | "frequencies" => UvColumn::Frequency,
        "wavelength" | "wavelengths" | "wle" => UvColumn::Wavelength,
        "spw" | "spws" | "spwid" | "spwids" | "chan" | "channel" | "time" | "ant1" | "ant2"
        | "antenna1" | "antenna2" | "field" | "scan" => UvColumn::Ignore,
        _ => return None,
    })
}

fn uv_unit(unit: &str) -> Option<UvUnit> {
    Some(match unit.trim().trim_start_matches('\\') {
        "m" | "meter" | "meters" | "metre" | "metres" => UvUnit::Meters,
        "lambda" | "λ" | "wavelength" | "wavelengths" | "wle" => UvUnit::Wavelengths,
        "klambda" | "kλ" | "kilolambda" => UvUnit::Kilowavelengths,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use UvColumn::{Frequency, Ignore, Im, Re, U, V, Weight};

    fn read(lines: &[&str]) -> TextHeader {
        let mut header = TextHeader::default();
        for line in lines {
            header.line(line);
        }
        header
    }

    #[test]
    fn the_headers_of_galario_uvplot_and_frank_are_understood() {
        let galario = read(&[
            " This file contains the uv-table used in https://example.org/quickstart.html",
            " Columns [units] are: u [m], v [m], Re [Jy], Im [Jy], weights",
        ]);
        assert_eq!(galario.unit, Some(UvUnit::Meters));
        assert_eq!(galario.columns, Some(UvColumn::DEFAULT.to_vec()));
        assert_eq!(galario.wavelength_m, None);

        let uvplot = read(&[
            " Extracted from disc.ms.",
            " wavelength[m] = 0.00088",
            " Columns:\tu[m]\tv[m]\tRe(V)[Jy]\tIm(V)[Jy]\tweight",
        ]);
        assert_eq!(uvplot.wavelength_m, Some(0.00088));
        assert_eq!(uvplot.unit, Some(UvUnit::Meters));
        assert_eq!(uvplot.columns, Some(UvColumn::DEFAULT.to_vec()));

        let frank =
            read(&[" u [\\lambda]\tv [\\lambda]\tRe(V)  [Jy]\tIm(V) [Jy]\tWeight [Jy^{-2}]"]);
        assert_eq!(frank.unit, Some(UvUnit::Wavelengths));
        assert_eq!(frank.columns, Some(UvColumn::DEFAULT.to_vec()));
    }

    #[test]
    fn a_lone_w_is_the_weight() {
        let header = read(&["u[m] v[m] Re Im w"]);
        assert_eq!(header.columns, Some(vec![U, V, Re, Im, Weight]));
        assert_eq!(header.unit, Some(UvUnit::Meters));
        let both = read(&["u[m] v[m] w[m] Re Im weight"]);
        let columns = vec![U, V, UvColumn::W, Re, Im, Weight];
        assert_eq!(both.columns, Some(columns));
    }

    #[test]
    fn extra_columns_are_taken_by_name() {
        let header = read(&[" u,v,Re,Im,weights,freqs,spwids"]);
        assert_eq!(
            header.columns,
            Some(vec![U, V, Re, Im, Weight, Frequency, Ignore])
        );
        assert_eq!(header.unit, None);
    }

    #[test]
    fn prose_is_not_mistaken_for_columns_or_wavelengths() {
        for line in [
            "",
            "wavelength = 0.87",
            "the wavelength of v: see paper",
            "u v",
            "u and v were rotated; weights: natural",
            "wavelength[m] = none",
            "Re: our talk",
            "lambda [GHz] = 3",
            "]]]][[[",
        ] {
            assert_eq!(read(&[line]), TextHeader::default(), "{line}");
        }
        assert_eq!(read(&["Wavelength: 1.3 mm"]).wavelength_m, Some(1.3e-3));
    }
}
