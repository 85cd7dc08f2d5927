"""A study without results."""


class AllFailedError(Exception):
    """Every replicate of a study failed: its folder holds nothing but the reasons.

    ``str()`` is one line with the reason of the first.
    """
