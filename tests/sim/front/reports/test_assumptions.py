"""Assumptions of a report, ranked by what a study of sensitivity found that they move."""

import pytest

import selfback as sb
from analysis.report.page.document import Code, Grid, Paragraph
from scenarios.errors import InputError
from sim.cli import call
from sim.front.reports.build import build_report


def section(folder, sensitivity=None):
    report = build_report(folder, sensitivity)
    return next(each for each in report.filled if each.title == "Assumptions and their sources")


def grids(found):
    return {each.table.title: each.table for each in found.blocks if isinstance(each, Grid)}


def texts(found):
    return " ".join(each.text for each in found.blocks if isinstance(each, Paragraph))


def test_they_are_ranked_by_what_each_moves(folders):
    found = section(folders / "run", folders / "sensitivity")
    tables = grids(found)
    assert tables["Assumptions"].heads[:3] == ("parameter", "moves the effect by (points)", "value")
    by_key = {row[0]: row[1] for table in tables.values() for row in table.rows}
    assert by_key["course.effect"] == "0.200 (0.000), 10.0%"
    assert by_key["followup.frailty"] == "0.000 (0.000), 0.0%"
    assert by_key["course.sd"] == "-"
    for table in tables.values():
        changes = [0.0 if row[1] == "-" else abs(float(row[1].split()[0])) for row in table.rows]
        assert changes == sorted(changes, reverse=True)
    assert "The study of sensitivity is of planned_2018" in texts(found)
    assert all("sensitivity.json" in each.source for each in found.blocks if isinstance(each, Grid))


def test_what_the_study_varied_comes_first(folders):
    for kind, values in (("power", "[40, 60]"), ("compare", "[60, 80]")):
        first, *others = grids(section(folders / kind)).items()
        title, table = first
        assert title == "Varied in this study"
        assert [row[:2] for row in table.rows] == [("trial.sample_size", values)]
        assert all(row[0] != "trial.sample_size" for _, each in others for row in each.rows)


def test_without_one_the_command_is_named_that_tells(folders, tmp_path):
    (command,) = (b.text for b in section(folders / "knee").blocks if isinstance(b, Code))
    assert command == "selfback sensitivity knee_koos"
    size = ["--set", "trial.sample_size=40"]
    given = ["run", "knee_koos", *size, "--replicates", "2", "--jobs", "1"]
    assert call([*given, "--out", str(tmp_path / "run")]) == 0
    (command,) = (b.text for b in section(tmp_path / "run").blocks if isinstance(b, Code))
    assert command == "selfback sensitivity knee_koos --set trial.sample_size=40"


def test_a_study_of_sensitivity_ranks_its_own(folders):
    found = section(folders / "sensitivity")
    assert "The study of sensitivity is that of this folder." in texts(found)
    assert not any(isinstance(each, Code) for each in found.blocks)


def test_other_values_are_told(folders, tmp_path):
    other = sb.scenario("planned_2018", {"trial.sample_size": 60, "course.sd": [5.0] * 5})
    sb.run(other, 2, out=tmp_path / "run", jobs=1, progress=False)
    told = texts(section(tmp_path / "run", folders / "sensitivity"))
    assert "which has 1 other value than this study: course.sd" in told


@pytest.mark.parametrize(
    ("folder", "sensitivity", "told"),
    [
        ("knee", "sensitivity", "is of planned_2018, whose primary outcome is 'rmdq'"),
        ("trial", "sensitivity", "is of planned_2018, whose kind of course is 'normal'"),
        ("run", "power", "is a folder of power: name one of selfback sensitivity"),
        ("run", "nowhere", "is no study"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_line(folders, folder, sensitivity, told):
    with pytest.raises(InputError) as refused:
        build_report(folders / folder, folders / sensitivity)
    assert str(refused.value).startswith(f"--sensitivity {folders / sensitivity}")
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)
