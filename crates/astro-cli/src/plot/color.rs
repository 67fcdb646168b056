//! Colors: a palette that color-blind readers can tell apart, and color maps
//! for images.

/// An sRGB color with opacity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Color {
    pub(crate) red: u8,
    pub(crate) green: u8,
    pub(crate) blue: u8,
    /// From 0 (invisible) to 1.
    pub(crate) opacity: f32,
}

impl Color {
    pub(crate) const WHITE: Self = Self::hex(0xff_ff_ff);
    /// Frames and text.
    pub(crate) const INK: Self = Self::hex(0x1f_23_28);
    /// Zero lines and other quiet marks.
    pub(crate) const GREY: Self = Self::hex(0x8a_92_9c);
    pub(crate) const BLUE: Self = Self::hex(0x24_67_ad);
    pub(crate) const ORANGE: Self = Self::hex(0xdd_6b_20);
    pub(crate) const RED: Self = Self::hex(0xc5_30_30);
    pub(crate) const TEAL: Self = Self::hex(0x1b_8a_7a);
    pub(crate) const PURPLE: Self = Self::hex(0x7b_4f_a3);
    /// Line colors in the order in which series take them.
    pub(crate) const CYCLE: [Self; 5] = [
        Self::BLUE,
        Self::ORANGE,
        Self::TEAL,
        Self::PURPLE,
        Self::RED,
    ];

    /// From `0xRRGGBB`, opaque.
    pub(crate) const fn hex(rgb: u32) -> Self {
        let [_, red, green, blue] = rgb.to_be_bytes();
        Self {
            red,
            green,
            blue,
            opacity: 1.0,
        }
    }

    pub(crate) const fn with_opacity(self, opacity: f32) -> Self {
        Self { opacity, ..self }
    }

    /// The color `fraction` of the way to `other`.
    pub(crate) fn mix(self, other: Self, fraction: f64) -> Self {
        let part =
            |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * fraction).round() as u8;
        Self {
            red: part(self.red, other.red),
            green: part(self.green, other.green),
            blue: part(self.blue, other.blue),
            opacity: self.opacity,
        }
    }
}

/// A map from `[0, 1]` to colors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ColorMap {
    /// Black through purple and orange to pale yellow, perceptually uniform
    /// (after van der Walt and Smith's "inferno", CC0).
    Inferno,
    /// Blue through white to red, for signed numbers around zero.
    BlueWhiteRed,
}

const INFERNO: [u32; 17] = [
    0x00_00_04, 0x0b_07_24, 0x21_0c_4a, 0x3d_09_65, 0x57_10_6e, 0x71_1a_6e, 0x8a_22_6a, 0xa5_2c_60,
    0xbc_37_54, 0xd2_46_43, 0xe3_59_33, 0xf1_71_1f, 0xf9_8e_09, 0xfb_ad_12, 0xf6_cf_3b, 0xf2_ef_72,
    0xfc_ff_a4,
];

const BLUE_WHITE_RED: [u32; 11] = [
    0x05_30_61, 0x21_66_ac, 0x43_93_c3, 0x92_c5_de, 0xd1_e5_f0, 0xf9_f9_f9, 0xfd_db_c7, 0xf4_a5_82,
    0xd6_60_4d, 0xb2_18_2b, 0x67_00_1f,
];

impl ColorMap {
    /// The color at `fraction`, which is clamped to `[0, 1]`; NaN is grey.
    pub(crate) fn at(self, fraction: f64) -> Color {
        if fraction.is_nan() {
            return Color::GREY;
        }
        let stops: &[u32] = match self {
            Self::Inferno => &INFERNO,
            Self::BlueWhiteRed => &BLUE_WHITE_RED,
        };
        let place = fraction.clamp(0.0, 1.0) * (stops.len() - 1) as f64;
        let low = (place as usize).min(stops.len() - 2);
        Color::hex(stops[low]).mix(Color::hex(stops[low + 1]), place - low as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_begin_and_end_where_they_should() {
        assert_eq!(ColorMap::Inferno.at(-1.0), Color::hex(0x00_00_04));
        assert_eq!(ColorMap::Inferno.at(1.0), Color::hex(0xfc_ff_a4));
        assert_eq!(ColorMap::BlueWhiteRed.at(0.5), Color::hex(0xf9_f9_f9));
        assert_eq!(ColorMap::Inferno.at(f64::NAN), Color::GREY);
    }
}
