import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scenarios.errors import InputError
from sim.cli import call
from sim.interrupts import Terminated
from sim.study import missing, runner
from sim.study.store.status import read_status

SMALL = ("planned_2018", "--set", "trial.sample_size=40", "--jobs", "1")


def run(out, *more: str, replicates: int = 6) -> int:
    return call(["run", *SMALL, "--replicates", str(replicates), "--out", str(out), *more])


def contents(out):
    return {file.name: file.read_bytes() for file in sorted(out.glob("*.parquet"))}


@pytest.fixture
def interrupted(tmp_path, monkeypatch, capsys):
    """Return the folder of a study with the first of two chunks."""
    monkeypatch.chdir(tmp_path)
    real = missing.on_kept

    def interrupt(study, done):
        real(study, done)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(missing, "on_kept", interrupt)
        assert run(Path("out")) == 130
    return tmp_path / "out"


def test_an_interrupted_study_says_how_to_go_on_and_does(interrupted, tmp_path, capsys):
    assert capsys.readouterr().err.endswith(
        "selfback: interrupted, 5 replicates are kept in "
        f"{interrupted}: selfback resume out goes on with them\n"
    )
    assert call(["status", str(interrupted), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["state"], told["kept"], told["replicates"]) == ("interrupted", 5, 6)
    assert call(["resume", str(interrupted)]) == 0
    assert "5 of 6 replicates are kept, 1 are simulated now" in capsys.readouterr().err
    assert run(tmp_path / "whole") == 0
    assert contents(interrupted) == contents(tmp_path / "whole")
    assert call(["status", str(interrupted)]) == 0
    assert f"{interrupted}: finished" in capsys.readouterr().out


def test_code_that_a_folder_names_is_not_run_unless_it_is_trusted(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    harm = "from pathlib import Path\nPath('harm').touch()\ndef analyse(inputs): return []\n"
    (tmp_path / "harm_of_somebody.py").write_text(harm)
    own = ("--set", 'analysis.alternatives=["ancova","harm_of_somebody:analyse"]')
    assert run(Path("out"), *own, replicates=2) == 0
    sys.modules.pop("harm_of_somebody")
    (tmp_path / "harm").unlink()
    for command in (["resume", "out"], ["grow", "out", "--replicates", "3"]):
        capsys.readouterr()
        assert call(command) == 2
        told = capsys.readouterr().err
        assert "names code that would be run: harm_of_somebody:analyse: add --trust" in told
        assert told.count("\n") == 1
    assert not (tmp_path / "harm").exists()
    assert call(["resume", "out", "--trust"]) == 0
    sys.modules.pop("harm_of_somebody", None)


def test_a_study_grows_to_what_it_would_have_been(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(Path("out")) == 0
    assert run(tmp_path / "whole", replicates=9) == 0
    capsys.readouterr()
    assert call(["grow", "out", "--replicates", "9"]) == 0
    assert "6 of 9 replicates are kept, 3 are simulated now" in capsys.readouterr().err
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")
    assert call(["grow", "out", "--replicates", "9"]) == 2
    assert "out has 9: ask for more" in capsys.readouterr().err


def test_a_summary_is_made_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(Path("out")) == 0
    before = contents(tmp_path / "out")
    (tmp_path / "out" / "summary.json").unlink()
    assert call(["resume", "out"]) == 0
    assert (tmp_path / "out" / "summary.json").is_file()
    assert contents(tmp_path / "out") == before


def test_a_figure_that_fails_is_told_and_the_tables_are_there(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    def broken(*_given):
        raise ZeroDivisionError("no figure")

    with monkeypatch.context() as patched:
        patched.setattr("sim.front.run.draw_study", broken)
        assert run(Path("out")) == 70
    error = capsys.readouterr().err
    assert "internal error: ZeroDivisionError: no figure" in error
    assert "all replicates are kept in" in error
    assert (tmp_path / "out" / "estimates.parquet").is_file()
    assert call(["resume", "out"]) == 0
    assert (tmp_path / "out" / "summary.svg").is_file()


def test_a_dollar_in_a_title_is_text(tmp_path):
    assert run(tmp_path / "out", "--set", 'title="for 5$ and \\\\frac{1}$"') == 0
    assert (tmp_path / "out" / "summary.svg").is_file()


def broken_now_and_then(scenario, replicate):
    if replicate == 1:
        raise ValueError("no trial")
    return runner.run_replicate(scenario, replicate)


def test_some_failed_replicates_have_an_exit_code(tmp_path, monkeypatch, capsys):
    real = runner.run_shown
    monkeypatch.setattr(
        "sim.front.run.run_shown", lambda *a, **k: real(*a, **k, replicate=broken_now_and_then)
    )
    assert run(tmp_path / "out", replicates=3) == 4
    error = capsys.readouterr().err
    assert "1 of 3 replicates failed, first: ValueError: no trial" in error
    assert f"all are in {tmp_path / 'out' / 'failures.parquet'}" in error


def test_what_the_machine_fails_at_has_an_exit_code(tmp_path, monkeypatch, capsys):
    def no_memory(_scenario, _replicate):
        raise MemoryError

    real = runner.run_shown
    monkeypatch.setattr(
        "sim.front.run.run_shown", lambda *a, **k: real(*a, **k, replicate=no_memory)
    )
    assert run(tmp_path / "out") == 5
    assert "replicate 0: MemoryError" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [["status"], ["resume"], ["grow", "--replicates", "5"]])
def test_what_is_no_study_is_told(tmp_path, capsys, command):
    assert call([command[0], str(tmp_path), *command[1:]]) == 2
    assert "is no study: there is no manifest.json in it" in capsys.readouterr().err


def test_a_study_made_in_python_is_not_repeated_by_a_command(small, tmp_path, capsys):
    import selfback as sb  # noqa: PLC0415 - the front door, as its users have it

    sb.run(small, 2, out=tmp_path / "out", jobs=1, progress=False)
    assert call(["resume", str(tmp_path / "out")]) == 2
    assert "make the same call again" in capsys.readouterr().err
    with pytest.raises(InputError, match="add --overwrite"):
        sb.run(small, 2, out=tmp_path / "out", jobs=1, progress=False)


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_keep_what_is_finished(tmp_path, sent, code):
    out = tmp_path / "out"
    command = [sys.executable, "-m", "sim", "run", *SMALL, "--replicates", "5000"]
    with subprocess.Popen(  # noqa: S603 - our own command
        [*command, "--out", str(out)], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
        text=True, cwd=Path(__file__).parents[3], env=dict(os.environ),
    ) as process:  # fmt: skip
        while process.poll() is None and not list(out.glob("replicates/*.shard")):
            time.sleep(0.05)
        process.send_signal(sent)
        error = process.stderr.read()
    assert process.returncode == code, error
    told = f"replicates are kept in {out}: selfback resume {out} goes on with them"
    assert told in error.splitlines()[-1], error
    assert call(["status", str(out)]) == 0


def test_a_signal_before_replicates_are_counted_does_not_lose_them(tmp_path, capsys, monkeypatch):
    def terminated(_study, _replicates):
        raise Terminated

    monkeypatch.setattr("sim.study.missing.on_kept", terminated)
    out = tmp_path / "out"
    assert call(["run", *SMALL, "--replicates", "50", "--jobs", "1", "--out", str(out)]) == 143
    kept = read_status(out).kept
    assert kept > 0
    assert f"{kept} replicates are kept in {out}: selfback resume" in capsys.readouterr().err
