//! Choices and checks before a fit.

use astro_core::constants::ARCSEC_RAD;
use astro_infer::Prior;

use super::dataset::FitDataset;
use super::drawn::{Drawn, Instrument, PlanSource};
use super::layout::{Choice, Coupling, DEC_OFFSET, INCLINATION, POSITION_ANGLE, Plan, RA_OFFSET};
use super::problem::{FitProblem, Prepared};
use super::radii::FitRadii;
use super::start::{self, Known};
use crate::models::ProfileModel;
use crate::{
    Error, ImageGrid, ImageMethod, PrimaryBeam, ProfileMethod, Result, UvCoverage, VisibilityPlan,
    WTerm,
};

/// Error of the transform relative to the total flux: far below any data's.
const TRANSFORM_ERROR: f64 = 1e-10;

/// Collects what a [`FitProblem`] depends on.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build`"]
pub struct FitProblemBuilder {
    datasets: Vec<FitDataset>,
    model: ProfileModel,
    coupling: Coupling,
    uv_range: (f64, f64),
    fit_weight_scale: bool,
    extent_rad: Option<f64>,
    choices: Vec<(String, Choice)>,
    instrument: Instrument,
}

impl FitProblem {
    /// A fit of `model` to `datasets`.
    pub fn builder(datasets: Vec<FitDataset>, model: ProfileModel) -> FitProblemBuilder {
        FitProblemBuilder {
            datasets,
            model,
            coupling: Coupling::default(),
            uv_range: (0.0, f64::INFINITY),
            fit_weight_scale: false,
            extent_rad: None,
            choices: Vec::new(),
            instrument: Instrument::default(),
        }
    }
}

impl FitProblemBuilder {
    /// How the datasets hang together; [`Coupling::Shared`] by default.
    pub fn coupling(mut self, coupling: Coupling) -> Self {
        self.coupling = coupling;
        self
    }

    /// Shortest and longest baseline to use, wavelengths, both included.
    pub fn uv_range(mut self, shortest: f64, longest: f64) -> Self {
        self.uv_range = (shortest, longest);
        self
    }

    /// Fits a factor on the weights of each dataset, `weight_scale`.
    pub fn fit_weight_scale(mut self, fit: bool) -> Self {
        self.fit_weight_scale = fit;
        self
    }

    /// The radius at which profiles end, arcseconds; chosen from the data when not given.
    pub fn outer_radius_arcsec(mut self, radius: f64) -> Self {
        self.extent_rad = Some(radius * ARCSEC_RAD);
        self
    }

    /// What the antennas see of each direction, relative to the phase centre, and the frequency
    /// (Hz) for which that is given; its angles go with the wavelength of each dataset.
    ///
    /// Without that frequency, or for a dataset without one, the beam is taken as it is. A Hankel
    /// transform does not hold under a beam: profiles are drawn as images, and
    /// [`FitProblem::profile_method`] says so. The starting point is found without the beam.
    pub fn primary_beam(mut self, beam: PrimaryBeam, at_hz: Option<f64>) -> Self {
        self.instrument.beam = Some((beam, at_hz));
        self
    }

    /// Takes the third component of the baselines into account; profiles are drawn as images.
    pub fn w_term(mut self, w_term: WTerm) -> Self {
        self.instrument.w_term = Some(w_term);
        self
    }

    /// Holds a parameter at a value, in its unit.
    pub fn fix(mut self, name: &str, value: f64) -> Self {
        self.choice(name).fixed = Some(value);
        self
    }

    /// Frees a parameter that is held by default, such as `beta` of a power law.
    pub fn free(mut self, name: &str) -> Self {
        self.choice(name).free = true;
        self
    }

    /// Gives a parameter another prior, over its value; it is then free.
    pub fn prior(mut self, name: &str, prior: Prior) -> Self {
        self.choice(name).prior = Some(prior);
        self
    }

    /// Starts the search at this value of a parameter instead of the one found from the data.
    pub fn start(mut self, name: &str, value: f64) -> Self {
        self.choice(name).start = Some(value);
        self
    }

    fn choice(&mut self, name: &str) -> &mut Choice {
        let at = match self.choices.iter().position(|(known, _)| known == name) {
            Some(at) => at,
            None => {
                self.choices.push((name.to_owned(), Choice::default()));
                self.choices.len() - 1
            }
        };
        &mut self.choices[at].1
    }

    /// Checks everything, finds a starting point, and prepares the plans.
    ///
    /// # Errors
    /// No dataset, or one without rows in the uv range; a model, prior or name that makes no
    /// sense; a spectral index without frequencies; a w-term without w; a profile too large to be
    /// drawn as an image where that is needed.
    pub fn build(self) -> Result<FitProblem> {
        self.model.check()?;
        if self.datasets.is_empty() {
            return Err(Error::NoDataset { index: 0, count: 0 });
        }
        let labels = labels(&self.datasets)?;
        let mut tables = Vec::with_capacity(self.datasets.len());
        let mut rows = Vec::with_capacity(self.datasets.len());
        for dataset in &self.datasets {
            let (table, kept) = dataset.prepared(self.uv_range)?;
            tables.push(table);
            rows.push(kept);
        }
        let frequency_hz: Vec<Option<f64>> =
            self.datasets.iter().map(FitDataset::frequency_hz).collect();

        let start = start::find(&tables, &self.model, self.coupling, &self.known())?;
        let (set, layout) = Plan {
            model: &self.model,
            labels: &labels,
            frequency_hz: &frequency_hz,
            coupling: self.coupling,
            fit_weight_scale: self.fit_weight_scale,
            choices: &self.choices,
        }
        .parameters(&start)?;

        let radii = start.radii;
        let mut prepared = Vec::with_capacity(tables.len());
        for (((table, rows), label), frequency_hz) in
            tables.into_iter().zip(rows).zip(labels).zip(frequency_hz)
        {
            let longest = UvCoverage::from(&table).longest_baseline();
            let source = PlanSource::Table(&table);
            let (plan, drawn) = plan_for(source, longest, &radii, &self.instrument, frequency_hz)?;
            prepared.push(Prepared {
                label,
                table,
                rows,
                frequency_hz,
                plan,
                drawn,
            });
        }
        Ok(FitProblem {
            datasets: self.datasets,
            prepared,
            model: self.model,
            set,
            layout,
            radii,
            scales: start.scales,
            uv_range: self.uv_range,
            instrument: self.instrument,
        })
    }

    /// What the user's choices tell the search for a start.
    fn known(&self) -> Known {
        let value = |name: &str| {
            let choice = self.choices.iter().find(|(known, _)| known == name);
            choice.and_then(|(_, choice)| choice.fixed.or(choice.start))
        };
        Known {
            inclination_rad: value(INCLINATION).map(f64::to_radians),
            position_angle_rad: value(POSITION_ANGLE).map(f64::to_radians),
            offset_rad: [RA_OFFSET, DEC_OFFSET].map(|name| value(name).map(|x| x * ARCSEC_RAD)),
            extent_rad: self.extent_rad,
        }
    }
}

/// The datasets' names, made up from their numbers where not given.
fn labels(datasets: &[FitDataset]) -> Result<Vec<String>> {
    let labels: Vec<String> = datasets
        .iter()
        .enumerate()
        .map(|(d, dataset)| match dataset.label.trim() {
            "" => (d + 1).to_string(),
            label => label.to_owned(),
        })
        .collect();
    for (d, label) in labels.iter().enumerate() {
        if let Some(first) = labels[..d].iter().position(|other| other == label) {
            return Err(Error::DuplicateLabel {
                label: label.clone(),
                first,
                second: d,
            });
        }
    }
    Ok(labels)
}

/// A plan by Hankel transform, whose pixels are a formality; by an image where that does not hold.
pub(super) fn plan_for(
    source: PlanSource<'_>,
    longest: f64,
    radii: &FitRadii,
    instrument: &Instrument,
    frequency_hz: Option<f64>,
) -> Result<(VisibilityPlan<f64>, Option<Drawn>)> {
    if instrument.is_present() {
        let drawn = Drawn::new(longest, radii.extent_rad())?;
        return Ok((drawn.plan(source, instrument, frequency_hz)?, Some(drawn)));
    }
    let plan = source
        .builder(ImageGrid::square(2, 0.25 / longest.max(1.0)))
        .image_method(ImageMethod::Direct)
        .profile_method(ProfileMethod::Hankel {
            rel_error: TRANSFORM_ERROR,
        })
        .radii(radii.grid.clone())
        .build()?;
    Ok((plan, None))
}
