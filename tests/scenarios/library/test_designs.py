"""Every design of the library loads, and differs from its parent only in the keys it states."""

import tomllib

import pytest

from scenarios.loading.library import GROUPS, library
from scenarios.loading.load import load_scenario

SAME = {"name", "title", "published"}
MADE = ("factorial", "arms", "analysis.contrasts", "followup.arms", "safety.rates")
DESIGNS = sorted(library("designs"))


def flat(value, path=()):
    """Return dotted path to value; lists are values."""
    if isinstance(value, dict):
        return {k: v for key, inner in value.items() for k, v in flat(inner, (*path, key)).items()}
    return {".".join(path): value}


def test_there_are_designs_and_no_name_is_in_two_groups():
    assert len(DESIGNS) > 15
    assert sum(len(library(group)) for group in GROUPS) == len(library())


@pytest.mark.parametrize("name", DESIGNS)
def test_a_design_differs_from_its_parent_in_the_keys_that_it_states(name):
    stated = tomllib.loads(library("designs")[name].read_text("utf-8"))
    parent, replaced = stated.pop("extends"), stated.pop("replace", [])
    keys = set(flat(stated)) - SAME
    mine, theirs = (flat(load_scenario(n).model_dump(mode="json")) for n in (name, parent))
    different = {k for k in mine.keys() | theirs.keys() if mine.get(k) != theirs.get(k)} - SAME
    # What a factorial makes, and of whom all its arms are like, is not stated.
    made = MADE if "factorial" in stated else ()
    different = {k for k in different if not k.startswith(made)}
    gone = {k for k in different if k not in mine}
    assert different - gone <= keys
    # Missing keys belonged to a section that changed its kind, or to a table that is replaced.
    gone = {k for k in gone if not k.startswith(tuple(f"{table}." for table in replaced))}
    assert {k.rpartition(".")[0] for k in gone} <= {k.rpartition(".")[0] for k in keys}
    assert any(k in different for k in keys)
    assert keys


@pytest.mark.parametrize("name", DESIGNS)
def test_a_design_begins_with_its_question_and_a_command(name):
    question, command = library("designs")[name].read_text("utf-8").splitlines()[:2]
    assert question.startswith("# ")
    assert question.endswith("?")
    assert command.startswith("#   selfback ")
    assert name in command.split()
