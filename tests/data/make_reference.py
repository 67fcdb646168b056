#!/usr/bin/env python3
"""Makes the reference cases in tests/data/reference/ anew; see README.md beside it.

Needs numpy and galario 1.2.2 (CPU, modules double and single), importable. Run it from tests/data/.
"""

import json
import platform
from pathlib import Path

import galario
import numpy as np
from galario import double, single

SEED = 20_180_701  # the month of the paper
ROOT = Path(__file__).parent / "reference"
RNG = np.random.default_rng(SEED)
CONVENTIONS = (
    "u, v in wavelengths; angles in rad; image in Jy/pixel, [row, column]; l = (n//2 - column) dxy, "
    "m = (n//2 - row) dxy (upper) or (row - n//2) dxy (lower); exponent +2 pi i (u l + v m); "
    "chi2 = sum w |Vobs - V|^2; vis_galario by galario, vis_dft by direct summation in float64"
)


def save(name, kind, parameters, arrays):
    folder = ROOT / name
    folder.mkdir(parents=True, exist_ok=True)
    for key, array in arrays.items():
        np.save(folder / f"{key}.npy", array)
    header = dict(
        name=name,
        kind=kind,
        conventions=CONVENTIONS,
        produced_by=f"galario {galario.__version__}, numpy {np.__version__}, Python {platform.python_version()}; "
        f"tests/data/make_reference.py, seed {SEED}",
    )
    (folder / "case.json").write_text(json.dumps(dict(header, **parameters), indent=1) + "\n")


def points(n, dxy, count):
    """Edge points (the origin, the axes, grid nodes, a tiny negative u), then random ones to 0.45 of Nyquist."""
    cell, nyquist = 1 / (n * dxy), 0.5 / dxy
    edge = np.array([[0, 0], [1, 0], [0, 1], [-1, 0], [0, -1], [2, 3], [-2, 3], [2, -3], [-1e-12, 1.5], [1.5, -1e-12]])
    length = 0.45 * nyquist * np.sqrt(RNG.uniform(size=count - len(edge)))
    azimuth = RNG.uniform(0, 2 * np.pi, len(length))
    u = np.concatenate([edge[:, 0] * cell, length * np.cos(azimuth)])
    v = np.concatenate([edge[:, 1] * cell, length * np.sin(azimuth)])
    return u, v


def observed(u, flux):
    re, im = flux * RNG.normal(0, 0.3, (2, len(u)))
    return re, im, RNG.uniform(0.5, 1.5, len(u)) / flux**2


def direct(image, dxy, origin, u, v, PA, dRA, dDec):
    n = image.shape[0]
    image, u, v = (np.asarray(x, dtype=float) for x in (image, u, v))
    ur, vr = u * np.cos(PA) - v * np.sin(PA), u * np.sin(PA) + v * np.cos(PA)
    east = (n // 2 - np.arange(n)) * dxy
    north = east if origin == "upper" else -east
    rows = np.exp(2j * np.pi * np.outer(vr, north))
    columns = np.exp(2j * np.pi * np.outer(ur, east))
    return np.sum((rows @ image) * columns, axis=1) * np.exp(2j * np.pi * (u * dRA + v * dDec))


def chi2(vis, re, im, w):
    return float(np.sum(np.float64(w) * np.abs(vis - (np.float64(re) + 1j * np.float64(im))) ** 2))


def blobs(n):
    """A few Gaussians off centre, and noise: nothing symmetric."""
    i, j = np.indices((n, n))
    image = 0.01 * RNG.uniform(size=(n, n))
    for _ in range(4):
        ci, cj = RNG.uniform(0.25 * n, 0.75 * n, 2)
        width = RNG.uniform(0.04, 0.1) * n
        image += RNG.uniform(0.3, 1) * np.exp(-((i - ci) ** 2 + (j - cj) ** 2) / (2 * width**2))
    return image / image.sum()


def image_case(name, n, origin, module, **offset):
    real = np.float64 if module is double else np.float32
    dxy = 8.3e-8
    image = blobs(n).astype(real)
    u, v = (x.astype(real) for x in points(n, dxy, 60))
    re, im, w = (x.astype(real) for x in observed(u, 1.0))
    vis = module.sampleImage(image, dxy, u, v, origin=origin, **offset)
    dft = direct(image, dxy, origin, u, v, **offset)
    save(
        name,
        "image",
        dict(
            nxy=n, dxy=dxy, origin=origin, precision=module.__name__.split(".")[-1], **offset,
            chi2_galario=float(module.chi2Image(image, dxy, u, v, re, im, w, origin=origin, **offset)),
            chi2_dft=chi2(dft, re, im, w),
        ),
        dict(image=image, u=u, v=v, vis_galario=vis, vis_dft=dft, vis_obs_re=re, vis_obs_im=im, weights=w),
    )


def profile_case(name, n, inc, radii_per_half_field, gaussian, **offset):
    dxy = 9.1e-8
    dR, Rmin = dxy / 12.3, dxy / 70
    nr = int(radii_per_half_field * n / 2 * 12.3)
    R = Rmin + dR * np.arange(nr)
    sigma = 0.07 * n * dxy
    peak = 1 / (2 * np.pi * sigma**2)
    profile = peak * np.exp(-0.5 * (R / sigma) ** 2)
    if not gaussian:
        profile += 0.2 * peak * np.exp(-(((R - 4 * sigma) / (0.6 * sigma)) ** 2))
    u, v = points(n, dxy, 60)
    image = np.asarray(double.sweep(profile, Rmin, dR, n, dxy, inc))[:, :n].real.copy()
    flux = image.sum()
    re, im, w = observed(u, flux)
    call = (profile, Rmin, dR, n, dxy, u, v)
    dft = direct(image, dxy, "upper", u, v, **offset)
    parameters = dict(nxy=n, dxy=dxy, Rmin=Rmin, dR=dR, nr=nr, inc=inc, precision="double", **offset)
    if gaussian:
        parameters |= dict(gauss_sigma=sigma, gauss_I0=peak)
    c = n // 2
    parameters |= dict(
        image_checks=dict(sum=flux, central_pixel=image[c, c], px_c_cm1=image[c, c - 1], px_cm3_cp2=image[c - 3, c + 2]),
        chi2_galario=float(double.chi2Profile(*call, re, im, w, inc=inc, **offset)),
        chi2_dft=chi2(dft, re, im, w),
    )
    arrays = dict(profile=profile, u=u, v=v, vis_dft=dft, vis_obs_re=re, vis_obs_im=im, weights=w,
                  vis_galario=double.sampleProfile(*call, inc=inc, **offset))
    if n <= 40:
        arrays |= dict(sweep_image=image)
    save(name, "profile", parameters, arrays)


def lowlevel_case(name, n):
    dxy = 1.7e-7
    cell = 1 / (n * dxy)
    image = blobs(n)
    u, v = points(n, dxy, 40)
    PA, dRA, dDec = -2.1, 6.1e-8, -3.3e-8
    dRArot, dDecrot, urot, vrot = double.uv_rotate(PA, dRA, dDec, u, v)
    fft2d = np.fft.rfft2(image)
    shifted = np.fft.fftshift(fft2d, axes=0).copy()
    upper = np.asarray(double.interpolate(shifted, cell, u, v, origin="upper"))
    lower = np.asarray(double.interpolate(shifted, cell, u, v, origin="lower"))
    phased = np.asarray(double.apply_phase_vis(dRA, dDec, u, v, upper))
    re, im, w = observed(u, 1.0)
    save(
        name,
        "lowlevel",
        dict(nxy=n, dxy=dxy, duv=cell, PA=PA, dRA=dRA, dDec=dDec, dRArot=dRArot, dDecrot=dDecrot,
             chi2=float(double.reduce_chi2(re, im, w, phased)),
             note="fft2d and the shifts by numpy, the rest by galario"),
        dict(image=image, fft2d=fft2d, ft_shifted=shifted, fftshift_image=np.fft.fftshift(image), u=u, v=v,
             urot=np.asarray(urot), vrot=np.asarray(vrot), interp_upper=upper, interp_lower=lower, phased=phased,
             vis_obs_re=re, vis_obs_im=im, weights=w),
    )


def passes(u, v, n, dxy):
    try:
        return bool(double.check_image_size(u, v, n, dxy, 1 / (n * dxy)))
    except AssertionError:
        return False


def sizes_case(name):
    sizes = []
    for PB, f_min, f_max in [(0, 5, 2.5), (0, 3, 4), (2e-4, 7, 2.5), (3e-4, 5, 2.1)]:
        uvmin, uvmax = RNG.uniform(1e4, 5e4), RNG.uniform(1e5, 9e5)
        u, v = np.array([uvmin, uvmax]), np.zeros(2)
        n, dxy = double.get_image_size(u, v, PB=PB, f_min=f_min, f_max=f_max)
        trials = [[f, passes(u, v, n, f * dxy)] for f in (1, 0.5, 3)]
        sizes.append(dict(uvmin=uvmin, uvmax=uvmax, PB=PB, f_min=f_min, f_max=f_max, nxy=int(n), dxy=float(dxy),
                          check_pass_with_dxy_times=trials))
    mesh = dict(nrow=4, ncol=6, dxy=0.25, inc=1.1, Dx=-0.4, Dy=0.15)
    for origin in ("upper", "lower"):
        x, y, x_m, y_m, R_m = double.get_coords_meshgrid(mesh["nrow"], mesh["ncol"], mesh["dxy"], mesh["inc"],
                                                        mesh["Dx"], mesh["Dy"], origin)
        mesh[origin] = {k: np.asarray(a).tolist() for k, a in dict(x=x, y=y, x_m=x_m, y_m=y_m, R_m=R_m).items()}
    save(name, "sizes", dict(get_image_size=sizes, meshgrid=mesh), {})


def uvtable_case(name):
    wavelength, n, count = 1.3e-3, 128, 300
    truth = dict(inc=0.9, PA=1.3, dRA=2.5e-7, dDec=-1.5e-7)
    sigma, peak = 1.1e-6, 3e10
    length, azimuth = RNG.uniform(20, 350, count), RNG.uniform(0, 2 * np.pi, count)
    w = np.round(RNG.uniform(2e4, 4e4, count), 1)
    folder = ROOT / name
    folder.mkdir(parents=True, exist_ok=True)
    model = analytic(length * np.cos(azimuth) / wavelength, length * np.sin(azimuth) / wavelength, peak, sigma, **truth)
    noise = (RNG.normal(size=count) + 1j * RNG.normal(size=count)) / np.sqrt(w)
    table = np.column_stack([length * np.cos(azimuth), length * np.sin(azimuth), (model + noise).real, (model + noise).imag, w])
    np.savetxt(folder / "table.txt", table, fmt="%.6e", header="A noisy Gaussian disc; columns: u [m], v [m], Re [Jy], Im [Jy], weight [1/Jy^2]")
    u, v, re, im, w = (np.ascontiguousarray(column) for column in np.loadtxt(folder / "table.txt").T)
    u, v = u / wavelength, v / wavelength
    dxy = 9.5e-8
    Rmin, dR, nR = dxy / 50, dxy / 11, 800
    profile = peak * np.exp(-0.5 * ((Rmin + dR * np.arange(nR)) / sigma) ** 2)
    geometry = dict(PA=truth["PA"], dRA=truth["dRA"], dDec=truth["dDec"])
    call = (profile, Rmin, dR, n, dxy, u, v)
    image = np.asarray(double.sweep(profile, Rmin, dR, n, dxy, truth["inc"]))[:, :n].real.copy()
    index = np.arange(0, count, 5)
    save(
        name,
        "uvtable",
        dict(data="table.txt", wavelength_m=wavelength, nxy=n, dxy=dxy, f0=peak, sigma=sigma, Rmin=Rmin, dR=dR, nR=nR,
             M=count, **truth, chi2_galario=float(double.chi2Profile(*call, re, im, w, inc=truth["inc"], **geometry)),
             chi2_zero_model=chi2(0, re, im, w)),
        dict(vis_galario=double.sampleProfile(*call, inc=truth["inc"], **geometry), dft_index=index,
             vis_dft=direct(image, dxy, "upper", u[index], v[index], **geometry),
             vis_analytic=analytic(u, v, peak, sigma, **truth)),
    )


def analytic(u, v, peak, sigma, inc, PA, dRA, dDec):
    east = np.cos(inc) * (u * np.cos(PA) - v * np.sin(PA))
    north = u * np.sin(PA) + v * np.cos(PA)
    flux = 2 * np.pi * sigma**2 * peak * np.cos(inc)
    return flux * np.exp(-2 * np.pi**2 * sigma**2 * (east**2 + north**2) + 2j * np.pi * (u * dRA + v * dDec))


image_case("image_40_upper_double", 40, "upper", double, PA=0.83, dRA=3.1e-7, dDec=-2.2e-7)
image_case("image_36_lower_double", 36, "lower", double, PA=-2.4, dRA=-1.4e-7, dDec=4.0e-7)
image_case("image_40_lower_single", 40, "lower", single, PA=1.9, dRA=2.0e-7, dDec=1.1e-7)
profile_case("profile_96_gauss_double", 96, 1.05, 0.95, True, PA=2.2, dRA=5.3e-7, dDec=-1.9e-7)
profile_case("profile_40_cut_double", 40, 0.45, 1.7, False, PA=-0.6, dRA=-2.5e-7, dDec=3.6e-7)
lowlevel_case("lowlevel_16", 16)
sizes_case("image_size_and_meshgrid")
uvtable_case("uvtable_disc")
