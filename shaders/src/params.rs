//! Parameters of the kernels: the uniform at binding 0, field by field as in the WGSL struct `Params`.
//!
//! All fields are 32-bit integers, so that host and device agree on every offset; numbers of a
//! precision travel in storage buffers. The first field of each is `guard`, which is 0: the extended
//! precision needs a zero that no compiler can see.

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
            /// Zero.
            pub guard: u32,
            $($(#[$what])* pub $field: $kind,)*
        }

        impl HostStruct for $name {
            const FIELDS: &'static [Field] = &[
                ("guard", 0),
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
