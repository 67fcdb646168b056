//! Averaged spectra and searches of X-ray events on a GPU beside the processor.

use anyhow::Result;
use astro_core::{EventSource as _, GoodTimeIntervals, NoProgress};
use astro_fft::FftReal;
use astro_gpu::{Gpu, Precision};
use astro_timing::pulsation::{PulseStatistic, SearchGrid, SearchPlan};
use astro_timing::{CrossSpectrumPlan, EnergyBand, EventList, PowerSpectrumPlan};

use super::{Arguments, Row};

/// Counts a second.
const RATE: f64 = 1028.0;

/// Segments and bins, seconds.
const SEGMENT_S: f64 = 256.0;
const BIN_S: f64 = 1.0 / 2048.0;

/// Events of a search, at most.
const SEARCHED: usize = 1_000_000;

impl Arguments {
    /// A row for each kind of work on so many events.
    pub(super) fn timing<T: FftReal>(&self, gpu: &Gpu, count: usize) -> Result<Vec<Row>> {
        let events = made_up(count)?;
        let mut rows = Vec::new();
        let plan = || PowerSpectrumPlan::<T>::new(SEGMENT_S, BIN_S);
        let on_gpu = || -> Result<_> {
            let plan = plan()?.build_on(gpu)?;
            self.on_gpu(gpu, 1, || plan.execute(&events).map(drop))
        };
        rows.push(Row {
            size: count,
            what: "power spectrum, 256 s".to_owned(),
            gpu: on_gpu(),
            cpu: self.on_cpu(|| {
                let plan = plan()?;
                Ok(self.shortest(|| plan.execute(&events).map(drop))?.0)
            })?,
        });
        let bands = [EnergyBand::new(2.0, 10.0)?, EnergyBand::new(0.3, 2.0)?];
        let cross = |plan: &CrossSpectrumPlan<T>| {
            let [hard, soft] = bands;
            plan.execute_bands(&events, hard, soft, &NoProgress)
                .map(drop)
        };
        let plan = || CrossSpectrumPlan::<T>::new(SEGMENT_S, BIN_S);
        let on_gpu = || -> Result<_> {
            let plan = plan()?.build_on(gpu)?;
            self.on_gpu(gpu, 1, || cross(&plan))
        };
        rows.push(Row {
            size: count,
            what: "cross spectrum, 256 s".to_owned(),
            gpu: on_gpu(),
            cpu: self.on_cpu(|| {
                let plan = plan()?;
                Ok(self.shortest(|| cross(&plan))?.0)
            })?,
        });
        if gpu.precision_for(true)? != Precision::F32 || size_of::<T>() == 4 {
            for (name, statistic) in [
                ("Z²₂ search", PulseStatistic::ZSquared { harmonics: 2 }),
                (
                    "epoch folding search",
                    PulseStatistic::EpochFolding { bins: 32 },
                ),
            ] {
                rows.push(self.search(gpu, name, statistic, count.min(SEARCHED))?);
            }
        }
        Ok(rows)
    }

    fn search(
        &self,
        gpu: &Gpu,
        name: &str,
        statistic: PulseStatistic,
        count: usize,
    ) -> Result<Row> {
        let events = made_up(count)?;
        let span = events.gti().exposure_s();
        let grid = SearchGrid::new(0.5 * span, 9.0, 0.25 / span, self.trials);
        let plan = SearchPlan::new(grid, statistic);
        let on_gpu = || -> Result<_> {
            let search = plan.clone().build_on(gpu)?;
            self.on_gpu(gpu, 1, || search.search_source(&events).map(drop))
        };
        Ok(Row {
            size: count,
            what: name.to_owned(),
            gpu: on_gpu(),
            cpu: self.on_cpu(|| Ok(self.shortest(|| plan.search_source(&events).map(drop))?.0))?,
        })
    }
}

/// One event in each 1/[`RATE`] seconds, at a random moment, with an energy from 0.3 to 10 keV.
fn made_up(count: usize) -> Result<EventList> {
    let random = |k: u64| {
        // splitmix64 (Steele, Lea & Flood 2014)
        let mut z = k.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    };
    let numbers = 0..count as u64;
    let times = numbers.clone().map(|k| (k as f64 + random(2 * k)) / RATE);
    let energies = numbers.map(|k| (0.3 + 9.7 * random(2 * k + 1)) as f32);
    let gti = GoodTimeIntervals::single(0.0, count as f64 / RATE)?;
    Ok(EventList::new(times.collect(), gti)?.with_energies(energies.collect())?)
}
