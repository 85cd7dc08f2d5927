import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sim.study.store.tables import (
    GROUP,
    TableFiles,
    check_known,
    cut,
    read_replicates,
    table_checksums,
)


def tables(numbers: range) -> dict[str, pa.Table]:
    of = np.repeat(np.arange(numbers.start, numbers.stop, dtype=np.int32), 2)
    empty = pa.schema([("replicate", pa.int32()), ("reason", pa.string())]).empty_table()
    return {"estimates": pa.table({"replicate": of, "value": of * 0.5}), "failures": empty}


def written(folder, ends: list[int]) -> dict[str, bytes]:
    folder.mkdir()
    with TableFiles(folder, sync=False) as files:
        for start, stop in zip([0, *ends], ends, strict=False):
            files.add(range(start, stop), tables(range(start, stop)))
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_files_do_not_show_how_the_replicates_came(tmp_path):
    end = 2 * GROUP + 7
    first = written(tmp_path / "a", [end])
    assert first == written(tmp_path / "b", [5, 30, GROUP - 1, GROUP + 1, 2 * GROUP, end])
    file = pq.ParquetFile(tmp_path / "a" / "estimates.parquet")
    assert [file.metadata.row_group(i).num_rows for i in range(3)] == [2 * GROUP, 2 * GROUP, 14]
    assert file.read()["replicate"].to_pylist() == tables(range(end))["estimates"][0].to_pylist()
    assert pq.read_table(tmp_path / "a" / "failures.parquet").num_rows == 0


def test_nothing_appears_if_the_replicates_break_off(tmp_path):
    def broken_off() -> None:
        with TableFiles(tmp_path, sync=False) as files:
            files.add(range(GROUP + 5), tables(range(GROUP + 5)))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert list(tmp_path.iterdir()) == []


def test_some_replicates_are_read_again(tmp_path):
    written(tmp_path / "a", [GROUP + 20])
    found = read_replicates(tmp_path / "a", range(GROUP - 1, GROUP + 2))
    assert found["estimates"].equals(tables(range(GROUP - 1, GROUP + 2))["estimates"])
    assert cut(found, GROUP)["estimates"].num_rows == 2


def test_checksums_tell_files_apart(tmp_path):
    written(tmp_path / "a", [6])
    written(tmp_path / "b", [7])
    one, other = table_checksums(tmp_path / "a"), table_checksums(tmp_path / "b")
    assert one["estimates.parquet"]["rows"] == 12
    assert one["estimates.parquet"]["sha256"] != other["estimates.parquet"]["sha256"]
    assert one["failures.parquet"] == other["failures.parquet"]


def test_an_unknown_table_is_refused():
    with pytest.raises(ValueError, match="'estimate' is no table of a study: must be estimates, s"):
        check_known(["failures", "estimate"])
