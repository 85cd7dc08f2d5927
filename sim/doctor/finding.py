"""What the doctor finds."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How a finding is meant."""

    GOOD = "good"
    ADVICE = "advice"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is found about one thing.

    Attributes
    ----------
    name
        What was looked at.
    status
        ``"advice"``: everything runs, but something is missing, slow or may mislead; ``"problem"``:
        something does not run, or other code runs than is meant.
    says
        What there is, in a line.
    remedy
        What to do, in a line; '' where nothing is.
    """

    name: str
    status: Status
    says: str
    remedy: str = ""


def good(name: str, says: str) -> Finding:
    """Return a finding of what is as it should be."""
    return Finding(name, Status.GOOD, says)


def advice(name: str, says: str, remedy: str) -> Finding:
    """Return a finding of what could be better."""
    return Finding(name, Status.ADVICE, says, remedy)


def problem(name: str, says: str, remedy: str) -> Finding:
    """Return a finding of what does not work."""
    return Finding(name, Status.PROBLEM, says, remedy)
