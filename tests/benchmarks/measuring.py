"""Measuring: subjects that do the same work take turns; medians of CPU and wall seconds; memory in a process of its own."""

import gc
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

Answers = dict[str, Any]


@dataclass(frozen=True)
class Subject:
    """`prepare` gives what one run of the work needs; it is not measured. `work` takes it, and gives the answer."""

    name: str
    prepare: Callable[[], Any]
    work: Callable[[Any], Any]
    again: bool = False  # whether every run needs a fresh preparation


@dataclass(frozen=True)
class Cost:
    """Seconds of CPU (all threads, and children that ended) and of the clock."""

    cpu: float
    wall: float


def _cpu() -> float:
    ended = os.times()
    return time.process_time() + ended.children_user + ended.children_system


def costs(subjects: Sequence[Subject], rounds: int) -> tuple[dict[str, Cost], Answers]:
    """Let subjects take turns, each beginning a round once in a while, and return their medians and answers by name."""
    prepared = {one.name: None if one.again else one.prepare() for one in subjects}
    found: dict[str, list[Cost]] = {one.name: [] for one in subjects}
    answers: Answers = {}
    for turn in range(rounds + (rounds > 1)):  # the first turn of several is to get warm
        start = turn % len(subjects)
        for one in (*subjects[start:], *subjects[:start]):
            ready = one.prepare() if one.again else prepared[one.name]
            gc.collect()
            cpu, wall = _cpu(), time.perf_counter()
            answers[one.name] = one.work(ready)
            cost = Cost(_cpu() - cpu, time.perf_counter() - wall)
            if turn or rounds == 1:
                found[one.name].append(cost)
    return {
        name: Cost(median(one.cpu for one in taken), median(one.wall for one in taken)) for name, taken in found.items()
    }, answers


def peak_mb(make: Callable[..., Sequence[Subject]], arguments: tuple[Any, ...], name: str) -> float:
    """Return the peak resident memory of one subject's work in a fresh process, its prepared tables included, in MB."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_child, args=(make, arguments, name, theirs))
    child.start()
    theirs.close()
    try:
        return float(ours.recv())
    finally:
        child.join()


def _child(make: Callable[..., Sequence[Subject]], arguments: tuple[Any, ...], name: str, pipe: Any) -> None:
    one = next(subject for subject in make(*arguments) if subject.name == name)
    ready = one.prepare()
    del make
    gc.collect()
    _forget_peak()
    one.work(ready)
    pipe.send(_peak())


def _forget_peak() -> None:
    """Let the kernel count the peak from here on; elsewhere than on Linux it counts from the start."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return


def _peak() -> float:
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        import resource

        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most / 1e6 if sys.platform == "darwin" else most / 1e3
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1e3
