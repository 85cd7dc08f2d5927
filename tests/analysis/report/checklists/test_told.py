"""What a list tells follows the scenario and the records: a changed key changes its item."""

import re

import pandas as pd
import pytest

from analysis.report.checklists.facts import NO_STUDY, study_facts
from analysis.report.checklists.registry import all_checklists, checklist
from analysis.report.checklists.rendering import checklist_markdown, checklist_table
from scenarios.loading.load import load_scenario
from scenarios.loading.provenance import provenance

MANIFEST = {
    "command": ["x", "run", "knee_koos"],
    "seed": 5,
    "replicates": 3,
    "failed": 1,
    "packages": {"numpy": "2.0"},
    "tables": {"estimates.parquet": {}},
    "scenario": load_scenario("knee_koos").model_dump(mode="json"),
}


def estimates(decisions):
    rows = [
        ("mmrm", "koos_pain", "12 months", "difference", 8.0 + i, 3.0, 2.0, 14.0, 0.02, 150 + i,
         True, None, decision, i)
        for i, decision in enumerate(decisions)
    ]  # fmt: skip
    columns = (
        "analysis outcome visit contrast estimate se lower upper p n converged failure decision "
        "replicate"
    )
    return pd.DataFrame(rows, columns=columns.split())


@pytest.mark.parametrize(
    ("change", "name", "number", "text"),
    [
        ("trial.sample_size=352", "consort", "16a", "352 participants"),
        ("trial.sample_size=352", "stress_des", "4.2", "352 are randomized"),
        ("analysis.alpha=0.01", "consort", "16a", "alpha 0.01"),
        ("arms[1].share=2", "consort", "9", "1:2"),
        ("trial.randomization.block_sizes=[6]", "consort", "17b", "blocks of 6"),
        ("trial.visits[0].day=84", "consort", "14", "3 months (day 84)"),
        ("followup.reminder_days=[5]", "stress_des", "2.2", "One reminder on day 5"),
        ("trial.interim.looks=[0.4]", "consort", "16b", "40% of the 220"),
        ("followup.missingness=mnar", "consort", "21c", "MNAR"),
        ("analysis.confidence=0.9", "consort", "21a", "90% confidence"),
        ("outcomes[0].smallest_important=9", "consort", "14", "difference 9 points"),
        ("analysis.sensitivity=[]", "consort", "21d", "Prespecified further analyses"),
    ],
)
def test_a_changed_key_changes_the_item_that_tells_it(change, name, number, text):
    changes = [change]
    if "share" in change:
        changes.append("trial.randomization.block_sizes=[3, 6]")
    if "looks" in change:
        changes += ["trial.interim.boundary=pocock", "trial.interim.futility=0.1"]
    before = checklist(name, load_scenario("knee_koos"))[number]
    after = checklist(name, load_scenario("knee_koos", changes))[number]
    assert text in after.text
    assert after.text != before.text
    assert after.origin


@pytest.mark.parametrize("name", ["knee_koos", "depression_phq9"])
def test_another_trial_has_no_word_of_selfback(name):
    scenario = load_scenario(name)
    facts = study_facts({**MANIFEST, "scenario": {}}, parameters=provenance(name))
    for filled in all_checklists(scenario, facts):
        shown = checklist_markdown(filled) + str(checklist_table(filled))
        found = re.search(
            r"selfback|\bback\b|rmdq|wristband|\bapp\b|case-based", shown, re.IGNORECASE
        )
        assert found is None, found


def test_designs_are_told_as_they_are():
    def told(name, number):
        return checklist("consort", load_scenario(name))[number].text

    assert "2:1:1" in told("two_to_one_to_one", "9")
    assert "Minimization of the range" in told("minimization", "17b")
    assert "Simple randomization" in told("simple_randomization", "17b")
    assert "Whole clinics (42)" in told("cluster_by_clinic", "17b")
    assert "cluster randomized" in told("cluster_by_clinic", "1a")
    assert "50% of the 461" in told("interim_obrien_fleming", "16b")
    assert "0.17 SD better" in told("unblinded_null", "20a")
    assert "at least 10 of them" in told("run_in_app", "12a")
    assert "fractional factorial of five components" in told("factorial_five", "9")
    for label in (arm.label for arm in load_scenario("three_arms").arms):
        assert label in told("three_arms", "13")


def test_the_records_of_a_study_are_told_with_monte_carlo_errors():
    flow = pd.DataFrame({"replicate": [0, 1], "stage": "randomized", "count": [220, 220]})
    facts = study_facts(
        MANIFEST, {"estimates": estimates(["in favour", "neither", "in favour"]), "flow": flow}
    )
    scenario = load_scenario("knee_koos")
    size = checklist("ademp", scenario, facts)["3.5c"]
    assert "3 trials were simulated (replicates 0 to 2)" in size.text
    assert "power 66.7% (Monte Carlo SE 27.2%)" in size.text
    assert "1 of the replicates failed" in checklist("ademp", scenario, facts)["5a"].text
    assert "randomized 220." in checklist("consort", scenario, facts)["22a"].text


def test_a_single_trial_has_an_estimate_and_no_performance():
    facts = study_facts({**MANIFEST, "replicates": 1}, {"estimates": estimates(["in favour"])})
    scenario = load_scenario("knee_koos")
    assert checklist("ademp", scenario, facts)["3.5c"].status == "not applicable"
    told = checklist("consort", scenario, facts)["26"].text
    assert "8 (confidence limits 2 and 14, P .02, 150 participants)" in told


def test_failed_replicates_only_leave_the_results_to_the_author():
    facts = study_facts({**MANIFEST, "failed": 3}, {"estimates": estimates([])})
    item = checklist("consort", load_scenario("knee_koos"), facts)["26"]
    assert item.status == "author"


def test_what_cannot_be_known_is_for_the_author_and_nothing_is_said_of_it():
    filled = checklist("consort", load_scenario("selfback_2021"), NO_STUDY)
    for number, wanted in {
        "2": "registry", "5a": "funding", "5b": "conflicts", "6": "reviews", "8": "patients",
    }.items():  # fmt: skip
        assert filled[number].status == "author"
        assert filled[number].generated == ""
        assert wanted in filled[number].wanted


def test_a_title_with_markup_is_inert_in_markdown():
    title = "<script>alert(1)</script> | blåbær $x$"
    scenario = load_scenario("knee_koos").model_copy(update={"title": title})
    shown = checklist_markdown(checklist("consort", scenario))
    assert "<script>" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt; \\| blåbær" in shown
    heads = [line for line in shown.splitlines() if line.startswith("| ")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in heads} == {6}
