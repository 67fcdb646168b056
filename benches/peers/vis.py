#!/usr/bin/env python3
"""The peers' side of `cargo xtask bench vis`: times or weighs one image size, prints one JSON object.

Needs numpy and, importable, what is to be compared:
  galario  1.2.2, built from its public source for the CPU with OpenMP and `-O3 -march=native` (modules double)
  ducc0    0.42,  built for this machine: pip install --no-binary ducc0 ducc0
The published figures are for these versions. A package that is missing is named in the result and skipped.

The work is that of benches/src/vis.rs, number by number: one step of a fit, chi^2 of a ring at a million uv points.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import time

ARCSEC = 3.14159265358979323846 / 180.0 / 3600.0
SEED = 12345


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, required=True, help="pixels on a side")
    parser.add_argument("--points", type=int, default=1_000_000, help="number of uv points")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=1.0, help="to spend on each timing")
    parser.add_argument("--memory", metavar="METHOD", help="instead of timing, weigh the memory of this method")
    return parser.parse_args()


OPTIONS = arguments()
# Before any of the libraries starts its threads.
os.environ["OMP_NUM_THREADS"] = str(OPTIONS.threads)
os.environ["DUCC0_NUM_THREADS"] = str(OPTIONS.threads)

import numpy as np  # noqa: E402

MISSING = {}
try:
    import galario
    import galario.double
except ImportError as error:
    galario = None
    MISSING["galario"] = str(error)
try:
    import ducc0
except ImportError as error:
    ducc0 = None
    MISSING["ducc0"] = str(error)


def uniform(k):
    """The k-th numbers of the stream, in [0, 1): SplitMix64."""
    with np.errstate(over="ignore"):
        z = np.uint64(SEED) + (k.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return (z >> np.uint64(11)).astype(float) / 2.0**53


class Job:
    """See benches/src/vis.rs."""

    def __init__(self, n, points):
        self.n = n
        self.dxy = 0.01 * ARCSEC
        k = 5 * np.arange(points)
        length = (0.002 + 0.398 * uniform(k)) * (0.5 / self.dxy)
        azimuth = 2.0 * np.pi * uniform(k + 1)
        self.u, self.v = length * np.cos(azimuth), length * np.sin(azimuth)
        self.re, self.im = 2.0 * uniform(k + 2) - 1.0, 2.0 * uniform(k + 3) - 1.0
        self.w = 0.5 + uniform(k + 4)
        self.Rmin, self.dR = self.dxy / 100.0, self.dxy / 10.5
        self.profile = self.brightness(self.Rmin + self.dR * np.arange(int(n / 4 * 10.5)))
        self.inc, self.PA, self.dRA, self.dDec = 0.6, 0.7, 3.7 * self.dxy, -2.3 * self.dxy

    def brightness(self, radius):
        scale = self.n * self.dxy / 16.0
        ring = (radius - 2.0 * scale) / (0.75 * scale)
        return 1e12 * (np.exp(-((radius / scale) ** 2)) + 0.3 * np.exp(-(ring**2)))

    def image(self):
        x = (self.n // 2 - np.arange(self.n)) * self.dxy
        image = np.empty((self.n, self.n))
        for i in range(self.n):  # row by row: no temporary of the image's size
            image[i] = self.dxy**2 * self.brightness(np.hypot(x / np.cos(self.inc), x[i]))
        return image

    def turned(self):
        c, s = np.cos(self.PA), np.sin(self.PA)
        return self.u * c - self.v * s, self.u * s + self.v * c

    def chi2(self, centred):
        """Of visibilities without the offset's phase."""
        visibility = centred * np.exp(2j * np.pi * (self.u * self.dRA + self.v * self.dDec))
        return float(np.sum(self.w * np.abs(visibility - (self.re + 1j * self.im)) ** 2))


def methods(job, image):
    """Name and call of every method that can be timed, those of missing packages left out."""
    offset = dict(dRA=job.dRA, dDec=job.dDec, PA=job.PA)
    data = (job.u, job.v, job.re, job.im, job.w)
    result = {}
    if galario is not None:
        g = galario.double
        g.threads(OPTIONS.threads)
        result["galario.chi2Image"] = lambda: g.chi2Image(image(), job.dxy, *data, **offset)
        result["galario.sampleImage"] = lambda: g.sampleImage(image(), job.dxy, job.u, job.v, **offset)
        result["galario.chi2Profile"] = lambda: g.chi2Profile(
            job.profile, job.Rmin, job.dR, job.n, job.dxy, *data, inc=job.inc, **offset)
    if ducc0 is not None:
        t = OPTIONS.threads
        u, v = job.turned()
        coordinates = np.stack([v * job.dxy, u * job.dxy], axis=1)
        baselines = np.stack([v, u, np.zeros_like(u)], axis=1)  # axis 0 of the image is North-South
        for epsilon in (1e-6, 1e-12):
            result[f"ducc0.nufft.u2nu_{epsilon:.0e}"] = lambda epsilon=epsilon: ducc0.nufft.u2nu(
                grid=image(complex), coord=coordinates, forward=False, epsilon=epsilon, nthreads=t,
                periodicity=1.0, fft_order=False)
            result[f"ducc0.wgridder.dirty2vis_{epsilon:.0e}"] = lambda epsilon=epsilon: ducc0.wgridder.dirty2vis(
                uvw=baselines, freq=np.array([299792458.0]), dirty=image(), pixsize_x=job.dxy, pixsize_y=job.dxy,
                epsilon=epsilon, do_wgridding=False, divide_by_n=False, nthreads=t)
    return result


def timings(call):
    call()
    times, processor, start = [], [], time.perf_counter()
    while len(times) < 3 or time.perf_counter() - start < OPTIONS.seconds:
        run, used = time.perf_counter(), time.process_time()
        call()
        times.append(time.perf_counter() - run)
        processor.append(time.process_time() - used)
    # Processor time is summed over threads, so it is a time only for one of them.
    return dict(min_s=min(times), median_s=statistics.median(times), cpu_min_s=min(processor), runs=len(times))


def time_all():
    job = Job(OPTIONS.size, OPTIONS.points)
    images = {float: job.image()}
    images[complex] = images[float].astype(complex)
    calls = methods(job, lambda kind=float: images[kind])
    measured, chi2 = {}, {}
    for name, call in calls.items():
        measured[name] = timings(call)
        if "chi2" in name:
            chi2[name] = float(call())
        elif name.startswith("ducc0"):
            centred = np.asarray(call()).ravel()
            chi2[name] = job.chi2(centred)
    if ducc0 is not None:
        out = np.empty((job.n, job.n // 2 + 1), complex)
        measured["ducc0.fft.r2c"] = timings(
            lambda: ducc0.fft.r2c(images[float], axes=(0, 1), out=out, nthreads=OPTIONS.threads))
    return dict(timings=measured, chi2=chi2)


def status(field):
    with open("/proc/self/status") as lines:
        for line in lines:
            if line.startswith(field):
                return int(line.split()[1]) * 1024
    sys.exit("this system does not tell a process's memory")


def weigh(method):
    job = Job(OPTIONS.size, OPTIONS.points)
    kind = complex if "u2nu" in method else float
    image = None if "Profile" in method else job.image().astype(kind, copy=False)
    call = methods(job, lambda kind=None: image)[method]
    inputs = status("VmRSS:")
    with open("/proc/self/clear_refs", "w") as forget_peak:
        forget_peak.write("5")
    call()
    peak = status("VmHWM:")
    return dict(method=method, inputs_bytes=inputs, peak_bytes=peak, beyond_inputs_bytes=peak - inputs)


def main():
    report = weigh(OPTIONS.memory) if OPTIONS.memory else time_all()
    versions = dict(python=platform.python_version(), numpy=np.__version__)
    for name, module in (("galario", galario), ("ducc0", ducc0)):
        if module is not None:
            versions[name] = str(module.__version__).strip("'")
    print(json.dumps(dict(side="peers", size=OPTIONS.size, points=OPTIONS.points, threads=OPTIONS.threads,
                          versions=versions, missing=MISSING, **report)))


main()
