"""A damaged study is refused in one line, and never read with other numbers."""

import os
import random
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scenarios.errors import InputError
from scenarios.loading.load import load_scenario
from sim.study.executors import make_executor
from sim.study.runner import run_study
from sim.study.store.manifest_file import read_state, write_manifest
from sim.study.store.reading import KeptStudy, check_beside
from sim.study.store.tables import table_checksums

REPLICATES = 4


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    out = tmp_path_factory.mktemp("whole") / "study"
    scenario = load_scenario("planned_2018", ["trial.sample_size=40", "truth=true"])
    run_study(scenario, replicates=REPLICATES, executor=make_executor("joblib", 1), out=out)
    return out


@pytest.fixture
def study(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "study")


def content(folder):
    kept = KeptStudy(folder)
    tables = {name: kept[name].to_pydict() for name in kept}
    return str((kept.scenario, kept.numbers, tables))


def rewritten(folder, name, change):
    """Change a table, and let the manifest say that it was written so."""
    file = folder / f"{name}.parquet"
    pq.write_table(change(pq.read_table(file)), file)
    write_manifest(folder, {**read_state(folder), "tables": table_checksums(folder)}, sync=False)


def refused(folder):
    with pytest.raises(InputError) as caught:
        content(folder)
    told = str(caught.value)
    assert told.count("\n") == 0
    return told


@pytest.mark.parametrize("folder", ["s3://bucket/study", "s3:/bucket/study"])
def test_an_address_is_told_with_the_command_that_copies_it(folder):
    with pytest.raises(InputError, match="is no folder on this machine") as caught:
        KeptStudy(Path(folder))
    assert "aws s3 cp --recursive s3://bucket/study DIR" in str(caught.value)


@pytest.mark.parametrize("seed", range(12))
def test_a_turned_bit_or_a_cut_is_told_of_the_file(whole, study, seed):
    generator = random.Random(seed)  # noqa: S311
    files = sorted([*study.glob("*.parquet"), study / "manifest.json"])
    file = files[seed % len(files)]
    damaged = bytearray(file.read_bytes())
    if seed % 3 == 0:
        del damaged[generator.randrange(len(damaged)) :]
    else:
        damaged[generator.randrange(len(damaged))] ^= 1 << generator.randrange(8)
    file.write_bytes(damaged)
    assert str(file) in refused(study)


def test_rows_twice_are_no_second_study(study):
    rewritten(study, "estimates", lambda table: pa.concat_tables([table, table]))
    assert "estimates.parquet has replicates out of order: some may be doubled" in refused(study)


def test_rows_twice_in_order_are_refused_as_well(study):
    def doubled(table):
        return pa.concat_tables([table, table]).sort_by("replicate")

    rewritten(study, "truth", doubled)
    assert "truth.parquet has rows twice" in refused(study)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda t: t.filter(pa.array([n != 2 for n in t[0].to_pylist()])), "has 3 replicates, of"),
        (lambda t: t.drop_columns(["stage"]), "has other columns"),
        (lambda t: t.set_column(0, t.schema.field(0), pa.array([9] * len(t), pa.int32())),
         "has replicates that are none of the study's"),
    ],
)  # fmt: skip
def test_tables_that_do_not_go_together_are_refused(study, change, told):
    rewritten(study, "flow", change)
    assert told in refused(study)


def test_a_scenario_that_is_not_the_one_hashed_is_refused(study):
    manifest = read_state(study)
    manifest["scenario"]["trial"]["sample_size"] = 41
    write_manifest(study, manifest, sync=False)
    assert "the scenario is not the one that was simulated" in refused(study)


def test_pipes_folders_and_what_is_missing_are_refused_without_waiting(study):
    for name, make, told in (
        ("flow", os.mkfifo, "is a pipe or a device"),
        ("truth", os.mkdir, "is a folder"),
        ("estimates", lambda _: None, "is missing, manifest.json names it"),
    ):
        file = study / f"{name}.parquet"
        file.unlink()
        make(file)
        with pytest.raises(InputError, match=told):
            KeptStudy(study).read(name)
    (study / "manifest.json").unlink()
    os.mkfifo(study / "manifest.json")
    assert "is a pipe or a device" in refused(study)


def test_other_versions_and_unfinished_studies_are_told_apart(study):
    manifest = read_state(study)
    write_manifest(study, {**manifest, "state": "running"}, sync=False)
    assert "is not finished: selfback resume" in refused(study)
    (study / "manifest.json").write_text('{"scenario_name": "old", "replicates": 4}')
    assert "is of another version of this software" in refused(study)
    (study / "manifest.json").write_text("[1]")
    assert "is no manifest of a study" in refused(study)


def test_a_file_is_checked_with_the_manifest_beside_it(study, tmp_path):
    file = study / "flow.parquet"
    check_beside(file)
    shutil.copy(file, tmp_path / "elsewhere.parquet")
    damaged = bytearray(file.read_bytes())
    damaged[50] ^= 1
    file.write_bytes(damaged)
    with pytest.raises(InputError, match="is damaged, or was changed: its checksum is not that in"):
        check_beside(file)
    check_beside(tmp_path / "elsewhere.parquet")
