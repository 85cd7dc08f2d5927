import ctypes
import errno
import subprocess
import sys

import pytest

from scenarios.errors import InputError
from sim.study.store import durable
from sim.study.store.durable import checksum, swap
from sim.study.store.growing import REPLACES, begin, beside, ground_for, recover
from sim.study.store.lock import is_locked, only_process
from sim.study.store.manifest_file import read_state


def accept(_folder, _manifest) -> None:
    """Let any study be gone on with."""


def study(folder, number: int, **more) -> None:
    begin(folder, {"number": number, "state": "finished", **more}, sync=False)


def number_of(folder) -> int:
    return read_state(folder)["number"]


def two(tmp_path):
    """Return an older study, and a newer one beside it that is to take its place."""
    out = tmp_path / "out"
    study(out, 1)
    study(beside(out), 2, **{REPLACES: checksum(out / "manifest.json")})
    return out


@pytest.mark.parametrize("exchanged", [True, False])
def test_one_study_takes_the_place_of_another(tmp_path, monkeypatch, exchanged):
    if not exchanged:
        monkeypatch.setattr(durable, "exchange", lambda _one, _other: False)
    out = two(tmp_path)
    swap(beside(out), out)
    assert number_of(out) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOSYS, errno.ENOTSUP])
def test_where_names_cannot_be_exchanged_a_study_is_replaced_by_two_renames(
    tmp_path, monkeypatch, number
):
    out = two(tmp_path)

    class System:
        def __init__(self, *_given, **_more):
            self.renameat2 = self.fail

        def fail(self, *_given):
            ctypes.set_errno(number)
            return -1

    monkeypatch.setattr(durable.ctypes, "CDLL", System)
    assert not durable.exchange(beside(out), out)
    swap(beside(out), out)
    assert number_of(out) == 2


def test_an_exchange_that_fails_otherwise_is_an_error_and_the_old_study_stays(tmp_path):
    out = two(tmp_path)
    with pytest.raises(FileNotFoundError):
        durable.exchange(tmp_path / "nothing", out)
    with pytest.raises(FileNotFoundError):
        swap(tmp_path / "nothing", out)
    assert number_of(out) == 1


def test_an_exchange_that_was_cut_short_is_completed(tmp_path):
    out = two(tmp_path)
    assert recover(out)
    assert number_of(out) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_study_that_has_been_replaced_is_cleared(tmp_path):
    out = two(tmp_path)
    assert durable.exchange(beside(out), out)
    assert not recover(out)
    assert number_of(out) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_between_two_renames_the_new_study_is_found(tmp_path):
    out = two(tmp_path)
    out.rename(tmp_path / ".out.old")
    recover(out)
    assert number_of(out) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_unfinished_study_beside_another_is_left_to_grow(tmp_path):
    out = tmp_path / "out"
    study(out, 1)
    begin(
        beside(out),
        {"number": 2, "state": "running", REPLACES: checksum(out / "manifest.json")},
        sync=False,
    )
    recover(out)
    assert (number_of(out), number_of(beside(out))) == (1, 2)


def test_a_folder_of_somebody_else_is_in_the_way(tmp_path):
    out = tmp_path / "out"
    study(out, 1)
    study(beside(out), 2)
    with (
        pytest.raises(InputError, match=r"out\.new is in the way"),
        ground_for(out, accept, overwrite=True),
    ):
        pass
    assert number_of(beside(out)) == 2


def test_a_finished_study_is_replaced_only_when_asked(tmp_path):
    study(tmp_path / "out", 1)
    with (
        pytest.raises(InputError, match="exists: choose another folder, or add --overwrite"),
        ground_for(tmp_path / "out", accept, overwrite=False),
    ):
        pass


def test_a_second_run_is_refused_until_the_first_one_ends(tmp_path):
    out = tmp_path / "out"
    with (
        ground_for(out, accept, overwrite=False) as ground,
        pytest.raises(InputError, match="is being written by another run"),
        ground_for(out, accept, overwrite=False),
    ):
        study(ground.folder, 1)
    assert not is_locked(out)


def test_a_crash_leaves_no_lock(tmp_path):
    out = tmp_path / "out"
    code = (
        "import os, sys; from pathlib import Path; from sim.study.store.lock import only_process\n"
        "out = Path(sys.argv[1])\n"
        "with only_process(out, out): os.kill(os.getpid(), 9)"
    )
    told = subprocess.run([sys.executable, "-c", code, str(out)], check=False)  # noqa: S603
    assert told.returncode == -9
    assert (tmp_path / ".out.lock").exists()
    with only_process(out, out):
        assert is_locked(out)
    assert list(tmp_path.iterdir()) == []
