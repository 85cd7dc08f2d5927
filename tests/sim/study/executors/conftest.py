import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
SECONDS = 120
"""For what takes a second or two on a machine that has nothing else to do."""


def wait_until(happened, what):
    """Wait until something has happened."""
    end = time.monotonic() + SECONDS
    while not (found := happened()):
        assert time.monotonic() < end, what
        time.sleep(0.05)
    return found


class Cluster:
    """A scheduler on 127.0.0.1 with workers of one thread, each a process of its own."""

    def __init__(self, folder):
        self.folder, self.file, self.processes = folder, folder / "scheduler.json", []
        self.scheduler = self.start("scheduler", "--port=0", "--dashboard-address=127.0.0.1:0")
        wait_until(self.address, "the scheduler wrote its file")

    def start(self, what, *more):
        process = subprocess.Popen(  # noqa: S603 - our own command
            [
                sys.executable, "-m", f"distributed.cli.dask_{what}", "--host=127.0.0.1",
                f"--scheduler-file={self.file}", *more,
            ],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.processes.append(process)
        return process

    def address(self):
        try:
            return json.loads(self.file.read_text())["address"]
        except (OSError, ValueError):
            return None

    def add_worker(self, threads=1):
        more = (f"--nthreads={threads}", "--no-nanny", "--no-dashboard", "--local-directory=.")
        return self.start("worker", *more)


@contextmanager
def a_cluster(folder):
    cluster = Cluster(folder)
    try:
        yield cluster
    finally:
        for process in cluster.processes:
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path):
    with a_cluster(tmp_path) as found:
        yield found


@pytest.fixture
def until():
    return wait_until
