"""Interim looks at a simulated trial: on which day, at which data, and how the trial then goes on.

A trial is simulated to its end, as if there were no looks, so that it has the random numbers of
the trial of fixed size. The looks are then taken at what had been recorded before their days. A
trial that one of them stops is simulated again with its clock stopped on that day.

A trial of several contrasts stops when each of them is decided. Where the arm of a decided one is
dropped, the trial is simulated again without it from that day on, and the looks to come are taken
at that trial.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.contrasts.planned import planned_contrasts, primary_labels
from analysis.data.estimates import Estimate, failed_estimate
from analysis.data.trial_data import TrialData
from analysis.decision.rule import primary_rule
from analysis.plan.analyse import analyse
from analysis.sequential.looks import Monitored, Seen
from analysis.sequential.looks import reported as allowing_for_looks
from analysis.sequential.monitoring import Monitoring
from scenarios.design.trial import AnalysisPlan
from sim.core.streams import Mechanism, Streams
from sim.enrolment.places import DroppedArm
from sim.simulate import simulate
from sim.tables.trial_tables import trial_data
from sim.trial import Trial

MOST_INFORMATION = 0.99
"""Of the information at the end, at most, before the end."""


@dataclass(frozen=True, slots=True)
class Held:
    """The looks at a trial, under one analysis.

    Attributes
    ----------
    contrasts
        On which the analysis decides, in the order of the plan.
    dropped
        Arms that a look dropped before the last contrast was decided.
    trial
        As it goes to its end with these arms dropped, whether or not a look stops it: itself where
        none is.
    """

    contrasts: tuple[Monitored, ...]
    dropped: tuple[DroppedArm, ...]
    trial: Trial

    @property
    def analysis(self) -> str:
        """Name of the analysis."""
        return self.contrasts[0].estimate.analysis

    @property
    def stopped(self) -> bool:
        """Whether an interim look stopped the trial."""
        return all(each.stopped for each in self.contrasts)

    @property
    def day(self) -> float:
        """Day of the clock on which the trial ended."""
        return max(each.seen[each.last].day for each in self.contrasts)

    def reported(self, estimates: Sequence[Estimate]) -> list[Estimate]:
        """Return estimates where those of the contrasts allow for the looks."""
        return allowing_for_looks(self.contrasts, estimates)


def look_days(trial: Trial) -> list[float]:
    """Return the whole day of the clock of each interim look at a trial of fixed size.

    It is the first day on which the planned share of the planned participants have had their
    primary visit and the time to answer it. It depends neither on answers nor on arms.
    """
    return [_day(trial, fraction, ()) for fraction in trial.scenario.trial.interim.looks]


def _day(trial: Trial, fraction: float, dropped: Sequence[DroppedArm]) -> float:
    """Return the day of a look; where arms are dropped those of the others count alone."""
    if fraction == 1.0:
        return trial.last_day
    over = np.sort(_primary_visit_over(trial)[_in_open_arms(trial, dropped)])
    return float(np.ceil(over[int(np.ceil(fraction * len(over) - 1e-9)) - 1]))


def _in_open_arms(trial: Trial, dropped: Sequence[DroppedArm]) -> np.ndarray:
    """Return which participants are in an arm that is not dropped, in order of randomization.

    Once arms are dropped all newcomers are in others, so that it is known how many there will be.
    """
    arm = trial.cohort.arm[trial.cohort.randomized]
    return np.isin(arm, [each.arm for each in dropped], invert=True)


def _primary_visit_over(trial: Trial) -> np.ndarray:
    """Return when the primary visit and the time to answer it are over, days of the clock, (n,)."""
    scenario = trial.scenario
    visits = {visit.name: visit.day for visit in scenario.trial.visits}
    wait = visits[scenario.analysis.primary_visit] + scenario.followup.longest_answer
    return np.asarray(trial.cohort.entered[trial.cohort.randomized] + wait)


def hold_looks(trial: Trial, analysis: str) -> Held | None:
    """Take the looks of a trial that was simulated to its end; None if its scenario has none.

    Parameters
    ----------
    trial
        As it goes without looks.
    analysis
        Which analysis of the primary difference decides, see
        :func:`analysis.plan.analyse.analysis_names`.
    """
    scenario = trial.scenario
    plan, interim = scenario.analysis, scenario.trial.interim
    if not interim.looks:
        return None
    contrasts = primary_labels(plan, scenario.arms, analysis)
    rule = primary_rule(plan, scenario.scales)
    courses = [
        Monitoring(interim, rule, confidence=plan.confidence, among=len(contrasts))
        for _ in contrasts
    ]
    fixed: list[Seen] = []
    dropped: list[DroppedArm] = []
    going, day = trial, 0.0
    for number, fraction in enumerate([*interim.looks, 1.0], start=1):
        fixed_day = _day(trial, fraction, ())
        fixed = _look(trial, analysis, contrasts, number, fraction, fixed_day, ())
        seen, undecided = fixed, [course for course in courses if not course.decided]
        # Participants of dropped arms do not count, so that a look may come before the last one.
        day = max(day, _day(going, fraction, dropped)) if dropped else fixed_day
        if dropped and undecided:
            seen = _look(going, analysis, contrasts, number, fraction, day, dropped)
        for course, at_fixed, at_look in zip(courses, fixed, seen, strict=True):
            course.see(at_fixed if course.decided else at_look)
        left = [course for course in undecided if not course.decided]
        if interim.drop_arms and fraction < 1.0 and 0 < len(left) < len(undecided):
            dropped += _dropped(trial, courses, dropped, day)
            going = _without(going, dropped)
    monitored = [course.ended(fixed=end) for course, end in zip(courses, fixed, strict=True)]
    return Held(tuple(monitored), tuple(dropped), going)


def _dropped(
    trial: Trial, courses: Sequence[Monitoring], before: Sequence[DroppedArm], day: float
) -> list[DroppedArm]:
    """Return the arms whose contrasts are decided and that were not dropped before."""
    scenario = trial.scenario
    planned = planned_contrasts(scenario.analysis, scenario.arms)
    there = {each.arm for each in before}
    arms = [
        contrast.weights.index(1.0)
        for contrast, course in zip(planned, courses, strict=True)
        if course.decided
    ]
    return [DroppedArm(arm, day) for arm in arms if arm not in there]


def _without(trial: Trial, dropped: Sequence[DroppedArm]) -> Trial:
    """Return a trial to its end as it goes when arms are dropped."""
    if np.nanmax(trial.cohort.entered) < dropped[-1].day:
        return trial  # everybody is randomized
    return simulate(trial.scenario, trial.replicate, dropped=dropped)


def _look(
    trial: Trial,
    analysis: str,
    contrasts: Sequence[str],
    number: int,
    fraction: float,
    day: float,
    dropped: Sequence[DroppedArm],
) -> list[Seen]:
    """Run an analysis on what was recorded before a day; return what each contrast shows."""
    plan = trial.scenario.analysis.of_primary_alone()
    data = trial_data(trial, before=day).reached(plan.primary_outcome)
    scores = data.scores[plan.primary_outcome]
    answered = 0
    labels = [(analysis, plan.primary_outcome, plan.primary_visit, each) for each in contrasts]
    information = [fraction for _ in labels]
    if plan.primary_visit in data.visits:
        answered = int((~np.isnan(scores[:, data.visits.index(plan.primary_visit)])).sum())
        # The end has the imputations of a trial without looks.
        occurrence = () if fraction == 1.0 else (number,)
        estimates = _primary(trial, data, plan, labels, occurrence)
        if fraction < 1.0 and any(each.se is not None for each in estimates):
            now = _primary_visit_over(trial)[: len(data)] <= day
            over = data.take(now).reached(plan.primary_outcome)
            if plan.primary_visit in over.visits:
                parts = _primary(trial, over, plan, labels, occurrence)
                counted = _in_open_arms(trial, dropped)
                n, size = int((now & counted[: len(data)]).sum()), int(counted.sum())
                information = [
                    _information(whole, part, n, size) or fraction
                    for whole, part in zip(estimates, parts, strict=True)
                ]
    else:
        why = "an arm has no answer at the primary visit"
        estimates = [failed_estimate(label, len(data), why) for label in labels]
    return [
        Seen(fraction, share, day, len(data), answered, estimate)
        for share, estimate in zip(information, estimates, strict=True)
    ]


def _primary(
    trial: Trial,
    data: TrialData,
    plan: AnalysisPlan,
    labels: Sequence[tuple[str, str, str, str]],
    occurrence: tuple[int, ...],
) -> list[Estimate]:
    """Return the contrasts of the primary outcome in some data, all of one fit."""
    streams = Streams(trial.scenario.seed, trial.replicate)
    rng = streams.generator(Mechanism.IMPUTATION, *occurrence)
    found = {row.label: row for row in analyse(data, plan, rng, (labels[0][0],)).estimates}
    return [found[label] for label in labels]


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
        Their number, and the planned one, in the arms that are not dropped.
    """
    if over.se is None or all_data.se is None:
        return None
    return min((over.se / all_data.se) ** 2 * n / size, MOST_INFORMATION)


def conduct(trial: Trial, looks: Held | None) -> Trial:
    """Return a trial as its looks let it go on: itself, without some arms, or stopped by a look."""
    if looks is None:
        return trial
    if not looks.stopped:
        return looks.trial
    return simulate(trial.scenario, trial.replicate, closes=looks.day, dropped=looks.dropped)
