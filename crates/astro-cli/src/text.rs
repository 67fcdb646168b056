//! Numbers with their errors, and tables on a terminal.

/// `value ± error`, both with as many decimals as two digits of the error need.
pub(crate) fn measurement(value: f64, error: f64) -> String {
    match decimals(error) {
        Some(digits) => format!("{value:.digits$} ± {error:.digits$}"),
        None => format!("{value}"),
    }
}

/// `median +up −down`, with as many decimals as two digits of the smaller error need.
pub(crate) fn interval(median: f64, lower: f64, upper: f64) -> String {
    let (up, down) = (upper - median, median - lower);
    match decimals(up.min(down)) {
        Some(digits) => format!("{median:.digits$} +{up:.digits$} −{down:.digits$}"),
        None => format!("{median}"),
    }
}

/// Decimals that show two digits of `error`; none where it is no error.
fn decimals(error: f64) -> Option<usize> {
    (error > 0.0 && error.is_finite())
        .then(|| (1.0 - error.log10().floor()).clamp(0.0, 15.0) as usize)
}

/// Rows with columns of even width: the first to the left, the others to the right.
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .enumerate()
            .map(|(column, (cell, &width))| match column {
                0 => format!("{cell:<width$}"),
                _ => format!("{cell:>width$}"),
            })
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_have_two_digits() {
        assert_eq!(measurement(0.285_025, 0.002_2), "0.2850 ± 0.0022");
        assert_eq!(measurement(73.2086, 0.36), "73.21 ± 0.36");
        assert_eq!(measurement(18_012.5, 236.0), "18012 ± 236");
        assert_eq!(measurement(2.5, 0.0), "2.5");
        assert_eq!(interval(1.0, 0.9, 1.15), "1.00 +0.15 −0.10");
    }

    #[test]
    fn columns_line_up() {
        let rows = [
            vec!["σ".to_owned(), "1.5".to_owned()],
            vec!["width".to_owned(), "10".to_owned()],
        ];
        assert_eq!(table(&rows), "σ      1.5\nwidth   10\n");
    }
}
