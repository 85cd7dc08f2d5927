"""Executors of a study: this process, the cores of this machine, or a Dask cluster."""

from sim.study.executors.dask import DaskExecutor, Waits
from sim.study.executors.joblib import JoblibExecutor
from sim.study.executors.make import make_executor
from sim.study.executors.protocol import Executor, Tasks

__all__ = [
    "DaskExecutor",
    "Executor",
    "JoblibExecutor",
    "Tasks",
    "Waits",
    "make_executor",
]
