"""Push notifications: commending what was reached, encouraging where nothing happens."""

from dataclasses import dataclass

import numpy as np

from agents.precision import single
from scenarios.devices.app import AppUse

_ONE_DAY = np.array(1, dtype=np.int32)


@dataclass(frozen=True, slots=True)
class Messages:
    """Messages of one day to m users.

    Attributes
    ----------
    commended, encouraged
        (m,) booleans, never both.
    nudge
        (m,) what the message adds to the logit of opening the app today.
    """

    commended: np.ndarray
    encouraged: np.ndarray
    nudge: np.ndarray


class Notifications:
    """Messages to n users, who tire of them and recover.

    A message has half its effect on who remembers ``notification_fatigue`` messages.

    Attributes
    ----------
    remembered
        (n,) messages received, of which half are forgotten in every ``fatigue_half_life``.
    since
        (n,) days since the last message.
    """

    def __init__(self, app: AppUse, users: int) -> None:
        self._effect = np.array(app.notification_logit)
        self._tiring = np.array(-np.log(2.0) / app.notification_fatigue)
        self._keep = single(0.5 ** (1.0 / app.fatigue_half_life))
        self._gap = np.array(app.message_gap, dtype=np.int32)
        self.remembered = np.zeros(users, dtype=np.float32)
        self.since = np.full(users, app.message_gap, dtype=np.int32)

    def send(
        self, users: slice, earned: np.ndarray, wanting: np.ndarray, reachable: np.ndarray
    ) -> Messages:
        """Send the messages of a day, at most one to a user and not too soon after the last.

        Parameters
        ----------
        users
            Which m of the n users.
        earned
            (m,) whether there is something to commend; it goes before encouragement.
        wanting
            (m,) whether there is reason to encourage.
        reachable
            (m,) whether messages arrive: app installed and not given up.
        """
        since, remembered = self.since[users], self.remembered[users]
        since += _ONE_DAY
        free = since >= self._gap
        free &= reachable
        commended = earned & free
        encouraged = (wanting & free) > commended
        sent = commended | encouraged
        nudge = np.exp(remembered * self._tiring)
        nudge *= self._effect
        nudge *= sent.astype(np.float64)
        remembered *= self._keep
        remembered += sent.astype(np.float32)
        since[sent] = 0
        return Messages(commended, encouraged, nudge)
