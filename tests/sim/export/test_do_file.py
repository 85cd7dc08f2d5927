"""What the do-file names is in the export. Stata itself is not there to run it."""

import re

import pandas as pd
import pyreadstat
import pytest

from sim.export.scripts.stata_reading import stata_text

FORMS = ("csv", "dta", "xpt", "adam")
TEXT = re.compile(r"if from_\d+ == (.+)")


def _columns(folder, form, file):
    if form == "csv":
        count = len(pd.read_csv(folder / f"{file}.csv", nrows=1).columns)
        return [f"v{number}" for number in range(1, count + 1)]
    if form == "dta":
        return pyreadstat.read_dta(folder / f"{file}.dta", metadataonly=True)[1].column_names
    names = pyreadstat.read_xport(folder / f"{file}.xpt", metadataonly=True)[1].column_names
    return [name.lower() for name in names]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["knee_koos", "planned_2018"])
def test_files_columns_and_codes_are_those_of_the_export(exported, name, form):
    found, folder = exported(name, form, trial__sample_size=40)
    code = (folder / "analysis.do").read_text("utf-8")
    files = re.findall(r"(\w+)\.(?:csv|dta|xpt)", code)
    assert len({*files}) == 2
    there = {column for file in files for column in _columns(folder, form, file)}
    own = {"participant", "arm", "visit", "score", "start", "change"}
    made = set(re.findall(r"(?:generate (?:\w+ )?|egen double )(\w+) =", code)) | own
    made |= {new for old, new in re.findall(r"rename (\w+) (\w+)$", code, re.MULTILINE)}
    made |= set(re.findall(r"generate\((\w+)\)", code))
    for line in re.findall(r"^keep (?!if)(.*)$|^use (.*) using", code, re.MULTILINE):
        for column in "".join(line).split():
            assert column in there | made, column
    (model,) = re.findall(r"^(?:mixed|regress|xtgee|nbreg) (.*?)[|,]", code, re.MULTILINE)
    for column in re.findall(r"[A-Za-z_]\w*", model):
        assert column in there | made | {"i", "c", "effects"}, column
    visits = len(found.scenario.trial.visits)
    used = [int(each) for each in re.findall(r"lincom .*_visit(\d+)", code)]
    assert used == list(range(1, visits + 1))


def test_levels_are_compared_with_texts_that_stata_does_not_expand(awkward, tmp_path):
    import selfback as sb  # noqa: PLC0415
    from sim.export.write import write_export  # noqa: PLC0415

    found = sb.trial(awkward.scenario).analysed
    write_export(tmp_path, found.tables(), found, "csv")
    code = (tmp_path / "analysis.do").read_text("utf-8")
    asked = TEXT.findall(code)
    assert stata_text(awkward.level) in asked
    for each in asked:
        for text in re.findall(r'"([^"]*)"', each):
            assert not set(text) & set("$`\\")


def test_a_parquet_export_says_how_stata_gets_the_data(exported):
    _, folder = exported("knee_koos", "parquet", trial__sample_size=40)
    code = (folder / "analysis.do").read_text("utf-8")
    assert "--export dta" in code.replace("\n* ", " ")
    assert "mixed" not in code
