//! The spectrum of a model as asked for.

use anyhow::Result;
use astro_visibility::Spectrum;
use ndarray::Array2;
use serde_json::{Value, json};

use super::input::{SkyPixels, read_map};
use crate::args::{NumberOrFile, SpectrumOptions};
use crate::output::{Console, Usage};

/// How brightness changes with frequency.
#[derive(Clone, Debug)]
pub(crate) enum Spectral {
    /// The same for the whole source.
    Common(Spectrum),
    /// Pixel by pixel.
    Maps {
        reference_frequency_hz: f64,
        index: Array2<f64>,
        curvature: Option<Array2<f64>>,
        words: String,
    },
}

impl Spectral {
    /// The spectrum of an image, or of a profile where there is no image.
    pub(crate) fn read(
        options: &SpectrumOptions,
        image: Option<&SkyPixels>,
        console: &Console,
    ) -> Result<Option<Self>> {
        let Some(index) = &options.spectral_index else {
            return Ok(None);
        };
        if image.is_some_and(|image| image.pixels.dim().0 > 1) {
            return Err(Usage(
                "--spectral-index was given for a cube, which has its spectrum in its channels; leave it out, or give one image".to_owned(),
            )
            .into());
        }
        let own = image.and_then(|image| image.frequency_hz.first().copied());
        let Some(reference_frequency_hz) = options.reference_frequency.or(own) else {
            return Err(Usage(
                "a spectral index holds from some frequency on, which the model does not tell; give --reference-frequency HZ".to_owned(),
            )
            .into());
        };
        let curvature = options.curvature.as_ref();
        if let (NumberOrFile::Number(index), None | Some(NumberOrFile::Number(_))) =
            (index, curvature)
        {
            let curvature = match curvature {
                Some(NumberOrFile::Number(curvature)) => *curvature,
                _ => 0.0,
            };
            return Ok(Some(Self::Common(Spectrum {
                reference_frequency_hz,
                index: *index,
                curvature,
            })));
        }
        let Some(image) = image else {
            return Err(Usage(
                "maps of the spectrum belong to an --image; a profile takes numbers".to_owned(),
            )
            .into());
        };
        let map = |choice: &NumberOrFile| -> Result<(Array2<f64>, String)> {
            match choice {
                NumberOrFile::Number(number) => {
                    let shape = (image.grid.rows, image.grid.columns);
                    Ok((Array2::from_elem(shape, *number), number.to_string()))
                }
                NumberOrFile::File(path) => {
                    let (map, blank) = read_map(path, image)?;
                    if blank > 0 {
                        console.warn(format!(
                            "{blank} pixels of {} have no value; 0 is taken there",
                            path.display()
                        ));
                    }
                    Ok((map, path.display().to_string()))
                }
            }
        };
        let (index, mut words) = map(index)?;
        let curvature = match curvature {
            Some(choice) => {
                let (curvature, name) = map(choice)?;
                words += &format!(", curvature {name}");
                Some(curvature)
            }
            None => None,
        };
        Ok(Some(Self::Maps {
            reference_frequency_hz,
            index,
            curvature,
            words,
        }))
    }

    pub(crate) fn in_words(&self) -> String {
        match self {
            Self::Common(spectrum) => {
                let curvature = match spectrum.curvature {
                    0.0 => String::new(),
                    curvature => format!(", curvature {curvature}"),
                };
                format!(
                    "spectrum: index {}{curvature}, from {} GHz",
                    spectrum.index,
                    spectrum.reference_frequency_hz / 1e9
                )
            }
            Self::Maps {
                reference_frequency_hz,
                words,
                ..
            } => format!(
                "spectrum: index {words}, from {} GHz",
                reference_frequency_hz / 1e9
            ),
        }
    }

    pub(crate) fn json(&self) -> Value {
        match self {
            Self::Common(spectrum) => json!(spectrum),
            Self::Maps {
                reference_frequency_hz,
                words,
                ..
            } => json!({"reference_frequency_hz": reference_frequency_hz, "index": words}),
        }
    }
}
