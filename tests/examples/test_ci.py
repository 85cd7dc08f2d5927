"""The workflow in examples/ci is valid, and its commands exist."""

import shlex
from pathlib import Path

import pytest
import yaml

from sim.cli import call

ROOT = Path(__file__).parents[2]
WORKFLOW = yaml.safe_load((ROOT / "examples/ci/recommender-gate.yml").read_text("utf-8"))
STEPS = WORKFLOW["jobs"]["gate"]["steps"]


def command(name):
    (step,) = [step for step in STEPS if step.get("name") == name]
    return shlex.split(step["run"])


def test_it_runs_on_pull_requests_and_may_only_read():
    assert WORKFLOW[True] == "pull_request"  # YAML 1.1 reads "on" as true
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert all(("uses" in step) != ("run" in step) for step in STEPS)


def test_what_it_names_exists():
    program, *arguments = command("Gate")
    assert program == "selfback"
    baseline = arguments[arguments.index("--baseline") + 1]
    assert (ROOT / baseline).is_file()
    install = command("Install")
    assert (ROOT / install[install.index("--constraint") + 1]).is_file()


def test_reports_are_shown_even_if_the_gate_fails():
    _, *arguments = command("Gate")
    reports = {arguments[arguments.index(option) + 1] for option in ("--junit", "--markdown")}
    upload = STEPS[-1]
    assert set(upload["with"]["path"].split()) == reports
    summary = next(step for step in STEPS if step.get("name") == "Summary")
    assert upload["if"] == summary["if"] == "always()"
    assert "GITHUB_STEP_SUMMARY" in summary["run"]


@pytest.mark.slow
def test_its_gate_step_is_a_valid_command(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small = ("--replicates", "15", "--set", "trial.sample_size=30", "--jobs", "1")
    _, gate, *arguments = command("Gate")
    baseline = Path(arguments[arguments.index("--baseline") + 1])
    baseline.parent.mkdir(parents=True)
    assert call([gate, "--make", str(baseline), *small]) == 0
    assert call([gate, *arguments, "--jobs", "1"]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"gate.xml", "gate.md", "results"}
