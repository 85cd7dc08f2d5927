from pathlib import Path

import pytest

from scenarios.loading.library import library_names
from scenarios.loading.provenance import Parameter, provenance, undocumented

MINIMAL = Path(__file__).parents[1] / "minimal.toml"


def by_key(rows: tuple[Parameter, ...]) -> dict[str, Parameter]:
    assert len({row.key for row in rows}) == len(rows)
    return {row.key: row for row in rows}


@pytest.mark.parametrize("name", library_names())
def test_every_parameter_of_the_library_states_unit_and_source(name):
    assert undocumented(name) == ()


def test_the_minimal_scenario_is_documented():
    assert undocumented(MINIMAL) == ()


def test_unit_and_source_are_read_from_the_comment():
    rows = by_key(provenance(MINIMAL))
    label = str(MINIMAL)
    assert rows["trial.sample_size"] == Parameter(
        "trial.sample_size", 461, "participants", "made up", label
    )
    assert rows["trial.strata[1].country"].source == "protocol"
    assert rows["trial.strata[1].share"].unit == "proportion"
    assert rows["population.margins.age.mean"].unit == "years"
    assert rows["recruitment.contact.longest"].source == "made up"
    assert rows['followup.arms.control.withdrawal_reasons."no time"'].unit == "weight"
    assert rows["trial.randomization.block_sizes"].value == [4, 6]


def test_the_layer_that_set_a_value_last_gives_its_source(tmp_path):
    path = tmp_path / "my.toml"
    path.write_text(
        f'extends = "{MINIMAL}"\n[app]\nquit_hazard = 0.1  # per week; a guess\nopen_logit = 2',
        encoding="utf-8",
    )
    rows = by_key(provenance(path, ["app.quit_spread=0.3"]))
    assert (rows["app.quit_hazard"].source, rows["app.quit_hazard"].file) == ("a guess", str(path))
    assert rows["app.open_logit"].source == ""
    assert (rows["app.quit_spread"].source, rows["app.quit_spread"].unit) == ("--set", "log SD")
    assert rows["app.open_decay"].file == str(MINIMAL)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("app.quit_hazard = 0.1", "app.quit_hazard needs a comment 'per week; source'"),
        ("app.quit_hazard = 0.1  # per week", "needs a comment 'per week; source'"),
        ("app.quit_hazard = 0.1  # per week;", "needs a comment 'per week; source'"),
        ("app.quit_hazard = 0.1  # days; x", "'days', the schema says 'per week'"),
        ("trial.randomization.block_sizes = [\n  4,  # inside\n]", "block_sizes needs a comment"),
        ("recruitment.contact = { mean = 1.0 }  # weeks; x", "the schema says 'days'"),
        ('trial.visits = [{ name = "month_3", day = 91 }]', "visits[0].name needs a comment 'sou"),
    ],
)
def test_what_is_not_documented_is_listed(tmp_path, line, complaint):
    path = tmp_path / "my.toml"
    path.write_text(f'extends = "{MINIMAL}"\n{line}\n', encoding="utf-8")
    assert complaint in undocumented(path)[0]


@pytest.mark.parametrize(
    "line",
    [
        "recruitment.contact = { mean = 1.0, longest = 2.0 }  # table; x",
        'recommender.kind = "random"',
        'analysis.engine = "statsmodels"  # protocol; section 2',
        "population.margins.age.mean = 50  # own unit; x",
    ],
)
def test_what_is_documented_is_not_listed(tmp_path, line):
    path = tmp_path / "my.toml"
    path.write_text(f'extends = "{MINIMAL}"\n{line}\n', encoding="utf-8")
    assert undocumented(path) == ()
