"""The true effects in a replicate: what assignment did to its participants.

Each participant is simulated in the counterfactual arm too, with the same random numbers. The true
effect is the mean difference between the two potential outcomes on the days the questionnaires were
due, whether they were answered or not. Where the recommender learns, the counterfactual patient is
advised from the case base of the trial as it was randomized, that evening, and teaches it nothing.
"""

import numpy as np
import pyarrow as pa

from scenarios.arms import INTERVENTION
from sim.simulate import counterfactual_unasked
from sim.tables.trial_tables import plans_made
from sim.trial import Trial

ALL, ADHERERS = "all randomized", "would-be adherers"

TRUTH_SCHEMA = pa.schema(
    [
        ("replicate", pa.int32()),
        ("population", pa.string()),
        ("outcome", pa.string()),
        ("visit", pa.string()),
        ("effect", pa.float64()),
        ("n", pa.int32()),
    ]
)


def true_effects(
    trial: Trial, participants: int | None = None, other: Trial | None = None
) -> pa.Table:
    """Return the true average effects of assignment in a trial's own participants.

    Parameters
    ----------
    trial
        A simulated trial.
    participants
        Number of participants, the first that were randomized. Default: all.
    other
        The same trial with all arms exchanged; simulated here unless it is given.

    Returns
    -------
    A row for each population, outcome and follow-up visit: the mean over the n members of the
    score under intervention less the score under control, both with the same measurement error.
    Would-be adherers are those who make enough plans when they have the app.
    """
    other = counterfactual_unasked(trial) if other is None else other
    rows = trial.cohort.randomized[:participants]
    treated = trial.cohort.arm[rows] == INTERVENTION
    plans = np.where(treated, plans_made(trial)[rows], plans_made(other)[rows])
    members = {
        ALL: np.ones(len(rows), dtype=bool),
        ADHERERS: plans >= trial.scenario.analysis.adherence_plans,
    }
    found: list[tuple[int, str, str, str, float, int]] = []
    for outcome, gain_of_all in gains(trial, other).items():
        gain = gain_of_all[:participants]
        for population, chosen in members.items():
            for column, visit in enumerate(visit.name for visit in trial.scenario.trial.visits):
                effect = _mean(gain[chosen, column])
                found.append(
                    (trial.replicate, population, outcome, visit, effect, int(chosen.sum()))
                )
    return pa.table(list(zip(*found, strict=True)), schema=TRUTH_SCHEMA)


def gains(trial: Trial, other: Trial) -> dict[str, np.ndarray]:
    """Return what the intervention did to each participant, by outcome.

    Parameters
    ----------
    trial, other
        A trial, and the same with all arms exchanged.

    Returns
    -------
    Outcome to (participants, follow-up visits) scores under intervention less those under control,
    in order of randomization.

    Raises
    ------
    RuntimeError
        If the two are not the same trial with arms exchanged.
    """
    return {
        outcome: intervention - control
        for outcome, (control, intervention) in scores_in_both_arms(trial, other).items()
    }


def scores_in_both_arms(trial: Trial, other: Trial) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return all scores under control and under intervention, when due; see :func:`gains`.

    Returns
    -------
    Outcome to two arrays, each (participants, follow-up visits).
    """
    rows = trial.cohort.randomized
    if not np.array_equal(rows, other.cohort.randomized):
        raise RuntimeError("the two arms of a counterfactual pair have different participants")
    treated = (trial.cohort.arm[rows] == INTERVENTION)[:, None]
    here, there = trial.scores_when_due(), other.scores_when_due()
    both = {outcome: (mine[rows, 1:], there[outcome][rows, 1:]) for outcome, mine in here.items()}
    return {
        outcome: (np.where(treated, theirs, mine), np.where(treated, mine, theirs))
        for outcome, (mine, theirs) in both.items()
    }


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else float("nan")
