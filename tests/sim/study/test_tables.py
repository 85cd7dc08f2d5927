import pytest

from scenarios.loading.load import load_scenario
from scenarios.targets import load_published
from sim.replicates.analysed import PickedAnalyses, run_replicate
from sim.replicates.compared import Compared
from sim.replicates.component_effects import ComponentsReplicate
from sim.replicates.moved_effects import MovedEffects
from sim.replicates.subgroup_effects import SubgroupReplicate, read_split
from sim.study.tables import STUDY_TABLES

SMALL = ["trial.sample_size=80", "truth=true"]


@pytest.fixture(scope="module")
def yielded():
    """What every kind of replicate yields, table by table."""
    looks = [*SMALL, "trial.interim.looks=[0.5]"]
    interim = load_scenario("planned_2018", looks)
    patients = load_scenario("selfback_2021", [*SMALL, "analysis.sensitivity=[]"])
    crossed = load_scenario(
        "factorial_power", ["trial.sample_size=64", "analysis.multiplicity.procedure='holm'"]
    )
    split = SubgroupReplicate((read_split("pain=5", patients),))
    return [
        run_replicate(interim, 0),
        PickedAnalyses(("clda",), costs=True)(interim, 0),
        split(patients, 0),
        run_replicate(crossed, 0),
        ComponentsReplicate("a", "rmdq", "3 months")(crossed, 0),
        MovedEffects("", (), "intervention")(interim, 0),
        Compared.with_all_of(load_published("independent").targets)(patients, 0),
    ]


def test_replicates_yield_the_tables_of_the_list_with_its_columns(yielded):
    for tables in yielded:
        for name, table in tables.items():
            assert table.schema.equals(STUDY_TABLES[name].schema), name


def test_every_table_of_the_list_is_yielded_by_some_replicate(yielded):
    assert {name for tables in yielded for name in tables} == set(STUDY_TABLES)
