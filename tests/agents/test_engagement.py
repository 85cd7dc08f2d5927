import numpy as np
import pytest
from scipy import special

from agents.engagement import (
    ACTIVITIES,
    BADGES,
    TOOLS,
    USE_STATE,
    UseRules,
    begin_week,
    exercise_threshold,
    inclinations,
    needs_encouragement,
    opening_threshold,
    use_app,
)
from agents.population import Patients
from scenarios.compiled.kernels import kernel
from scenarios.loading.load import load_scenario

N = 4000
SESSIONS = 3
USER = [("using", "?"), ("has_plan", "?"), *USE_STATE]


def patients(n: int = N, **scores: float) -> Patients:
    names = ("motivation", "depression", "stress")
    return Patients(
        {}, {name: np.full(n, scores.get(name, 0.0)) for name in names}, np.zeros((n, 4))
    )


def engaged(n: int = N) -> np.ndarray:
    """Return users on the day of installation, with a plan."""
    users = np.zeros(n, dtype=USER)
    users["using"] = users["has_plan"] = True
    users["habit"] = 1.0
    return users


@kernel
def use_of_all(users, rules, nudge, opening, exercise, more_pain, today):
    done = np.empty((2, len(users)), dtype=np.bool_)
    for place in range(len(users)):
        done[0, place], done[1, place] = use_app(
            users[place], rules, nudge, opening[place], exercise[place], users[place].using,
            more_pain, today,
        )  # fmt: skip
    return done


def a_day(
    app,
    users: np.ndarray,
    day: int = 0,
    seed: int = 1,
    nudge: float = 0.0,
    more_pain: float = 0.0,
    **scores: float,
) -> np.ndarray:
    """Return who opened the app and who exercised, (2, n)."""
    uniforms = np.random.default_rng(seed).random((2, N, 1), dtype=np.float32)
    opening = opening_threshold(app, patients(**scores), -day, uniforms[0])[:, 0]
    exercise = exercise_threshold(app, patients(**scores), uniforms[1])[:, 0]
    return use_of_all(
        users, UseRules.of(app, SESSIONS), np.float64(nudge), opening, exercise,
        np.float32(more_pain), day,
    )  # fmt: skip


@pytest.fixture(scope="module")
def app():
    return load_scenario("selfback_2021").app


def test_opening_and_exercise_have_the_stated_odds(app):
    plain = app.model_copy(update={"open_per_habit": 0.0, "exercise_if_opened": 0.0})
    logits = (app.open_logit, app.exercise_logit)
    for done, logit in zip(a_day(plain, engaged()), logits, strict=True):
        share = special.expit(logit)
        assert done.mean() == pytest.approx(share, abs=4.5 * np.sqrt(share * (1 - share) / N))


def test_opening_fades_over_the_weeks_and_with_the_same_draws(app):
    early, _ = a_day(app, engaged())
    late, _ = a_day(app, engaged(), day=260)
    assert late.mean() < early.mean() - 0.1
    assert not (late & ~early).any()


@pytest.mark.parametrize("trait", ["depression", "stress"])
def test_the_depressed_and_stressed_open_less(app, trait):
    (usual, _), (worse, _) = a_day(app, engaged()), a_day(app, engaged(), **{trait: 1.0})
    assert worse.mean() < usual.mean()
    assert not (worse & ~usual).any()


def test_habit_grows_with_use_and_decays_without(app):
    users = engaged()
    users["using"] = False
    for day in range(60):
        a_day(app, users, day, seed=day)
    kept = (1.0 - 1.0 / app.habit_memory) ** 60
    assert users["habit"] == pytest.approx(np.full(N, kept), rel=1e-3)
    habitual, weaned = engaged(), engaged()
    weaned["habit"] = 0.0
    assert a_day(app, habitual)[0].mean() - a_day(app, weaned)[0].mean() > 0.1


def test_who_does_not_use_the_app_does_nothing_in_it_however_they_are_reminded(app):
    users = engaged()
    users["using"] = False
    for day in range(30):
        assert not a_day(app, users, day, seed=day, nudge=100.0).any()


def test_silence_and_falling_behind_are_reason_to_encourage(app):
    rules = UseRules.of(app, SESSIONS)
    user = engaged(1).view(np.recarray)[0]
    assert not needs_encouragement(user, rules)
    user.days_unopened = app.encourage_after
    assert needs_encouragement(user, rules)
    user.days_unopened, user.behind = 0, app.behind_sessions
    assert needs_encouragement(user, rules)


def test_days_of_silence_and_sessions_behind_are_counted(app):
    users = engaged()
    opened, exercised = a_day(app, users)
    assert (users["days_unopened"] == ~opened).all()
    assert users["behind"] == pytest.approx(SESSIONS / 7 - exercised)


def test_a_message_raises_opening_and_only_through_it_what_is_done(app):
    (opened, exercised), (quiet, without) = (
        a_day(app, engaged(), nudge=nudge) for nudge in (1.0, 0.0)
    )
    assert opened.mean() > quiet.mean() + 0.05
    same = opened == quiet
    assert np.array_equal(exercised[same], without[same])


def test_a_first_message_raises_acting_within_the_day_by_about_4_percent(app):
    reminded, left = engaged(), engaged()
    for users in (reminded, left):
        users["habit"] = 0.5
    (_, more), (_, plain) = (
        a_day(app, reminded, nudge=app.notification_logit), a_day(app, left)
    )  # fmt: skip
    assert not (plain & ~more).any()
    gained = more.mean() - plain.mean()
    error = np.sqrt(gained / N) / plain.mean()
    assert gained / plain.mean() == pytest.approx(0.04, abs=3 * error)


def test_badges_raise_opening_a_little(app):
    decorated = engaged()
    decorated["badges"] = len(BADGES)
    (plain, _), (more, _) = a_day(app, engaged()), a_day(app, decorated)
    assert not (plain & ~more).any()
    assert 0.0 < more.mean() - plain.mean() < 0.1


def test_badges_are_for_met_targets_only_and_for_who_has_a_plan(app):
    rules = UseRules.of(app, SESSIONS)
    targets = (SESSIONS, app.badge_step_days, app.badge_readings)
    short = tuple(target - 1 for target in targets)
    user = engaged(1).view(np.recarray)[0]
    assert begin_week(user, rules, *short) == 0
    for position in range(len(BADGES)):
        met = list(short)
        met[position] = targets[position]
        user.behind = 2.0
        assert begin_week(user, rules, *met) == 1 << position
        assert (user.badges, user.behind) == (1.0, 0.0)
    user.has_plan = False
    assert begin_week(user, rules, *targets) == user.badges == 0


def test_weeks_in_a_row_are_missed_only_where_the_app_could_see_it_on_days_enough(app):
    rules = UseRules.of(app, SESSIONS)
    enough = app.badge_step_days
    assert enough > 1
    user = engaged(1).view(np.recarray)[0]

    def week(measured: int, goal_days: int) -> int:
        user.measured = measured
        begin_week(user, rules, 0, goal_days, 0)
        assert user.measured == 0
        return int(user.weeks_missed)

    assert [week(7, 0), week(enough, enough - 1), week(7, enough - 1)] == [1, 2, 3]
    assert week(7, enough) == 0
    assert week(7, 0) == 1
    # A week without a goal, or in which too few days were counted, is not one of them.
    assert week(enough - 1, 0) == 0
    assert week(0, 0) == 0


def test_who_has_no_plan_misses_none_and_begins_the_count_of_days_anew(app):
    rules = UseRules.of(app, SESSIONS)
    user = engaged(1).view(np.recarray)[0]
    user.has_plan = False
    user.measured, user.mastery = 7, 0.5
    begin_week(user, rules, 0, 0, 0)
    assert (user.weeks_missed, user.measured, user.mastery) == (0, 0, 0.5)


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
