//! What is compared with what, and how many times faster it should be.

use super::timings::Best;

/// An operation of ours, those of the peers that do the same, and the goal.
#[derive(Debug)]
pub(super) struct Comparison {
    /// What is computed.
    pub(super) what: &'static str,
    /// Our operation, as `bench-vis` names it.
    pub(super) ours: &'static str,
    /// The peers' operations, as `benches/peers/vis.py` names them; the fastest counts.
    pub(super) peers: &'static [&'static str],
    /// Goals: from this size on, at least this ratio.
    pub(super) goals: &'static [(usize, f64)],
}

const GALARIO_IMAGE: &[&str] = &["galario.chi2Image"];
const GALARIO_PROFILE: &[&str] = &["galario.chi2Profile"];
const DUCC_EXACT: &[&str] = &["ducc0.nufft.u2nu_1e-12", "ducc0.wgridder.dirty2vis_1e-12"];

/// One thread, f64, the same work. `turning` means another position angle with every call, as in a fit.
pub(super) const COMPARISONS: &[Comparison] = &[
    Comparison {
        what: "chi2 of an image, Galario",
        ours: "chi2_image.galario.turning",
        peers: GALARIO_IMAGE,
        goals: &[(1024, 10.0), (2048, 0.0), (4096, 6.0)],
    },
    Comparison {
        what: "chi2 of an image, Bilinear",
        ours: "chi2_image.bilinear.turning",
        peers: GALARIO_IMAGE,
        goals: &[(1024, 10.0), (2048, 0.0), (4096, 6.0)],
    },
    Comparison {
        what: "chi2 of an image, Exact 1e-12, to GALARIO",
        ours: "chi2_image.exact_1e-12",
        peers: GALARIO_IMAGE,
        goals: &[(512, 1.0), (4096, 0.0)],
    },
    Comparison {
        what: "chi2 of an image, Exact 1e-12, to ducc0",
        ours: "chi2_image.exact_1e-12",
        peers: DUCC_EXACT,
        goals: &[(512, 1.5)],
    },
    Comparison {
        what: "chi2 of an image, Exact 1e-12, turning, to GALARIO",
        ours: "chi2_image.exact_1e-12.turning",
        peers: GALARIO_IMAGE,
        goals: &[(512, 1.0), (4096, 0.0)],
    },
    Comparison {
        what: "chi2 of an image, Exact 1e-12, turning, to ducc0",
        ours: "chi2_image.exact_1e-12.turning",
        peers: DUCC_EXACT,
        goals: &[(512, 1.5)],
    },
    Comparison {
        what: "chi2 of a profile, Hankel 1e-10",
        ours: "chi2_profile.hankel_1e-10",
        peers: GALARIO_PROFILE,
        goals: &[(1024, 18.0), (2048, 0.0), (4096, 60.0)],
    },
    Comparison {
        what: "chi2 of a profile, image, Galario",
        ours: "chi2_profile.image_galario",
        peers: GALARIO_PROFILE,
        goals: &[],
    },
    Comparison {
        what: "2-D real FFT",
        ours: "fft.r2c",
        peers: &["ducc0.fft.r2c"],
        goals: &[(512, 1.0)],
    },
];

/// Ours whose time on two threads is compared with that on one, from 1024² on.
pub(super) const SCALING: &[&str] = &[
    "chi2_image.galario",
    "chi2_image.bilinear",
    "chi2_image.exact_1e-12",
    "chi2_profile.hankel_1e-10",
    "chi2_profile.image_galario",
];

/// Times faster on two threads than on one.
pub(super) const SCALING_GOAL: f64 = 1.7;

/// Pairs of ours and a peer's that compute the same number, and how far apart they may be.
///
/// GALARIO's rule is the same formula; the exact sums are each within 1e-12 of total flux, which
/// χ² of noise-like data shows as about as much.
pub(super) const SAME_CHI2: &[(&str, &str, f64)] = &[
    ("chi2_image.galario", "galario.chi2Image", 1e-9),
    ("chi2_profile.image_galario", "galario.chi2Profile", 1e-9),
    ("chi2_image.exact_1e-12", "ducc0.nufft.u2nu_1e-12", 1e-9),
    (
        "chi2_image.exact_1e-12",
        "ducc0.wgridder.dirty2vis_1e-12",
        1e-9,
    ),
];

/// Ours and the peers' operations whose memory is weighed.
pub(super) const WEIGHED: &[&str] = &[
    "chi2_image.galario",
    "chi2_image.bilinear",
    "chi2_image.exact_1e-12",
    "chi2_profile.hankel_1e-10",
    "chi2_profile.image_galario",
];

/// The peers' side of [`WEIGHED`].
pub(super) const WEIGHED_PEERS: &[&str] = &[
    "galario.chi2Image",
    "galario.chi2Profile",
    "ducc0.nufft.u2nu_1e-12",
    "ducc0.wgridder.dirty2vis_1e-12",
];

/// One line of the table.
#[derive(Debug, PartialEq)]
pub(super) struct Row {
    pub(super) ours_s: f64,
    pub(super) peer: &'static str,
    pub(super) peer_s: f64,
    pub(super) ratio: f64,
    /// Ratio to be reached at this size, if any.
    pub(super) goal: Option<f64>,
}

impl Comparison {
    /// The line for one size; nothing where either side was not measured.
    pub(super) fn row(&self, size: usize, ours: &Best, peers: &Best) -> Option<Row> {
        let ours_s = ours.seconds(self.ours)?;
        let (peer, peer_s) = self
            .peers
            .iter()
            .filter_map(|&peer| Some((peer, peers.seconds(peer)?)))
            .min_by(|a, b| a.1.total_cmp(&b.1))?;
        let goal = self
            .goals
            .iter()
            .rev()
            .find(|(from, _)| size >= *from)
            .map(|&(_, goal)| goal);
        Some(Row {
            ours_s,
            peer,
            peer_s,
            ratio: peer_s / ours_s,
            goal: goal.filter(|&goal| goal > 0.0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_fastest_peer_counts_and_goals_hold_from_their_size_on() {
        let (mut ours, mut peers) = (Best::default(), Best::default());
        ours.add(json!({"timings": {"x": {"min_s": 0.1}}}));
        peers.add(json!({"timings": {"a": {"min_s": 0.4}, "b": {"min_s": 0.3}}}));
        let comparison = Comparison {
            what: "",
            ours: "x",
            peers: &["a", "b", "c"],
            goals: &[(8, 2.0), (16, 0.0)],
        };
        let row = comparison.row(8, &ours, &peers).unwrap();
        assert_eq!((row.peer, row.goal), ("b", Some(2.0)));
        assert!((row.ratio - 3.0).abs() < 1e-12);
        assert_eq!(comparison.row(4, &ours, &peers).unwrap().goal, None);
        assert_eq!(comparison.row(16, &ours, &peers).unwrap().goal, None);
        assert_eq!(comparison.row(8, &peers, &ours), None);
    }
}
