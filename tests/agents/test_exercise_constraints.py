import numpy as np
import pytest

from agents.exercise_constraints import LOADS, draw_constraints
from agents.population import NEED_NAMES, draw_patients
from scenarios.loading.load import load_scenario

SCENARIO = load_scenario("selfback_2021")
N = 20_000


@pytest.fixture(scope="module")
def patients():
    generator = np.random.default_rng(1)
    return draw_patients(
        SCENARIO.population,
        SCENARIO.needs,
        generator.standard_normal((len(SCENARIO.population.margins), N)),
        generator.standard_normal((len(NEED_NAMES), N)),
    )


@pytest.fixture(scope="module")
def constraints(patients):
    generator = np.random.default_rng(2)
    return draw_constraints(
        SCENARIO.limits, SCENARIO.population, patients,
        generator.standard_normal(N), generator.random((len(LOADS), N)),
    )  # fmt: skip


def test_minutes_have_the_stated_shares(constraints):
    stated = SCENARIO.limits.minutes
    for choice, share in zip(stated.choices, stated.shares, strict=True):
        error = np.sqrt(share * (1 - share) / N)
        assert (constraints.minutes == choice).mean() == pytest.approx(share, abs=4 * error)


def test_barriers_and_heavy_work_leave_less_time(patients, constraints):
    for trait in ("barriers", "work_load"):
        code = patients.values[trait]
        few, many = constraints.minutes[code == code.min()], constraints.minutes[code == code.max()]
        assert many.mean() < few.mean()


def test_contraindications_are_as_frequent_as_stated(constraints):
    for bit, load in enumerate(LOADS):
        share = SCENARIO.limits.contraindicated[load]  # type: ignore[index]
        found = (constraints.contraindications >> bit & 1).mean()
        assert found == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / N))
