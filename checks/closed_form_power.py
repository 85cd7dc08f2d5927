"""Holds simulated power of plain trials against closed forms: `python checks/closed_form_power.py`.

Each case prints simulated power, the closed form, the Monte Carlo error and how many of these
errors lie between them. The exit code is 1 if one of them has more than 3.

The closed forms are exact for the test that is simulated, with n participants an arm:

- *t-test on change*: noncentral t with 2n - 2 degrees of freedom;
- *ancova*: noncentral t with 2n - 3, over the difference that the arms have at baseline by chance;
- *risk difference*: the sum over all pairs of binomial counts for which the test rejects;
- *answers alone*: as with an effect of the size of the shift of answers, without one on the state;
  the level of the test where both arms hope for the same.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from kit.tries import AT_ONCE, in_parallel, options
from scipy import integrate, stats

from analysis.decision.rule import IN_FAVOUR
from scenarios.loading.load import load_scenario
from scenarios.schema import Scenario
from sim.replicates.analysed import PickedAnalyses

ALLOWED = 3.0
EQUAL_ARMS = (
    'trial.randomization={kind = "blocks", block_sizes = [2]}', "followup.dropout=0",
    "trial.sample_size=100",
)  # fmt: skip
EVENT = (
    (
        'outcomes=[{name = "recovered", label = "Recovered", kind = "binary", '
        'direction = "higher is better", has_baseline = false}]'
    ),
    'course.outcome="recovered"', "course.means=[0.3, 0.4, 0.45, 0.5]", "course.sd=[]",
    "course.correlation=[[0.5]]", "course.effect_size=0.25",
    'analysis.primary_outcome="recovered"', "analysis.continuous=[]",
    'analysis.binary=["recovered"]', "analysis.secondary_response={}",
    "analysis.secondary_level={}", 'analysis.primary_analysis="risk difference"',
    'analysis.alternatives=["risk difference"]',
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """A scenario, the analysis that decides, and the power that it has in theory."""

    name: str
    scenario: Scenario
    analysis: str
    power: float


def cases() -> Iterator[Case]:
    """Yield the cases."""
    n, effect, sd, correlation, alpha = 50, -3.0, 6.0, 0.4, 0.05
    plan = [*EQUAL_ARMS, f"course.effect_size={effect}"]
    for analysis, power in (("t-test on change", change_power), ("ancova", ancova_power)):
        names = f'analysis.alternatives=["{analysis}"]', f'analysis.primary_analysis="{analysis}"'
        yield Case(
            f"continuous, {analysis}",
            load_scenario("planned_2018", [*plan, *names]),
            analysis,
            power(n, effect, sd, correlation, alpha),
        )
    yield Case(
        "binary, risk difference",
        load_scenario("planned_2018", [*EQUAL_ARMS, *EVENT]),
        "risk difference",
        risk_power(n, 0.4, 0.65, lambda z: np.abs(z) > stats.norm.isf(alpha / 2)),
    )
    margin, one_sided = 0.2, 0.025
    yield Case(
        "binary, non-inferiority",
        load_scenario(
            "planned_2018",
            [
                *EQUAL_ARMS, *EVENT, "course.effect_size=0.05",
                'analysis.hypothesis="non_inferiority"', f"analysis.margin={margin}",
                f"analysis.alpha={one_sided}",
            ],
        ),
        "risk difference",
        risk_power(n, 0.4, 0.45, lambda z: z > stats.norm.isf(one_sided), margin),
    )  # fmt: skip
    yield Case(
        "continuous, non-inferiority",
        load_scenario(
            "planned_2018",
            [
                *EQUAL_ARMS, "course.effect_size=0", 'analysis.alternatives=["t-test on change"]',
                'analysis.primary_analysis="t-test on change"',
                'analysis.hypothesis="non_inferiority"', "analysis.margin=4.0",
                f"analysis.alpha={one_sided}",
            ],
        ),
        "t-test on change",
        change_power(n, 4.0, sd, correlation, one_sided, sides=1),
    )  # fmt: skip
    yield from answers_alone()


def answers_alone() -> Iterator[Case]:
    """Yield trials without an effect on the state, in which one arm or both answer better."""
    scenario = load_scenario("unblinded_null_plain")
    hope = scenario.reporting.expectation["intervention"]["rmdq"]
    n, sd, correlation, alpha = scenario.trial.sample_size // 2, 5.06, 0.55, scenario.analysis.alpha
    power = ancova_power(n, hope * scenario.reporting.sd["rmdq"], sd, correlation, alpha)
    yield Case("answers alone, ancova", scenario, "ancova", power)
    same = load_scenario("unblinded_null_plain", [f"reporting.expectation.control.rmdq={hope}"])
    yield Case("answers alone, both arms hope", same, "ancova", alpha)


def change_power(
    n: int, effect: float, sd: float, correlation: float, alpha: float, sides: int = 2
) -> float:
    """Return the power of the t-test on changes."""
    se = sd * np.sqrt(2.0 * (1.0 - correlation)) * np.sqrt(2.0 / n)
    if sides == 2:
        return _beyond(effect / se, 2 * n - 2, alpha)
    return float(stats.nct.sf(stats.t.isf(alpha, 2 * n - 2), 2 * n - 2, effect / se))


def ancova_power(n: int, effect: float, sd: float, correlation: float, alpha: float) -> float:
    """Return the power of analysis of covariance with the baseline.

    The baseline's difference inflates the error: by 1 + t^2 / (2n - 2), with t its own statistic.
    """
    df = 2 * n - 2
    error = sd * np.sqrt((1.0 - correlation**2) * 2.0 / n)

    def given(t: float) -> float:
        se = error * np.sqrt(1.0 + t * t / df)
        return float(stats.t.pdf(t, df)) * _beyond(effect / se, df - 1, alpha)

    return float(integrate.quad(given, -12.0, 12.0)[0])


def risk_power(
    n: int, control: float, treated: float, rejects: Callable[[np.ndarray], np.ndarray],
    margin: float = 0.0,
) -> float:  # fmt: skip
    """Return the chance that a test of the risk difference with unpooled error rejects."""
    events = np.arange(n + 1)
    share = events / n
    variance = share * (1.0 - share) / n
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (share[None, :] - share[:, None] + margin) / np.sqrt(variance[:, None] + variance)
    both = np.outer(stats.binom.pmf(events, n, control), stats.binom.pmf(events, n, treated))
    # Where nobody or everybody has the event in an arm, a logistic model has no finite estimate.
    inner = np.zeros((n + 1, n + 1), dtype=bool)
    inner[1:-1, 1:-1] = True
    return float(both[inner & rejects(z)].sum())


def _beyond(centre: float, df: int, alpha: float) -> float:
    reach = stats.t.isf(alpha / 2.0, df)
    return float(stats.nct.sf(reach, df, centre) + stats.nct.cdf(-reach, df, centre))


def simulated(case: Case, replicates: int) -> float:
    """Return the share of trials that reject, 1-sided tests in favour of the intervention."""
    plan = case.scenario.analysis
    tables = PickedAnalyses((case.analysis,)).several(case.scenario, range(replicates))
    rows = tables["estimates"].to_pandas()
    mine = rows[
        (rows["visit"] == plan.primary_visit)
        & (rows["contrast"] == "difference")
        & (rows["analysis"] == case.analysis)
    ]
    if plan.hypothesis == "two_sided":
        return float((mine["p"] < plan.alpha).sum()) / replicates
    return float((mine["decision"] == IN_FAVOUR).sum()) / replicates


def main() -> int:
    """Print a line a case; return 1 if one of them is too far off."""
    given = options(__doc__, replicates=2000, at_once=AT_ONCE)
    tried = [case for case in cases() if given.only in case.name]
    found = in_parallel(lambda case: simulated(case, given.replicates), tried, given.at_once)
    print(f"{'':34}{'simulated':>10}{'closed':>8}{'error':>8}{'errors apart':>14}")
    worst = 0.0
    for case, power in zip(tried, found, strict=True):
        error = np.sqrt(case.power * (1.0 - case.power) / given.replicates)
        apart = (power - case.power) / error
        worst = max(worst, abs(apart))
        print(f"{case.name:34}{power:10.4f}{case.power:8.4f}{error:8.4f}{apart:14.2f}", flush=True)
    return int(worst > ALLOWED)


if __name__ == "__main__":
    sys.exit(main())
