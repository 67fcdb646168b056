//! One pass over events for all energy bands and their reference.

use astro_core::{EventSource, Segments, WantedColumns};
use astro_fft::FftReal;

use crate::spectrum::input::{Binning, SegmentInput, light_of_events};
use crate::spectrum::sums::SeriesLight;
use crate::{EnergyBand, Error, Result};

/// The series of one pass: a band each, the reference, and the parts of bands that only partly
/// lie in the reference.
#[derive(Clone, Debug)]
pub(super) struct SeriesTable {
    /// Ascending edges of the cells of energy in which the same series are counted.
    edges: Vec<f64>,
    /// The series of each cell: below the first edge, between edges, above the last.
    cells: Vec<Vec<usize>>,
    /// For each band, the series that the reference shares with it.
    pub(super) shared: Vec<Option<usize>>,
    /// Number of series.
    pub(super) series: usize,
}

impl SeriesTable {
    /// Series 0.. for `bands`, then one for `reference`.
    pub(super) fn new(bands: &[EnergyBand], reference: EnergyBand) -> Self {
        let mut ranges: Vec<EnergyBand> = bands.to_vec();
        ranges.push(reference);
        let mut shared = Vec::with_capacity(bands.len());
        for (index, band) in bands.iter().enumerate() {
            shared.push(band.overlap(reference).map(|part| {
                if part == *band {
                    index
                } else {
                    ranges.push(part);
                    ranges.len() - 1
                }
            }));
        }
        let mut edges: Vec<f64> = ranges
            .iter()
            .flat_map(|r| [r.low_kev, r.high_kev])
            .collect();
        edges.sort_by(f64::total_cmp);
        edges.dedup();
        let series_at = |low: f64| -> Vec<usize> {
            let inside = |r: &EnergyBand| low >= r.low_kev && low < r.high_kev;
            (0..ranges.len()).filter(|&s| inside(&ranges[s])).collect()
        };
        let cells = std::iter::once(Vec::new())
            .chain(edges.iter().map(|&edge| series_at(edge)))
            .collect();
        Self {
            edges,
            cells,
            shared,
            series: ranges.len(),
        }
    }

    /// The series that an event of this energy belongs to.
    #[inline]
    pub(super) fn series_of(&self, energy_kev: f32) -> &[usize] {
        let energy = f64::from(energy_kev);
        if energy.is_nan() {
            return &[];
        }
        &self.cells[self.edges.partition_point(|&edge| edge <= energy)]
    }
}

/// All series of a source, for a segment at a time.
pub(super) struct BandsInput<'a, S> {
    pub(super) source: &'a S,
    pub(super) segments: &'a Segments,
    pub(super) table: &'a SeriesTable,
}

impl<T: FftReal, S: EventSource> SegmentInput<T> for BandsInput<'_, S> {
    fn segments(&self) -> usize {
        self.segments.len()
    }

    fn fill(&self, index: usize, series: &mut [Vec<T>], lights: &mut [SeriesLight]) -> Result<()> {
        let Some(segment) = self.segments.get(index) else {
            return Ok(());
        };
        let binning = Binning::new(segment.start, self.segments);
        series.iter_mut().for_each(|bins| bins.fill(T::zero()));
        let mut events = vec![0_u64; series.len()];
        let wanted = WantedColumns {
            energies: true,
            ..WantedColumns::default()
        };
        self.source
            .visit(segment.start, segment.stop, wanted, &mut |columns| {
                for (&time, &energy) in columns.times.iter().zip(columns.energies_kev) {
                    let bin = binning.bin(time);
                    for &s in self.table.series_of(energy) {
                        if let Some(bin) = series[s].get_mut(bin) {
                            *bin += T::one();
                            events[s] += 1;
                        }
                    }
                }
            })
            .map_err(Error::from_source)?;
        for (s, light) in lights.iter_mut().enumerate() {
            *light = light_of_events(events[s]);
            light.squares = series[s].iter().map(|x| x.as_f64() * x.as_f64()).sum();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_find_all_their_series() {
        let bands = EnergyBand::between(&[1.0, 2.0, 4.0, 8.0]).unwrap();
        let reference = EnergyBand::new(1.5, 5.0).unwrap();
        let table = SeriesTable::new(&bands, reference);
        // Bands 0 and 2 lie in the reference in part: series 4 and 5.
        assert_eq!(table.shared, [Some(4), Some(1), Some(5)]);
        for (energy, series) in [
            (0.5_f32, &[][..]),
            (1.0, &[0]),
            (1.5, &[0, 3, 4]),
            (2.0, &[1, 3]),
            (4.5, &[2, 3, 5]),
            (5.0, &[2]),
            (8.0, &[]),
            (f32::NAN, &[]),
        ] {
            assert_eq!(table.series_of(energy), series, "{energy}");
        }
    }
}
