from typing import Any

import numpy as np
import pytest

from agents.notifications import (
    COMMENDED,
    ENCOURAGED,
    MESSAGE_STATE,
    MessageRules,
    send_message,
)
from scenarios.loading.load import load_scenario


@pytest.fixture
def app():
    return load_scenario("selfback_2021").app.model_copy(
        update={"message_gap": 3, "notification_fatigue": 4.0, "fatigue_half_life": 10.0}
    )


def user(app, *, reachable: bool = True, remembered: float = 0.0) -> Any:
    users = np.zeros(1, dtype=[("reachable", "?"), *MESSAGE_STATE]).view(np.recarray)
    users["days_without_message"] = app.message_gap
    users["reachable"], users["remembered"] = reachable, remembered
    return users[0]


def sent(app, to, *, commend: bool = False, encourage: bool = False) -> tuple[int, float]:
    return send_message(to, MessageRules.of(app), commend, encourage)


def test_commendation_goes_before_encouragement(app):
    for commend, encourage, kind in (
        (True, True, COMMENDED),
        (True, False, COMMENDED),
        (False, True, ENCOURAGED),
        (False, False, 0),
    ):
        message, nudge = sent(app, user(app), commend=commend, encourage=encourage)
        assert message == kind
        assert (nudge > 0) == (kind > 0)


def test_nothing_arrives_where_the_app_is_given_up(app):
    gone = user(app, reachable=False)
    assert sent(app, gone, commend=True, encourage=True) == (0, 0.0)
    assert gone.remembered == 0.0


def test_messages_keep_their_distance(app):
    silent = user(app)
    days = [sent(app, silent, encourage=True)[0] == ENCOURAGED for _ in range(7)]
    assert days == [True, False, False, True, False, False, True]


def test_remembered_messages_halve_the_effect_and_are_forgotten(app):
    fresh, tired = user(app), user(app, remembered=app.notification_fatigue)
    _, effect = sent(app, fresh, commend=True)
    assert effect == pytest.approx(app.notification_logit)
    assert sent(app, tired, commend=True)[1] == pytest.approx(effect / 2)
    before = float(tired.remembered)
    for _ in range(round(app.fatigue_half_life)):
        sent(app, tired)
    assert tired.remembered == pytest.approx(before / 2, rel=1e-4)


def test_without_an_effect_a_message_pulls_nobody(app):
    idle = app.model_copy(update={"notification_logit": 0.0})
    assert sent(idle, user(idle), commend=True) == (COMMENDED, 0.0)
