"""Interim looks at a simulated trial: on which day, at which data, and how the trial then goes on.

A trial is simulated to its end, as if there were no looks, so that it has the random numbers of
the trial of fixed size. The looks are then taken at what had been recorded before their days. A
trial that one of them stops is simulated again with its clock stopped on that day.
"""

import numpy as np

from analysis.data.estimates import failed_estimate
from analysis.plan.analyse import analyse
from analysis.sequential.looks import Monitored, Seen, monitor
from scenarios.design.analyses import primary_contrast
from sim.core.streams import Mechanism, Streams
from sim.simulate import simulate
from sim.tables.trial_tables import trial_data
from sim.trial import Trial


def look_days(trial: Trial) -> list[float]:
    """Return the whole day of the clock of each interim look.

    It is the first day on which the planned share of the planned participants have had their
    primary visit and the time to answer it. It depends neither on answers nor on arms.
    """
    scenario = trial.scenario
    visits = {visit.name: visit.day for visit in scenario.trial.visits}
    wait = visits[scenario.analysis.primary_visit] + scenario.followup.longest_answer
    entered = trial.cohort.entered[trial.cohort.randomized]
    size = scenario.trial.sample_size
    counts = [int(np.ceil(fraction * size - 1e-9)) for fraction in scenario.trial.interim.looks]
    return [float(np.ceil(entered[count - 1] + wait)) for count in counts]


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
    return monitor(seen, interim, alpha=plan.alpha, confidence=plan.confidence)


def _look(trial: Trial, analysis: str, number: int, fraction: float, day: float) -> Seen:
    """Run an analysis on what was recorded before a day."""
    scenario = trial.scenario
    plan = scenario.analysis.of_primary_alone()
    data = trial_data(trial, before=day).reached(plan.primary_outcome)
    scores = data.scores[plan.primary_outcome]
    answered = 0
    label = (
        analysis, plan.primary_outcome, plan.primary_visit, primary_contrast(analysis),
    )  # fmt: skip
    if plan.primary_visit in data.visits:
        answered = int((~np.isnan(scores[:, data.visits.index(plan.primary_visit)])).sum())
        # The end has the imputations of a trial without looks.
        occurrence = () if fraction == 1.0 else (number,)
        rng = Streams(scenario.seed, trial.replicate).generator(Mechanism.IMPUTATION, *occurrence)
        found = analyse(data, plan, rng, (analysis,)).estimates
        estimate = next(row for row in found if row.label == label)
    else:
        estimate = failed_estimate(label, len(data), "an arm has no answer at the primary visit")
    return Seen(fraction, day, len(data), answered, estimate)


def conduct(trial: Trial, looks: Monitored | None) -> Trial:
    """Return a trial as its looks let it go on: itself, or stopped on the day of one of them."""
    if looks is None or not looks.stopped:
        return trial
    return simulate(trial.scenario, trial.replicate, closes=looks.seen[looks.last].day)
