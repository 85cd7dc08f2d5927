"""Interim looks at a simulated trial: on which day, at which data, and how the trial then goes on.

A trial is simulated to its end, as if there were no looks, so that it has the random numbers of
the trial of fixed size. The looks are then taken at what had been recorded before their days. A
trial that one of them stops is simulated again with its clock stopped on that day.
"""

import numpy as np

from analysis.data.estimates import Estimate, failed_estimate
from analysis.data.trial_data import TrialData
from analysis.decision.rule import primary_rule
from analysis.plan.analyse import analyse
from analysis.sequential.looks import Monitored, Seen, monitor
from scenarios.design.analyses import primary_contrast
from scenarios.design.trial import AnalysisPlan
from sim.core.streams import Mechanism, Streams
from sim.simulate import simulate
from sim.tables.trial_tables import trial_data
from sim.trial import Trial

MOST_INFORMATION = 0.99
"""Of the information at the end, at most, before the end."""


def look_days(trial: Trial) -> list[float]:
    """Return the whole day of the clock of each interim look.

    It is the first day on which the planned share of the planned participants have had their
    primary visit and the time to answer it. It depends neither on answers nor on arms.
    """
    over = np.sort(_primary_visit_over(trial))
    size = trial.scenario.trial.sample_size
    looks = trial.scenario.trial.interim.looks
    counts = [int(np.ceil(fraction * size - 1e-9)) for fraction in looks]
    return [float(np.ceil(over[count - 1])) for count in counts]


def _primary_visit_over(trial: Trial) -> np.ndarray:
    """Return when the primary visit and the time to answer it are over, days of the clock, (n,)."""
    scenario = trial.scenario
    visits = {visit.name: visit.day for visit in scenario.trial.visits}
    wait = visits[scenario.analysis.primary_visit] + scenario.followup.longest_answer
    return np.asarray(trial.cohort.entered[trial.cohort.randomized] + wait)


def hold_looks(trial: Trial, analysis: str) -> Monitored | None:
    """Take the looks of a trial that was simulated to its end; None if its scenario has none.

    Parameters
    ----------
    trial
        As it goes without looks.
    analysis
        Which analysis of the primary difference decides, see
        :func:`analysis.plan.analyse.analysis_names`.
    """
    plan = trial.scenario.analysis
    interim = trial.scenario.trial.interim
    if not interim.looks:
        return None
    ends = zip([*interim.looks, 1.0], [*look_days(trial), trial.last_day], strict=True)
    seen = [_look(trial, analysis, number, *end) for number, end in enumerate(ends, start=1)]
    return monitor(
        seen, interim, primary_rule(plan, trial.scenario.scales), confidence=plan.confidence
    )


def _look(trial: Trial, analysis: str, number: int, fraction: float, day: float) -> Seen:
    """Run an analysis on what was recorded before a day."""
    scenario = trial.scenario
    plan = scenario.analysis.of_primary_alone()
    data = trial_data(trial, before=day).reached(plan.primary_outcome)
    scores = data.scores[plan.primary_outcome]
    answered = 0
    information = fraction
    label = (
        analysis, plan.primary_outcome, plan.primary_visit, primary_contrast(analysis),
    )  # fmt: skip
    if plan.primary_visit in data.visits:
        answered = int((~np.isnan(scores[:, data.visits.index(plan.primary_visit)])).sum())
        # The end has the imputations of a trial without looks.
        occurrence = () if fraction == 1.0 else (number,)
        estimate = _primary(trial, data, plan, analysis, occurrence)
        if fraction < 1.0 and estimate.se is not None:
            over = data.take(_primary_visit_over(trial)[: len(data)] <= day)
            over = over.reached(plan.primary_outcome)
            if plan.primary_visit in over.visits:
                part = _primary(trial, over, plan, analysis, occurrence)
                size = scenario.trial.sample_size
                information = _information(estimate, part, len(over), size) or fraction
    else:
        estimate = failed_estimate(label, len(data), "an arm has no answer at the primary visit")
    return Seen(fraction, information, day, len(data), answered, estimate)


def _primary(
    trial: Trial, data: TrialData, plan: AnalysisPlan, analysis: str, occurrence: tuple[int, ...]
) -> Estimate:
    """Return the primary difference in some data."""
    streams = Streams(trial.scenario.seed, trial.replicate)
    rng = streams.generator(Mechanism.IMPUTATION, *occurrence)
    label = analysis, plan.primary_outcome, plan.primary_visit, primary_contrast(analysis)
    found = analyse(data, plan, rng, (analysis,)).estimates
    return next(row for row in found if row.label == label)


def _information(all_data: Estimate, over: Estimate, n: int, size: int) -> float | None:
    """Return the information fraction at a look, None where it is not known.

    At the end everybody's primary visit is over. The information expected then is that in the
    participants whose primary visit is over at the look, in proportion to their number. What there
    is at the look is more than theirs where others have answered earlier visits.

    Parameters
    ----------
    all_data, over
        The difference in all data of the look, and in the participants whose visit is over.
    n, size
        Their number, and the planned one.
    """
    if over.se is None or all_data.se is None:
        return None
    return min((over.se / all_data.se) ** 2 * n / size, MOST_INFORMATION)


def conduct(trial: Trial, looks: Monitored | None) -> Trial:
    """Return a trial as its looks let it go on: itself, or stopped on the day of one of them."""
    if looks is None or not looks.stopped:
        return trial
    return simulate(trial.scenario, trial.replicate, closes=looks.seen[looks.last].day)
