"""Cores, memory and space, each of them short."""

import errno
import os
import shutil
from collections import namedtuple

import pytest

from sim.cli import call
from sim.doctor import machine
from sim.doctor.examine import look_at
from sim.doctor.finding import Status

GB = int(machine.GB)


@pytest.fixture
def four_cores(monkeypatch):
    monkeypatch.setattr(machine, "cores", lambda: 4)
    monkeypatch.setattr(os, "cpu_count", lambda: 4)


def only(findings):
    (found,) = findings
    return found


@pytest.mark.usefixtures("four_cores")
def test_cores_that_are_kept_from_the_process(monkeypatch):
    assert only(machine.processors()).says == "4, all of which may be used"
    monkeypatch.setattr(os, "cpu_count", lambda: 16)
    assert only(machine.processors()).says.startswith("4 of 16 may be used")


def test_cores_are_those_that_a_study_takes(monkeypatch):
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")
    assert machine.cores() == 1


@pytest.mark.usefixtures("four_cores")
@pytest.mark.parametrize(
    ("free", "limit", "status", "remedy"),
    [
        (8 * GB, None, Status.GOOD, ""),
        (8 * GB, 16 * GB, Status.GOOD, ""),
        (GB, None, Status.ADVICE, "add --jobs 2"),
        (8 * GB, GB, Status.ADVICE, "add --jobs 2"),
        (GB // 10, None, Status.ADVICE, "add --jobs 1"),
        (None, None, Status.GOOD, ""),
    ],
)
def test_little_memory_is_told_with_the_number_of_workers(monkeypatch, free, limit, status, remedy):
    monkeypatch.setattr(machine, "free_memory", lambda: free)
    monkeypatch.setattr(machine, "memory_limit", lambda: limit)
    found = only(machine.memory())
    assert (found.status, found.remedy) == (status, remedy)


def test_the_lowest_limit_of_the_control_groups_counts(tmp_path):
    own, root = tmp_path / "own", tmp_path / "cgroup"
    (root / "jobs" / "mine").mkdir(parents=True)
    own.write_text("0::/jobs/mine\n")
    assert machine.memory_limit(root, own) is None
    (root / "jobs" / "mine" / "memory.max").write_text("max\n")
    assert machine.memory_limit(root, own) is None
    (root / "jobs" / "memory.max").write_text("3000\n")
    (root / "memory.max").write_text("4000\n")
    assert machine.memory_limit(root, own) == 3000


def test_a_limit_of_the_older_kind_of_control_groups(tmp_path):
    own, root = tmp_path / "own", tmp_path / "cgroup"
    (root / "memory").mkdir(parents=True)
    own.write_text("5:cpu,cpuacct:/x\n4:memory:/docker/1234\n")
    (root / "memory" / "memory.limit_in_bytes").write_text("9223372036854771712\n")
    assert machine.memory_limit(root, own) is None
    (root / "memory" / "memory.limit_in_bytes").write_text("5000\n")
    assert machine.memory_limit(root, own) == 5000
    assert machine.memory_limit(root, tmp_path / "none") is None


def test_results_are_tried_where_they_would_go_and_nothing_stays(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    found = only(machine.results())
    assert found.status in {Status.GOOD, Status.ADVICE}
    assert str(tmp_path / "results") in found.says
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written(monkeypatch, tmp_path):
    def refuse(*_args, **_more):
        raise PermissionError(errno.EACCES, "Permission denied", "a name at random")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(machine, "TemporaryFile", refuse)
    found = only(machine.results())
    assert found.status is Status.PROBLEM
    assert found.says == f"{tmp_path} cannot be written: Permission denied"


@pytest.mark.parametrize(
    ("free", "status"),
    [(2 * GB, Status.GOOD), (GB // 2, Status.ADVICE), (GB // 100, Status.PROBLEM)],
)
def test_little_space_is_told(monkeypatch, tmp_path, free, status):
    monkeypatch.chdir(tmp_path)
    usage = namedtuple("usage", "total used free")  # noqa: PYI024 - as shutil has it
    monkeypatch.setattr(shutil, "disk_usage", lambda _place: usage(0, 0, free))
    found = only(machine.results())
    assert found.status is status
    assert ("make room" in found.remedy) == (status is not Status.GOOD)


def test_a_limit_of_cores_that_is_no_number(monkeypatch, capsys):
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "abc")
    (found,) = look_at("cores")
    assert found.status is Status.PROBLEM
    assert found.says == "LOKY_MAX_CPU_COUNT=abc in the environment is not allowed"
    assert call(["run", "planned_2018", "--replicates", "2"]) == 2
    assert "must be a whole number, at least 1" in capsys.readouterr().err


def test_a_link_to_nothing_cannot_be_written_to(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results").symlink_to(tmp_path / "nowhere")
    found = only(machine.results())
    assert found.status is Status.PROBLEM
    assert "results cannot be written: it is a link to nothing" in found.says
