"""The peer's side of `cargo xtask bench gpu`: cuFFT through PyTorch or CuPy, and the bandwidth of a copy.

    pip install torch        (or cupy-cuda12x)

Prints one JSON object; where there is no library or no card, its "error" says so.
"""

import argparse
import json
import time


def library():
    try:
        import torch

        if torch.cuda.is_available():
            return "torch " + torch.__version__, torch, None
    except ImportError:
        pass
    try:
        import cupy

        cupy.cuda.runtime.getDeviceCount()
        return "cupy " + cupy.__version__, None, cupy
    except Exception:
        return None, None, None


def seconds_each(call, synchronize, repeats=5, calls=10):
    """The shortest time of one of several calls in a row."""
    call()
    synchronize()
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        for _ in range(calls):
            call()
        synchronize()
        best = min(best, (time.perf_counter() - start) / calls)
    return best


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", default="512,1024,2048,4096")
    sizes = [int(size) for size in parser.parse_args().sizes.split(",")]
    name, torch, cupy = library()
    if name is None:
        print(json.dumps({"error": "neither torch with CUDA nor cupy can be imported"}))
        return
    if torch is not None:
        card, synchronize = torch.cuda.get_device_name(), torch.cuda.synchronize
    else:
        properties = cupy.cuda.runtime.getDeviceProperties(0)
        card, synchronize = properties["name"].decode(), cupy.cuda.Device().synchronize
    rows = []
    for size in sizes:
        for precision in ("float64", "float32"):
            if torch is not None:
                image = torch.rand((size, size), device="cuda", dtype=getattr(torch, precision))
                seconds = seconds_each(lambda: torch.fft.rfft2(image), synchronize)
            else:
                image = cupy.random.random((size, size)).astype(precision)
                seconds = seconds_each(lambda: cupy.fft.rfft2(image), synchronize)
            rows.append({"pixels": size, "precision": precision, "rfft2_s": seconds})
    words = 1 << 26
    if torch is not None:
        source = torch.zeros(words, device="cuda", dtype=torch.int32)
        target = torch.empty_like(source)
        copy = seconds_each(lambda: target.copy_(source), synchronize)
    else:
        source = cupy.zeros(words, dtype="int32")
        target = cupy.empty_like(source)
        copy = seconds_each(lambda: cupy.copyto(target, source), synchronize)
    print(
        json.dumps(
            {"library": name, "card": card, "rows": rows, "copy_bytes_per_s": 2 * 4 * words / copy}
        )
    )


if __name__ == "__main__":
    main()
