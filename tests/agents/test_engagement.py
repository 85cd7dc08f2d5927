import numpy as np
import pytest

from agents.engagement import Engagement, quitting_day
from agents.population import Patients
from scenarios.load import load_scenario

N = 4000


def patients(n: int = N) -> Patients:
    zero = {name: np.zeros(n) for name in ("motivation", "depression", "stress")}
    return Patients(dict(zero), dict(zero), np.zeros((n, 4)))


def a_day(engagement: Engagement, day: float, seed: int, *, reached: bool = False):
    generator = np.random.default_rng(seed)
    return engagement.advance(
        np.arange(N), np.full(N, day), np.full(N, reached), *generator.random((3, N))
    )


@pytest.fixture(scope="module")
def app():
    return load_scenario("selfback_2021").app


def test_opening_decays(app):
    early = a_day(Engagement(app, patients()), 0, 1).opened
    late = a_day(Engagement(app, patients()), 260, 1).opened
    assert late.mean() < early.mean() - 0.1
    assert not (late & ~early).any()  # the same luck: who opens late would have opened early


def test_a_message_raises_opening_and_tires(app):
    fresh, tired = Engagement(app, patients()), Engagement(app, patients())
    tired.messages[:] = 20 * app.notification_fatigue
    plain = a_day(Engagement(app, patients()), 0, 2).opened.mean()
    assert a_day(fresh, 0, 2, reached=True).opened.mean() > plain + 0.02
    assert a_day(tired, 0, 2, reached=True).opened.mean() == pytest.approx(plain, abs=0.002)


def test_silence_brings_encouragement_and_a_reached_goal_commendation(app):
    engagement = Engagement(app, patients())
    engagement.days_unopened[: N // 2] = app.encourage_after
    day = a_day(engagement, 0, 3)
    assert day.encouraged[: N // 2].all()
    assert not day.encouraged[N // 2 :].any()
    day = a_day(engagement, 0, 3, reached=True)
    assert day.commended.all()
    assert not day.encouraged.any()


def test_only_who_opens_reads(app):
    day = a_day(Engagement(app, patients()), 0, 4)
    assert not (day.read & ~day.opened).any()


def test_quitting_without_spread_is_exponential_at_the_stated_weekly_share(app):
    same = app.model_copy(update={"quit_spread": 0.0, "quit_hazard": 0.1})
    generator = np.random.default_rng(5)
    days = quitting_day(same, generator.standard_exponential(50_000), np.zeros(50_000))
    share = (days < 7).mean()
    assert share == pytest.approx(0.1, abs=4 * np.sqrt(0.09 / 50_000))


def test_a_hazard_of_0_means_nobody_quits(app):
    never = app.model_copy(update={"quit_hazard": 0.0})
    assert np.isinf(quitting_day(never, np.ones(3), np.zeros(3))).all()
