#!/usr/bin/env python3
"""The peers' side of `cargo xtask bench timing`: times or weighs jobs on an event file, prints one JSON object.

Needs, importable: stingray 2.3.2 and hendrics 8.5.1, with numba (pip install stingray==2.3.2 hendrics==8.5.1 numba).
The published figures are for these versions; others are refused.

The file is that of `bench-timing --file`, and the work that of benches/src/timing.rs, number by number. Each job reads the
file itself, as ours does. Compilers that work at the first call have done so before the clock starts, on the first seconds
of the file.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import sys
import time
import warnings

VERSIONS = {"stingray": "2.3.2", "hendrics": "8.5.1"}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", required=True, help="the event file")
    parser.add_argument("--small", required=True, help="a small one, to warm up with")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=1.0, help="to spend on each timing")
    parser.add_argument("--jobs", help="what to time, comma-separated; all if not given")
    parser.add_argument("--memory", metavar="JOB", help="instead of timing, weigh the memory of this job")
    return parser.parse_args()


OPTIONS = arguments()
# Before any of the libraries starts its threads.
for variable in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = str(OPTIONS.threads)
warnings.simplefilter("ignore")

import numpy as np  # noqa: E402

try:
    import hendrics
    import numba
    import stingray
    from astropy.modeling import models
    from hendrics.efsearch import search_with_qffa
    from stingray import AveragedCrossspectrum, AveragedPowerspectrum, DynamicalPowerspectrum, EventList, Powerspectrum
    from stingray.gti import time_intervals_from_gtis
    from stingray.io import FITSTimeseriesReader
    from stingray.modeling import PSDLogLikelihood, PSDParEst
    from stingray.pulse.search import z_n_search
    from stingray.utils import histogram
    from stingray.varenergyspectrum import LagSpectrum
except ImportError as error:
    sys.exit(f"{error}: pip install " + " ".join(f"{name}=={version}" for name, version in VERSIONS.items()) + " numba")
for module in (stingray, hendrics):
    if module.__version__ != VERSIONS[module.__name__]:
        sys.exit(f"{module.__name__} is {module.__version__}; the comparison is with {VERSIONS[module.__name__]}")

# See benches/src/timing.rs.
RATE, START, SEARCHED, TRIALS, PULSE = 1028.0, 8e7, 1_000_000, 10_000, 4.5
SEGMENT, BIN, SHORT = 256.0, 1.0 / 2048.0, 16.0
EDGES, MIDDLE = [3.0, 5.0, 8.0, 12.0, 18.0, 26.0, 36.0, 50.0, 78.0], 20.0
FITTED, AVERAGES = 16_384, 10


def uniform(k):
    """The k-th numbers of the stream, in [0, 1): SplitMix64."""
    with np.errstate(over="ignore"):
        z = (k.astype(np.uint64) + np.uint64(12345)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return (z >> np.uint64(11)).astype(float) / 2.0**53


def load(path):
    return EventList.read(path, fmt="hea")


def power_lazy(path):
    """In constant memory: the file is read a segment at a time."""
    reader = FITSTimeseriesReader(path, data_kind="times")
    starts, stops = time_intervals_from_gtis(reader.gti, SEGMENT)
    intervals = np.array(list(zip(starts, stops)))
    bins = int(SEGMENT / BIN)

    def curves():
        for times, start in zip(reader.filter_at_time_intervals(intervals, check_gtis=True), starts):
            yield histogram((times - start).astype(float), bins=bins, range=[0, SEGMENT]).astype(float)

    spectrum = AveragedPowerspectrum.from_lc_iterable(
        curves(), dt=BIN, segment_size=SEGMENT, norm="leahy", silent=True)
    return [float(spectrum.power.sum())]


def power_whole(path):
    """With all events in memory."""
    spectrum = AveragedPowerspectrum.from_events(load(path), dt=BIN, segment_size=SEGMENT, norm="leahy", silent=True)
    return [float(spectrum.power.sum())]


def cross(path):
    events = load(path)
    hard = events.filter_energy_range((MIDDLE, EDGES[-1]))
    soft = events.filter_energy_range((EDGES[0], MIDDLE))
    spectrum = AveragedCrossspectrum.from_events(hard, soft, dt=BIN, segment_size=SEGMENT, norm="frac", silent=True)
    return [float((np.abs(spectrum.power) ** 2).sum())]


def dynamical(path):
    spectrum = DynamicalPowerspectrum(load(path), segment_size=SHORT, sample_time=1 / 512, norm="leahy")
    return [float(spectrum.dyn_ps.sum())]


def lags(path):
    spectrum = LagSpectrum(
        load(path), freq_interval=[0.1, 10.0], energy_spec=EDGES, ref_band=[EDGES[0], EDGES[-1]], bin_time=1 / 128,
        segment_size=SHORT)
    return [float(lag) for lag in spectrum.spectrum]


def searched(path):
    return np.asarray(load(path).time, float)[:SEARCHED]


def z2_binned(times):
    step = 0.25 / (SEARCHED / RATE)
    frequencies = PULSE - (TRIALS // 2) * step + step * np.arange(TRIALS)
    # Phases from the epoch of our grid, so that profiles are the same.
    frequencies, statistic = z_n_search(times - START, frequencies, nharm=2, nbin=128)
    return [float(statistic.mean()), float(statistic.max()), float(frequencies[np.argmax(statistic)])]


GRID = {}


def z1_prefolded(times):
    span = SEARCHED / RATE
    reach = (TRIALS // 2) * 0.25 / span
    frequencies, statistic, step, _ = search_with_qffa(
        times, PULSE - reach, PULSE + reach, nbin=16, n=1, search_fdot=False, silent=True)
    order = np.argsort(frequencies)
    frequencies, statistic = frequencies[order], statistic[order]
    GRID["z1"] = [float(frequencies[0]), float(step), len(frequencies)]
    return [float(statistic.mean()), float(statistic.max()), float(frequencies[np.argmax(statistic)])]


def line():
    """A noisy line, its start and its fit."""
    i = np.arange(FITTED)
    frequency = (1 + i) / 128.0
    noise = sum(-np.log(1.0 - uniform(AVERAGES * i + k)) for k in range(AVERAGES)) / AVERAGES
    spectrum = Powerspectrum()
    spectrum.freq, spectrum.df, spectrum.m, spectrum.norm = frequency, frequency[0], AVERAGES, "leahy"
    spectrum.power = (10.0 * 0.09 / ((frequency - 3.0) ** 2 + 0.09) + 2.0) * noise
    spectrum.power_err = spectrum.power / np.sqrt(AVERAGES)
    spectrum.type = "powerspectrum"
    return spectrum


def fit(spectrum):
    model = models.Lorentz1D(amplitude=5, x_0=2.8, fwhm=1.0) + models.Const1D(1.8)
    start = [5, 2.8, 1.0, 1.8]
    likelihood = PSDLogLikelihood(spectrum.freq, spectrum.power, model, m=spectrum.m)
    found = PSDParEst(spectrum, fitmethod="L-BFGS-B").fit(likelihood, start)
    return [float(value) for value in found.p_opt[1:]]


# Name: what is prepared from the path before the clock starts, what is timed.
JOBS = {
    "power.lazy": (str, power_lazy),
    "power.whole": (str, power_whole),
    "cross": (str, cross),
    "dynamical": (str, dynamical),
    "lags": (str, lags),
    "z1.prefolded": (searched, z1_prefolded),
    "z2.binned": (searched, z2_binned),
    "fit": (lambda path: line(), fit),
}


def warm_up(name):
    """Compiles what is compiled at the first call."""
    prepare, call = JOBS[name]
    if name == "z2.binned":
        z_n_search(searched(OPTIONS.small)[:5000] - START, np.array([4.4, 4.5, 4.6]), nharm=2, nbin=128)
    elif name == "z1.prefolded":
        search_with_qffa(searched(OPTIONS.small)[:20_000], 4.4, 4.6, nbin=16, n=1, search_fdot=False, silent=True)
    else:
        call(prepare(OPTIONS.small))


def timings(call):
    times, start = [], time.perf_counter()
    while not times or time.perf_counter() - start < OPTIONS.seconds:
        run = time.perf_counter()
        result = call()
        times.append(time.perf_counter() - run)
    return result, dict(min_s=min(times), median_s=statistics.median(times), cpu_min_s=None, runs=len(times))


def time_all():
    measured, results = {}, {}
    for name in OPTIONS.jobs.split(",") if OPTIONS.jobs else JOBS:
        prepare, call = JOBS[name]
        warm_up(name)
        data = prepare(OPTIONS.file)
        results[name], measured[name] = timings(lambda: call(data))
    return dict(timings=measured, results=results, grid=GRID)


def weigh(name):
    prepare, call = JOBS[name]
    result = call(prepare(OPTIONS.file))
    return dict(job=name, result=result, peak_bytes=1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def main():
    # What they print goes where errors go: standard output is for the figures.
    output = os.dup(1)
    os.dup2(2, 1)
    report = weigh(OPTIONS.memory) if OPTIONS.memory else time_all()
    versions = dict(python=platform.python_version(), numpy=np.__version__, numba=numba.__version__, **VERSIONS)
    with os.fdopen(output, "w") as standard_output:
        print(json.dumps(dict(side="peers", threads=OPTIONS.threads, versions=versions, **report)), file=standard_output)


main()
