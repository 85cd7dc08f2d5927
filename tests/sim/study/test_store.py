import os
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scenarios.errors import InputError
from sim.study.folder import MANIFEST, new_folder, write_json
from sim.study.store import StudyStore
from sim.study.tables import STUDY_TABLES


def chunk(first: int) -> dict[str, pa.Table]:
    rows = {"replicate": pa.array([first, first + 1], pa.int32()), "value": [0.5, float(first)]}
    table = pa.table(rows).replace_schema_metadata({"host": "here"})
    return dict.fromkeys(STUDY_TABLES, table)


def stored(folder: Path, order: list[int]) -> dict[str, bytes]:
    folder.mkdir()
    store = StudyStore(folder)
    for first in order:
        store.add(first, chunk(first))
    store.merge()
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def refusal(out: Path, *, overwrite: bool = False) -> str:
    with pytest.raises(InputError) as caught, new_folder(out, overwrite=overwrite):
        pass
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_files_are_the_same_in_whatever_order_chunks_come(tmp_path):
    first = stored(tmp_path / "a", [0, 2, 4, 6, 10])
    assert first == stored(tmp_path / "b", [10, 4, 0, 6, 2])
    assert set(first) == {table.file for table in STUDY_TABLES.values()}
    table = pq.read_table(tmp_path / "a" / "estimates.parquet")
    assert table["replicate"].to_pylist() == [0, 1, 2, 3, 4, 5, 6, 7, 10, 11]
    assert table.schema.metadata is None


def test_a_table_that_no_replicate_has_is_not_written(tmp_path):
    store = StudyStore(tmp_path)
    store.add(0, {"failures": chunk(0)["failures"]})
    store.merge()
    assert [path.name for path in tmp_path.iterdir()] == ["failures.parquet"]


def test_an_unknown_table_is_refused_and_nothing_of_its_chunk_is_kept(tmp_path):
    store = StudyStore(tmp_path)
    with pytest.raises(ValueError, match="'estimate' is no table of a study: must be estimates, s"):
        store.add(0, {"failures": chunk(0)["failures"], "estimate": chunk(0)["estimates"]})
    store.merge()
    assert list(tmp_path.iterdir()) == []


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
        pytest.raises(InputError, match=r"cannot write .*study: No space left on device"),
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

    monkeypatch.setattr("sim.study.folder.shutil.rmtree", interrupted_once)

    def interrupted() -> None:
        with new_folder(tmp_path / "study") as folder:
            (folder / "table").write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []
