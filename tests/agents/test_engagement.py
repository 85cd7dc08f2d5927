import numpy as np
import pytest
from scipy import special

from agents.engagement import (
    ACTIVITIES,
    BADGES,
    READ,
    TOOLS,
    USED_TOOLS,
    Engagement,
    badges_earned,
    exercise_threshold,
    inclinations,
    opening_threshold,
)
from agents.population import Patients
from scenarios.loading.load import load_scenario

N = 4000
ALL, YES, NO = slice(0, N), np.ones(N, dtype=bool), np.zeros(N, dtype=bool)
SESSIONS = 3


def patients(n: int = N, **scores: float) -> Patients:
    names = ("motivation", "depression", "stress")
    return Patients(
        {}, {name: np.full(n, scores.get(name, 0.0)) for name in names}, np.zeros((n, 4))
    )


class Engaged(Engagement):
    """Engagement that remembers its parameters."""

    def __init__(self, app):
        super().__init__(app, SESSIONS, N)
        self.app = app


def a_day(engagement: Engaged, day: int = 0, seed: int = 1, *, using=YES, **scores: float):
    app = engagement.app
    uniforms = np.random.default_rng(seed).random((2, N, 1), dtype=np.float32)
    opening = opening_threshold(app, patients(**scores), -day, uniforms[0])[:, 0]
    exercise = exercise_threshold(app, patients(**scores), uniforms[1])[:, 0]
    would = np.full(N, READ | USED_TOOLS, dtype=np.uint8)
    return engagement.advance(ALL, opening, exercise, would, using, using, YES)


def engaged(app) -> Engaged:
    return Engaged(app)


@pytest.fixture(scope="module")
def app():
    return load_scenario("selfback_2021").app


def test_opening_and_exercise_have_the_stated_odds(app):
    plain = app.model_copy(update={"open_per_habit": 0.0, "exercise_if_opened": 0.0})
    day = a_day(engaged(plain))
    for done, logit in ((day.opened, app.open_logit), (day.exercised, app.exercise_logit)):
        share = special.expit(logit)
        assert done.mean() == pytest.approx(share, abs=4.5 * np.sqrt(share * (1 - share) / N))


def test_opening_decreases_over_the_weeks_with_the_same_draws(app):
    early = a_day(engaged(app)).opened
    late = a_day(engaged(app), day=260).opened
    assert late.mean() < early.mean() - 0.1
    assert not (late & ~early).any()


@pytest.mark.parametrize("trait", ["depression", "stress"])
def test_depressed_and_stressed_patients_open_the_app_less(app, trait):
    usual, worse = a_day(engaged(app)).opened, a_day(engaged(app), **{trait: 1.0}).opened
    assert worse.mean() < usual.mean()
    assert not (worse & ~usual).any()


def test_habit_grows_with_use_and_decays_without(app):
    engagement = engaged(app)
    for day in range(60):
        a_day(engagement, day, seed=day, using=NO)
    kept = (1.0 - 1.0 / app.habit_memory) ** 60
    assert engagement.habit == pytest.approx(np.full(N, kept), rel=1e-3)
    habitual, weaned = engaged(app), engaged(app)
    weaned.habit[:] = 0.0
    difference = a_day(habitual).opened.mean() - a_day(weaned).opened.mean()
    assert difference > 0.1


def test_participants_who_do_not_use_the_app_do_nothing_in_it_even_with_messages(app):
    engagement = engaged(app)
    for day in range(30):
        done = a_day(engagement, day, seed=day, using=NO)
        assert not done.opened.any()
        assert not done.exercised.any()
        assert not done.activities.any()
    assert engagement.notifications.remembered.all()


def test_inactivity_brings_encouragement_and_success_brings_commendation(app):
    inactive = engaged(app)
    inactive.days_unopened[: N // 2] = app.encourage_after
    messages = a_day(inactive).messages
    assert messages.encouraged[: N // 2].all()
    assert not messages.encouraged[N // 2 :].any()
    behind = engaged(app)
    behind.behind[:] = app.behind_sessions
    assert a_day(behind).messages.encouraged.all()
    glad = engaged(app)
    glad.earned[:] = True
    messages = a_day(glad).messages
    assert messages.commended.all()
    assert not messages.encouraged.any()


def test_a_message_acts_on_activities_only_through_opening(app):
    loud = app.model_copy(update={"notification_logit": 1.0})
    reminded, left = engaged(loud), engaged(loud)
    reminded.earned[:] = True
    with_message, without = a_day(reminded), a_day(left)
    assert with_message.opened.mean() > without.opened.mean() + 0.05
    same = with_message.opened == without.opened
    assert np.array_equal(with_message.exercised[same], without.exercised[same])


def test_a_first_message_raises_acting_within_the_day_by_about_4_percent(app):
    reminded, left = engaged(app), engaged(app)
    reminded.earned[:] = True
    for engagement in (reminded, left):
        engagement.habit[:] = 0.5
    more, plain = a_day(reminded).exercised, a_day(left).exercised
    assert not (plain & ~more).any()
    gained = more.mean() - plain.mean()
    error = np.sqrt(gained / N) / plain.mean()
    assert gained / plain.mean() == pytest.approx(0.04, abs=3 * error)


def test_messages_without_effect_change_nothing_that_is_done(app):
    idle = app.model_copy(update={"notification_logit": 0.0})
    reminded, left = engaged(idle), engaged(idle)
    reminded.earned[:] = True
    with_message, without = a_day(reminded), a_day(left)
    assert np.array_equal(with_message.opened, without.opened)
    assert np.array_equal(with_message.exercised, without.exercised)


def test_badges_raise_opening_a_little(app):
    decorated = engaged(app)
    decorated.badges[:] = len(BADGES)
    plain = a_day(engaged(app)).opened
    more = a_day(decorated).opened
    assert not (plain & ~more).any()
    assert 0.0 < more.mean() - plain.mean() < 0.1


def test_badges_are_for_met_targets_only(app):
    short, met = np.array([SESSIONS - 1]), np.array([SESSIONS])
    none = badges_earned(
        app,
        SESSIONS,
        short,
        np.array([app.badge_step_days - 1]),
        np.array([app.badge_readings - 1]),
    )
    assert none.tolist() == [0]
    for position, name in enumerate(BADGES):
        values = {
            "exercise": (met, np.zeros(1), np.zeros(1)),
            "steps": (short, np.array([app.badge_step_days]), np.zeros(1)),
            "education": (short, np.zeros(1), np.array([app.badge_readings])),
        }[name]
        assert badges_earned(app, SESSIONS, *values).tolist() == [1 << position]


def test_tools_have_their_probability_and_pain_relief_is_for_flares(app):
    generator = np.random.default_rng(2)
    days = 50
    reading = generator.random((N, days), dtype=np.float32)
    tools = generator.random((len(TOOLS), N, days), dtype=np.float32)
    calm = inclinations(app, reading, tools, np.zeros((N, days)))
    flare = inclinations(app, reading, tools, np.full((N, days), 3.0))
    chances = (app.read_probability, *(getattr(app.tools, name) for name in TOOLS))
    for position, (name, chance) in enumerate(zip(ACTIVITIES, chances, strict=True)):
        share = ((calm >> position) & 1).mean()
        assert share == pytest.approx(chance, abs=4.5 * np.sqrt(chance * (1 - chance) / calm.size))
        changed = ((calm ^ flare) >> position) & 1
        assert changed.any() == (name == "pain_relief")
    relief = ACTIVITIES.index("pain_relief")
    assert ((flare >> relief) & 1).mean() > ((calm >> relief) & 1).mean()
