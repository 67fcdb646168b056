"""Makes the NumPy reference files of this folder (run with NumPy 2; see README.md)."""
import numpy as np

grid = np.arange(24).reshape(2, 3, 4)
for name, array in {
    "f8_c": grid * 0.5,
    "f4_fortran": np.asfortranarray(grid.astype("f4") * 0.5),
    "f8_big": (grid * 0.5).astype(">f8"),
    "c16_big_fortran": np.asfortranarray((grid + 0.25j * grid).astype(">c16")),
    "c8": (grid - 1j * grid).astype("c8"),
    "i4": grid.astype("i4") - 12,
    "u2_big": grid.astype(">u2") * 1000,
    "bool": grid % 3 == 0,
    "scalar": np.float64(2.5),
    "empty": np.zeros((0, 3)),
}.items():
    np.save(f"{name}.npy", array)

rows = np.arange(6.0)
u, v = 1e5 + 1e4 * rows, -2e4 + 3e3 * rows
V = (0.1 * rows + 0.5) * np.exp(0.3j * rows)
weights = 100.0 + rows
np.savez_compressed("frank.npz", u=u, v=v, V=V, weights=weights)
np.savez("mpol.npz", uu=np.stack([u, 1.01 * u]) / 1e3, vv=np.stack([v, 1.01 * v]) / 1e3,
         data=np.conj(np.stack([V, 2 * V])).astype("c8"), weight=np.stack([weights, weights]).astype("f4"),
         frequency=np.array([230e9, 232.3e9]))
np.savez("meters.npz", u=u / 1e3, v=v / 1e3, Vis=V, Wgt=weights)
np.savetxt("uvplot.txt", np.column_stack([u * 1.3e-3, v * 1.3e-3, V.real, V.imag, weights]), fmt="%10.6e", delimiter="\t",
           header="Extracted from disc.ms.\nwavelength[m] = 0.0013\nColumns:\tu[m]\tv[m]\tRe(V)[Jy]\tIm(V)[Jy]\tweight")
