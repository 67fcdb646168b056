//! Parameters as figures and tables show them.

use astro_infer::{Parameter, Scale};

/// The symbol of a parameter's coordinate in figures: `σ`, `log₁₀ f₀`.
pub(crate) fn symbol(parameter: &Parameter) -> String {
    let (stem, index) = match parameter.name().rsplit_once('_') {
        Some((stem, index)) if KNOWN.iter().any(|(name, _)| *name == stem) => (stem, Some(index)),
        _ => (parameter.name(), None),
    };
    let letter = KNOWN.iter().find(|(name, _)| *name == stem).map_or_else(
        || stem.replace('_', " "),
        |(_, symbol)| (*symbol).to_owned(),
    );
    let indexed = match index {
        Some(index) => format!("{letter}_{{{}}}", index.replace('_', " ")),
        None if stem == "f0" => format!("{letter}_{{0}}"),
        None => letter,
    };
    match parameter.scale() {
        Scale::Log10 => format!("log_{{10}} {indexed}"),
        Scale::Linear => indexed,
    }
}

const KNOWN: [(&str, &str); 15] = [
    ("f0", "*f*"),
    ("sigma", "σ"),
    ("r", "*r*"),
    ("w", "*w*"),
    ("rc", "*r*_{c}"),
    ("rin", "*r*_{in}"),
    ("gamma", "γ"),
    ("beta", "β"),
    ("scale", "scale"),
    ("inclination", "*i*"),
    ("position_angle", "PA"),
    ("ra_offset", "ΔRA"),
    ("dec_offset", "ΔDec"),
    ("spectral_index", "α"),
    ("weight_scale", "*s*"),
];

/// The unit of a parameter's coordinate as written after a number; nothing for a logarithm.
pub(crate) fn unit(parameter: &Parameter) -> &str {
    match (parameter.scale(), parameter.unit()) {
        (Scale::Log10, _) => "",
        (_, "arcsec") => "″",
        (_, "deg") => "°",
        (_, other) => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use astro_infer::Prior;

    #[test]
    fn parameters_have_the_symbols_of_the_field() {
        let prior = || Prior::log_uniform(1.0, 10.0).unwrap();
        let free = |name: &str, unit: &str| Parameter::free(name, unit, prior());
        assert_eq!(symbol(&free("f0", "Jy/sr").log10()), "log_{10} *f*_{0}");
        assert_eq!(symbol(&free("w_2", "arcsec")), "*w*_{2}");
        assert_eq!(symbol(&free("position_angle", "deg")), "PA");
        assert_eq!(symbol(&free("flux_ratio_b", "")), "flux ratio b");
        assert_eq!(unit(&free("w_2", "arcsec")), "″");
        assert_eq!(unit(&free("f0", "Jy/sr").log10()), "");
    }
}
