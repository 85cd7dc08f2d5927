"""The measures of the gate are what the tables of a trial say."""

import numpy as np
import pytest

from agents.exercise_constraints import ExerciseConstraints
from agents.symptoms import LEAD_IN
from recommender.catalogue import load_catalogue
from scenarios.errors import InputError
from scenarios.loading.load import load_scenario
from sim.replicates.between_visits import between_visits
from sim.simulate import counterfactual_unasked, simulate_unasked
from sim.study.gate.measured import exercise_minutes, measured, tally
from sim.study.gate.measures import (
    MEASURES,
    changed_margins,
    default_margins,
    measure_margins,
    read_measures,
)

SETS = ("trial.sample_size=60", "followup.missingness=mcar", "pathway.flare_per_overload=0.3")


@pytest.fixture(scope="module")
def pair():
    own = simulate_unasked(load_scenario("selfback_2021", [*SETS, "recommender.kind=random"]), 0)
    return own, counterfactual_unasked(own)


def test_sessions_are_those_between_the_visits(pair):
    (sessions,) = (
        one for one in between_visits(pair[0]) if one.name == "exercise sessions in 13 weeks, app"
    )
    found = tally(pair[0])
    assert found.persons == sessions.n
    assert found.sessions / found.persons == pytest.approx(sessions.value)


def test_everybody_counts_once_as_a_user(pair):
    assert sum(tally(each).persons for each in pair) == 60
    plans = [
        (batch.day - trial.cohort.entry[batch.rows] < 91).sum()
        for trial in pair
        for batch in trial.plan_log
    ]
    found = measured(pair)
    assert found["plans"] == pytest.approx(sum(plans) / 60)
    fits = np.concatenate(
        [
            batch.fit[batch.day - trial.cohort.entry[batch.rows] < 91].mean(axis=1)
            for trial in pair
            for batch in trial.plan_log
        ]
    )
    assert found["fit"] == pytest.approx(fits.mean())
    assert found.keys() == MEASURES.keys()


def test_flares_are_counted_when_they_begin(pair):
    """Overload by random plans brings some on; a flare that fades is none that begins."""
    fared = pair[0].trajectories
    flare = fared.records.flare[:, LEAD_IN : LEAD_IN + 91]
    begun = (np.diff(flare, axis=1, prepend=0.0) > 0.0).sum()
    assert tally(pair[0]).flares == begun > 0
    assert begun < (flare > 0.0).sum()


def test_minutes_that_are_ruled_out_or_too_many_are_lost():
    exercises = load_catalogue().exercises
    loaded = next(i for i, one in enumerate(exercises) if one.load_bits)
    free = next(i for i, one in enumerate(exercises) if not one.load_bits)
    minutes = exercises[loaded].minutes + exercises[free].minutes
    plan = np.array([[loaded, free, -1]] * 3 + [[-1, -1, -1]])
    constraints = ExerciseConstraints(
        np.array([60, 60, minutes - 2, 60]), np.array([0, exercises[loaded].load_bits, 0, 0])
    )
    asked, lost = exercise_minutes(plan, np.arange(4), constraints)
    assert asked.tolist() == [minutes, minutes, minutes, 0]
    assert lost.tolist() == [0, exercises[loaded].minutes, 2, 0]


def test_who_makes_no_plans_has_no_fitting_ones():
    own = simulate_unasked(load_scenario("selfback_2021", [*SETS, "recommender.kind=none"]), 0)
    found = measured((own, counterfactual_unasked(own)))
    assert (found["fit"], found["infeasible"], found["plans"]) == (0.0, 0.0, 0.0)


def test_margins_are_changed_one_by_one():
    assert changed_margins(default_margins(), {"fit": 0.5, "flares": None, "steps": 100.0}) == {
        "fit": 0.5, "sessions": 0.5, "infeasible": 0.01, "steps": 100.0,
    }  # fmt: skip
    assert measure_margins({"fit": 0.5, "steps": None}) == read_measures(["fit=0.5", "steps=off"])


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("fitt=1", "there is no measure 'fitt': did you mean fit?"),
        ("=1", "must be one of fit, sessions"),
        ("fit", "must be fit=MARGIN, a number above 0 (0 to 1), or fit=off"),
        ("fit=-1", "must be fit=MARGIN"),
        ("fit=nan", "must be fit=MARGIN"),
        ("fit=inf", "must be fit=MARGIN"),
    ],
)
def test_a_margin_that_is_none_is_told_in_one_line(given, told):
    with pytest.raises(InputError) as caught:
        read_measures([given])
    assert told in str(caught.value)
    assert "--measure " in str(caught.value)


def test_a_measure_given_twice_is_refused():
    with pytest.raises(InputError, match="fit is given twice"):
        read_measures(["fit=0.1", "fit=off"])
