"""docs/background/between_visits.md quotes its record, and the record has what the model tells."""

import pytest

from scenarios.loading.load import load_scenario
from scenarios.targets import load_published
from sim.replicates.between_visits import between_visits
from sim.simulate import simulate


@pytest.fixture(scope="module")
def page(script):
    return script("between_visits")


def test_the_table_is_the_record(page, quoted):
    assert quoted("background/between_visits.md", "figures") == page.table(page.recorded())


def test_the_record_has_every_figure_and_every_figure_of_another_study(page):
    told = {one.name for one in between_visits(simulate(load_scenario("selfback_2021"), 0))}
    assert set(page.recorded()["figure"]) == told
    assert {target.select["figure"] for target in load_published("independent").targets} <= told


def test_figures_that_were_fitted_are_inside_their_studies_intervals(page):
    record = page.recorded()
    of = record[record["mechanisms"] == "with"].groupby("figure")["value"].mean()
    outside = []
    for target in load_published("independent").targets:
        low = target.value - 1.96 * target.own_error
        high = target.value + 1.96 * target.own_error
        if not low <= of[target.select["figure"]] <= high:
            outside.append(target.label)
    # Both are explained on the page.
    assert outside == [
        "Pain kept at 6 weeks, persistent",
        "Change of RMDQ with change of PSEQ, correlation",
    ]
