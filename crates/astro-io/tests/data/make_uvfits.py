"""Makes the UVFITS reference files of this folder (run with astropy 8; see README.md).

The visibilities are products of the fields at two antennas, E1 conj(E2), of a
plane wave from a point source of 2 Jy at (l, m) that antenna k sees earlier by r_k.s/c,
so that the sign of the exponent and of u, v, w is that of the physics, not of a formula.
"""
import gzip
import os

import numpy as np
from astropy.io import fits

C = 299792458.0
POSITIONS = np.array([[0, 0, 0], [900, 120, -3], [-350, 640, 5], [80, -1500, 11.0]])  # along u, v, w at the first time
MJD = 60310


def axes(header, stokes, step, f0, width, pixel):
    for n, (kind, value, delta, pix) in enumerate([("COMPLEX", 1, 1, 1), ("STOKES", stokes, step, 1), ("FREQ", f0, width, pixel),
                                                   ("IF", 1, 1, 1), ("RA", 69.9, 1, 1), ("DEC", 18.25, 1, 1)], start=2):
        header[f"CTYPE{n}"], header[f"CRVAL{n}"], header[f"CDELT{n}"], header[f"CRPIX{n}"] = kind, float(value), float(delta), float(pix)


def fq(offsets, widths):
    n = len(offsets[0])
    return fits.BinTableHDU.from_columns([
        fits.Column("FRQSEL", "1J", array=np.arange(1, len(offsets) + 1)),
        fits.Column("IF FREQ", f"{n}D", unit="HZ", array=np.array(offsets)),
        fits.Column("CH WIDTH", f"{n}E", unit="HZ", array=np.array(widths)),
        fits.Column("SIDEBAND", f"{n}J", array=np.ones((len(offsets), n), int))], name="AIPS FQ")


def make(name, stokes, stokes_step, pairs, f0, width, pixel, offsets, widths, nchan, names, extra=(), setups=None, damage=(),
         source=(3e-6, -1e-6)):  # East and South of the phase centre, radians
    direction = np.array([*source, np.sqrt(1 - source[0] ** 2 - source[1] ** 2)])
    rows, expected = [], []
    nif = len(offsets[0])
    for t, seconds in enumerate([43200.25, 43230.75]):
        angle = 0.3 * t
        turn = np.array([[np.cos(angle), np.sin(angle), 0], [-np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
        positions = POSITIONS @ turn.T
        for a, b in pairs:
            setup = setups[t] if setups else 0
            frequency = f0 + np.array([[offsets[setup][i] + (c + 1 - pixel) * widths[setup][i] for c in range(nchan)] for i in range(nif)])
            uvw = (positions[a] - positions[b]) / C  # seconds
            field = lambda k: np.sqrt(2.0) * np.exp(2j * np.pi * frequency * (positions[k] @ direction - positions[k][2]) / C)
            product = field(a) * np.conj(field(b))
            nstokes = abs(stokes[1])
            data = np.zeros((1, 1, nif, nchan, nstokes, 3), np.float32)
            for s in range(nstokes):
                parallel = stokes[0] + s * stokes_step in (1, -1, -2, -5, -6)
                # Both hands differ by noise, of which the weighted mean is known.
                weight = 10.0 + 5.0 * s
                value = product + (0.02 if s == 0 else -0.04) if parallel else 99 + 0 * product
                data[0, 0, :, :, s, 0], data[0, 0, :, :, s, 1], data[0, 0, :, :, s, 2] = value.real, value.imag, weight
            group = len(rows)
            for g, i, c, s, column, what in damage:
                if g == group:
                    data[0, 0, i, c, s, column] = what
            rows.append((data, uvw, seconds, a + 1, b + 1, setup + 1))
            if a == b:
                continue
            sign = 1 if a < b else -1
            for i in range(nif):
                for c in range(nchan):
                    d = data[0, 0, i, c].astype(float)
                    hands = [s for s in range(nstokes) if stokes[0] + s * stokes_step in (1, -1, -2, -5, -6)
                             and d[s, 2] > 0 and np.isfinite(d[s]).all()]
                    w = sum(d[s, 2] for s in hands)
                    v = sum((d[s, 0] + 1j * d[s, 1]) * d[s, 2] for s in hands) / w if hands else 0j
                    uvl = sign * uvw * frequency[i, c]
                    expected.append([*uvl, v.real, sign * v.imag, w, frequency[i, c], seconds, min(a, b) + 1, max(a, b) + 1])
    column = lambda f: np.array([f(r) for r in rows], dtype=np.float32)
    values = {
        "UU": column(lambda r: r[1][0]), "VV": column(lambda r: r[1][1]), "WW": column(lambda r: r[1][2]),
        "DATE": column(lambda r: 0), "DATE2": column(lambda r: r[2] / 86400),
        "BASELINE": column(lambda r: 256 * r[3] + r[4]), "ANTENNA1": column(lambda r: r[3]), "ANTENNA2": column(lambda r: r[4]),
        "SUBARRAY": column(lambda r: 1), "FREQSEL": column(lambda r: r[5]), "SOURCE": column(lambda r: 7), "INTTIM": column(lambda r: 30),
    }
    zeros = [MJD + 2400000.5 if n == "DATE" else 0.0 for n in names]
    scales = [1e-9 if n in ("UU", "VV", "WW") and "nano" in extra else 1.0 for n in names]
    pardata = [values[n] / s for n, s in zip(names, scales)]
    hdu = fits.GroupsHDU(fits.GroupData(np.stack([r[0] for r in rows]), bitpix=-32, parnames=[n.replace("DATE2", "DATE") for n in names],
                                        pardata=pardata))
    # Set on the header: the writer would apply them to the numbers.
    for n, (scale, zero) in enumerate(zip(scales, zeros), start=1):
        hdu.header[f"PSCAL{n}"], hdu.header[f"PZERO{n}"] = scale, zero
    axes(hdu.header, stokes[0], stokes_step, f0, width, pixel)
    hdus = [hdu, fq(offsets, widths)]
    if "SOURCE" in names:
        hdus.append(fits.BinTableHDU.from_columns([fits.Column("ID. NO.", "1J", array=[3, 7]), fits.Column("SOURCE", "16A", array=["other", "disc"]),
                                                   fits.Column("RAEPO", "1D", array=[1.0, 120.5]), fits.Column("DECEPO", "1D", array=[2.0, -30.25])], name="AIPS SU"))
    fits.HDUList(hdus).writeto("tmp.fits", overwrite=True)
    raw = open("tmp.fits", "rb").read()
    os.remove("tmp.fits")
    open(name, "wb").write(gzip.compress(raw, mtime=0) if name.endswith(".gz") else raw)
    np.savetxt(name.split(".")[0] + "_expected.txt", expected, fmt="%.9g", header="u v w Re Im weight freq time ant1 ant2", comments="# ")


# As AIPS: circular hands, all four of them, BASELINE, two spectral windows of three channels, an autocorrelation,
# a reversed baseline, a flagged hand, a hand that is not a number, a point with both hands flagged.
make("aips.uvfits.gz", (-1, 4), -1, [(0, 1), (0, 2), (1, 1), (2, 1), (0, 3)], 1.4e9, 2e6, 2, [[0.0, 64e6]], [[2e6, 2e6]], 3,
     ["UU", "VV", "WW", "BASELINE", "DATE", "DATE2"],
     damage=[(0, 0, 1, 0, 2, -10), (1, 1, 2, 1, 0, np.nan), (4, 0, 0, 0, 2, -1), (4, 0, 0, 1, 2, 0)])
# As CASA with separate antennas and two frequency setups: linear hands, one window, one channel, seconds in nanoseconds by PSCAL.
make("casa.uvfits.gz", (-5, 2), -1, [(0, 1), (0, 2), (1, 3)], 230e9, 1e9, 1, [[0.0], [2e9]], [[1e9], [1e9]], 1,
     ["UU", "VV", "WW", "DATE", "DATE2", "ANTENNA1", "ANTENNA2", "SUBARRAY", "FREQSEL", "SOURCE", "INTTIM"], extra=("nano",), setups=[0, 1])
# Stokes I, far from the phase centre, where w counts.
make("small.uvfits.gz", (1, 1), 1, [(0, 1), (2, 3)], 345e9, 1e9, 1, [[0.0]], [[1e9]], 1, ["UU", "VV", "WW", "BASELINE", "DATE", "DATE2"],
     source=(0.01, -0.004))
