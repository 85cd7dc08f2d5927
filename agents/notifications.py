"""Push notifications: commending what was reached, encouraging where nothing happens."""

import math
from typing import Any, NamedTuple

import numpy as np

from scenarios.devices.app import AppUse

COMMENDED, ENCOURAGED = 1, 2
"""What a message is for."""
MESSAGE_STATE = [("remembered", "f4"), ("days_without_message", "i4")]
"""What a user's record keeps: messages received, of which half are forgotten in every
``fatigue_half_life``, and days since the last one."""


class MessageRules(NamedTuple):
    """When messages are sent and what they do.

    Attributes
    ----------
    effect, tiring
        On the logit of opening the app; change of its log for each message remembered.
    keep
        Share of the remembered messages that a day leaves.
    gap
        Least days between two messages.
    sends
        Whether there are messages at all.
    """

    effect: np.float64
    tiring: np.float64
    keep: np.float32
    gap: int
    sends: bool

    @classmethod
    def of(cls, app: AppUse, *, sends: bool = True) -> "MessageRules":
        """Return the rules of a scenario.

        A message has half its effect on who remembers ``notification_fatigue`` messages.
        """
        return cls(
            np.float64(app.notification_logit),
            np.float64(-np.log(2.0) / app.notification_fatigue),
            np.float32(0.5 ** (1.0 / app.fatigue_half_life)),
            app.message_gap,
            sends,
        )


def send_message(
    user: Any, rules: MessageRules, commend: bool, encourage: bool
) -> tuple[int, np.float64]:
    """Send a user at most one message a day, not too soon after the last.

    Parameters
    ----------
    user
        Record with :data:`MESSAGE_STATE` and ``reachable``: whether messages arrive, that is the
        app is installed and not given up.
    rules
        When messages are sent and what they do.
    commend, encourage
        Whether there is something to commend, which goes before, or reason to encourage.

    Returns
    -------
    What the message was for, 0 for none, and what it adds to the logit of opening the app today.
    """
    user.days_without_message += 1
    message, nudge = 0, np.float64(0.0)
    if rules.sends and user.reachable and user.days_without_message >= rules.gap:
        if commend:
            message = COMMENDED
        elif encourage:
            message = ENCOURAGED
    if message:
        nudge = rules.effect * np.float64(math.exp(user.remembered * rules.tiring))
        user.days_without_message = 0
    user.remembered = user.remembered * rules.keep + np.float32(message > 0)
    return message, nudge
