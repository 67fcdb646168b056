//! Opening an event file: which table, which columns, which times.

use astro_core::{EventSource, GoodTimeIntervals, Pool, TimeInterval, TimeScale, WantedColumns};

use super::file::EventFile;
use super::good_time::FileGoodTime;
use super::index::{Order, TimeIndex};
use super::info::{EventColumnInfo, EventFileInfo, EventFileWarning};
use super::mission::{Mission, RoughEnergy};
use super::options::{EventFileOptions, EventOrder, GtiChoice};
use super::rows::{Decoder, Energy, EventRows, NO_CHANNEL, WholeNumber};
use super::rxte::{EventWord, PcaEnergies};
use super::sort::sorted;
use super::{FileUnits, Keywords, seconds};
use crate::fits::{Column, Number, TableLayout, Unit};
use crate::response::kev_per;
use crate::store::Store;
use crate::{Error, Result};

impl EventFile {
    pub(crate) fn from_store(store: Store, options: &EventFileOptions) -> Result<Self> {
        let units = FileUnits::read(&store)?;
        let mission_name = units
            .anywhere("TELESCOP")
            .or_else(|| units.anywhere("MISSION"));
        let instrument = units.anywhere("INSTRUME");
        let mission = Mission::find(
            mission_name.unwrap_or_default(),
            instrument.unwrap_or_default(),
        );
        let unit = find_events(&units, mission, options)?;
        let wrap = Unit::wrap(unit.index);
        let keywords = units.keywords(unit);
        let mut warnings = Vec::new();
        if let (Some(name), false) = (mission_name, mission.is_known()) {
            warnings.push(EventFileWarning::UnknownMission {
                mission: name.to_owned(),
            });
        }

        let layout = TableLayout::new(unit).map_err(&wrap)?;
        let setup = Setup {
            layout: &layout,
            keywords,
            mission,
            options,
        };
        let reference = keywords.reference().map_err(&wrap)?;
        if keywords.epoch().map_err(&wrap)?.is_none() {
            warnings.push(EventFileWarning::NoEpoch);
        }
        if reference.scale == TimeScale::Unknown {
            warnings.push(EventFileWarning::NoTimeScale);
        }
        let (decoder, zero_s, bin_s) = setup.decoder(&mut warnings).map_err(&wrap)?;
        let available = WantedColumns {
            energies: decoder.energy.is_some(),
            channels: decoder.channel.is_some(),
            detectors: decoder.detector.is_some(),
        };
        let energies_from = decoder.energy.as_ref().map(Energy::source);

        let good_time = match &options.gti {
            GtiChoice::File | GtiChoice::Extension(_) => Some(FileGoodTime::read(
                &store,
                &units,
                mission,
                &options.gti,
                zero_s,
                options.merge_gti,
                &mut warnings,
            )?),
            GtiChoice::Given(_) | GtiChoice::WithoutGti => None,
        };

        let rows = EventRows {
            store,
            data_offset: unit.data_offset,
            row_bytes: layout.row_bytes,
            rows: layout.rows,
            decoder,
            layout: Some(layout.clone()),
        };
        let (rows, index) = in_order(rows, available, options, &mut warnings).map_err(&wrap)?;
        let mut file = Self {
            info: EventFileInfo {
                mission: mission_name.map(str::to_owned),
                instrument: instrument.map(str::to_owned),
                mode: keywords
                    .text("DATAMODE")
                    .or_else(|| keywords.text("OBS_MODE"))
                    .map(str::to_owned),
                object: keywords.text("OBJECT").map(str::to_owned),
                observation: keywords.text("OBS_ID").map(str::to_owned),
                extension: unit.header.text("EXTNAME").unwrap_or_default().to_owned(),
                events: rows.rows,
                intervals: 0,
                exposure_s: 0.0,
                span: None,
                reference,
                time_resolution_s: if bin_s > 0.0 { bin_s } else { mission.frame_s },
                columns: layout.columns.iter().map(EventColumnInfo::new).collect(),
                available,
                energies_from,
                warnings,
            },
            rows,
            index,
            gti: GoodTimeIntervals::default(),
            blocks: Pool::new(),
        };
        file.info.span = file.span()?;
        let gti = file.good_time(good_time, options, bin_s)?;
        Ok(file.with_gti(gti))
    }

    /// Times of the first and the last event.
    fn span(&self) -> Result<Option<TimeInterval>> {
        let mut block = self.blocks.take(Default::default);
        let Some(last) = self.rows.rows.checked_sub(1) else {
            return Ok(None);
        };
        self.rows.read_times(0, 1, &mut block)?;
        let start = block.times[0];
        self.rows.read_times(last, 1, &mut block)?;
        Ok(Some(TimeInterval::new(start, block.times[0])))
    }

    fn good_time(
        &mut self,
        from_file: Option<FileGoodTime>,
        options: &EventFileOptions,
        bin_s: f64,
    ) -> Result<GoodTimeIntervals> {
        if let GtiChoice::Given(gti) = &options.gti {
            return Ok(gti.clone());
        }
        let Some(from_file) = from_file else {
            self.info.warnings.push(EventFileWarning::SpanAsGti);
            let Some(span) = self.info.span else {
                return Ok(GoodTimeIntervals::default());
            };
            // The last event belongs to it.
            let stop = (span.stop + bin_s / 2.0).max(span.stop.next_up());
            return Ok(GoodTimeIntervals::single(span.start - bin_s / 2.0, stop)?);
        };
        if !from_file.is_by_detector() {
            return Ok(from_file.intersection(&[]));
        }
        let detectors = match &options.gti_detectors {
            Some(detectors) => detectors.clone(),
            None => self.detectors()?,
        };
        Ok(from_file.intersection(&detectors))
    }

    /// The detectors that have events, in order; none where the file does not say.
    fn detectors(&self) -> Result<Vec<i32>> {
        let mut found = std::collections::BTreeSet::new();
        let wanted = WantedColumns {
            detectors: true,
            ..WantedColumns::default()
        };
        if self.info.available.detectors {
            self.visit(f64::NEG_INFINITY, f64::INFINITY, wanted, &mut |events| {
                found.extend(events.detectors);
            })?;
        }
        found.remove(&NO_CHANNEL);
        Ok(found.into_iter().collect())
    }
}

impl EventColumnInfo {
    fn new(column: &Column) -> Self {
        Self {
            name: column.name.clone(),
            form: column.form.clone(),
            unit: column.unit.clone(),
        }
    }
}

impl Energy {
    fn source(&self) -> &'static str {
        match self {
            Self::Column { .. } => "an energy column",
            Self::Response(_) => "channels and a response file",
            Self::Linear { .. } | Self::RxtePca(_) => "channels and the mission's rough rule",
        }
    }
}

/// The table with the events.
fn find_events<'a>(
    units: &'a FileUnits,
    mission: &Mission,
    options: &EventFileOptions,
) -> Result<&'a Unit> {
    if let Some(name) = &options.hdu {
        return units.named(name);
    }
    let tables = || {
        units
            .all
            .iter()
            .filter(|unit| unit.extension() == Some("BINTABLE"))
    };
    let named = |name: &&str| {
        tables().find(|unit| {
            let found = unit.header.text("EXTNAME").unwrap_or_default();
            found.eq_ignore_ascii_case(name)
        })
    };
    let by_name = mission.events.iter().find_map(named);
    let by_name = by_name.or_else(|| named(&"EVENTS"));
    let by_class = || tables().find(|unit| unit.header.text("HDUCLAS1") == Some("EVENTS"));
    by_name.or_else(by_class).ok_or_else(|| Error::NoEvents {
        found: units.describe(),
    })
}

/// Rows in time order with their index, sorted if they have to be.
fn in_order(
    rows: EventRows,
    available: WantedColumns,
    options: &EventFileOptions,
    warnings: &mut Vec<EventFileWarning>,
) -> Result<(EventRows, TimeIndex)> {
    let scan = options.order == EventOrder::Scan;
    // Rows that are no photons have to be taken out first.
    if rows.decoder.photon.is_none()
        && let Order::Ascending(index) = TimeIndex::build(&rows, scan)?
    {
        return Ok((rows, index));
    }
    let in_order = rows.decoder.photon.is_some()
        && matches!(TimeIndex::build(&rows, scan)?, Order::Ascending(_));
    let (rows, dropped) = sorted(&rows, available, options.skip_bad_times, options.sort_limit)?;
    if dropped.markers > 0 {
        warnings.push(EventFileWarning::NotPhotons {
            rows: dropped.markers,
        });
    }
    if dropped.bad_times > 0 {
        warnings.push(EventFileWarning::BadTimes {
            rows: dropped.bad_times,
        });
    } else if !in_order {
        warnings.push(EventFileWarning::Sorted);
    }
    match TimeIndex::build(&rows, false)? {
        Order::Ascending(index) => Ok((rows, index)),
        // Not reached: they have been sorted.
        Order::Disordered => Err(Error::Unsorted {
            row: 0,
            time: f64::NAN,
            previous: f64::NAN,
        }),
    }
}

/// What the columns are found by.
struct Setup<'a> {
    layout: &'a TableLayout,
    keywords: Keywords<'a>,
    mission: &'static Mission,
    options: &'a EventFileOptions,
}

impl Setup<'_> {
    /// How rows become events; TIMEZERO and TIMEDEL in seconds.
    fn decoder(&self, warnings: &mut Vec<EventFileWarning>) -> Result<(Decoder, f64, f64)> {
        let name = self
            .options
            .time_column
            .as_deref()
            .unwrap_or(self.mission.time[0]);
        let time = self.layout.numbers(name)?.clone();
        if time.number != Some(Number::F64) {
            warnings.push(EventFileWarning::CoarseTimes {
                form: time.form.clone(),
            });
        }
        let mut unit_s = |unit: &str, otherwise: Option<f64>| {
            otherwise.unwrap_or_else(|| {
                warnings.push(EventFileWarning::UnknownTimeUnit {
                    unit: unit.to_owned(),
                });
                1.0
            })
        };
        let keyword_unit = self.keywords.text("TIMEUNIT").unwrap_or_default();
        let keyword_unit_s = unit_s(keyword_unit, self.keywords.unit_s());
        let time_unit_s = if time.unit.trim().is_empty() {
            keyword_unit_s
        } else {
            unit_s(&time.unit, seconds(&time.unit))
        };
        let (whole, rest) = self.keywords.time_zero()?.unwrap_or_default();
        let zero_s = (whole as f64 + rest) * keyword_unit_s;
        let (to_middle_s, bin_s) = self.keywords.bin()?;

        let word = self.event_word();
        let channel = self.channel(word.as_ref())?;
        let detector = self.detector(word.as_ref())?;
        let energy = self.energy(channel.is_some(), detector.is_some())?;
        let photon = word.filter(|(_, word)| word.marker.is_some());
        let decoder = Decoder {
            time,
            time_unit_s,
            time_shift_s: zero_s + to_middle_s,
            channel,
            detector,
            energy,
            photon,
        };
        Ok((decoder, zero_s, bin_s))
    }

    /// The first of these columns that the table has and that holds numbers.
    fn first_of(&self, names: &[&str]) -> Option<Column> {
        let mut found = names
            .iter()
            .filter_map(|name| self.layout.numbers(name).ok());
        found.next().cloned()
    }

    /// The event words of RXTE science events with their description.
    fn event_word(&self) -> Option<(Column, EventWord)> {
        let word = EventWord::parse(self.keywords.text("TEVTB2")?)?;
        let column = self.layout.numbers("EVENT").ok()?.clone();
        matches!(column.number, Some(Number::Bits(_))).then_some((column, word))
    }

    fn channel(&self, word: Option<&(Column, EventWord)>) -> Result<Option<WholeNumber>> {
        if let Some(name) = &self.options.channel_column {
            return Ok(Some(WholeNumber::new(self.layout.numbers(name)?.clone())));
        }
        let meaning = word
            .map(|(_, word)| word.absolute_channels.clone())
            .unwrap_or_default();
        if let Some(column) = self.first_of(self.mission.channel) {
            let plain = WholeNumber::new(column);
            return Ok(Some(WholeNumber { meaning, ..plain }));
        }
        Ok(word.and_then(|(column, word)| {
            Some(WholeNumber {
                column: column.clone(),
                bits: Some(word.channel.clone()?),
                meaning,
            })
        }))
    }

    fn detector(&self, word: Option<&(Column, EventWord)>) -> Result<Option<WholeNumber>> {
        if let Some(name) = &self.options.detector_column {
            return Ok(Some(WholeNumber::new(self.layout.numbers(name)?.clone())));
        }
        if let Some(column) = self.first_of(self.mission.detector) {
            return Ok(Some(WholeNumber::new(column)));
        }
        Ok(word.and_then(|(column, word)| {
            Some(WholeNumber {
                column: column.clone(),
                bits: Some(word.detector.clone()?),
                meaning: Vec::new(),
            })
        }))
    }

    fn energy(&self, has_channel: bool, has_detector: bool) -> Result<Option<Energy>> {
        if let (Some(response), true) = (&self.options.response, has_channel) {
            return Ok(Some(Energy::Response(response.clone())));
        }
        let column = match &self.options.energy_column {
            Some(name) => Some(self.layout.numbers(name)?.clone()),
            None => self.first_of(self.mission.energy),
        };
        if let Some(column) = column {
            let kev = kev_per(&column.unit).unwrap_or(1.0);
            return Ok(Some(Energy::Column { column, kev }));
        }
        Ok(match self.mission.rough_energy {
            RoughEnergy::Linear {
                kev_per_channel,
                kev_at_zero,
            } if has_channel => Some(Energy::Linear {
                kev_per_channel,
                zero_kev: kev_at_zero,
            }),
            RoughEnergy::RxtePca if has_channel && has_detector => {
                Some(Energy::RxtePca(Box::new(PcaEnergies::at(self.day()?))))
            }
            _ => None,
        })
    }

    /// The day of the observation: its start, MJD.
    fn day(&self) -> Result<f64> {
        let start = self.keywords.own.float("TSTART")?.unwrap_or(0.0);
        let unit = self.keywords.unit_s().unwrap_or(1.0);
        Ok(self.keywords.reference()?.mjd_of(start * unit).days())
    }
}
