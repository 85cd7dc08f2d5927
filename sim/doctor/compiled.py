"""Probes of compiled code: threads of linear algebra, numba, and where it keeps its results."""

import os
from collections.abc import Iterable
from importlib import import_module
from typing import Any

from sim.cores import cores
from sim.doctor.finding import Finding, advice, good
from sim.doctor.machine import try_to_write

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""Variables that say how many threads linear algebra takes."""


def blas() -> Iterable[Finding]:
    """Look at how many threads linear algebra takes in this process."""
    import_module("numpy")
    pools: Any = import_module("threadpoolctl").threadpool_info()
    found = [pool for pool in pools if pool.get("user_api") == "blas"]
    told = ", ".join(
        f"{pool.get('internal_api')} {pool.get('version') or ''} ({pool.get('architecture')}), "
        f"threads: {pool.get('num_threads')}"
        for pool in found
    )
    asked = [
        name
        for name in THREADS
        if os.environ.get(name, "1") != "1" and any(pool["num_threads"] > 1 for pool in found)
    ]
    if asked and cores() > 1:
        yield advice(
            "linear algebra",
            f"{told}: {', '.join(asked)} asks for more than one, which make small matrices slower",
            f"unset {' '.join(asked)}: the command takes 1",
        )
    else:
        yield good("linear algebra", told or "no library that threadpoolctl knows")


def numba() -> Iterable[Finding]:
    """Look at whether loops can be compiled."""
    from scenarios.compiled.kernels import python_only  # noqa: PLC0415 - imports numpy

    if python_only():
        yield advice(
            "numba",
            "NUMBA_DISABLE_JIT is set: loops run as ordinary Python, some hundred times slower",
            "unset NUMBA_DISABLE_JIT",
        )
        return
    compiler: Any = import_module("numba")
    llvm: Any = import_module("llvmlite.binding")
    version = ".".join(str(part) for part in llvm.llvm_version_info)
    yield good("numba", f"{compiler.__version__} with LLVM {version}, {llvm.get_host_cpu_name()}")


def kept() -> Iterable[Finding]:
    """Look at whether compiled loops can be kept."""
    from scenarios.compiled.cache import wanted_place  # noqa: PLC0415 - may not be there

    folder = wanted_place()
    try:
        try_to_write(folder)
    except OSError as error:
        yield advice(
            "compiled loops",
            f"cannot be kept in {folder} ({error.strerror}): a temporary folder is used, and they "
            "are compiled again after that is emptied",
            "set NUMBA_CACHE_DIR to a folder that you can write to",
        )
    else:
        there = folder.is_dir() and any(folder.iterdir())
        yield good("compiled loops", f"are kept in {folder}" + ("" if there else ", none yet"))
