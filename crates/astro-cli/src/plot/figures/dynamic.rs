//! Power against time and frequency as a picture with a colour bar.

use crate::plot::Figure;
use crate::plot::color::{Color, ColorMap};
use crate::plot::panel::{Axis, LABEL_SIZE, Mark, Panel, draw_color_bar};
use crate::plot::scene::{Anchor, Rect, Scene};

/// Rows and columns of the picture at most: what can be told apart, and what it takes in memory.
const MOST_ROWS: usize = 512;
const MOST_COLUMNS: usize = 400;
/// Parts of the cells that lie below and above the ends of the colour bar.
const CUT: f64 = 0.01;

/// Collects rows as they come into a picture of bounded size: means of the rows and frequencies
/// that fall into each of its cells.
#[derive(Clone, Debug)]
pub(crate) struct DynamicPicture {
    /// Cell of each frequency; frequencies are spread by their logarithm.
    columns: Vec<usize>,
    column_count: usize,
    rows: usize,
    row_count: usize,
    sums: Vec<f64>,
    weights: Vec<f64>,
    frequency: (f64, f64),
    time: (f64, f64),
}

impl DynamicPicture {
    /// For `rows` rows of these frequencies.
    pub(crate) fn new(rows: usize, frequency_hz: &[f64], width_hz: &[f64]) -> Self {
        let half = |index: usize| 0.5 * width_hz.get(index).copied().unwrap_or(0.0);
        let last = frequency_hz.len().saturating_sub(1);
        let low = frequency_hz.first().map_or(0.1, |f| f - half(0));
        let high = frequency_hz.get(last).map_or(1.0, |f| f + half(last));
        let column_count = frequency_hz.len().clamp(1, MOST_COLUMNS);
        let cell = |f: &f64| {
            let part = (f / low).ln() / (high / low).ln();
            ((part * column_count as f64) as usize).min(column_count - 1)
        };
        let row_count = rows.clamp(1, MOST_ROWS);
        Self {
            columns: frequency_hz.iter().map(cell).collect(),
            column_count,
            rows: rows.max(1),
            row_count,
            sums: vec![0.0; row_count * column_count],
            weights: vec![0.0; row_count * column_count],
            frequency: (low, high),
            time: (f64::INFINITY, f64::NEG_INFINITY),
        }
    }

    /// Adds row number `index` at a time.
    pub(crate) fn add(&mut self, index: usize, time_s: f64, values: &[f64]) {
        let row = (index * self.row_count / self.rows).min(self.row_count - 1);
        for (&column, &value) in self.columns.iter().zip(values) {
            let cell = row * self.column_count + column;
            self.sums[cell] += value;
            self.weights[cell] += 1.0;
        }
        self.time.0 = self.time.0.min(time_s);
        self.time.1 = self.time.1.max(time_s);
    }

    /// Values of the cells; those without a frequency are that of the cell before.
    fn cells(&self) -> Vec<f64> {
        let mut cells = Vec::with_capacity(self.sums.len());
        for (index, (sum, weight)) in self.sums.iter().zip(&self.weights).enumerate() {
            let value = if *weight > 0.0 {
                sum / weight
            } else if index % self.column_count > 0 {
                cells[index - 1]
            } else {
                f64::NAN
            };
            cells.push(value);
        }
        cells
    }

    /// The picture; `quantity` names the colour bar.
    pub(crate) fn figure(&self, title: &str, quantity: &str, row_s: f64) -> Figure {
        const WIDTH: f64 = 420.0;
        const HEIGHT: f64 = 320.0;
        const TOP: f64 = 70.0;
        let cells = self.cells();
        let range = colors(&cells);
        let map = ColorMap::Inferno;
        let start = self.time.0.floor();
        let first = self.time.0 - start - 0.5 * row_s;
        let last = self.time.1 - start + 0.5 * row_s;
        let (low, high) = self.frequency;
        let mut panel = Panel::new(
            Axis::logarithmic("Frequency [Hz]").with_range(low, high),
            // Rows are what follows one another: gaps of the good time take no room.
            Axis::linear(&format!("Row, from {start} s on")).with_range(0.0, self.rows as f64),
        );
        panel.tick_color = Color::WHITE;
        panel.mark(Mark::Picture {
            corners: [(low, self.rows as f64), (high, 0.0)],
            rows: self.row_count,
            columns: self.column_count,
            pixels: cells
                .chunks(self.column_count)
                .rev()
                .flatten()
                .map(|&value| map.at((value - range.0) / (range.1 - range.0)))
                .collect(),
        });
        let left = panel.margins().left + 6.0;
        let mut scene = Scene::new(left + WIDTH + 20.0, TOP + HEIGHT + 44.0, title);
        panel.draw(&mut scene, Rect::new(left, TOP, WIDTH, HEIGHT), left - 3.0);
        let bar = Rect::new(left, TOP - 14.0, WIDTH, 8.0);
        draw_color_bar(&mut scene, bar, map, range, quantity);
        let at = (left + WIDTH / 2.0, 18.0);
        let title = format!("{title}, {first:.0} to {last:.0} s after {start} s");
        scene.text(&title, at, LABEL_SIZE, Anchor::Middle, Color::INK);
        Figure(scene)
    }
}

/// The ends of the colour bar: all but the most extreme cells.
fn colors(cells: &[f64]) -> (f64, f64) {
    let mut sorted: Vec<f64> = cells.iter().copied().filter(|v| v.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let at = |part: f64| {
        let place = part * sorted.len().saturating_sub(1) as f64;
        sorted.get(place.round() as usize).copied().unwrap_or(0.0)
    };
    let (low, high) = (at(CUT), at(1.0 - CUT));
    if low < high {
        (low, high)
    } else {
        (low, low + 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_means_and_memory_is_bounded() {
        let frequency: Vec<f64> = (1..=4).map(f64::from).collect();
        let mut picture = DynamicPicture::new(1024, &frequency, &[1.0; 4]);
        for row in 0..1024 {
            picture.add(row, row as f64, &[1.0, 2.0, (row % 2) as f64, 4.0]);
        }
        assert_eq!(picture.sums.len(), 512 * 4);
        let cells = picture.cells();
        // The logarithms of 0.5 to 4.5: 1 falls into the second cell, 2, 3 and 4 behind it.
        assert_eq!(picture.columns, [1, 2, 3, 3]);
        assert!(cells[0].is_nan());
        assert_eq!(&cells[1..4], [1.0, 2.0, 2.25]);
        let svg = picture.figure("Test", "Power", 1.0).svg().unwrap();
        assert!(svg.contains("<svg"));
    }
}
