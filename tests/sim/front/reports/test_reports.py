import json
import shutil
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import selfback as sb
from analysis.report.page.document import Grid, Picture
from analysis.report.page.html import html_page
from scenarios.errors import InputError
from sim.cli import call
from sim.front.reports.build import build_report

THREE = Path(__file__).parents[2] / "three_arms.toml"
KINDS = ("run", "power", "search", "compare", "sensitivity", "knee", "trial")


def grids(report):
    return [b for section in report.filled for b in section.blocks if isinstance(b, Grid)]


@pytest.fixture(scope="module")
def reports(folders):
    return {kind: build_report(folders / kind) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_folder_has_a_question_an_answer_and_its_record(reports, kind):
    report = reports[kind]
    assert report.question.endswith("?")
    assert report.verdict.endswith(".")
    titles = [section.title for section in report.filled]
    assert titles[-3:] == [
        "Reporting checklists", "Assumptions and their sources", "Seeds, versions and files",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_table_of_numbers_and_figure_says_where_it_is_from(reports, folders, kind):
    manifest = json.loads((folders / kind / "manifest.json").read_text("utf-8"))
    sections = reports[kind].filled[:-1]
    for block in (block for section in sections for block in section.blocks):
        if isinstance(block, Grid | Picture):
            assert manifest["scenario_hash"][:12] in block.source


def test_the_verdict_is_that_of_the_tables(reports, folders):
    found = json.loads((folders / "run" / "summary.json").read_text("utf-8"))["power"]
    assert f"{100 * found['rejected']:.1f}%" in reports["run"].verdict
    size = json.loads((folders / "search" / "search.json").read_text("utf-8"))["size"]
    assert f"With {size} participants" in reports["search"].verdict
    cells = json.loads((folders / "power" / "power.json").read_text("utf-8"))["cells"]
    for cell in cells:
        assert f"{100 * cell['power']['power']:.1f}%" in reports["power"].verdict


def test_a_knee_trial_has_no_word_of_another_trial(reports):
    page = html_page(reports["knee"]).lower()
    # The software's own name stands in the record and in the foot of the page.
    for own in ("selfback-insilico", "selfback in silico", "selfback sensitivity"):
        page = page.replace(own, "")
    for word in ("selfback", "rmdq", "back pain", "wristband"):
        assert word not in page


def test_every_arm_is_in_the_report_of_three(reports):
    heads = {head for grid in grids(reports["trial"]) for head in grid.table.heads}
    for arm in sb.scenario("three_arms").arms:
        assert any(arm.label in head for head in heads)


def test_nothing_of_a_title_runs(reports):
    for kind in ("run", "power", "search", "compare", "sensitivity"):
        page = html_page(reports[kind])
        assert page.count("<script>") == 1  # our own
    assert "&lt;script&gt;alert(1)&lt;/script&gt; på norsk, $x^2$" in page


@pytest.mark.parametrize(("format_", "begins"), [("pdf", b"%PDF-"), ("docx", b"PK")])
def test_other_formats(folders, tmp_path, format_, begins):
    made = sb.report(folders / "power", format_, out=tmp_path / f"x.{format_}")
    assert made.file.read_bytes().startswith(begins)


def test_the_folder_has_the_report_by_default_and_it_may_be_made_again(folders, capsys):
    for _ in range(2):
        assert call(["report", str(folders / "power"), "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert told["verdict"].startswith("Power is")
        assert told["file"] == str(folders / "power" / "report.html")
    (folders / "power" / "report.html").unlink()


def test_a_report_is_no_part_of_the_study(folders, tmp_path):
    made = shutil.copytree(folders / "run", tmp_path / "run")
    sb.report(made)
    assert sb.performance(made).trials == 4


def test_what_is_damaged_is_refused_in_a_line(folders, tmp_path):
    made = shutil.copytree(folders / "power", tmp_path / "power")
    file = made / "power.json"
    file.write_text(file.read_text("utf-8").replace('"rejected": ', '"rejected": 1'), "utf-8")
    with pytest.raises(InputError, match=r"power\.json is damaged: its checksum"):
        sb.report(made)
    assert not (made / "report.html").exists()


def test_a_study_of_an_earlier_version_is_refused_in_a_line(folders, tmp_path):
    from sim.study.store.manifest_file import read_state, write_manifest  # noqa: PLC0415

    made = shutil.copytree(folders / "power", tmp_path / "power")
    manifest = read_state(made)
    del manifest["tables"]["power.json"]
    write_manifest(made, manifest, sync=False)
    with pytest.raises(InputError, match=r"has no checksum of power\.json"):
        sb.report(made)


def test_mistakes_are_told_in_a_line(folders, tmp_path, capsys):
    (tmp_path / "there.html").touch()
    run = str(folders / "run")
    for arguments, told in (
        ([str(tmp_path)], "is no study"),
        ([run, "--format", "odt"], "--format odt is not allowed: must be html or pdf or docx"),
        ([run, "--out", str(tmp_path / "there.html")], "exists: choose another"),
        ([run, "--out", str(tmp_path / "no" / "x.html")], "there is no folder"),
    ):
        assert call(["report", *arguments]) == 2
        said = capsys.readouterr().err
        assert told in said
        assert sum(line.startswith("selfback: ") for line in said.splitlines()) == 1


def test_a_study_that_is_not_finished_is_refused(folders, tmp_path):
    from sim.study.store.manifest_file import read_state, write_manifest  # noqa: PLC0415

    made = shutil.copytree(folders / "run", tmp_path / "run")
    write_manifest(made, {**read_state(made), "state": "running"}, sync=False)
    with pytest.raises(InputError, match="is not finished: selfback resume"):
        sb.report(made)


def test_a_study_all_of_whose_replicates_failed_has_no_answer_but_the_reason(tmp_path, monkeypatch):
    from sim.replicates import analysed  # noqa: PLC0415

    def fails(*_given):
        raise RuntimeError("no <b>plan</b>, æøå")

    monkeypatch.setattr(analysed, "simulate", fails)
    few = ["--replicates", "2", "--jobs", "1", "--out", str(tmp_path / "run")]
    assert call(["run", "selfback_2021", *few]) == 1
    made = sb.report(tmp_path / "run")
    assert made.verdict == "No answer: all 2 simulated trials failed."
    assert "no &lt;b&gt;plan&lt;/b&gt;, æøå" in made.file.read_text("utf-8")


def test_designs_that_have_no_contrast_in_common_are_reported(tmp_path):
    small = {"trial.sample_size": 60}
    two, three = sb.scenario("planned_2018", small), sb.scenario(THREE, small)
    sb.compare(two, three, replicates=3, out=tmp_path / "c", jobs=1, progress=False)
    made = sb.report(tmp_path / "c")
    assert made.verdict == "B has no contrast that A has: nothing is subtracted."


def test_a_key_that_one_design_lacks_is_shown_as_missing(tmp_path):
    few = {"trial.sample_size": 60}
    designs = [sb.scenario(name, few) for name in ("planned_2018", "selfback_2021")]
    sb.compare(*designs, replicates=2, out=tmp_path / "c", jobs=1, progress=False)
    rows = {row[0]: row[1] for grid in grids(sb.report(tmp_path / "c").report)
            if grid.table.title == "Varied in this study" for row in grid.table.rows}  # fmt: skip
    assert rows["course.sd"].endswith(", -]")


def test_the_ending_is_the_format(folders, tmp_path):
    made = sb.report(folders / "knee", out=tmp_path / "x.docx")
    assert made.file.read_bytes().startswith(b"PK")
    with pytest.raises(InputError, match=r"--out .*y\.pdf with --format html is not allowed"):
        sb.report(folders / "knee", "html", out=tmp_path / "y.pdf")
    with pytest.raises(InputError, match=r"must end in one of \.html, \.pdf, \.docx"):
        sb.report(folders / "knee", out=tmp_path / "y.txt")


@pytest.mark.parametrize("name", ["report.html", "report.html.partial"])
def test_a_report_that_cannot_be_written_is_told_in_a_line(folders, tmp_path, name):
    made = shutil.copytree(folders / "knee", tmp_path / "knee")
    (made / name).mkdir()
    with pytest.raises(InputError, match=r"report\.html cannot be written: Is a directory"):
        sb.report(made)
    assert [path.name for path in made.glob("report*")] == [name]


@pytest.mark.filterwarnings("ignore:Glyph")
@pytest.mark.parametrize("format_", ["html", "pdf", "docx"])
def test_a_title_may_be_long_and_have_what_is_no_character(tmp_path, format_):
    title = f"{300 * 'x'} \uffff \ufffe"
    small = sb.scenario("planned_2018", {"trial.sample_size": 40, "title": title,
                                         "arms[1].label": "a \uffff"})  # fmt: skip
    sb.run(small, 2, out=tmp_path / "r", jobs=1, progress=False)
    assert sb.report(tmp_path / "r", format_).file.stat().st_size > 10_000
    ET.parse(tmp_path / "r" / "summary.svg")  # noqa: S314 - our own file


def test_a_subgroup_of_nobody_does_not_hide_who_is_harmed(tmp_path):
    harmful = {"trial.sample_size": 40, "course.effect": [2.0] * 4}
    splits = ["age=1000", "pain=5"]
    sb.subgroups(sb.scenario("planned_2018", harmful), splits, replicates=2, out=tmp_path / "s",
                 jobs=1, progress=False)  # fmt: skip
    assert "100.0% of participants" in sb.report(tmp_path / "s").verdict


def test_a_study_none_of_whose_fits_converged_has_no_zip_plot(tmp_path):
    few = {"trial.sample_size": 40, "truth": True}
    sb.run(sb.scenario("factorial_five", few), 2, out=tmp_path / "r", jobs=1, progress=False)
    assert sb.report(tmp_path / "r").file.exists()


def test_what_sensitivity_varies_is_told(tmp_path):
    few = ["--keys", "course.sd", "--replicates", "2", "--jobs", "1", "--out", str(tmp_path / "s")]
    assert call(["sensitivity", "knee_koos", "--set", "trial.sample_size=60", *few]) == 0
    page = html_page(sb.report(tmp_path / "s").report)
    assert page.count("Varied: each parameter by itself, down and up.") >= 2
    assert "Nothing is varied" not in page


def test_visits_of_table_3_are_in_their_order(tmp_path):
    small = {"trial.sample_size": 40}
    sb.run(sb.scenario("depression_phq9", small), 3, out=tmp_path / "r", jobs=1, progress=False)
    report = sb.report(tmp_path / "r").report
    (table,) = (grid.table for grid in grids(report) if grid.table.title.startswith("Table 3"))
    order = [visit.name for visit in sb.scenario("depression_phq9").trial.visits]
    blocks, found = [], []
    for name, *_ in table.rows:
        if name.startswith("  "):
            found.append(order.index(name.strip()))
        else:
            found = []
            blocks.append(found)
    assert any(len(block) > 2 for block in blocks)
    assert all(block == sorted(block) for block in blocks)
