//! The memory of this process, where the operating system tells.

use std::fs;

/// Bytes in memory now; nothing where `/proc` does not tell.
pub fn resident_bytes() -> Option<u64> {
    field("VmRSS:")
}

/// Largest number of bytes in memory since [`forget_peak`]; nothing where `/proc` does not tell.
pub fn peak_bytes() -> Option<u64> {
    field("VmHWM:")
}

/// Sets the peak to what is in memory now; false where that is not possible.
pub fn forget_peak() -> bool {
    fs::write("/proc/self/clear_refs", "5").is_ok()
}

fn field(name: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
