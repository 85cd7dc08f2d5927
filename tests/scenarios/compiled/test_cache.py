"""Where compiled kernels are kept, seen from processes of their own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

KERNEL = """
import numpy as np
from scenarios.compiled.kernels import kernel

@kernel
def total(values):
    whole = 0.0
    for value in values:
        whole += value
    return whole

print(total(np.arange(4.0)))
"""
COMPILING = "compiling its loops"


@pytest.fixture
def run(tmp_path):
    """Run a script with a kernel under some environment; return what it wrote to stderr."""
    script = tmp_path / "script.py"
    script.write_text(KERNEL)
    root = Path(__file__).parents[3]

    def run_under(**environment: str) -> str:
        usual = {
            name: value
            for name, value in os.environ.items()
            if name not in {"NUMBA_CACHE_DIR", "NUMBA_DISABLE_JIT", "XDG_CACHE_HOME"}
        }
        done = subprocess.run(  # noqa: S603 - its own Python
            [sys.executable, str(script)],
            env=usual | {"PYTHONPATH": str(root), "TMPDIR": str(tmp_path)} | environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout == "6.0\n"
        return done.stderr

    return run_under


@pytest.mark.parametrize("variable", ["NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "HOME"])
def test_kernels_are_compiled_once_and_kept_where_the_user_says(run, tmp_path, variable):
    kept = tmp_path / "kept"
    assert COMPILING in run(**{variable: str(kept)})
    assert list(kept.rglob("*.nbc"))
    assert run(**{variable: str(kept)}) == ""


@pytest.mark.parametrize("variable", ["NUMBA_CACHE_DIR", "HOME"])
def test_where_nothing_can_be_kept_one_line_tells_of_a_temporary_folder(run, tmp_path, variable):
    (tmp_path / "file").touch()
    nowhere = tmp_path / "file" / "folder"
    first, *rest = run(**{variable: str(nowhere)}).splitlines()
    assert first.startswith("selfback: compiled loops cannot be kept in")
    assert str(nowhere) in first
    assert len(rest) == 1
    assert COMPILING in rest[0]


def test_without_compilation_there_is_nothing_to_keep(run, tmp_path):
    kept = tmp_path / "kept"
    assert run(NUMBA_DISABLE_JIT="1", NUMBA_CACHE_DIR=str(kept)) == ""
    assert not kept.exists()


def test_a_temporary_folder_serves_the_next_process_unless_others_may_write_to_it(run, tmp_path):
    (tmp_path / "file").touch()
    nowhere = str(tmp_path / "file" / "folder")
    run(NUMBA_CACHE_DIR=nowhere)
    (kept,) = tmp_path.glob("selfback-insilico-*")
    assert COMPILING not in run(NUMBA_CACHE_DIR=nowhere)
    kept.chmod(0o777)
    assert COMPILING in run(NUMBA_CACHE_DIR=nowhere)
    assert len(list(tmp_path.glob("selfback-insilico-*"))) == 2
