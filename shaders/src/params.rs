//! Parameters of the kernels: the uniform at binding 0, field by field as in the WGSL struct `Params`.
//!
//! All fields are 32-bit integers, so that host and device agree on every offset; numbers of a
//! precision travel in storage buffers.

/// A field of a host struct: its name and byte offset.
pub type Field = (&'static str, usize);

/// A struct whose bytes are a kernel's parameters.
pub trait HostStruct: bytemuck::Pod {
    /// Fields in order.
    const FIELDS: &'static [Field];
}

macro_rules! params {
    ($(#[$about:meta])* $name:ident { $($(#[$what:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
        #[repr(C)]
        pub struct $name {
            $($(#[$what])* pub $field: $kind,)*
        }

        impl HostStruct for $name {
            const FIELDS: &'static [Field] = &[
                $((stringify!($field), std::mem::offset_of!($name, $field)),)*
            ];
        }
    };
}

params! {
    /// Of kernels that only need to know how many elements there are.
    CountParams {
        /// Number of elements.
        count: u32,
    }
}

params! {
    /// Of the test of arithmetic.
    SelfTestParams {
        /// Number of pairs.
        count: u32,
        /// What to compute.
        operation: u32,
    }
}

params! {
    /// Of one pass of the radix sort.
    SortParams {
        /// Number of keys.
        count: u32,
        /// The lowest bit of the digit.
        shift: u32,
        /// Blocks of 256 keys.
        blocks: u32,
    }
}

params! {
    /// Of the test of angles.
    TurnsTestParams {
        /// Number of baselines.
        count: u32,
        /// Cells of a turn.
        length: u32,
    }
}

params! {
    /// Of one pass of the FFT.
    FftPassParams {
        /// Points of the transform.
        length: u32,
        /// Points of a line of this pass.
        radix: u32,
        /// Product of the radices of earlier passes.
        done: u32,
        /// Lines in all.
        lines: u32,
        /// Lines of a workgroup, a power of two.
        group_lines: u32,
        /// Transforms side by side.
        inner: u32,
        /// From one element to the next.
        element_stride: u32,
        /// From one transform to the one beside it.
        inner_stride: u32,
        /// From one row of transforms to the next.
        outer_stride: u32,
        /// The radix of each stage, four bits each.
        stages: u32,
        /// 1 for the exponent +2πi.
        positive: u32,
        /// 1 if neighbours in memory belong to one line when reading.
        read_along: u32,
        /// 1 if neighbours in memory belong to one line when writing.
        write_along: u32,
        /// From one line to the next in shared memory.
        line_step: u32,
        /// From one point to the next in shared memory.
        point_step: u32,
    }
}

params! {
    /// Of one step of Bluestein's algorithm.
    BluesteinParams {
        /// Points of the transform.
        length: u32,
        /// Points of a padded line.
        padded: u32,
        /// Lines of this batch.
        lines: u32,
        /// The first of them.
        first_line: u32,
        /// Transforms side by side.
        inner: u32,
        /// From one element to the next.
        element_stride: u32,
        /// From one transform to the one beside it.
        inner_stride: u32,
        /// From one row of transforms to the next.
        outer_stride: u32,
        /// 0, 1 or 2.
        step: u32,
        /// 1 for the exponent +2πi.
        positive: u32,
    }
}

params! {
    /// Of the kernel between complex rows and the half-plane of real ones.
    UntangleParams {
        /// Real samples of a row.
        length: u32,
        /// Columns kept.
        keep: u32,
        /// Rows of the half-plane.
        rows: u32,
        /// Rows that are stored.
        filled: u32,
        /// The stored row that is row 0.
        first: u32,
        /// The first stored row of this dispatch.
        block: u32,
        /// Stored rows of this dispatch.
        block_rows: u32,
        /// 1 for the way back.
        backward: u32,
        /// 1 for the exponent +2πi.
        positive: u32,
    }
}

params! {
    /// Of the kernel between an image and padded rows.
    PlaceRowsParams {
        /// Rows.
        rows: u32,
        /// Columns.
        columns: u32,
        /// The first row of this dispatch.
        first_row: u32,
        /// Rows of this dispatch.
        block_rows: u32,
        /// Columns of the transform.
        length: u32,
        /// Numbers from one sample to the next.
        spacing: u32,
        /// 1 for the way back.
        backward: u32,
        /// The kind of the beam, 0 for none.
        beam: u32,
        /// Its intervals, radii or rows.
        beam_rows: u32,
        /// Its columns.
        beam_columns: u32,
    }
}

params! {
    /// Of the kernel that draws a profile into padded rows.
    SweepRowsParams {
        /// Rows.
        rows: u32,
        /// Columns.
        columns: u32,
        /// The first row of this dispatch.
        first_row: u32,
        /// Rows of this dispatch.
        block_rows: u32,
        /// Columns of the transform.
        length: u32,
        /// Numbers from one sample to the next.
        spacing: u32,
        /// Number of radii.
        count: u32,
        /// Which of a batch.
        model: u32,
        /// The kind of the beam, 0 for none.
        beam: u32,
        /// Its intervals, radii or rows.
        beam_rows: u32,
        /// Its columns.
        beam_columns: u32,
    }
}

params! {
    /// Of the kernel that samples a plane.
    SamplePlaneParams {
        /// Points of this dispatch.
        count: u32,
        /// Rows of the plane, or polynomials of a radial table.
        rows: u32,
        /// Columns of the transform.
        length: u32,
        /// Columns kept.
        keep: u32,
        /// How: 0 to 3.
        rule: u32,
        /// Nodes of the kernel.
        width: u32,
        /// Degree of its polynomials.
        degree: u32,
        /// Which of a batch.
        model: u32,
        /// 1 if there is an offset.
        shifted: u32,
        /// 1 for sums, 0 for values.
        compared: u32,
        /// Where the first result goes.
        first_result: u32,
    }
}

params! {
    /// Of the kernel that finds the tiles of points.
    SpreadKeysParams {
        /// Points.
        count: u32,
        /// Rows.
        rows: u32,
        /// Columns of the transform.
        length: u32,
        /// Nodes of the kernel.
        width: u32,
        /// Tiles along a row.
        tile_columns: u32,
    }
}

params! {
    /// Of the kernel that finds the bins of sorted keys.
    BinStartsParams {
        /// Keys.
        count: u32,
        /// Bins.
        bins: u32,
    }
}

params! {
    /// Of the kernel that spreads points.
    SpreadTilesParams {
        /// Rows.
        rows: u32,
        /// Columns of the transform.
        length: u32,
        /// Nodes of the kernel.
        width: u32,
        /// Degree of its polynomials.
        degree: u32,
        /// Tiles along a row.
        tile_columns: u32,
        /// Columns of the array.
        columns: u32,
    }
}

params! {
    /// Of the kernel that folds an array to a half-plane.
    FoldColumnsParams {
        /// Rows.
        rows: u32,
        /// Columns of the transform.
        length: u32,
        /// Columns kept.
        keep: u32,
        /// Columns before the plane.
        width: u32,
        /// Columns of the array.
        columns: u32,
    }
}

params! {
    /// Of the kernel that compares points with data for a gradient.
    ResidualsParams {
        /// Points of this dispatch.
        count: u32,
        /// Rows of the plane, or polynomials of a radial table.
        rows: u32,
        /// Columns of the transform.
        length: u32,
        /// Columns kept.
        keep: u32,
        /// How: 2 or 3.
        rule: u32,
        /// Nodes of the kernel.
        width: u32,
        /// Degree of its polynomials.
        degree: u32,
        /// 1 if there is an offset.
        shifted: u32,
        /// The first workgroup's number among all.
        first_group: u32,
    }
}

params! {
    /// Of the kernel that finds the intervals of points.
    RadialKeysParams {
        /// Points.
        count: u32,
        /// Intervals of a turn.
        length: u32,
    }
}

params! {
    /// Of the transpose of a radial table.
    GatherIntervalsParams {
        /// Intervals of a turn.
        length: u32,
        /// Intervals.
        intervals: u32,
    }
}

params! {
    /// Of the transpose of drawing a profile.
    GatherRingsParams {
        /// Rows.
        rows: u32,
        /// Columns.
        columns: u32,
        /// The first row of this dispatch.
        first_row: u32,
        /// Rows of this dispatch.
        block_rows: u32,
        /// Number of radii.
        count: u32,
        /// Which of a batch.
        model: u32,
    }
}

params! {
    /// Of the transpose of the beam.
    BeamSlopesParams {
        /// Rows.
        rows: u32,
        /// Columns.
        columns: u32,
        /// The first row of this dispatch.
        first_row: u32,
        /// Rows of this dispatch.
        block_rows: u32,
        /// Number of radii.
        count: u32,
        /// Which of a batch.
        model: u32,
        /// 1 for a profile.
        drawn: u32,
        /// The kind of the beam, 0 for none.
        beam: u32,
        /// Its intervals, radii or rows.
        beam_rows: u32,
        /// Its columns.
        beam_columns: u32,
    }
}

params! {
    /// Of histograms of ticks.
    CountTicksParams {
        /// Number of ticks.
        count: u32,
        /// Bins of the batch.
        bins: u32,
    }
}

params! {
    /// Of counts that become real numbers.
    PlaceCountsParams {
        /// Number of counts.
        count: u32,
        /// Real numbers from one to the next.
        spacing: u32,
    }
}

params! {
    /// Of sums of powers over segments.
    SpectrumSumsParams {
        /// Frequencies.
        keep: u32,
        /// Segments of the batch.
        segments: u32,
        /// 1, or 2 for cross spectra.
        series: u32,
        /// Parts that are summed by themselves.
        parts: u32,
        /// Segments of each part.
        part_segments: u32,
        /// 1 if the sums start anew.
        fresh: u32,
    }
}

params! {
    /// Of sums of columns.
    AddRowsParams {
        /// Rows to add.
        rows: u32,
        /// Numbers of a row.
        columns: u32,
    }
}

params! {
    /// Of phasors summed over events.
    HarmonicSumsParams {
        /// Number of events.
        events: u32,
        /// The first trial of this dispatch.
        first_trial: u32,
        /// Trials of this dispatch.
        trials: u32,
        /// Frequencies of each derivative.
        frequencies: u32,
        /// Events of each part.
        part_events: u32,
        /// Parts that are summed by themselves.
        parts: u32,
        /// The first harmonic, from 1.
        first_harmonic: u32,
    }
}

params! {
    /// Of profiles of events.
    FoldEventsParams {
        /// Number of events.
        events: u32,
        /// The first trial of this dispatch.
        first_trial: u32,
        /// Trials of this dispatch.
        trials: u32,
        /// Frequencies of each derivative.
        frequencies: u32,
        /// Events of each part.
        part_events: u32,
        /// Bins of a profile.
        bins: u32,
    }
}
