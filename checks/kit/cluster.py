"""A Dask cluster on this machine whose parts are processes of their own, and can be lost."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LONGEST = 120.0
"""Seconds after which a scheduler that is not there will not come."""
ROOT = Path(__file__).resolve().parents[2]


class Cluster:
    """A scheduler, and workers that come and go, on 127.0.0.1 only.

    Parameters
    ----------
    folder
        For its files; the scheduler's is ``file``.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder, self.file = folder, folder / "scheduler.json"
        self._processes: list[subprocess.Popen[bytes]] = []
        self.scheduler = self._start(
            "scheduler", f"--scheduler-file={self.file}", "--port=0",
            "--dashboard-address=127.0.0.1:0",
        )  # fmt: skip
        deadline = time.monotonic() + LONGEST
        while not self.file.is_file() or not self.file.read_text():
            if time.monotonic() > deadline:
                self.end()
                raise RuntimeError(f"no scheduler after {LONGEST:g} s")
            time.sleep(0.05)

    def add_workers(self, threads: list[int]) -> None:
        """Start workers of so many threads."""
        for number in threads:
            self._start(
                "worker", f"--scheduler-file={self.file}", f"--nthreads={number}", "--no-nanny",
                "--no-dashboard", f"--local-directory={self.folder}",
            )  # fmt: skip

    def _start(self, what: str, *more: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", "--host=127.0.0.1", *more]
        process = subprocess.Popen(
            command,
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._processes.append(process)
        return process

    def end(self) -> None:
        """End all of it at once."""
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.wait()


@contextmanager
def cluster(folder: Path, threads: list[int]) -> Iterator[Cluster]:
    """Give a cluster with workers of so many threads, and end it."""
    made = Cluster(folder)
    try:
        made.add_workers(threads)
        yield made
    finally:
        made.end()
