"""How many a trial takes, and in which arms, where interim looks drop some of them.

An arm that is dropped takes nobody from the day of the look on. The arms that are left keep their
planned numbers: of the places that are still free the trial gives up the share of the dropped arm.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DroppedArm:
    """An arm that takes no further participants.

    Attributes
    ----------
    arm
        Its code.
    day
        Whole day of the trial's clock from which it takes nobody.
    """

    arm: int
    day: float


class Places:
    """The places of a trial.

    Parameters
    ----------
    size
        Participants that are planned.
    ratio
        Share of each arm, in the order of their codes.
    dropped
        Arms that are dropped, in order of their days; one is left at least.
    close
        Called with the code of an arm when it is dropped.

    Attributes
    ----------
    size
        Participants that the trial takes.
    """

    def __init__(
        self,
        size: int,
        ratio: Sequence[int],
        dropped: Sequence[DroppedArm],
        close: Callable[[int], None],
    ) -> None:
        self.size = size
        self._shares = list(ratio)
        self._to_come = list(dropped)
        self._close = close

    def drop_arms(self, day: float, randomized: int) -> None:
        """Drop the arms whose day has come, before the next participant is randomized.

        Parameters
        ----------
        day
            Of the trial's clock.
        randomized
            Participants so far, fewer than ``size``.
        """
        while self._to_come and self._to_come[0].day <= day:
            arm = self._to_come.pop(0).arm
            open_before = sum(self._shares)
            self._shares[arm] = 0
            # Rounded up: somebody is about to be randomized.
            free = -(-(self.size - randomized) * sum(self._shares) // open_before)
            self.size = randomized + free
            self._close(arm)
