//! `astro timing dynamic`: power spectra against time, streamed to disk.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Result;
use astro_fft::FftReal;
use astro_io::{FitsSamples, MatrixFormat, MatrixLayout, MatrixWriter, Table};
use astro_timing::{PowerColorOptions, PowerRows, PowerSpectrumPlan, RowMerging, SpectrumRow};
use clap::Args;
use serde_json::{Value, json};

use super::power::power_label;
use super::source::Events;
use crate::args::timing::{
    BackgroundOption, CompatOption, EventInput, PrecisionOption, RebinOptions, SegmentOptions,
    TableFormat,
};
use crate::args::{HELP, Interval, Ordered, OutputOptions, Precision, Real, RunOptions, Whole};
use crate::output::{Console, Files, Usage, check_figure_name};
use crate::plot::figures::DynamicPicture;
use crate::progress::Bar;

/// Makes a power spectrum a segment, in time order: a dynamical power spectrum, streamed to disk.
///
/// Memory does not grow with the length of the observation. FITS has the powers as an image (rows are times) with
/// the tables FREQUENCY and TIME; npz has arrays.
#[derive(Clone, Debug, Args)]
#[command(help_template = HELP, after_help = "Examples:
  astro timing dynamic source.evt --rebin-log 0.05 --out dynamic.fits --plot dynamic.png
  astro timing dynamic source.evt --segment 16 --rows 4 --maximum 2:10 --out dynamic.npz")]
pub(crate) struct Arguments {
    #[command(flatten)]
    input: EventInput,
    #[command(flatten)]
    segments: SegmentOptions,
    #[command(flatten)]
    rebin: RebinOptions,
    /// Average this many neighbouring segments in a row, whatever gaps lie between them
    #[arg(long, value_name = "N", value_parser = Whole::AtLeast(1), default_value = "1", help_heading = "Spectrum")]
    rows: usize,
    #[command(flatten)]
    background: BackgroundOption,
    #[command(flatten)]
    precision: PrecisionOption,
    #[command(flatten)]
    compat: CompatOption,
    /// Follow the frequency of the largest power between these, Hz
    #[arg(long, value_name = "LOW:HIGH", value_parser = Ordered(Real::NonNegative), help_heading = "Numbers")]
    maximum: Option<Interval>,
    /// Power colours of each row; the spectrum must reach from 1/256 to 16 Hz
    #[arg(long, help_heading = "Numbers")]
    power_colors: bool,
    /// Write the rows; the name ends in .fits or .npz
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    out: Option<PathBuf>,
    #[command(flatten)]
    output: OutputOptions,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

/// What is known of each row beside its powers.
#[derive(Debug, Default)]
struct RowTable {
    time_s: Vec<f64>,
    maximum_hz: Vec<f64>,
    maximum: Vec<f64>,
    /// First and second colour with their errors, hue.
    colors: [Vec<f64>; 5],
}

impl Arguments {
    pub(crate) fn execute(&self, console: &Console) -> Result<()> {
        let files = Files::new(self.output.files);
        let format = self.out.as_deref().map(matrix_format).transpose()?;
        if let Some(path) = &self.output.plot {
            check_figure_name(path)?;
        }
        files.claim(self.out.as_deref())?;
        files.claim(self.output.plot.as_deref())?;
        if self.segments.each_segment {
            let text = "--each-segment does not hold for rows, which are normalised together";
            return Err(Usage(text.to_owned()).into());
        }
        let events = self.input.open(console)?;
        match self.precision.precision {
            Precision::F64 => self.compute::<f64>(&events, files, format, console),
            Precision::F32 => self.compute::<f32>(&events, files, format, console),
        }
    }

    fn compute<T: FftReal>(
        &self,
        events: &Events,
        files: Files,
        format: Option<MatrixFormat>,
        console: &Console,
    ) -> Result<()> {
        let (segment_s, bin_s) = events.segment_and_bin_s(&self.segments, console);
        let (selection, file) = (&self.input.selection, &self.input.file);
        let background = self.background.rate(selection, file, console)?;
        let plan = PowerSpectrumPlan::<T>::new(segment_s, bin_s)?
            .normalization(self.segments.norm.into())
            .background_rate(background)
            .compat(self.compat.into());
        let source = events.source();
        let merging = RowMerging {
            rows: self.rows,
            frequency: self.rebin.rebinning(),
        };
        let rows = plan.row_stream(&source, merging)?;
        let shape = rows.shape().clone();
        let mut writer = match (&self.out, format) {
            (Some(path), Some(format)) => {
                let layout = self.layout(shape.rows, shape.bins.len());
                let keywords = events.label(self.keywords(&rows, events));
                Some(MatrixWriter::create(
                    path,
                    format,
                    layout,
                    &keywords,
                    files.if_exists,
                )?)
            }
            _ => None,
        };
        let bins = &shape.bins;
        let mut picture = DynamicPicture::new(shape.rows, &bins.frequency_hz, &bins.width_hz);
        let mut table = RowTable::default();
        let mut failed: Option<anyhow::Error> = None;
        let streamed = rows.stream(&Bar::new(console), |row| {
            picture.add(row.index, row.time_s, &row.values);
            let written = match &mut writer {
                Some(writer) => writer.row(&row.values).map_err(anyhow::Error::from),
                None => Ok(()),
            };
            let done = written.and_then(|()| self.look_at(&rows, &row, &mut table));
            done.map_err(|error| {
                failed = Some(error);
                astro_timing::Error::Stopped
            })
        });
        if let Some(error) = failed {
            return Err(error);
        }
        streamed?;
        if let Some(writer) = writer {
            let frequency = Table::new("FREQUENCY")
                .column("FREQUENCY", "Hz", &bins.frequency_hz)
                .column("WIDTH", "Hz", &bins.width_hz)
                .column("AVERAGES", "", &bins.averages);
            writer.finish(&[frequency, self.row_table(&table, events)])?;
        }
        if let Some(path) = &self.output.plot {
            let label = power_label(self.segments.norm.into(), false);
            let title = "Dynamical power spectrum";
            files.figure(path, &picture.figure(title, &label, rows.row_s()))?;
        }
        self.say(&rows, &table, console);
        Ok(())
    }

    fn layout(&self, rows: usize, columns: usize) -> MatrixLayout {
        MatrixLayout {
            name: "POWER".to_owned(),
            unit: astro_timing::Normalization::from(self.segments.norm)
                .unit()
                .to_owned(),
            rows,
            columns,
            samples: match self.precision.precision {
                Precision::F32 => FitsSamples::F32,
                Precision::F64 => FitsSamples::F64,
            },
        }
    }

    fn keywords<T, S>(&self, rows: &PowerRows<'_, T, S>, events: &Events) -> Table<'static>
    where
        T: FftReal,
        S: astro_core::EventSource,
    {
        let light = rows.shape().light;
        let normalization = astro_timing::Normalization::from(self.segments.norm);
        Table::new("POWER")
            .keyword("NORM", normalization.name(), "normalisation")
            .keyword(
                "NOISE",
                light.noise_level(normalization),
                "power of noise alone",
            )
            .keyword("RATE", light.rate(), "[count/s] with background")
            .keyword("ROWLEN", rows.row_s(), "[s] good time in a row")
            .keyword("SEGLEN", light.segment_s(), "[s] length of a segment")
            .keyword("TIMEDEL", light.bin_s, "[s] width of a time bin")
            .time_reference(events.reference())
    }

    /// What is asked of each row.
    fn look_at<T, S>(
        &self,
        rows: &PowerRows<'_, T, S>,
        row: &SpectrumRow<f64>,
        table: &mut RowTable,
    ) -> Result<()>
    where
        T: FftReal,
        S: astro_core::EventSource,
    {
        table.time_s.push(row.time_s);
        if let Some(band) = self.maximum {
            let bins = &rows.shape().bins;
            let range = bins.between(band.low, band.high);
            let largest = range.max_by(|&a, &b| row.values[a].total_cmp(&row.values[b]));
            let Some(largest) = largest else {
                anyhow::bail!(
                    "no frequency of the spectrum lies in --maximum {}:{} Hz",
                    band.low,
                    band.high
                );
            };
            table.maximum_hz.push(bins.frequency_hz[largest]);
            table.maximum.push(row.values[largest]);
        }
        if self.power_colors {
            let colors = rows
                .spectrum(row)
                .power_colors(&PowerColorOptions::default())?;
            let values = [
                colors.first.value,
                colors.first.error,
                colors.second.value,
                colors.second.error,
                colors.hue_rad,
            ];
            let columns = table.colors.iter_mut().zip(values);
            columns.for_each(|(column, value)| column.push(value));
        }
        Ok(())
    }

    fn row_table<'t>(&self, rows: &'t RowTable, events: &Events) -> Table<'t> {
        let mut table = Table::new("TIME").column("TIME", "s", &rows.time_s);
        if self.maximum.is_some() {
            table = table.column("MAX_FREQ", "Hz", &rows.maximum_hz).column(
                "MAX_POWER",
                "",
                &rows.maximum,
            );
        }
        if self.power_colors {
            let names = [
                ("PC1", ""),
                ("PC1_ERR", ""),
                ("PC2", ""),
                ("PC2_ERR", ""),
                ("HUE", "rad"),
            ];
            for ((name, unit), column) in names.into_iter().zip(&rows.colors) {
                table = table.column(name, unit, column);
            }
        }
        table.time_reference(events.reference())
    }

    fn say<T, S>(&self, rows: &PowerRows<'_, T, S>, table: &RowTable, console: &Console)
    where
        T: FftReal,
        S: astro_core::EventSource,
    {
        let shape = rows.shape();
        let frequency = &shape.bins.frequency_hz;
        let ends = [frequency.first(), frequency.last()].map(|f| f.copied().unwrap_or(f64::NAN));
        let mut text = format!(
            "{} rows of {} s, {} frequencies from {:.6} to {:.6} Hz; {:.3} counts/s",
            shape.rows,
            rows.row_s(),
            frequency.len(),
            ends[0],
            ends[1],
            shape.light.rate()
        );
        let middle = median(&table.maximum_hz);
        if let Some(middle) = middle {
            // Writing to a String cannot fail.
            let _ = write!(
                text,
                "\nlargest power at {middle:.6} Hz (median of the rows)"
            );
        }
        let paths: Vec<&Path> = [&self.out, &self.output.plot]
            .into_iter()
            .filter_map(Option::as_deref)
            .collect();
        if !paths.is_empty() {
            let names: Vec<String> = paths
                .iter()
                .map(|path| path.display().to_string())
                .collect();
            let _ = write!(text, "\nwritten: {}", names.join(", "));
        }
        let mut value = json!({
            "rows": shape.rows,
            "row_s": rows.row_s(),
            "frequencies": frequency.len(),
            "lowest_hz": ends[0],
            "highest_hz": ends[1],
            "rate_per_s": shape.light.rate(),
            "files": paths,
        });
        if let Some(middle) = middle {
            value["median_maximum_hz"] = json!(middle);
        }
        if self.power_colors {
            value["hue_rad"] = Value::from(table.colors[4].clone());
        }
        console.result(&text, &value);
    }
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}

fn matrix_format(path: &Path) -> Result<MatrixFormat> {
    match TableFormat::of(path)? {
        TableFormat::Fits => Ok(MatrixFormat::Fits),
        TableFormat::Npz => Ok(MatrixFormat::Npz),
        TableFormat::Ecsv => Err(Usage(format!(
            "{}: a dynamical spectrum is no table; end the name in .fits or .npz",
            path.display()
        ))
        .into()),
    }
}
