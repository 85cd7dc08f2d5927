"""What is printed of a trial of several arms: every contrast, readable at any width."""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from analysis.contrasts.labels import kind_of
from analysis.contrasts.planned import planned_contrasts
from analysis.report.compared import compared_in_labels
from analysis.report.estimates_tables import outcome_table
from analysis.report.family_text import family_text
from analysis.report.layout import layout
from analysis.report.report_trial import print_trial
from analysis.report.response_tables import counts_table, events_table, response_table
from scenarios.loading.load import load_scenario
from sim.replicates.analysed import run_trial
from sim.tables.recorded_course import recorded_table
from sim.tables.trial_tables import flow_counts

HERE = Path(__file__).parent


def printed(found, width):
    text = StringIO()
    console = Console(file=text, width=width)
    plan, flow = found.trial.scenario.analysis, flow_counts(found.trial)
    print_trial(found.data, plan, found.analysis, found.checks, flow, console)
    return text.getvalue()


@pytest.mark.parametrize("width", [80, 150])
def test_no_line_is_wider_than_the_terminal(plain, with_band, width):
    for found in (plain, with_band):
        text = printed(found, width)
        assert max(map(len, text.splitlines())) <= width
        for label in found.data.arm_labels:
            assert label in text


def test_every_difference_has_its_cell(plain):
    plan = plain.trial.scenario.analysis
    table = outcome_table(plain.data, plan, plain.analysis)
    contrasts = planned_contrasts(plan, plain.data.arms)
    assert len(contrasts) == len(plain.data.arms) - 1
    assert len(table.heads) == 1 + len(plain.data.arms) + 2 * len(contrasts)
    named = [head for head in table.heads if head.endswith("difference (95% CI)")]
    labels = plain.data.arm_labels
    assert [head.split(":")[0] for head in named] == [f"{a} - {labels[0]}" for a in labels[1:]]
    shown = " ".join(cell for row in table.rows for cell in row)
    differences = [
        e for e in plain.analysis.estimates
        if e.analysis == "clda" and kind_of(e.contrast) == "difference"
    ]  # fmt: skip
    assert len(differences) == len(contrasts) * 4
    for each in differences:
        assert f"{each.estimate:.2f} (" in shown.replace("-0.00", "0.00")


def test_each_contrast_has_its_own_numbers(plain):
    plan = plain.trial.scenario.analysis
    table = outcome_table(plain.data, plan, plain.analysis)
    found = {(e.visit, e.contrast): e for e in plain.analysis.estimates if e.analysis == "clda"}
    (row,) = (r for r in table.rows[2:] if r[0].strip() == "9 months")
    arms = len(plain.data.arms)
    for place, contrast in enumerate(planned_contrasts(plan, plain.data.arms)):
        estimate = found["9 months", f"difference: {contrast.name}"]
        assert row[1 + arms + 2 * place].startswith(f"{estimate.estimate:.2f} (")


def test_ratios_and_needed_to_treat_are_of_each_contrast(plain):
    plan, arms = plain.trial.scenario.analysis, len(plain.data.arms)
    events = events_table(plain.data, plan, plain.analysis)
    assert len(events.heads) == 1 + arms + 3 * (arms - 1)
    counts = counts_table(plain.data, plan, plain.analysis)
    assert len(counts.heads) == 1 + arms + 2 * (arms - 1)
    for table in (events, counts):
        full = [row for row in table.rows if any(row[1:])]
        assert all(len(row) == len(table.heads) and "" not in row for row in full)
        assert not any(cell.startswith("-") and len(cell) == 1 for row in full for cell in row)


def test_response_of_an_app_trial_has_three_arms(with_band):
    table = response_table(with_band.data, with_band.trial.scenario.analysis, with_band.analysis)
    assert table.heads[1:4] == ("Usual care", "Wristband", "App")
    assert table.heads[4].startswith("Wristband - Usual care: odds ratio")
    assert table.heads[7].startswith("App - Usual care: odds ratio")


def test_the_sentence_names_the_arm_that_is_better(plain):
    plan = plain.trial.scenario.analysis
    notes = outcome_table(plain.data, plan, plain.analysis).notes
    labels = plain.data.arm_labels
    assert len(notes) == len(labels) - 1
    for label, note in zip(labels[1:], notes, strict=True):
        assert note.startswith(f"{label} - {labels[0]}: the primary analysis ")
        assert "the intervention" not in note
    assert f"finds {labels[-1]} better" in notes[-1]


def test_a_declared_contrast_has_its_name(plain):
    scenario = plain.trial.scenario
    declared = load_scenario(
        HERE / f"{scenario.name}.toml",
        ['analysis.contrasts=[{name="any", weights={control=-1.0, advice=0.5, intervention=0.5}}]'],
    )
    found = run_trial(declared, 0)
    table = outcome_table(found.data, declared.analysis, found.analysis)
    assert [head for head in table.heads if "difference" in head] == ["any: difference (95% CI)"]
    (contrast,) = planned_contrasts(declared.analysis, declared.arms)
    assert compared_in_labels(declared.arms, contrast) == "any"
    assert table.notes[0].startswith("any: the primary analysis finds it better")


def test_a_family_is_printed_in_place_of_single_tests(plain):
    scenario = plain.trial.scenario
    changed = load_scenario(
        HERE / f"{scenario.name}.toml", ["analysis.multiplicity.procedure=bonferroni"]
    )
    found = run_trial(changed, 0)
    table = outcome_table(found.data, changed.analysis, found.analysis)
    assert table.notes == ("P values of this table are not adjusted for the family of hypotheses.",)
    family = family_text(found.data, changed.analysis, found.analysis)
    assert len(family.rows) == len(scenario.arms) - 1
    assert all(row[2] != "-" for row in family.rows)
    assert not family_text(plain.data, scenario.analysis, plain.analysis).rows


@pytest.mark.parametrize("width", [80, 150])
def test_what_the_course_gives_has_a_difference_an_arm(plain, width):
    scenario = plain.trial.scenario
    table = recorded_table(scenario)
    others = len(scenario.arms) - 1
    assert len(table.heads) == 1 + len(scenario.arms) + others
    full = [row for row in table.rows if any(row[1:])]
    assert all(len(row) == len(table.heads) for row in full)
    assert max(len(line) for line, _ in layout(table, width)) <= width
