//! Whether a launcher has started this process as one of many.

/// Where launchers say how many ranks they have started: Open MPI, then MPICH, Intel MPI and
/// Slurm's PMI, then Slurm's steps.
const RANKS: [&str; 3] = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"];

/// Where those speak that do not say how many.
#[cfg(feature = "mpi")]
const OTHERS: [&str; 2] = ["PMIX_RANK", "PMI_RANK"];

/// How many ranks the launcher says there are, and where it says so.
#[cfg(not(feature = "mpi"))]
pub(crate) fn ranks(variable: impl Fn(&str) -> Option<String>) -> Option<(usize, &'static str)> {
    RANKS.iter().find_map(|&name| {
        let ranks = variable(name)?.trim().parse().ok()?;
        Some((ranks, name))
    })
}

/// Whether a launcher has started this process.
#[cfg(feature = "mpi")]
pub(crate) fn launched(variable: impl Fn(&str) -> Option<String>) -> bool {
    let mut names = RANKS.iter().chain(&OTHERS);
    names.any(|name| variable(name).is_some())
}
