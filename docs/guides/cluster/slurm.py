"""Runs a study on a Slurm cluster.

`python docs/guides/cluster/slurm.py --workers 40 --partition short`: this
process runs on a login node, asks Slurm for workers, hands out replicates and takes the results.
Workers may come one by one, and go: their replicates are run again by others.
"""

import argparse
import sys
from pathlib import Path

import dask
from dask_jobqueue import SLURMCluster
from distributed import Security

import selfback as sb
from sim.study.executors import DaskExecutor, Waits

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--scenario", default="selfback_2021")
parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
parser.add_argument("--replicates", type=int, default=2000)
parser.add_argument("--out", type=Path, default=Path("results/slurm"))
parser.add_argument("--workers", type=int, default=40)
parser.add_argument("--partition")
parser.add_argument("--walltime", default="02:00:00")
parser.add_argument("--queue", type=float, default=86400.0, help="seconds to wait for a job")
parser.add_argument("--shared", type=Path, default=Path.home() / ".selfback", help="seen by nodes")
parser.add_argument("--interface", help="network between the nodes, such as ib0")
parser.add_argument("--show", action="store_true", help="print the job script, and end")
given = parser.parse_args()

given.shared.mkdir(mode=0o700, parents=True, exist_ok=True)
# Who connects needs a certificate of this run: other users of the cluster have none.
security = Security.temporary()
tls = "distributed.comm.tls"
dask.config.set(
    {
        f"{tls}.ca-file": security.tls_ca_file,
        f"{tls}.client.key": security.tls_client_key,
        f"{tls}.client.cert": security.tls_client_cert,
    }
)
cluster = SLURMCluster(
    queue=given.partition,
    walltime=given.walltime,
    cores=1,  # a replicate uses one thread
    processes=1,
    memory="2GB",
    interface=given.interface,
    scheduler_options={"dashboard": False},  # it would be open to all users of the login node
    python=sys.executable,  # the environment of this process, seen by nodes
    local_directory="/tmp",  # noqa: S108 - of the node
    log_directory=str(given.shared),
    security=security,
    protocol="tls://",
    shared_temp_directory=str(given.shared),
    job_script_prologue=["export PYTHONSAFEPATH=1 OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1"],
    worker_extra_args=["--lifetime=110m", "--lifetime-stagger=5m"],  # leave before Slurm ends them
)
if given.show:
    print(cluster.job_script())
    sys.exit()
cluster.scale(jobs=given.workers)
scenario = sb.scenario(given.scenario, given.set)
try:
    study = sb.run(
        scenario,
        given.replicates,
        executor=DaskExecutor(1, cluster.scheduler_address, Waits(workers=given.queue)),
        out=given.out,
    )
finally:
    cluster.close()
print(study.performance())
