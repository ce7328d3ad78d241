"""The fresh process of one measurement: `python -m benchmarks.child MODULE SCENARIO SIZE OUT [options]`.

It runs under the Python of the subject's own environment, warms up, repeats the work, and writes one JSON object to
the file OUT. The garbage collector is left at Python's defaults and has just run before each repeat, for every
subject alike.
"""

import argparse
import contextlib
import gc
import importlib
import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from .sample import CannotError, Sample

LEAST_SECONDS, MOST_SECONDS = 0.3, 3.0
"""A process repeats at least so long, since a hundred stages take under a millisecond, and after so long no more."""


def _call(work: Callable[..., Any], size: int, lines: str | None) -> Sample:
    return Sample(*(work(size) if lines is None else work(size, Path(lines))))


def timed(work: Callable[..., Any], size: int, lines: str | None, repeats: int) -> dict[str, Any]:
    """Repeat the work and keep the fastest."""
    samples: list[Sample] = []
    begin = perf_counter()
    spent = 0.0
    while not samples or (spent < MOST_SECONDS and (len(samples) < repeats or spent < LEAST_SECONDS)):
        gc.collect()
        samples.append(_call(work, size, lines))
        spent = perf_counter() - begin
    best = min(samples, key=lambda sample: sample.seconds / sample.items)
    return {
        "items": best.items,
        "seconds": best.seconds,
        "stored": best.stored,
        "rss": peak_rss(),
        "repeats": len(samples),
    }


def traced(work: Callable[..., Any], size: int, lines: str | None) -> dict[str, Any]:
    """Do the work once and tell the peak of what Python allocated for it, definitions included."""
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    sample = _call(work, size, lines)
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    return {"items": sample.items, "peak": peak}


def peak_rss() -> int:
    """Return the peak resident bytes; `ru_maxrss` on Linux also remembers the process this one was forked from."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    import resource
    import sys

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Do what the options say."""
    module = importlib.import_module(options.module)
    if options.scenario == "lines":
        writer = getattr(module, "lines", None)
        if writer is None:
            return {"cannot": "not offered"}
        writer(options.of, options.size, Path(options.lines))
        return {}
    work = getattr(module, options.scenario, None)
    if work is None:
        return {"cannot": getattr(module, "CANNOT", {}).get(options.scenario, "not offered")}
    try:
        if options.warm:
            _call(work, min(options.warm, options.size), options.lines)
        if options.trace:
            return traced(work, options.size, options.lines)
        return timed(work, options.size, options.lines, options.repeats)
    except CannotError as reason:
        return {"cannot": str(reason)}


def main() -> None:
    """Read the options, measure, write the answer."""
    parser = argparse.ArgumentParser()
    parser.add_argument("module")
    parser.add_argument("scenario")
    parser.add_argument("size", type=int)
    parser.add_argument("out", type=Path)
    parser.add_argument("--lines")
    parser.add_argument("--of")
    parser.add_argument("--warm", type=int, default=0)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--trace", action="store_true")
    options = parser.parse_args()
    options.out.write_text(json.dumps(measure(options)))


if __name__ == "__main__":
    main()
