"""What the primary analysis is to show of the intervention."""

from collections.abc import Iterator
from typing import Literal

Hypothesis = Literal["two_sided", "superiority", "non_inferiority", "equivalence"]
"""A difference on either side; or, each by 1-sided tests, that the intervention is better than the
other arm, not worse than it by a margin, or neither worse nor better than it by a margin."""

WITH_MARGIN = ("non_inferiority", "equivalence")


def sides(hypothesis: Hypothesis) -> Literal[1, 2]:
    """Return on how many sides a null hypothesis of level alpha can be rejected.

    Equivalence is shown by two 1-sided tests, each at level alpha (Schuirmann 1987, Journal of
    Pharmacokinetics and Biopharmaceutics 15:657-680).
    """
    return 2 if hypothesis == "two_sided" else 1


def problems(
    hypothesis: Hypothesis, margin: float, alpha: float, confidence: float
) -> Iterator[str]:
    """Yield what does not go together in a plan."""
    if hypothesis in WITH_MARGIN and margin == 0.0:
        yield (
            f"margin and hypothesis: 0 is not allowed with {hypothesis!r}: must be above 0, in "
            "points of the primary outcome"
        )
    if hypothesis not in WITH_MARGIN and margin != 0.0:
        yield (
            f"margin and hypothesis: {margin:g} is not allowed with {hypothesis!r}, which has no "
            f"margin: must be 0, or hypothesis one of {', '.join(WITH_MARGIN)}"
        )
    if sides(hypothesis) == 1 and abs(confidence - (1.0 - 2.0 * alpha)) > 1e-9:
        yield (
            f"confidence and alpha: {confidence:g} is not allowed with {hypothesis!r} at the "
            f"1-sided level {alpha:g}: limits that agree with the test have the confidence "
            f"{1.0 - 2.0 * alpha:g}, and the 1-sided level of {confidence:g} is "
            f"{(1.0 - confidence) / 2.0:g}"
        )
