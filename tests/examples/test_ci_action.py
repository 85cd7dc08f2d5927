"""The action for other repositories: its steps run in a folder that stands for one."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from sim.cli import call

ROOT = Path(__file__).parents[2]
CI = ROOT / "examples" / "ci"
ACTION = yaml.safe_load((CI / "action.yml").read_text("utf-8"))
WORKFLOW = yaml.safe_load((CI / "another-repository.yml").read_text("utf-8"))
STEPS = [step for step in ACTION["runs"]["steps"] if "run" in step]
RECOMMENDER = """
import numpy as np
from recommender.compose import compose, in_flare

class Mine:
    def __init__(self, settings, catalogue, generator):
        self.settings = settings

    def recommend(self, requests):
        attributes = np.full((len(requests), 4), 0.5)
        attributes[:, 0] = LOAD
        none = np.zeros(len(requests), dtype=np.uint8)
        return compose(
            self.settings, requests, attributes, none, in_flare(self.settings, requests)
        )

    def learn(self, experience):
        pass

"""
WRITE_DOWN = '#!/bin/sh\nfor word in "$0" "$@"; do printf "%s\\n" "$word"; done >> "$CALLS"\n'
SELFBACK = f'#!/bin/sh\nexec "{sys.executable}" -P -m sim "$@" --jobs 1\n'


class Repository:
    """A checkout of a team's own repository, and the programs of the machine that runs its job."""

    def __init__(self, folder):
        self.folder, self.programs = folder / "repository", folder / "programs"
        self.calls, self.summary = folder / "calls", folder / "summary"
        for made in (self.folder, self.programs):
            made.mkdir()
        self.program("pip", WRITE_DOWN)

    def program(self, name, text):
        (self.programs / name).write_text(text)
        (self.programs / name).chmod(0o755)

    def run(self, **inputs):
        """Run the steps as GitHub does; return the exit code of each."""
        values = {name: one.get("default", "") for name, one in ACTION["inputs"].items()} | inputs
        codes = {}
        for step in STEPS:
            if any(codes.values()) and step.get("if") != "always()":
                continue
            given = {name: filled(text, values) for name, text in step.get("env", {}).items()}
            codes[step["name"]] = subprocess.run(  # noqa: S603 - our own commands
                ["/bin/bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
                check=False, cwd=self.folder,
                env={
                    **os.environ, **given, "CALLS": str(self.calls), "PYTHONPATH": str(ROOT),
                    "PATH": f"{self.programs}{os.pathsep}{os.environ['PATH']}",
                    "GITHUB_ACTION_PATH": str(CI), "GITHUB_STEP_SUMMARY": str(self.summary),
                },
            ).returncode  # fmt: skip
        return codes

    def called(self):
        """Return the words of all commands that were written down."""
        return [
            word.replace(f"{self.programs}/", "") for word in self.calls.read_text().split("\n")
        ]


def filled(text, values):
    """Return a text with inputs in place of expressions; no other expression is known."""
    return re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: values[found[1]], str(text))


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path)


def test_the_workflow_gives_the_action_what_it_needs_and_may_only_read():
    assert WORKFLOW[True] == "pull_request"  # YAML 1.1 reads "on" as true
    assert WORKFLOW["permissions"] == {"contents": "read"}
    checkout, gate = WORKFLOW["jobs"]["gate"]["steps"]
    assert checkout["uses"].startswith("actions/checkout@")
    project, _, revision = gate["uses"].partition("@")
    assert (project, revision) == ("OWNER/selfback-insilico/examples/ci", "REVISION")
    needed = {name for name, one in ACTION["inputs"].items() if one.get("required")}
    assert needed <= set(gate["with"]) <= set(ACTION["inputs"])


def test_what_comes_from_outside_is_no_part_of_a_command():
    assert ACTION["runs"]["using"] == "composite"
    assert [step["name"] for step in STEPS] == ["Install", "Gate", "Summary"]
    for step in STEPS:
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"
    assert "${{" not in filled(yaml.safe_dump(STEPS), dict.fromkeys(ACTION["inputs"], "x"))


def test_this_project_is_installed_from_what_the_action_came_with(repository):
    repository.program("selfback", WRITE_DOWN)
    spiteful = 'a file"; exit 7; "'
    codes = repository.run(baseline=spiteful, requirements="needs.txt")
    assert codes == {"Install": 0, "Gate": 0, "Summary": 0}
    words = repository.called()
    project = words[4]
    assert (Path(project) / "pyproject.toml").samefile(ROOT / "pyproject.toml")
    constraints = ["pip", "install", "--constraint", f"{project}/constraints.txt"]
    assert words == [
        *constraints, project, *constraints, "--requirement", "needs.txt",
        "selfback", "gate", "--baseline", spiteful, "--trust",
        "--junit", "gate.xml", "--markdown", "gate.md", "",
    ]  # fmt: skip
    repository.calls.unlink()
    repository.run(baseline="b.json", recommender="mine:Mine")
    assert repository.called()[-3:] == ["--recommender", "mine:Mine", ""]
    assert "--requirement" not in repository.called()


def test_a_gate_that_fails_fails_the_job_and_is_shown(repository):
    repository.program("selfback", "#!/bin/sh\necho worse > gate.md\nexit 1\n")
    assert repository.run(baseline="b.json") == {"Install": 0, "Gate": 1, "Summary": 0}
    assert repository.summary.read_text() == "worse\n"


@pytest.mark.slow
def test_the_gate_passes_what_is_the_same_and_fails_what_is_worse(repository, monkeypatch):
    module = repository.folder / "mine.py"
    module.write_text(f"{RECOMMENDER}LOAD = 0.6\n")
    repository.program("selfback", SELFBACK)
    monkeypatch.chdir(repository.folder)
    monkeypatch.setattr(sys, "path", [*sys.path, str(repository.folder)])
    small = ("--replicates", "15", "--set", "trial.sample_size=60", "--jobs", "1")
    make = ("gate", "--make", "baseline.json", "--recommender", "mine:Mine", *small)
    assert call(make) == 0
    assert repository.run(baseline="baseline.json")["Gate"] == 0
    assert "pass" in repository.summary.read_text()
    module.write_text(f"{RECOMMENDER}LOAD = 0.02\n")
    repository.summary.unlink()
    assert repository.run(baseline="baseline.json")["Gate"] == 1
    assert "fail" in repository.summary.read_text()
    assert (repository.folder / "gate.xml").is_file()
