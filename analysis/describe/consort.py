"""The flow of participants as text, in the order of a CONSORT diagram.

A trial of several arms tells of each what the extension of CONSORT to multi-arm trials asks for
(Juszczak et al. 2019, JAMA 321:1610-1620, item 13a): allocated, received what the arm is given,
withdrew, answered, were analysed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from analysis.data.estimates import Estimate
from analysis.data.trial_data import TrialData
from analysis.plan.design_matrix import covariate_matrix
from scenarios.analyses.plan import AnalysisPlan
from scenarios.targets import Target


def flow_rows(counts: Mapping[str, int | str], arms: Sequence[str]) -> list[tuple[str, ...]]:
    """Return (stage, a count for each arm) rows of a trial's flow.

    A stage before allocation has one count, and '' for the other arms; a stage that an arm does not
    have, such as receiving an app, has '-' in it.

    Parameters
    ----------
    counts
        Stage to count, or to what is told of it; stages of an arm begin with the arm's name and a
        colon.
    arms
        Names of the arms, the reference first.

    Examples
    --------
    >>> counts = {"randomized": 9, "a: allocated": 4, "b: allocated": 5, "b: got it": 3}
    >>> flow_rows(counts, ["a", "b"])
    [('randomized', '9', ''), ('allocated', '4', '5'), ('got it', '-', '3')]
    """
    rows: list[tuple[str, ...]] = []
    by_arm: dict[str, dict[str, int | str]] = {arm: {} for arm in arms}
    for stage, count in counts.items():
        arm, colon, what = stage.partition(": ")
        if colon and arm in by_arm:
            by_arm[arm][what] = count
        else:
            rows.append((stage, str(count), *[""] * (len(arms) - 1)))
    for what in stages_of_all(list(by_arm.values())):
        cells = (str(own[what]) if what in own else "-" for own in by_arm.values())
        rows.append((what, *cells))
    return rows


def stages_of_all(by_arm: Sequence[Mapping[str, int | str]]) -> list[str]:
    """Return the stages that any arm has, each behind the one that it follows in its arm."""
    order: list[str] = []
    for own in by_arm:
        place = 0
        for stage in own:
            if stage not in order:
                order.insert(place, stage)
            place = order.index(stage) + 1
    return order


def published_counts(targets: Iterable[Target]) -> dict[str, float]:
    """Return the published count of each stage."""
    return {
        target.select["stage"]: target.value
        for target in targets
        if target.table == "flow" and not target.study
    }


def analysed_by_arm(
    data: TrialData, plan: AnalysisPlan, estimates: Sequence[Estimate]
) -> tuple[int, ...] | None:
    """Return how many of each arm are in the model that decides.

    An estimate has the number of all arms together. Models take those with any score of the
    primary outcome, with one after baseline, with a baseline, too, or at the primary visit; each of
    these groups is part of the one before, so that the number tells which it is.

    Returns
    -------
    A number an arm, in the order of their codes; None where the analysis did not run, or takes
    others.
    """
    primary = plan.primary_analysis, plan.primary_outcome, plan.primary_visit
    found = next((e for e in estimates if (e.analysis, e.outcome, e.visit) == primary), None)
    if found is None or plan.primary_outcome not in data.scores:
        return None
    for group in _in_models(data, plan):
        if np.count_nonzero(group) == found.n:
            return tuple(
                int(np.count_nonzero(group & members)) for members in data.members_by_arm().values()
            )
    return None


def _in_models(data: TrialData, plan: AnalysisPlan) -> Iterator[np.ndarray]:
    """Yield masks (n,) of those whom models take: adjusted ones, then those without covariates."""
    seen = ~np.isnan(data.scores[plan.primary_outcome])
    start, later = seen[:, 0], seen[:, 1:].any(axis=1)
    if not data.outcomes[plan.primary_outcome].has_baseline:
        start = np.ones(len(data), dtype=np.bool_)
    at_primary = seen[:, data.visits.index(plan.primary_visit)]
    groups = (seen.any(axis=1), later, start & later, start & at_primary)
    known = ~np.isnan(covariate_matrix(data, plan.covariates)).any(axis=1)
    yield from (group & known for group in groups)
    yield from groups
