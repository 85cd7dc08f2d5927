"""A study on a Dask cluster: on this machine or, with one line changed, on Slurm.

``python study.py``. The line is that of WHERE. Slurm also takes ``pip install dask-jobqueue``, and
a folder that all nodes see, which is that of the results here.
"""

import logging
import os
from pathlib import Path
from typing import Any

import dask
from distributed import LocalCluster, Security

import selfback as sb
from sim.study.executors import DaskExecutor, Waits

SCENARIO = sb.scenario("planned_2018", {"trial.sample_size": 100})
REPLICATES = 200
FOLDER = Path("results/cluster")
SHARED = Path("results/.cluster")  # for certificates and logs of workers


def here(**how: Any) -> LocalCluster:
    """Start two workers on this machine."""
    return LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1",
        dashboard_address="127.0.0.1:0", scheduler_kwargs={"dashboard": False},
        silence_logs=logging.CRITICAL,  # workers complain when they are ended with the study
        **how,
    )  # fmt: skip


def slurm(**how: Any) -> Any:
    """Ask Slurm for 40 workers of one core; they may come one by one, and go."""
    from dask_jobqueue import SLURMCluster  # noqa: PLC0415 - only here is it needed

    cluster = SLURMCluster(
        queue="short", walltime="02:00:00", cores=1, processes=1, memory="2GB",
        scheduler_options={"dashboard": False}, log_directory=str(SHARED),
        shared_temp_directory=str(SHARED),
        job_script_prologue=["export PYTHONSAFEPATH=1 OPENBLAS_NUM_THREADS=1"], **how,
    )  # fmt: skip
    cluster.scale(jobs=40)
    return cluster


WHERE = here  # or slurm


def main() -> None:
    """Run the study, and print how its analyses perform."""
    SHARED.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # a replicate uses one thread
    # Who connects needs a certificate of this run: whoever reaches a scheduler without one could
    # run any code on its workers.
    security = Security.temporary()
    tls = {"ca-file": security.tls_ca_file}
    tls |= {"client.key": security.tls_client_key, "client.cert": security.tls_client_cert}
    dask.config.set({f"distributed.comm.tls.{name}": text for name, text in tls.items()})
    with WHERE(security=security, protocol="tls://") as cluster:
        # A job may wait in the queue for a day. What is finished is kept: give the same command
        # again after an interruption, and it goes on.
        study = sb.run(
            SCENARIO,
            REPLICATES,
            executor=DaskExecutor(1, cluster.scheduler_address, Waits(workers=86400.0)),
            out=FOLDER,
        )
    print(study.performance())


if __name__ == "__main__":  # workers import this file
    main()
