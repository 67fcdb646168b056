//! What can go wrong on a device, and what to do about it.

use astro_shaders::Precision;

/// The result of everything in this crate that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a device cannot do what was asked.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No adapter fits the request.
    #[error(
        "no GPU adapter fits {wanted}; found: {}. Install the driver of the card with its Vulkan part (on Debian and Ubuntu the packages mesa-vulkan-drivers and libvulkan1, which include a software adapter, or the vendor's driver)",
        listed(.found)
    )]
    NoAdapter {
        /// What was asked for.
        wanted: String,
        /// One line for each adapter that is there.
        found: Vec<String>,
    },
    /// The driver refused to open the adapter.
    #[error(
        "the adapter {adapter} could not be opened: {reason}; try another one, or a newer driver"
    )]
    Open {
        /// Its name.
        adapter: String,
        /// What the driver said.
        reason: String,
    },
    /// A precision that the adapter does not have.
    #[error(
        "the adapter {adapter} cannot compute in {precision} precision: {reason}; {remedy}, or compute on the CPU"
    )]
    Precision {
        /// Its name.
        adapter: String,
        /// What was asked for.
        precision: Precision,
        /// Why not.
        reason: String,
        /// What it can do.
        remedy: String,
    },
    /// An error bound below what a precision reaches.
    #[error(
        "{what} cannot be computed to {wanted:e} in {precision} precision on {adapter}: the bound is {reached:e}; ask for a larger error or a wider precision"
    )]
    ErrorBound {
        /// What was to be computed.
        what: &'static str,
        /// The error asked for.
        wanted: f64,
        /// The error that the precision allows.
        reached: f64,
        /// The precision.
        precision: Precision,
        /// The adapter.
        adapter: String,
    },
    /// The device has no room.
    #[error(
        "the device has no room for {label} ({bytes} bytes): use a smaller problem or batch, or a device with more memory"
    )]
    OutOfMemory {
        /// The buffer.
        label: String,
        /// Its size.
        bytes: u64,
    },
    /// A buffer, or a part that a kernel reads at once, exceeds a limit of the device.
    #[error(
        "{label} needs {bytes} bytes at once, but the device's limit is {limit}: use a smaller problem or a coarser precision"
    )]
    TooLarge {
        /// The buffer.
        label: String,
        /// What was asked for.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// The device is gone: a driver fault, a reset, or a kernel that ran too long.
    #[error(
        "the device was lost: {reason}; open it again, and if it recurs use smaller batches or another driver"
    )]
    DeviceLost {
        /// What the driver said.
        reason: String,
    },
    /// Work was not done within the limit.
    #[error(
        "the device did not finish within {seconds} s: use a smaller batch, or a longer `wait_limit`"
    )]
    TimedOut {
        /// The limit.
        seconds: f64,
    },
    /// The driver refused a command. A bug in this library or in the driver.
    #[error(
        "the driver refused {what}: {reason}; please report this with the adapter's name and driver"
    )]
    Refused {
        /// What was being done.
        what: String,
        /// What it said.
        reason: String,
    },
    /// Data of another length than their buffer.
    #[error("{label} holds {expected} elements, but {found} were given")]
    Length {
        /// The buffer.
        label: String,
        /// Its length.
        expected: usize,
        /// What was given.
        found: usize,
    },
}

fn listed(found: &[String]) -> String {
    if found.is_empty() {
        "none".to_owned()
    } else {
        found.join("; ")
    }
}
