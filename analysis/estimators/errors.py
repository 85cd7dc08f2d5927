"""What an estimator raises when the data admit no answer."""


class FitError(Exception):
    """A model cannot be fitted to these data.

    A replicate whose fit fails is a row with a reason in the results, so the reason is short,
    stable between machines and free of numbers that depend on rounding.

    Parameters
    ----------
    reason
        Why, for example ``"rank deficient: columns 3, 7"``. Columns count from 0.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __reduce__(self) -> tuple[type["FitError"], tuple[str]]:
        """Let the reason survive the way back from a worker process."""
        return type(self), (self.reason,)


class AliasedError(FitError):
    """Some columns are combinations of others, so that the rows do not tell all coefficients."""


class UnidentifiedError(FitError):
    """What is asked for depends on coefficients that the rows do not tell."""

    def __init__(self, reason: str = "the data do not tell it") -> None:
        super().__init__(reason)


class SeparationError(FitError):
    """Fitted means go to a bound of their range, and coefficients to infinity."""
