"""Processes of their own with a broken installation: each says something useful."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
AS_INSTALLED = "from selfback import main; main()"
"""What the script does that pip makes."""


@pytest.fixture
def run(tmp_path):
    """Run the command with files that are found before what is installed."""

    def run(*arguments, files=(), here=None, **environment):
        broken = tmp_path / "broken"
        broken.mkdir()
        for name, text in dict(files).items():
            (broken / name).write_text(text)
        work = tmp_path / "work"
        work.mkdir()
        done = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-P", "-c", AS_INSTALLED, *arguments],
            capture_output=True, text=True, check=False, cwd=here or work,
            env={**os.environ, "PYTHONPATH": f"{broken}{os.pathsep}{ROOT}", **environment},
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    return run


def test_a_module_in_the_way_of_sim_itself_is_told_in_a_line(run):
    code, out, err = run("--version", files={"sim.py": ""})
    assert (code, out) == (2, "")
    assert err.startswith("selfback: ")
    assert "sim.py stands in the way: it is imported instead of the package 'sim'" in err
    assert err.count("\n") == 1


def test_python_says_the_same_of_it(tmp_path):
    (tmp_path / "sim.py").touch()
    done = subprocess.run(
        [sys.executable, "-c", "import selfback as sb; sb.run"],
        capture_output=True, text=True, check=False, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.stderr.splitlines()[-1].startswith(f"ImportError: {tmp_path}/sim.py stands in the")


@pytest.mark.parametrize("library", ["typer", "rich", "pydantic"])
def test_a_library_of_the_command_line_that_is_missing(run, library):
    broken = {f"{library}.py": f"raise ModuleNotFoundError('No module named x', name={library!r})"}
    code, out, err = run("scenarios", "list", files=broken)
    assert (code, out) == (5, "")
    assert err == (
        "selfback: a library cannot be imported: ModuleNotFoundError: No module named x: "
        "selfback doctor says what is wrong\n"
    )


@pytest.mark.parametrize("library", ["typer", "random", "numpy"])
def test_the_doctor_works_without_almost_anything(run, library):
    code, out, err = run("doctor", files={f"{library}.py": "raise ImportError('broken')"})
    assert (code, err) == (1, "")
    told = " ".join(out.split())
    assert "problem names of files" in told
    assert f"{library}.py is imported instead of" in told
    assert "Traceback" not in out


def test_a_library_that_a_command_meets_later_on(run):
    code, out, err = run(
        "run", "planned_2018", "--replicates=2", files={"scipy.py": "raise ImportError('no DLL')"}
    )
    assert (code, out) == (5, "")
    assert "a library cannot be imported: ImportError: no DLL: selfback doctor says" in err
    assert "Traceback" not in err
