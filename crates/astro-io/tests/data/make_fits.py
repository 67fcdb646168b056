"""Makes the FITS image reference files of this folder (run with astropy 8; see README.md)."""
import gzip

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS


def celestial(axes):
    wcs = WCS(naxis=axes)
    wcs.wcs.ctype = ["RA---SIN", "DEC--SIN", "FREQ", "STOKES"][:axes]
    wcs.wcs.crval = [69.9, 18.25, 230e9, 1][:axes]
    wcs.wcs.crpix = [4, 3, 1, 1][:axes]
    wcs.wcs.cdelt = [-1e-5, 2e-5, 1e6, 1][:axes]
    return wcs.to_header()


def save(name, hdus):
    fits.HDUList(hdus).writeto("tmp.fits", overwrite=True, checksum=True)
    with open("tmp.fits", "rb") as plain, open(name, "wb") as packed:
        packed.write(gzip.compress(plain.read(), mtime=0) if name.endswith(".gz") else plain.read())


grid = np.arange(4 * 6).reshape(4, 6)

# 16 bits, scaled, with a blank pixel; the physical value is 0.5 raw + 10.
scaled = fits.PrimaryHDU(grid.astype(">i2"), celestial(2))
scaled.header["BSCALE"] = 0.5
scaled.header["BZERO"] = 10.0
scaled.header["BLANK"] = 7
scaled.header["BUNIT"] = "Jy/beam"
scaled.header["BMAJ"], scaled.header["BMIN"], scaled.header["BPA"] = 1e-4, 5e-5, 30.0
scaled.header["RESTFRQ"] = 230.538e9
scaled.header["OBJECT"] = "it's a disc"
# Written as bytes: astropy would turn scaled integers into floats.
raw = bytearray(scaled.header.tostring(padding=True).encode())
raw += grid.astype(">i2").tobytes().ljust(2880, b"\0")
open("scaled.fits", "wb").write(raw)

# A cube as CASA exports it: STOKES, FREQ, DEC, RA; one NaN.
cube = (np.arange(3)[:, None, None] * 100 + grid).astype(">f4")
cube[1, 2, 3] = np.nan
save("cube.fits.gz", [fits.PrimaryHDU(cube[None], celestial(4))])

# Extensions of every type; the one named ROTATED has a CD matrix turned by 30 degrees.
sin, cos = np.sin(np.pi / 6), np.cos(np.pi / 6)
rotated = fits.ImageHDU(grid * 1e-3, celestial(2), name="ROTATED")
for key in ("CDELT1", "CDELT2"):
    del rotated.header[key]
rotated.header["CD1_1"], rotated.header["CD1_2"] = -1e-5 * cos, 1e-5 * sin
rotated.header["CD2_1"], rotated.header["CD2_2"] = 1e-5 * sin, 1e-5 * cos
types = [fits.ImageHDU(grid.astype(t), celestial(2), name=t.upper()) for t in ("u1", "u2", "i4", "i8", "f4", "f8")]
table = fits.BinTableHDU.from_columns([fits.Column("A", "J", array=[1, 2])], name="TABLE")
save("types.fits.gz", [fits.PrimaryHDU(), table, rotated, *types])

# All four Stokes parameters.
stokes = np.stack([grid, -grid, 2 * grid, 3 * grid]).astype(">f4")
header = celestial(4)
save("stokes.fits.gz", [fits.PrimaryHDU(stokes[:, None], header)])

save("rice.fits.gz", [fits.PrimaryHDU(), fits.CompImageHDU(np.tile(grid, (8, 8)).astype("i4"), compression_type="RICE_1")])
import os
os.remove("tmp.fits")
