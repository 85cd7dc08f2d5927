"""Threads, the compiler of loops, and where these are kept."""

import errno

from sim.doctor import compiled
from sim.doctor.finding import Status


def only(findings):
    (found,) = findings
    return found


def test_more_threads_than_one_are_told_only_if_somebody_asked(monkeypatch):
    pools = [{"user_api": "blas", "internal_api": "openblas", "version": "1", "num_threads": 4}]
    real = compiled.import_module

    class Known:
        threadpool_info = staticmethod(lambda: pools)

    monkeypatch.setattr(
        compiled, "import_module", lambda name: Known if name == "threadpoolctl" else real(name)
    )
    monkeypatch.setattr(compiled, "cores", lambda: 4)
    for name in compiled.THREADS:
        monkeypatch.delenv(name, raising=False)
    assert only(compiled.blas()).status is Status.GOOD
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "4")
    found = only(compiled.blas())
    assert (found.status, found.remedy) == (
        Status.ADVICE, "unset OPENBLAS_NUM_THREADS: the command takes 1")  # fmt: skip
    pools[0]["num_threads"] = 1
    assert only(compiled.blas()).status is Status.GOOD


def test_loops_that_are_not_compiled(monkeypatch):
    monkeypatch.delenv("NUMBA_DISABLE_JIT", raising=False)
    assert only(compiled.numba()).status is Status.GOOD
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    assert only(compiled.numba()).status is Status.ADVICE


def test_loops_that_cannot_be_kept(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "kept"))
    found = only(compiled.kept())
    assert found.status is Status.GOOD
    assert found.says.endswith("none yet")
    assert list(tmp_path.iterdir()) == []

    def refuse(_folder):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(compiled, "try_to_write", refuse)
    found = only(compiled.kept())
    assert found.status is Status.ADVICE
    assert "Read-only file system" in found.says
    assert "NUMBA_CACHE_DIR" in found.remedy
