import os
import shutil
from pathlib import Path

import pytest

from scenarios.errors import InputError
from sim.study.failed import MachineError
from sim.study.store.folder import MANIFEST, new_folder, write_json


def refusal(out: Path, *, overwrite: bool = False) -> str:
    with pytest.raises(InputError) as caught, new_folder(out, overwrite=overwrite):
        pass
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_folder_appears_when_it_is_complete(tmp_path):
    out = tmp_path / "study"
    with new_folder(out) as partial:
        (partial / "a").write_text("1", encoding="utf-8")
        assert not out.exists()
        assert partial.parent == tmp_path
    assert [path.name for path in tmp_path.iterdir()] == ["study"]
    assert (out / "a").read_text(encoding="utf-8") == "1"


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, SystemExit])
def test_nothing_is_left_of_what_was_broken_off(tmp_path, error):
    def broken_off() -> None:
        with new_folder(tmp_path / "study") as partial:
            (partial / "a").touch()
            raise error

    with pytest.raises(error):
        broken_off()
    assert list(tmp_path.iterdir()) == []


def test_an_older_study_is_replaced_only_by_a_complete_one(tmp_path):
    out = tmp_path / "study"
    with new_folder(out) as partial:
        write_json(partial / MANIFEST, {"run": 1})
        (partial / "old").touch()
    with pytest.raises(ValueError, match="broken"), new_folder(out, overwrite=True):
        raise ValueError("broken")
    assert (out / "old").exists()
    with new_folder(out, overwrite=True) as partial:
        assert (out / "old").exists()
        write_json(partial / MANIFEST, {"run": 2})
    assert [path.name for path in out.iterdir()] == [MANIFEST]
    assert [path.name for path in tmp_path.iterdir()] == ["study"]


def test_a_folder_that_is_there_is_not_touched_unasked(tmp_path):
    (tmp_path / "study").mkdir()
    assert "exists: choose another folder, or add --overwrite" in refusal(tmp_path / "study")


def test_a_folder_that_is_no_study_is_never_replaced(tmp_path):
    (tmp_path / "precious").touch()
    assert "it is no study" in refusal(tmp_path, overwrite=True)
    assert (tmp_path / "precious").exists()


def test_an_empty_folder_is_replaced_when_asked(tmp_path):
    out = tmp_path / "study"
    out.mkdir()
    with new_folder(out, overwrite=True) as partial:
        (partial / "a").touch()
    assert (out / "a").exists()


def test_folders_that_cannot_be_made_are_told(tmp_path):
    (tmp_path / "file").touch()
    assert "is a file" in refusal(tmp_path / "file", overwrite=True)
    assert "is not a folder" in refusal(tmp_path / "file" / "study")
    assert "cannot" in refusal(tmp_path / "file" / "study")
    assert "cannot write" in refusal(tmp_path / "a\x00b")
    assert "cannot write" in refusal(tmp_path / ("long" * 100))
    assert "it is no study" in refusal(Path("/"), overwrite=True)


def test_a_parent_that_is_not_writable_is_told(tmp_path, monkeypatch):
    # Root may write everywhere, so permission is taken from the question instead of the folder.
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert "is not writable" in refusal(tmp_path / "study")


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path):
    with (
        pytest.raises(MachineError, match=r"cannot write .*study: No space left on device"),
        new_folder(tmp_path / "study"),
    ):
        raise OSError(28, "No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_what_another_process_made_meanwhile_is_left(tmp_path):
    out = tmp_path / "study"
    other = tmp_path / "other"
    other.mkdir()
    (other / "a").touch()
    with pytest.raises(InputError, match="another process"), new_folder(out):
        other.rename(out)
    assert [path.name for path in out.iterdir()] == ["a"]
    assert [path.name for path in tmp_path.iterdir()] == ["study"]


def test_a_folder_left_by_a_dead_process_is_cleared(tmp_path):
    left = tmp_path / f".study.partial-{os.getpid()}"
    left.mkdir()
    (left / "a").touch()
    with new_folder(tmp_path / "study"):
        pass
    assert list((tmp_path / "study").iterdir()) == []


def test_a_second_interrupt_while_cleaning_up_leaves_nothing_either(tmp_path, monkeypatch):
    remove = shutil.rmtree
    calls = []

    def interrupted_once(path, **options):
        calls.append(path)
        if len(calls) == 2:  # the first is before the folder is made
            raise KeyboardInterrupt
        remove(path, **options)

    monkeypatch.setattr("sim.study.store.folder.shutil.rmtree", interrupted_once)

    def interrupted() -> None:
        with new_folder(tmp_path / "study") as folder:
            (folder / "table").write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []
