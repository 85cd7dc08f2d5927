"""The scripts of docs/guides/cluster.md run, with a stand-in for Slurm and for Kubernetes."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
SCRIPTS = ROOT / "docs" / "guides" / "cluster"
SMALL = ("--set", "trial.sample_size=40")


def environment(**more):
    return {**os.environ, "PYTHONPATH": str(ROOT), **more}


@pytest.mark.slow
def test_slurm(slurm, tmp_path):
    env = environment(**slurm)
    command = [
        sys.executable, str(SCRIPTS / "slurm.py"), *SMALL, "--replicates=6", "--workers=2",
        "--partition=short", f"--shared={tmp_path / 'shared'}", "--interface=lo",
    ]  # fmt: skip
    told = subprocess.run(  # noqa: S603 - our own command
        [*command, "--show"], capture_output=True, text=True, check=True, env=env, cwd=tmp_path
    ).stdout
    for line in (
        "#SBATCH -p short",
        "#SBATCH --cpus-per-task=1",
        "#SBATCH --mem=2G",
        "#SBATCH -t 02:00:00",
        "export PYTHONSAFEPATH=1",
        "distributed.cli.dask_worker tls://127.0.0.1:",
        "--nthreads 1",
        "--tls-key",
    ):
        assert line in told
    found = subprocess.run(  # noqa: S603 - our own command
        [*command, f"--out={tmp_path / 'out'}"],
        capture_output=True, text=True, check=False, env=env, cwd=tmp_path,
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
    assert (tmp_path / "out" / "manifest.json").is_file()
    assert len((tmp_path / "jobs").read_text().split()) == 2


def containers():
    """Return the containers of the manifest, by name."""
    found = {}
    for part in yaml.safe_load_all((SCRIPTS / "kubernetes.yaml").read_text(encoding="utf-8")):
        for container in part["spec"].get("template", {}).get("spec", {}).get("containers", ()):
            found[container["name"]] = container
    return found


@pytest.mark.slow
def test_kubernetes(tmp_path):
    """Each container's command runs, with its environment, on 127.0.0.1."""
    subprocess.run(  # noqa: S603 - our own command
        [sys.executable, SCRIPTS / "certificate.py", tmp_path / "tls"],
        check=True,
        env=environment(),
    )
    assert (tmp_path / "tls" / "tls.pem").stat().st_mode & 0o077 == 0
    parts = containers()
    port = 20000 + os.getpid() % 20000

    def start(name, *more, **how):
        part = parts[name]
        words = [*part["command"], *part["args"], *more]
        here = {
            "python": sys.executable,
            "selfback": str(Path(sys.executable).with_name("selfback")),
            "8786": str(port),
            "tls://selfback-scheduler:8786": f"tls://127.0.0.1:{port}",
            "2000": "6",
            "/results/study": str(tmp_path / "out"),
        }
        values = {one["name"]: one["value"] for one in part["env"]}
        values = {key: value.replace("/tls/", f"{tmp_path}/tls/") for key, value in values.items()}
        return subprocess.Popen(  # noqa: S603 - our own command
            [here.get(word, word) for word in words],
            env=environment(**values), cwd=tmp_path, text=True, **how,
        )  # fmt: skip

    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    running = [start("scheduler", "--host", "127.0.0.1", **quiet)]
    try:
        time.sleep(1.0)  # a worker tries again and again
        running.append(start("worker", "--local-directory", ".", **quiet))
        study = start("study", *SMALL, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        told = study.communicate(timeout=300)[1]
        assert study.returncode == 0, told
        assert (tmp_path / "out" / "manifest.json").is_file()
    finally:
        for process in reversed(running):
            process.terminate()
            process.wait(timeout=60)
