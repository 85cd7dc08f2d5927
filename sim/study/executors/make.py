"""An executor by its name."""

from scenarios.errors import InputError
from sim.cores import cores
from sim.study.executors.dask import DaskExecutor
from sim.study.executors.joblib import JoblibExecutor
from sim.study.executors.protocol import Executor


def make_executor(
    kind: str = "joblib", jobs: int | None = None, scheduler: str | None = None
) -> Executor:
    """Return the executor of this name.

    Parameters
    ----------
    kind
        ``"joblib"`` or ``"dask"``.
    jobs
        Number of workers, at least 1; by default as many as there are cores.
    scheduler
        Address or file of a running Dask scheduler.

    Raises
    ------
    InputError
        If the name is unknown, ``jobs`` is below 1, a scheduler is given to joblib, or the
        environment limits cores by what is no number.
    """
    if jobs is None:
        jobs = cores()
    if jobs < 1:
        raise InputError(f"--jobs {jobs} is not allowed: must be at least 1")
    if kind == "dask":
        return DaskExecutor(jobs, scheduler)
    if kind != "joblib":
        raise InputError(f"--executor {kind} is not allowed: must be joblib or dask")
    if scheduler is not None:
        raise InputError(f"--scheduler {scheduler} needs --executor dask")
    return JoblibExecutor(jobs)
