//! Event files as one source of the events that count.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use astro_core::{EventSource, GoodTimeIntervals, TimeReference};
use astro_io::{
    EventFile, EventFileInfo, EventFileOptions, EventOrder, GtiChoice, ResponseMatrix,
    read_fits_gti,
};
use astro_timing::{EnergyBand, EventSelection, LightCurve, MergedEvents, SelectedEvents};

use super::watched::Watched;
use crate::args::NumberOrFile;
use crate::args::timing::{
    BackgroundOption, EventInput, FileOptions, GtiArgument, SegmentOptions, SelectionOptions,
};
use crate::output::{Console, Usage};
use crate::progress::Bar;

/// Longest segment by default, seconds.
const SEGMENT_S: f64 = 256.0;
/// Shortest time bin by default, seconds.
const BIN_S: f64 = 1.0 / 256.0;

/// Open event files with the selection of their events.
#[derive(Debug)]
pub(crate) struct Events {
    files: MergedEvents<EventFile>,
    selection: EventSelection,
}

impl EventInput {
    /// Opens the files and says what is to be known about them.
    pub(crate) fn open(&self, console: &Console) -> Result<Events> {
        Events::open(&self.inputs, &self.selection, &self.file, console)
    }
}

impl Events {
    /// Opens files as one, in the reference of the first.
    pub(crate) fn open(
        paths: &[PathBuf],
        selection: &SelectionOptions,
        file: &FileOptions,
        console: &Console,
    ) -> Result<Self> {
        let options = file_options(selection, file)?;
        let open = |path: &PathBuf| -> Result<EventFile> {
            let file = EventFile::open_with(path, &options)?;
            for warning in &file.info().warnings {
                console.warn(format!("{}: {warning}", path.display()));
            }
            Ok(file)
        };
        let files: Vec<EventFile> = paths.iter().map(open).collect::<Result<_>>()?;
        let mut files = MergedEvents::new(files, selection.join.into())?;
        if !selection.gti.is_empty() {
            let wanted = given_gti(&selection.gti, files.reference())?;
            let common = files.gti().intersection(&wanted);
            if common.is_empty() {
                anyhow::bail!(
                    "--gti leaves no good time: it has {}, the files {}",
                    span_in_words(&wanted),
                    span_in_words(files.gti())
                );
            }
            files = files.with_gti(common);
        }
        Ok(Self {
            files,
            selection: selection.events()?,
        })
    }

    /// The same events with other good time.
    pub(crate) fn with_gti(self, gti: GoodTimeIntervals) -> Self {
        Self {
            files: self.files.with_gti(gti),
            ..self
        }
    }

    /// The events that count.
    pub(crate) fn source(&self) -> SelectedEvents<'_, MergedEvents<EventFile>> {
        self.of(&self.files)
    }

    /// All events, whose visits advance a bar: each event is visited `passes` times.
    pub(crate) fn watched(
        &self,
        passes: u64,
        console: &Console,
    ) -> Watched<'_, MergedEvents<EventFile>> {
        let events: u64 = self.infos().map(|info| info.events).sum();
        Watched::new(&self.files, Bar::new(console), passes * events)
    }

    /// Whether every event in good time counts.
    pub(crate) fn takes_all(&self) -> bool {
        self.selection.is_everything()
    }

    /// Those of `source` that are selected.
    pub(crate) fn of<'a, S: EventSource>(&self, source: &'a S) -> SelectedEvents<'a, S> {
        self.selection.clone().of(source)
    }

    /// What each file is.
    pub(crate) fn infos(&self) -> impl ExactSizeIterator<Item = &EventFileInfo> {
        self.files.sources().map(EventFile::info)
    }

    /// What the first file is: what tables are labelled with.
    pub(crate) fn first(&self) -> Option<&EventFileInfo> {
        self.infos().next()
    }

    /// The energies that are selected.
    pub(crate) fn band(&self) -> Option<EnergyBand> {
        self.selection.energies
    }

    pub(crate) fn gti(&self) -> &GoodTimeIntervals {
        self.files.gti()
    }

    pub(crate) fn reference(&self) -> &TimeReference {
        self.files.reference()
    }

    /// The coarsest resolution of the times, seconds; 0 where photons are timed one by one.
    pub(crate) fn time_resolution_s(&self) -> f64 {
        self.infos()
            .map(|info| info.time_resolution_s)
            .fold(0.0, f64::max)
    }

    /// Events that count in the good time; reads them if they are selected.
    pub(crate) fn count(&self) -> Result<u64> {
        let source = self.source();
        let mut events = 0;
        for interval in self.gti().intervals() {
            events += source.count(interval.start, interval.stop)?;
        }
        Ok(events)
    }

    /// Warns where phases of pulsations would be smeared by the motion of the spacecraft.
    pub(crate) fn warn_unless_barycentred(&self, console: &Console) {
        if !self.reference().is_barycentred() {
            console.warn(format!(
                "times hold at {}, not at the barycentre of the solar system: pulsations longer than minutes are smeared; \
                 correct them first with the mission's tool (barycorr, barycen, axbary)",
                self.reference().position
            ));
        }
    }

    /// Segment length and bin width, as asked or by default.
    pub(crate) fn segment_and_bin_s(
        &self,
        options: &SegmentOptions,
        console: &Console,
    ) -> (f64, f64) {
        let resolution = self.time_resolution_s();
        let bin_s = options.dt.unwrap_or(BIN_S.max(resolution));
        if bin_s < resolution * (1.0 - 1e-9) {
            console.warn(format!(
                "bins of {bin_s} s are shorter than the resolution of the times, {resolution} s: \
                 powers beyond {:.6} Hz are not of the source",
                0.5 / resolution
            ));
        }
        let segment_s = options
            .segment
            .unwrap_or_else(|| segment_by_default_s(self.gti(), bin_s));
        (segment_s, bin_s)
    }
}

/// As [`Events::segment_and_bin_s`] for a light curve, whose bins are what they are.
pub(super) fn curve_segment_and_bin_s(curve: &LightCurve, options: &SegmentOptions) -> (f64, f64) {
    let bin_s = options.dt.unwrap_or(curve.bin_s());
    let segment_s = options
        .segment
        .unwrap_or_else(|| segment_by_default_s(curve.gti(), bin_s));
    (segment_s, bin_s)
}

/// Whole bins in the longest interval: rounding up would make the segment longer than that.
fn segment_by_default_s(gti: &GoodTimeIntervals, bin_s: f64) -> f64 {
    let longest = gti.longest().map_or(SEGMENT_S, |(_, one)| one.length());
    SEGMENT_S.min((longest / bin_s).floor().max(1.0) * bin_s)
}

impl BackgroundOption {
    /// Background counts per second in the source region.
    pub(crate) fn rate(
        &self,
        selection: &SelectionOptions,
        file: &FileOptions,
        console: &Console,
    ) -> Result<f64> {
        match &self.background {
            None => Ok(0.0),
            Some(NumberOrFile::Number(rate)) if *rate >= 0.0 => Ok(rate * self.backscale),
            Some(NumberOrFile::Number(rate)) => {
                Err(Usage(format!("--background {rate} is negative")).into())
            }
            Some(NumberOrFile::File(path)) => {
                let paths = std::slice::from_ref(path);
                let events = Events::open(paths, selection, file, console)
                    .context("while reading the background")?;
                let exposure = events.gti().exposure_s();
                Ok(events.count()? as f64 / exposure * self.backscale)
            }
        }
    }
}

fn file_options(selection: &SelectionOptions, file: &FileOptions) -> Result<EventFileOptions> {
    let mut options = EventFileOptions::new()
        .merge_gti(selection.merge_gti)
        .skip_bad_times(file.skip_bad_times);
    if file.scan_order {
        options = options.order(EventOrder::Scan);
    }
    if selection.no_gti {
        options = options.gti(GtiChoice::WithoutGti);
    } else if let Some(name) = &selection.gti_extension {
        options = options.gti(GtiChoice::Extension(name.clone()));
    }
    if let Some(path) = &file.response {
        options = options.response(ResponseMatrix::open(path)?);
    }
    type Set = fn(EventFileOptions, String) -> EventFileOptions;
    let named: [(&Option<String>, Set); 5] = [
        (&file.hdu, EventFileOptions::hdu),
        (&file.time_column, EventFileOptions::time_column),
        (&file.energy_column, EventFileOptions::energy_column),
        (&file.channel_column, EventFileOptions::channel_column),
        (&file.detector_column, EventFileOptions::detector_column),
    ];
    Ok(named
        .into_iter()
        .filter_map(|(name, set)| Some((name.clone()?, set)))
        .fold(options, |options, (name, set)| set(options, name)))
}

/// The union of all that `--gti` names, in a reference.
pub(super) fn given_gti(
    given: &[GtiArgument],
    reference: &TimeReference,
) -> Result<GoodTimeIntervals> {
    let mut all = GoodTimeIntervals::default();
    for one in given {
        let intervals = match one {
            GtiArgument::Interval(start, stop) => GoodTimeIntervals::single(*start, *stop)?,
            GtiArgument::File(path) => read_gti(path, reference)?,
        };
        all = all.union(&intervals);
    }
    Ok(all)
}

fn read_gti(path: &Path, reference: &TimeReference) -> Result<GoodTimeIntervals> {
    let (gti, own) = read_fits_gti(path, None)?;
    let offset = own.offset_to(reference).with_context(|| {
        format!(
            "while bringing {} to the times of the events",
            path.display()
        )
    })?;
    Ok(gti.with_times(|time| offset.apply(time))?)
}

fn span_in_words(gti: &GoodTimeIntervals) -> String {
    match gti.span() {
        Some(span) => format!("{} to {} s", span.start, span.stop),
        None => "none".to_owned(),
    }
}
