"""Probes of the machine: cores, memory, and the folder where results go."""

import errno
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryFile

from sim.cores import LIMIT, cores
from sim.doctor.finding import Finding, advice, good, problem

GB = 1e9
WORKER = 0.5 * GB
"""Memory to allow a worker, bytes: docs/background/speed.md has what one takes of
``selfback_2021``, which is less, and of a large trial, which is more."""
LITTLE, NONE = GB, 0.05 * GB
"""Free space on a disk, bytes: below the first there may be too little for a large study, below
the second for a small one."""
RESULTS = Path("results")
"""Where studies land by default."""
_LIMITS = ("memory.max", "memory.limit_in_bytes")
"""Files of a control group with a limit of memory, of version 2 and 1."""


def processors() -> Iterable[Finding]:
    """Look at how many cores may be used."""
    usable, there = cores(), os.cpu_count() or 1
    if usable < there:
        yield good(
            "cores",
            f"{usable} of {there} may be used: the rest is kept from this process (affinity, "
            f"control group or {LIMIT})",
        )
    else:
        yield good("cores", f"{usable}, all of which may be used")


def memory() -> Iterable[Finding]:
    """Look at how much memory is free for the workers."""
    free, limit = free_memory(), memory_limit()
    if free is None:
        yield good("memory", "this system does not say how much is free")
        return
    usable = free if limit is None else min(free, limit)
    told = f"{usable / GB:.1f} GB are free"
    told += f", of {limit / GB:.1f} GB that this process may use" if limit is not None else ""
    most = max(int(usable // WORKER), 1)
    if most < cores():
        yield advice("memory", f"{told}: little for {cores()} workers", f"add --jobs {most}")
    else:
        yield good("memory", told)


def free_memory() -> int | None:
    """Return how many bytes of memory the machine has free; None where that is not known."""
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
    except OSError:
        return None
    kib = [int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")]
    return kib[0] * 1024 if kib else None


def memory_limit(
    root: Path = Path("/sys/fs/cgroup"), own: Path = Path("/proc/self/cgroup")
) -> int | None:
    """Return the lowest limit of memory of the process's control groups, bytes; None without."""
    try:
        groups = [line.split(":", 2)[1:] for line in own.read_text("utf-8").splitlines()]
    except OSError:
        return None
    found = []
    for kinds, path in groups:
        if kinds not in {"", "memory"}:
            continue
        top = root / kinds
        # In a container the path may be the host's, while only its own group is seen, at the top.
        group = top / path.lstrip("/")
        for folder in (group, *group.parents):
            if not folder.is_relative_to(top):
                break
            found += [_number(folder / name) for name in _LIMITS if (folder / name).is_file()]
    limits = [limit for limit in found if limit is not None]
    return min(limits) if limits else None


def _number(file: Path) -> int | None:
    text = file.read_text("ascii").strip()
    # Version 1 has no word for "no limit", but a number that no machine has.
    return int(text) if text.isdigit() and int(text) < 2**60 else None


def results() -> Iterable[Finding]:
    """Look at whether results can be written, and how much space there is for them."""
    folder = RESULTS.absolute()
    try:
        try_to_write(folder)
    except OSError as error:
        yield problem(
            "results",
            f"{error.filename or folder} cannot be written: {error.strerror}",
            "run it in a folder that you can write to, or add --out DIR",
        )
        return
    free = shutil.disk_usage(nearest(folder)).free
    told = f"{folder} can be written, {free / GB:.1f} GB are free"
    more = "make room, or put results elsewhere with --out DIR"
    if free < NONE:
        yield problem("results", told, more)
    elif free < LITTLE:
        yield advice("results", told, more)
    else:
        yield good("results", told)


def try_to_write(folder: Path) -> None:
    """Write and delete a file in a folder or, if it is not there yet, where it would be made.

    Raises
    ------
    OSError
        If that is not possible.
    """
    place = nearest(folder)
    if folder.is_symlink() and not folder.exists():
        raise FileNotFoundError(errno.ENOENT, "it is a link to nothing", str(folder))
    try:
        TemporaryFile(dir=place).close()
    except OSError as error:
        error.filename = str(place)
        raise


def nearest(folder: Path) -> Path:
    """Return a folder, or the nearest one above it that is there."""
    return next(place for place in (folder, *folder.parents) if place.exists())
