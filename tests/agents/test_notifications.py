import numpy as np
import pytest

from agents.notifications import Notifications
from scenarios.loading.load import load_scenario

N = 4
ALL, YES, NO = slice(0, N), np.ones(N, dtype=bool), np.zeros(N, dtype=bool)


@pytest.fixture
def app():
    return load_scenario("selfback_2021").app.model_copy(
        update={"message_gap": 3, "notification_fatigue": 4.0, "fatigue_half_life": 10.0}
    )


def test_commendation_goes_before_encouragement(app):
    earned = np.array([True, True, False, False])
    wanting = np.array([True, False, True, False])
    messages = Notifications(app, N).send(ALL, earned, wanting, YES)
    assert messages.commended.tolist() == [True, True, False, False]
    assert messages.encouraged.tolist() == [False, False, True, False]
    assert (messages.nudge > 0).tolist() == [True, True, True, False]


def test_no_message_is_sent_after_quitting(app):
    notifications = Notifications(app, N)
    messages = notifications.send(ALL, YES, YES, NO)
    assert not messages.nudge.any()
    assert not notifications.remembered.any()


def test_messages_are_at_least_the_gap_apart(app):
    notifications = Notifications(app, N)
    sent = [bool(notifications.send(ALL, NO, YES, YES).encouraged.all()) for _ in range(7)]
    assert sent == [True, False, False, True, False, False, True]


def test_fatigue_halves_the_effect_of_messages_and_decays(app):
    fresh, tired = Notifications(app, N), Notifications(app, N)
    tired.remembered[:] = app.notification_fatigue
    effect = fresh.send(ALL, YES, NO, YES).nudge
    assert effect == pytest.approx(np.full(N, app.notification_logit))
    assert tired.send(ALL, YES, NO, YES).nudge == pytest.approx(effect / 2)
    before = tired.remembered.copy()
    for _ in range(round(app.fatigue_half_life)):
        tired.send(ALL, NO, NO, YES)
    assert tired.remembered == pytest.approx(before / 2, rel=1e-4)


def test_a_message_without_effect_changes_no_probability(app):
    idle = Notifications(app.model_copy(update={"notification_logit": 0.0}), N)
    messages = idle.send(ALL, YES, NO, YES)
    assert messages.commended.all()
    assert not messages.nudge.any()
