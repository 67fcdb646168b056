//! Work as data: what to upload, dispatch and read back, recorded before it is executed.

use std::borrow::Cow;
use std::marker::PhantomData;

use astro_shaders::{HostStruct, Kernel, Precision};
use bytemuck::Pod;

use crate::buffer::{Buffer, Reals, Slice};
use crate::groups::Groups;
use crate::{Error, Result};

/// A list of commands that a device executes in order, each seeing what the earlier ones wrote.
///
/// Recording touches no device, so that a list can be made and tested without one. Uploaded data are
/// borrowed until the list is submitted.
///
/// ```
/// use astro_gpu::{Buffer, CommandList, Dispatch, Groups, Precision};
/// use astro_gpu::shaders::{CountParams, kernels};
///
/// let values = Buffer::<u32>::described("values", 5000);
/// let totals = Buffer::<u32>::described("totals", 5);
/// let mut list = CommandList::new();
/// list.dispatch(
///     Dispatch::new(&kernels::SCAN_BLOCKS, Precision::F32, &CountParams { count: 5000 })
///         .bind(values.all())
///         .bind(totals.all()),
///     Groups::new(5),
/// );
/// assert_eq!(list.dispatches().count(), 1);
/// ```
#[derive(Debug, Default)]
pub struct CommandList<'a> {
    pub(crate) commands: Vec<Command<'a>>,
    pub(crate) read_backs: usize,
}

/// One command.
#[derive(Debug)]
pub(crate) enum Command<'a> {
    Upload { to: Slice, bytes: Cow<'a, [u8]> },
    Clear(Slice),
    Copy { from: Slice, to: Slice },
    Stage(String),
    Dispatch(Dispatch, Groups),
    ReadBack(Slice),
}

/// A kernel with its buffers and parameters.
#[derive(Clone, Debug)]
pub struct Dispatch {
    pub(crate) kernel: &'static Kernel,
    pub(crate) precision: Precision,
    pub(crate) constants: Vec<(&'static str, u32)>,
    pub(crate) params: Vec<u8>,
    pub(crate) bindings: Vec<Slice>,
}

impl Dispatch {
    /// A kernel in a precision, with its parameters. Kernels without real numbers ignore the precision.
    #[must_use]
    pub fn new<P: HostStruct>(kernel: &'static Kernel, precision: Precision, params: &P) -> Self {
        debug_assert_eq!(
            P::FIELDS,
            kernel.fields,
            "{} takes other parameters",
            kernel.name
        );
        Self {
            kernel,
            precision: if kernel.is_numeric {
                precision
            } else {
                Precision::F32
            },
            constants: Vec::new(),
            params: bytemuck::bytes_of(params).to_vec(),
            bindings: Vec::new(),
        }
    }

    /// The buffer of the next binding, from 1.
    #[must_use]
    pub fn bind(mut self, slice: Slice) -> Self {
        self.bindings.push(slice);
        self
    }

    /// The value of a pipeline constant.
    #[must_use]
    pub fn constant(mut self, name: &'static str, value: u32) -> Self {
        self.constants.push((name, value));
        self
    }

    /// The kernel.
    #[must_use]
    pub fn kernel(&self) -> &'static Kernel {
        self.kernel
    }

    /// The precision it computes in.
    #[must_use]
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// Its parameters, if they are of this type.
    #[must_use]
    pub fn params<P: HostStruct>(&self) -> Option<P> {
        (P::FIELDS == self.kernel.fields).then(|| bytemuck::pod_read_unaligned(&self.params))
    }

    /// The buffers bound, from binding 1.
    #[must_use]
    pub fn bindings(&self) -> &[Slice] {
        &self.bindings
    }
}

/// A promise of data, redeemed by [`crate::Results`].
#[derive(Clone, Copy, Debug)]
pub struct ReadBack<T> {
    pub(crate) index: usize,
    pub(crate) element: PhantomData<T>,
}

/// A promise of real numbers.
#[derive(Clone, Copy, Debug)]
pub struct ReadBackReals {
    pub(crate) words: ReadBack<u32>,
    pub(crate) precision: Precision,
}

impl<'a> CommandList<'a> {
    /// An empty list.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Fills a buffer from the host.
    ///
    /// # Errors
    /// Data of another length.
    pub fn upload<T: Pod>(&mut self, to: &Buffer<T>, data: &'a [T]) -> Result<()> {
        check_length(to.label(), to.len(), data.len())?;
        let bytes = Cow::Borrowed(bytemuck::cast_slice(data));
        self.commands.push(Command::Upload {
            to: to.all(),
            bytes,
        });
        Ok(())
    }

    /// Fills a part of a buffer from the host.
    ///
    /// # Errors
    /// Data of another length.
    pub fn upload_slice<T: Pod>(&mut self, to: &Slice, data: &'a [T]) -> Result<()> {
        let bytes: &[u8] = bytemuck::cast_slice(data);
        let expected = (to.range.end - to.range.start) as usize;
        check_length(to.label(), expected, bytes.len())?;
        self.commands.push(Command::Upload {
            to: to.clone(),
            bytes: Cow::Borrowed(bytes),
        });
        Ok(())
    }

    /// Fills numbers from the host, converted to their precision.
    ///
    /// # Errors
    /// Data of another length.
    pub fn upload_reals(&mut self, to: &Reals, data: &'a [f64]) -> Result<()> {
        check_length(to.words.label(), to.len(), data.len())?;
        self.upload_encoded(to, to.precision().encode(data))
    }

    /// Fills numbers from bytes that are in their precision already.
    ///
    /// # Errors
    /// Data of another length.
    pub fn upload_encoded(&mut self, to: &Reals, bytes: Cow<'a, [u8]>) -> Result<()> {
        check_length(to.words.label(), 4 * to.words.len(), bytes.len())?;
        self.commands.push(Command::Upload {
            to: to.all(),
            bytes,
        });
        Ok(())
    }

    /// Fills with zeros.
    pub fn clear(&mut self, slice: Slice) {
        self.commands.push(Command::Clear(slice));
    }

    /// Copies on the device; the shorter of the two counts.
    pub fn copy(&mut self, from: Slice, to: Slice) {
        self.commands.push(Command::Copy { from, to });
    }

    /// Names what follows, for [`crate::Results::stages`].
    pub fn stage(&mut self, name: &str) {
        self.commands.push(Command::Stage(name.to_owned()));
    }

    /// Runs a kernel.
    pub fn dispatch(&mut self, dispatch: Dispatch, groups: Groups) {
        debug_assert_eq!(
            dispatch.bindings.len() + 1,
            dispatch.kernel.bindings.len(),
            "{} takes other buffers",
            dispatch.kernel.name
        );
        self.commands.push(Command::Dispatch(dispatch, groups));
    }

    /// Brings a buffer back to the host.
    pub fn read_back<T: Pod>(&mut self, from: &Buffer<T>) -> ReadBack<T> {
        self.read_back_slice(from.all())
    }

    /// Brings numbers back to the host.
    pub fn read_back_reals(&mut self, from: &Reals) -> ReadBackReals {
        let words = self.read_back_slice(from.all());
        ReadBackReals {
            words,
            precision: from.precision(),
        }
    }

    /// Brings a part of a buffer back to the host.
    pub fn read_back_slice<T: Pod>(&mut self, from: Slice) -> ReadBack<T> {
        let index = self.read_backs;
        self.read_backs += 1;
        self.commands.push(Command::ReadBack(from));
        ReadBack {
            index,
            element: PhantomData,
        }
    }

    /// The kernels that will run, in order.
    pub fn dispatches(&self) -> impl Iterator<Item = (&Dispatch, Groups)> {
        self.commands.iter().filter_map(|command| match command {
            Command::Dispatch(dispatch, groups) => Some((dispatch, *groups)),
            _ => None,
        })
    }

    /// Bytes that will move from the host and back to it.
    #[must_use]
    pub fn bytes_moved(&self) -> (u64, u64) {
        self.commands
            .iter()
            .fold((0, 0), |(up, down), command| match command {
                Command::Upload { bytes, .. } => (up + bytes.len() as u64, down),
                Command::ReadBack(slice) => (up, down + slice.range.end - slice.range.start),
                _ => (up, down),
            })
    }
}

fn check_length(label: &str, expected: usize, found: usize) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    Err(Error::Length {
        label: label.to_owned(),
        expected,
        found,
    })
}
