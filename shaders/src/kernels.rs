//! The list of kernels.

use crate::params::*;
use crate::precision::Precision;

/// How a kernel uses one of its buffers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Parameters, a uniform.
    Params,
    /// A storage buffer that is read.
    Read,
    /// A storage buffer that is read and written.
    Write,
}

/// A compute kernel with the entry point `main` and workgroups of [`Kernel::THREADS`].
#[derive(Clone, Copy, Debug)]
pub struct Kernel {
    /// The name of its file.
    pub name: &'static str,
    /// What precedes its own text.
    helpers: &'static [Part],
    text: &'static str,
    /// Use of binding 0, 1, …
    pub bindings: &'static [Access],
    /// Fields of its parameters.
    pub fields: &'static [Field],
    /// Names of its pipeline constants.
    pub constants: &'static [&'static str],
    /// Whether it computes with real numbers; else its text is the same in every precision.
    pub is_numeric: bool,
}

/// A piece of shared text.
#[derive(Clone, Copy, Debug)]
enum Part {
    /// The number type.
    Real,
    /// Angles, in the precision.
    Turns,
    /// The same in every precision.
    Text(&'static str),
}

const COMPLEX: Part = Part::Text(include_str!("../wgsl/shared/complex.wgsl"));
const GROUPS: Part = Part::Text(include_str!("../wgsl/shared/groups.wgsl"));
const QUARTERS: Part = Part::Text(include_str!("../wgsl/shared/quarters.wgsl"));
const SUMS: Part = Part::Text(include_str!("../wgsl/shared/sums.wgsl"));
const FOOTPRINT: Part = Part::Text(include_str!("../wgsl/shared/footprint.wgsl"));
const PLACES: Part = Part::Text(include_str!("../wgsl/shared/places.wgsl"));
const NODES: Part = Part::Text(include_str!("../wgsl/shared/nodes.wgsl"));
const SLOPES: Part = Part::Text(include_str!("../wgsl/shared/slopes.wgsl"));
const RADIAL_PLACES: Part = Part::Text(include_str!("../wgsl/shared/radial_places.wgsl"));
const BEAM: Part = Part::Text(include_str!("../wgsl/shared/beam.wgsl"));
const BRIGHTNESS: Part = Part::Text(include_str!("../wgsl/shared/brightness.wgsl"));
const RINGS: Part = Part::Text(include_str!("../wgsl/shared/rings.wgsl"));
const TAPS: Part = Part::Text(include_str!("../wgsl/shared/taps.wgsl"));
const TRIAL_PHASE: Part = Part::Text(include_str!("../wgsl/shared/trial_phase.wgsl"));
const WIDE: Part = Part::Text(include_str!("../wgsl/shared/wide_integers.wgsl"));

impl Kernel {
    /// Threads of a workgroup: what every device offers.
    pub const THREADS: u32 = 256;

    /// The whole text in a precision.
    #[must_use]
    pub fn source(&self, precision: Precision) -> String {
        let mut source = String::new();
        for part in self.helpers {
            source.push_str(match part {
                Part::Real => precision.prelude(),
                Part::Turns => precision.turns(),
                Part::Text(text) => text,
            });
            source.push('\n');
        }
        source.push_str(self.text);
        source
    }

    /// Bytes of its parameters.
    #[must_use]
    pub fn params_bytes(&self) -> usize {
        4 * self.fields.len()
    }
}

use Access::{Params, Read, Write};

/// Checks the arithmetic of an adapter.
pub const SELF_TEST: Kernel = Kernel {
    name: "self_test",
    helpers: &[Part::Real, GROUPS],
    text: include_str!("../wgsl/self_test.wgsl"),
    bindings: &[Params, Read, Read, Write],
    fields: SelfTestParams::FIELDS,
    constants: &[],
    is_numeric: true,
};

/// Shows what angles and cells are worth.
pub const TURNS_TEST: Kernel = Kernel {
    name: "turns_test",
    helpers: &[Part::Real, COMPLEX, QUARTERS, WIDE, Part::Turns, GROUPS],
    text: include_str!("../wgsl/turns_test.wgsl"),
    bindings: &[Params, Read, Read, Write, Write],
    fields: TurnsTestParams::FIELDS,
    constants: &[],
    is_numeric: true,
};

/// Prefix sums of blocks.
pub const SCAN_BLOCKS: Kernel = Kernel {
    name: "scan_blocks",
    helpers: &[GROUPS],
    text: include_str!("../wgsl/scan_blocks.wgsl"),
    bindings: &[Params, Write, Write],
    fields: CountParams::FIELDS,
    constants: &[],
    is_numeric: false,
};

/// Adds the sums of earlier blocks.
pub const SCAN_ADD: Kernel = Kernel {
    name: "scan_add",
    helpers: &[GROUPS],
    text: include_str!("../wgsl/scan_add.wgsl"),
    bindings: &[Params, Write, Read],
    fields: CountParams::FIELDS,
    constants: &[],
    is_numeric: false,
};

/// Sums of blocks.
pub const REDUCE_SUM: Kernel = Kernel {
    name: "reduce_sum",
    helpers: &[Part::Real, GROUPS, SUMS],
    text: include_str!("../wgsl/reduce_sum.wgsl"),
    bindings: &[Params, Read, Write],
    fields: CountParams::FIELDS,
    constants: &[],
    is_numeric: true,
};

/// Copies, to measure memory.
pub const COPY_WORDS: Kernel = Kernel {
    name: "copy_words",
    helpers: &[GROUPS],
    text: include_str!("../wgsl/copy_words.wgsl"),
    bindings: &[Params, Read, Write],
    fields: CountParams::FIELDS,
    constants: &[],
    is_numeric: false,
};

/// Counts digits of keys.
pub const SORT_COUNT: Kernel = Kernel {
    name: "sort_count",
    helpers: &[GROUPS],
    text: include_str!("../wgsl/sort_count.wgsl"),
    bindings: &[Params, Read, Write],
    fields: SortParams::FIELDS,
    constants: &[],
    is_numeric: false,
};

/// Moves keys and values to their places.
pub const SORT_SCATTER: Kernel = Kernel {
    name: "sort_scatter",
    helpers: &[GROUPS],
    text: include_str!("../wgsl/sort_scatter.wgsl"),
    bindings: &[Params, Read, Read, Read, Write, Write],
    fields: SortParams::FIELDS,
    constants: &[],
    is_numeric: false,
};

/// One pass of the FFT.
pub const FFT_PASS: Kernel = Kernel {
    name: "fft_pass",
    helpers: &[Part::Real, COMPLEX, GROUPS],
    text: include_str!("../wgsl/fft_pass.wgsl"),
    bindings: &[Params, Read, Read, Write],
    fields: FftPassParams::FIELDS,
    constants: &["CAPACITY"],
    is_numeric: true,
};

/// The multiplications of Bluestein's FFT.
pub const BLUESTEIN: Kernel = Kernel {
    name: "bluestein",
    helpers: &[Part::Real, COMPLEX, GROUPS],
    text: include_str!("../wgsl/bluestein.wgsl"),
    bindings: &[Params, Read, Read, Write],
    fields: BluesteinParams::FIELDS,
    constants: &[],
    is_numeric: true,
};

/// Between complex rows and the half-plane of real ones.
pub const UNTANGLE: Kernel = Kernel {
    name: "untangle",
    helpers: &[Part::Real, COMPLEX, GROUPS],
    text: include_str!("../wgsl/untangle.wgsl"),
    bindings: &[Params, Read, Read, Write],
    fields: UntangleParams::FIELDS,
    constants: &[],
    is_numeric: true,
};

/// Between an image and padded rows.
pub const PLACE_ROWS: Kernel = Kernel {
    name: "place_rows",
    helpers: &[Part::Real, GROUPS, BEAM],
    text: include_str!("../wgsl/place_rows.wgsl"),
    bindings: &[Params, Read, Read, Read, Read, Write],
    fields: PlaceRowsParams::FIELDS,
    constants: &[],
    is_numeric: true,
};

/// Draws a profile into padded rows.
pub const SWEEP_ROWS: Kernel = Kernel {
    name: "sweep_rows",
    helpers: &[Part::Real, GROUPS, RINGS, BRIGHTNESS, BEAM],
    text: include_str!("../wgsl/sweep_rows.wgsl"),
    bindings: &[Params, Read, Read, Read, Read, Read, Write],
    fields: SweepRowsParams::FIELDS,
    constants: &[],
    is_numeric: true,
};

/// Samples a plane at points.
pub const SAMPLE_PLANE: Kernel = Kernel {
    name: "sample_plane",
    helpers: &[
        Part::Real,
        COMPLEX,
        QUARTERS,
        WIDE,
        Part::Turns,
        GROUPS,
        FOOTPRINT,
        NODES,
        TAPS,
        SUMS,
    ],
    text: include_str!("../wgsl/sample_plane.wgsl"),
    bindings: &[Params, Read, Read, Read, Read, Read, Write],
    fields: SamplePlaneParams::FIELDS,
    constants: &[],
    is_numeric: true,
};

/// Finds the tiles of points.
pub const SPREAD_KEYS: Kernel = Kernel {
    name: "spread_keys",
    helpers: &[
        Part::Real,
        COMPLEX,
        QUARTERS,
        WIDE,
        Part::Turns,
        GROUPS,
        FOOTPRINT,
        PLACES,
    ],
    text: include_str!("../wgsl/spread_keys.wgsl"),
    bindings: &[Params, Read, Read, Write, Write],
    fields: SpreadKeysParams::FIELDS,
    constants: &[],
    is_numeric: true,
};

/// Finds the bins of sorted keys.
pub const BIN_STARTS: Kernel = Kernel {
    name: "bin_starts",
    helpers: &[GROUPS],
    text: include_str!("../wgsl/bin_starts.wgsl"),
    bindings: &[Params, Read, Write],
    fields: BinStartsParams::FIELDS,
    constants: &[],
    is_numeric: false,
};

/// Spreads points onto a plane.
pub const SPREAD_TILES: Kernel = Kernel {
    name: "spread_tiles",
    helpers: &[
        Part::Real,
        COMPLEX,
        QUARTERS,
        WIDE,
        Part::Turns,
        GROUPS,
        FOOTPRINT,
        TAPS,
        PLACES,
    ],
    text: include_str!("../wgsl/spread_tiles.wgsl"),
    bindings: &[Params, Read, Read, Read, Read, Read, Read, Write],
    fields: SpreadTilesParams::FIELDS,
    constants: &[],
    is_numeric: true,
};

/// Folds an array to a half-plane.
pub const FOLD_COLUMNS: Kernel = Kernel {
    name: "fold_columns",
    helpers: &[Part::Real, COMPLEX, GROUPS],
    text: include_str!("../wgsl/fold_columns.wgsl"),
    bindings: &[Params, Read, Write],
    fields: FoldColumnsParams::FIELDS,
    constants: &[],
    is_numeric: true,
};

/// Compares points with data, for a gradient.
pub const RESIDUALS: Kernel = Kernel {
    name: "residuals",
    helpers: &[
        Part::Real,
        COMPLEX,
        QUARTERS,
        WIDE,
        Part::Turns,
        GROUPS,
        FOOTPRINT,
        NODES,
        TAPS,
        SLOPES,
        SUMS,
    ],
    text: include_str!("../wgsl/residuals.wgsl"),
    bindings: &[Params, Read, Read, Read, Read, Read, Write, Write],
    fields: ResidualsParams::FIELDS,
    constants: &[],
    is_numeric: true,
};

/// Finds the intervals of a radial table that points read.
pub const RADIAL_KEYS: Kernel = Kernel {
    name: "radial_keys",
    helpers: &[
        Part::Real,
        COMPLEX,
        QUARTERS,
        WIDE,
        Part::Turns,
        GROUPS,
        RADIAL_PLACES,
    ],
    text: include_str!("../wgsl/radial_keys.wgsl"),
    bindings: &[Params, Read, Read, Write, Write],
    fields: RadialKeysParams::FIELDS,
    constants: &[],
    is_numeric: true,
};

/// The transpose of reading a radial table.
pub const GATHER_INTERVALS: Kernel = Kernel {
    name: "gather_intervals",
    helpers: &[
        Part::Real,
        COMPLEX,
        QUARTERS,
        WIDE,
        Part::Turns,
        GROUPS,
        RADIAL_PLACES,
        SUMS,
    ],
    text: include_str!("../wgsl/gather_intervals.wgsl"),
    bindings: &[Params, Read, Read, Read, Read, Read, Write],
    fields: GatherIntervalsParams::FIELDS,
    constants: &[],
    is_numeric: true,
};

/// The transpose of drawing a profile.
pub const GATHER_RINGS: Kernel = Kernel {
    name: "gather_rings",
    helpers: &[Part::Real, GROUPS, RINGS, SUMS],
    text: include_str!("../wgsl/gather_rings.wgsl"),
    bindings: &[Params, Read, Read, Read, Write],
    fields: GatherRingsParams::FIELDS,
    constants: &[],
    is_numeric: true,
};

/// The transpose of the beam, and sums of what moves with it.
pub const BEAM_SLOPES: Kernel = Kernel {
    name: "beam_slopes",
    helpers: &[Part::Real, GROUPS, RINGS, BRIGHTNESS, BEAM, SUMS],
    text: include_str!("../wgsl/beam_slopes.wgsl"),
    bindings: &[Params, Read, Read, Read, Read, Read, Read, Write, Write],
    fields: BeamSlopesParams::FIELDS,
    constants: &[],
    is_numeric: true,
};

/// Counts events in bins.
pub const COUNT_TICKS: Kernel = Kernel {
    name: "count_ticks",
    helpers: &[GROUPS],
    text: include_str!("../wgsl/count_ticks.wgsl"),
    bindings: &[Params, Read, Write],
    fields: CountTicksParams::FIELDS,
    constants: &[],
    is_numeric: false,
};

/// Makes real numbers of counts.
pub const PLACE_COUNTS: Kernel = Kernel {
    name: "place_counts",
    helpers: &[Part::Real, GROUPS],
    text: include_str!("../wgsl/place_counts.wgsl"),
    bindings: &[Params, Read, Write],
    fields: PlaceCountsParams::FIELDS,
    constants: &[],
    is_numeric: true,
};

/// Adds powers and cross powers of segments.
pub const SPECTRUM_SUMS: Kernel = Kernel {
    name: "spectrum_sums",
    helpers: &[Part::Real, COMPLEX, GROUPS],
    text: include_str!("../wgsl/spectrum_sums.wgsl"),
    bindings: &[Params, Read, Read, Write],
    fields: SpectrumSumsParams::FIELDS,
    constants: &[],
    is_numeric: true,
};

/// Adds rows.
pub const ADD_ROWS: Kernel = Kernel {
    name: "add_rows",
    helpers: &[Part::Real, GROUPS],
    text: include_str!("../wgsl/add_rows.wgsl"),
    bindings: &[Params, Read, Write],
    fields: AddRowsParams::FIELDS,
    constants: &[],
    is_numeric: true,
};

/// Adds phasors of events at trial frequencies.
pub const HARMONIC_SUMS: Kernel = Kernel {
    name: "harmonic_sums",
    helpers: &[
        Part::Real,
        COMPLEX,
        QUARTERS,
        WIDE,
        Part::Turns,
        GROUPS,
        TRIAL_PHASE,
    ],
    text: include_str!("../wgsl/harmonic_sums.wgsl"),
    bindings: &[Params, Read, Read, Read, Write],
    fields: HarmonicSumsParams::FIELDS,
    constants: &["HARMONICS"],
    is_numeric: true,
};

/// Folds events at trial frequencies.
pub const FOLD_EVENTS: Kernel = Kernel {
    name: "fold_events",
    helpers: &[WIDE, GROUPS, TRIAL_PHASE],
    text: include_str!("../wgsl/fold_events.wgsl"),
    bindings: &[Params, Read, Read, Read, Write],
    fields: FoldEventsParams::FIELDS,
    constants: &[],
    is_numeric: false,
};

/// Every kernel.
pub const ALL: &[&Kernel] = &[
    &SELF_TEST,
    &TURNS_TEST,
    &SCAN_BLOCKS,
    &SCAN_ADD,
    &REDUCE_SUM,
    &COPY_WORDS,
    &SORT_COUNT,
    &SORT_SCATTER,
    &FFT_PASS,
    &BLUESTEIN,
    &UNTANGLE,
    &PLACE_ROWS,
    &SWEEP_ROWS,
    &SAMPLE_PLANE,
    &SPREAD_KEYS,
    &BIN_STARTS,
    &SPREAD_TILES,
    &FOLD_COLUMNS,
    &RESIDUALS,
    &RADIAL_KEYS,
    &GATHER_INTERVALS,
    &GATHER_RINGS,
    &BEAM_SLOPES,
    &COUNT_TICKS,
    &PLACE_COUNTS,
    &SPECTRUM_SUMS,
    &ADD_ROWS,
    &HARMONIC_SUMS,
    &FOLD_EVENTS,
];
