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


def shortest(call, synchronize, repeats=10):
    call()
    synchronize()
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        synchronize()
        best = min(best, time.perf_counter() - start)
    return best


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", default="512,1024,2048,4096")
    sizes = [int(size) for size in parser.parse_args().sizes.split(",")]
    name, torch, cupy = library()
    if name is None:
        print(json.dumps({"error": "neither torch with CUDA nor cupy can be imported"}))
        return
    rows = []
    for size in sizes:
        for precision in ("float32", "float64"):
            if torch is not None:
                image = torch.rand((size, size), device="cuda", dtype=getattr(torch, precision))
                fft, copy = (lambda: torch.fft.rfft2(image)), (lambda: image.clone())
                synchronize = torch.cuda.synchronize
            else:
                image = cupy.random.random((size, size)).astype(precision)
                fft, copy = (lambda: cupy.fft.rfft2(image)), (lambda: image.copy())
                synchronize = cupy.cuda.Device().synchronize
            nbytes = size * size * (4 if precision == "float32" else 8)
            seconds = shortest(copy, synchronize)
            rows.append(
                {
                    "pixels": size,
                    "precision": precision,
                    "rfft2_s": shortest(fft, synchronize),
                    "copy_bytes_per_s": 2 * nbytes / seconds,
                }
            )
    card = torch.cuda.get_device_name() if torch is not None else "device 0"
    print(json.dumps({"library": name, "card": card, "rows": rows}))


if __name__ == "__main__":
    main()
