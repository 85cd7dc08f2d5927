import pytest

from scenarios.errors import ScenarioError
from scenarios.loading.load import load_scenario


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ("instruments.fabq.difficulties=[0.0, 0.1]", "fabq.difficulties: 2 given, the 4 items"),
        ("instruments.rmdq.spread=0.0", "instruments.rmdq.spread"),
        ("instruments.bipq.stability=1.5", "instruments.bipq.stability"),
        ("instruments.nrs.towards_worst=0.9", "their sum must be at most 1"),
        ("instruments.eq_vas.in_tens=0.9", "their sum must be at most 1"),
        ("instruments.eq_5d.pain.thresholds=[1.0, 3.0, 2.0, 4.0]", "thresholds: must increase"),
        ("instruments.eq_5d.pain.thresholds=[1.0, 2.0]", "instruments.eq_5d.pain.thresholds"),
        ("instruments.eq_5d.worry.per_pain=1.0", "instruments.eq_5d"),
        ("instruments.rmdq_error=1.0", "instruments.rmdq_error"),
    ],
)
def test_impossible_values_are_refused_in_one_line(change, complaint):
    with pytest.raises(ScenarioError) as caught:
        load_scenario("selfback_2021", [change])
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)
