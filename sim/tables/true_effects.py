"""The true effects in a replicate: what assignment did to its participants.

Each participant is simulated in every other arm too, with the same random numbers. The true effect
is the mean difference between two potential outcomes on the days the questionnaires were due,
whether they were answered or not. Where expectation moves answers (``[reporting]``), there are two
effects: that on the state, which is the true one, and that on the answers, which is what the trial
estimates. Where a recommender learns, a counterfactual patient is advised from its case base as it
stood in the trial as randomized, that evening, and teaches it nothing.

Functions here take the trials of one replicate: as it was randomized, then with everybody
moved on by one arm, by two, and so on (:func:`sim.simulate.counterfactual`).
"""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from analysis.contrasts.declared import Contrast, every_pair
from analysis.contrasts.planned import planned_contrasts
from scenarios.schema import Scenario
from sim.simulate import all_counterfactuals
from sim.tables.trial_tables import plans_made
from sim.trial import Trial

ALL, ADHERERS = "all randomized", "would-be adherers"
AS_ANSWERED = ", as answered"
"""Behind the names of these populations: the effect on what they answer, not on how they are."""

TRUTH_SCHEMA = pa.schema(
    [
        ("replicate", pa.int32()),
        ("population", pa.string()),
        ("contrast", pa.string()),
        ("outcome", pa.string()),
        ("visit", pa.string()),
        ("effect", pa.float64()),
        ("n", pa.int32()),
    ]
)


def in_every_arm(trial: Trial) -> tuple[Trial, ...]:
    """Return a trial as it was randomized and all its counterfactuals, simulated here."""
    return trial, *all_counterfactuals(trial)


def true_effects(
    trial: Trial, participants: int | None = None, trials: Sequence[Trial] | None = None
) -> pa.Table:
    """Return the true average effects of assignment in a trial's own participants.

    Parameters
    ----------
    trial
        A simulated trial.
    participants
        Number of participants, the first that were randomized. Default: all.
    trials
        The trial and its counterfactuals; simulated here unless they are given.

    Returns
    -------
    A row for each population, contrast, outcome and follow-up visit: the mean over the n members of
    the score in one arm less the score in the other, for every pair of arms, or of the weighted sum
    that the plan declares, always with the same measurement error. Would-be adherers are those who
    make enough plans in the arm with the app (the later one, if both have it); a pair without
    an app has none. Scores are those of the state; where expectation moves answers, further rows,
    of populations :data:`AS_ANSWERED`, have the effect on the answers.
    """
    trials = in_every_arm(trial) if trials is None else trials
    scenario, rows = trial.scenario, trial.cohort.randomized[:participants]
    everybody = np.ones(len(rows), dtype=bool)
    plans = _by_arm([plans_made(each)[rows] for each in trials], trial.cohort.arm[rows])
    adherent = plans >= scenario.analysis.adherence_plans
    contrasts = contrasts_of_truth(scenario)
    members = {contrast.name: {ALL: everybody} for contrast in contrasts}
    for contrast in contrasts:
        with_app = [code for code in scenario.app_arms if contrast.weights[code]]
        if with_app:
            members[contrast.name][ADHERERS] = adherent[with_app[-1]]
    visits = [visit.name for visit in scenario.trial.visits]
    found: list[tuple[int, str, str, str, str, float, int]] = []

    def add(scores_of_all: Mapping[str, np.ndarray], behind: str) -> None:
        cells = itertools.product(scores_of_all, (ALL, ADHERERS), contrasts)
        for outcome, population, contrast in cells:
            chosen = members[contrast.name].get(population)
            if chosen is None:
                continue
            gain = weighted(scores_of_all[outcome][:, :participants], contrast)[chosen]
            where = trial.replicate, population + behind, contrast.name, outcome
            found.extend(
                (*where, visit, _mean(gain[:, column]), len(gain))
                for column, visit in enumerate(visits)
            )

    add(scores_in_every_arm(trials), "")
    if scenario.reporting.shifts:
        add(scores_in_every_arm(trials, shifted=True), AS_ANSWERED)
    return pa.table(list(zip(*found, strict=True)), schema=TRUTH_SCHEMA)


def contrasts_of_truth(scenario: Scenario) -> tuple[Contrast, ...]:
    """Return the contrasts of which the truth is kept.

    They are all pairs of arms, later less earlier, and those that the plan declares.
    """
    found = {each.name: each for each in every_pair(scenario.arm_names)}
    if scenario.analysis.contrasts:
        planned = planned_contrasts(scenario.analysis, scenario.arms)
        found |= {each.name: each for each in planned}
    return tuple(found.values())


def weighted(scores: np.ndarray, contrast: Contrast) -> np.ndarray:
    """Return the weighted sum over arms of scores (arms, participants, visits)."""
    weights = contrast.weights
    if sorted(weights) == sorted([1.0, -1.0, *[0.0] * (len(weights) - 2)]):
        return np.asarray(scores[weights.index(1.0)] - scores[weights.index(-1.0)])
    return np.asarray(np.tensordot(np.array(weights), scores, axes=1))


def gains(trials: Sequence[Trial], arm: int = 1) -> dict[str, np.ndarray]:
    """Return what an arm did to each participant against the reference, by outcome.

    Parameters
    ----------
    trials
        The trials of a replicate.
    arm
        Code of the arm.

    Returns
    -------
    Outcome to (participants, follow-up visits) scores in the arm less those in the reference, in
    order of randomization.

    Raises
    ------
    RuntimeError
        If these are not a trial and its counterfactuals.
    """
    return {
        outcome: found[arm] - found[0] for outcome, found in scores_in_every_arm(trials).items()
    }


def scores_in_every_arm(trials: Sequence[Trial], *, shifted: bool = False) -> dict[str, np.ndarray]:
    """Return all scores in every arm, when due; see :func:`gains`.

    Parameters
    ----------
    trials
        The trials of a replicate.
    shifted
        Whether with what expectation adds to answers; without, scores are those of the state.

    Returns
    -------
    Outcome to (arms, participants, follow-up visits).
    """
    trial, rows = trials[0], trials[0].cohort.randomized
    if len(trials) != len(trial.scenario.arms):
        raise RuntimeError(f"{len(trials)} trials for {len(trial.scenario.arms)} arms")
    if not all(np.array_equal(rows, each.cohort.randomized) for each in trials):
        raise RuntimeError("a trial and its counterfactuals have different participants")
    when_due = [each.scores_when_due(shifted=shifted) for each in trials]
    return {
        outcome: _by_arm([scores[outcome][rows, 1:] for scores in when_due], trial.cohort.arm[rows])
        for outcome in when_due[0]
    }


def _by_arm(of_trials: Sequence[np.ndarray], own: np.ndarray) -> np.ndarray:
    """Put values of a replicate's trials, (participants, ...) each, in the order of arms.

    ``own`` is the arm (participants,) that each was allocated to. In trial s somebody of arm a is
    in arm (a + s) modulo the number of arms. Returns (arms, participants, ...).
    """
    stacked = np.stack(of_trials)
    arms = len(of_trials)
    shift = (np.arange(arms)[:, None] - own[None, :]) % arms
    return np.asarray(stacked[shift, np.arange(len(own))[None, :]])


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else float("nan")
