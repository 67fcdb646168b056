//! The fit, its intervals, samples and tests.

use anyhow::{Context as _, Result};
use astro_infer::{Samples, Summary};
use astro_timing::modeling::{
    Calibration, FittedLine, FittedSpectrum, OutlierTest, PosteriorOptions, ProfileInterval,
    RatioTest, SpectralModel, SpectrumData, SpectrumFit,
};

use super::Arguments;
use crate::args::{NamedRange, NamedValue};
use crate::commands::timing::outputs::Outputs;
use crate::output::{Console, Files, Usage};
use crate::progress::{Bar, Stopped, stop_requested};

/// Credible intervals of samples.
const CREDIBLE: f64 = 0.683;

/// A fit with all that was asked about it.
pub(super) struct Solved {
    pub(super) model: SpectralModel,
    pub(super) fitted: FittedSpectrum,
    pub(super) lines: Vec<FittedLine>,
    /// Of every parameter; none of those held.
    pub(super) intervals: Option<Vec<Option<ProfileInterval>>>,
    pub(super) posterior: Option<(Samples, Vec<Summary>)>,
    pub(super) against: Option<(SpectralModel, FittedSpectrum, Calibration)>,
    pub(super) outlier: Option<Calibration>,
}

impl Arguments {
    pub(crate) fn execute(&self, console: &Console) -> Result<()> {
        let outputs = Outputs::new(&self.output)?;
        let files = Files::new(self.output.more.files);
        files.claim(self.report.as_deref())?;
        let model = parse(&self.model)?;
        self.check_names(&model)?;
        let against = self.tests.against.as_deref().map(parse).transpose()?;
        let spectrum = self.spectrum(console)?;
        let fit = self.described(&model, &spectrum.data)?;
        let fitted = fit.run().context("while fitting the model")?;
        if !fitted.converged {
            console.warn("the summit of the likelihood was not reached; start nearer with --start, or hold a parameter with --fix");
        }
        for parameter in fitted.parameters().iter().filter(|p| p.at_limit) {
            console.warn(format!(
                "{} ended at its limit, {}",
                parameter.name, parameter.value
            ));
        }
        let bar = Bar::new(console);
        let solved = self
            .questions(&fit, fitted, against, &spectrum.data, &bar)
            .map_err(|error| {
                if stop_requested() {
                    return anyhow::Error::new(Stopped(
                        "on request; nothing was written".to_owned(),
                    ));
                }
                error
            })?;
        outputs.tables(&[self.table(&solved, &spectrum)?])?;
        outputs.figure(|| super::figure(&solved.model, &solved.fitted, &spectrum))?;
        if let Some(path) = &self.report {
            files.write(path, self.page(&solved, &spectrum)?.as_bytes())?;
        }
        let mut text = self.text(&solved, &spectrum) + &outputs.in_words();
        if let Some(path) = &self.report {
            text += &format!("\nreport: {}", path.display());
        }
        console.result(&text, &self.value(&solved, &spectrum, &outputs));
        Ok(())
    }

    /// Every name must be one of the model's.
    fn check_names(&self, model: &SpectralModel) -> Result<()> {
        let names = model.parameter_names();
        let values = self.start.iter().chain(&self.fix).map(|one| &one.name);
        let given = values.chain(self.limit.iter().map(|one| &one.name));
        for name in given {
            if !names.contains(name) {
                let known = names.join(", ");
                return Err(
                    Usage(format!("the model has no parameter {name}; it has {known}")).into(),
                );
            }
        }
        Ok(())
    }

    /// The fit with its starts, what is held, and limits.
    fn described<'a>(
        &self,
        model: &'a SpectralModel,
        data: &'a SpectrumData,
    ) -> Result<SpectrumFit<'a>> {
        let names = model.parameter_names();
        let guess = model.guess(data);
        let value_of = |given: &[NamedValue], name: &str| {
            let found = given.iter().rev().find(|one| one.name == name);
            found.map(|one| one.value)
        };
        let mut start = guess;
        for (value, name) in start.iter_mut().zip(&names) {
            let given = value_of(&self.fix, name).or(value_of(&self.start, name));
            *value = given.unwrap_or(*value);
            // A guess outside the limits begins within.
            if let Some(range) = limit_of(&self.limit, name)
                && given.is_none()
            {
                *value = value.clamp(range.low, range.high);
            }
        }
        let mut fit = SpectrumFit::new(model, data).start(&start);
        // Widths are what guesses miss most: two more starts, narrower and wider.
        for factor in [0.4, 2.5] {
            let mut other = start.clone();
            for (value, name) in other.iter_mut().zip(&names) {
                let given = value_of(&self.fix, name).or(value_of(&self.start, name));
                if name.ends_with("fwhm_hz") && given.is_none() {
                    *value *= factor;
                    if let Some(range) = limit_of(&self.limit, name) {
                        *value = value.clamp(range.low, range.high);
                    }
                }
            }
            if other != start {
                fit = fit.start(&other);
            }
        }
        for one in &self.fix {
            fit = fit.hold(&one.name)?;
        }
        for one in &self.limit {
            fit = fit.limit(&one.name, one.low, one.high)?;
        }
        Ok(fit)
    }

    fn questions(
        &self,
        fit: &SpectrumFit<'_>,
        fitted: FittedSpectrum,
        against: Option<SpectralModel>,
        data: &SpectrumData,
        bar: &Bar,
    ) -> Result<Solved> {
        let model = parse(&self.model)?;
        let intervals = match self.interval {
            Some(sigmas) => Some(
                fitted
                    .parameters()
                    .iter()
                    .map(|parameter| match parameter.fixed {
                        true => Ok(None),
                        false => fit
                            .profile_interval(&fitted, &parameter.name, sigmas)
                            .map(Some),
                    })
                    .collect::<astro_timing::Result<Vec<_>>>()?,
            ),
            None => None,
        };
        let posterior = if self.sampling.sample {
            let options = PosteriorOptions {
                steps: self.sampling.steps,
                burn_in: self.sampling.burn,
                seed: self.sampling.seed,
                ..PosteriorOptions::default()
            };
            let samples = fit.posterior(&fitted, &options, bar)?;
            let summaries = samples.summaries(CREDIBLE)?;
            Some((samples, summaries))
        } else {
            None
        };
        let (count, seed) = (self.tests.simulations, self.sampling.seed);
        let against = match against {
            Some(simple) => {
                let null = SpectrumFit::new(&simple, data).start(&simple.guess(data));
                let calibration = RatioTest::new(&null, fit)?.run_with(count, seed, None, bar)?;
                let null = null.run()?;
                Some((simple, null, calibration))
            }
            None => None,
        };
        let outlier = match self.tests.outlier {
            true => Some(OutlierTest::new(fit)?.run_with(count, seed, None, bar)?),
            false => None,
        };
        Ok(Solved {
            lines: fitted.lines(&model),
            model,
            fitted,
            intervals,
            posterior,
            against,
            outlier,
        })
    }
}

fn limit_of<'a>(limits: &'a [NamedRange], name: &str) -> Option<&'a NamedRange> {
    limits.iter().rev().find(|one| one.name == name)
}

fn parse(text: &str) -> Result<SpectralModel> {
    text.parse()
        .map_err(|error: astro_timing::Error| Usage(error.to_string()).into())
}
