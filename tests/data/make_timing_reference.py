#!/usr/bin/env python3
"""Makes the timing cases in tests/data/reference/ anew; see README.md beside it.

Needs stingray 2.3.2, importable. Run it from tests/data/.
"""

import json
import platform
from pathlib import Path

import numpy as np
import stingray
from stingray import gti as peer

SEED = 20_261_126
ROOT = Path(__file__).parent / "reference"


def save(name, params, inputs, outputs, scalars, rtol):
    folder = ROOT / name
    folder.mkdir(parents=True, exist_ok=True)
    for kind, arrays in (("inputs", inputs), ("outputs", outputs)):
        for key, array in arrays.items():
            array = np.asarray(array)
            if array.dtype.kind == "f":
                array = array.astype(float)
            np.save(folder / f"{kind}_{key}.npy", array)
    case = dict(
        case=name,
        peer="stingray",
        produced_by=f"stingray {stingray.__version__}, numpy {np.__version__}, Python {platform.python_version()}; "
        f"tests/data/make_timing_reference.py, seed {SEED}",
        params=params,
        scalars=scalars,
        rtol_suggested=rtol,
    )
    (folder / "case.json").write_text(json.dumps(case, indent=1) + "\n")


def gti_operations():
    rng = np.random.default_rng(SEED)
    time = np.arange(300) + 0.5
    a = np.sort(rng.uniform(0, 300, 12)).reshape(-1, 2)
    b = np.sort(rng.uniform(0, 300, 8)).reshape(-1, 2)
    condition = np.sin(time / 11) > 0.3
    bins, one = np.ones_like(time), 1.0
    mask, mask_gtis = peer.create_gti_mask(time, a, dt=one, return_new_gtis=True)
    safe, safe_gtis = peer.create_gti_mask(time, a, dt=one, safe_interval=2, return_new_gtis=True)
    seg_start, seg_stop = peer.time_intervals_from_gtis(a, 7)
    bin_start, bin_stop = peer.bin_intervals_from_gtis(a, 7, time, dt=one)
    parts = [part for part in peer.split_gtis_by_exposure(a, 60)]
    save(
        "gti_operations",
        {},
        dict(gti_a=a, gti_b=b, time=time, condition=condition),
        dict(
            cross=peer.cross_two_gtis(a, b),
            join=peer.join_gtis(a, b),
            btis=peer.get_btis(a, 0, 300),
            mask=mask,
            mask_gtis=mask_gtis,
            mask_safe2=safe,
            mask_safe2_gtis=safe_gtis[safe_gtis[:, 1] > safe_gtis[:, 0]],
            from_condition=peer.create_gti_from_condition(time, condition, dt=bins),
            seg_start=seg_start,
            seg_stop=seg_stop,
            seg_start_half=peer.time_intervals_from_gtis(a, 7, fraction_step=0.5)[0],
            bin_start=bin_start,
            bin_stop=bin_stop,
            split60_flat=np.concatenate(parts),
            split60_sizes=[len(part) for part in parts],
        ),
        dict(total=float(peer.get_total_gti_length(a))),
        1e-12,
    )


gti_operations()
