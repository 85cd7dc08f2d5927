"""What is compared, as heads of columns and sentences have it."""

from collections.abc import Iterable, Sequence

from analysis.contrasts.declared import Contrast
from analysis.data.estimates import Estimate
from analysis.data.trial_data import TrialData
from scenarios.analyses.plan import AnalysisPlan
from scenarios.arms.declared import Arm


def compared_in_labels(arms: Sequence[Arm], contrast: Contrast) -> str:
    """Return the name of a contrast, with labels where it is named for two arms.

    Parameters
    ----------
    arms
        All arms, in the order of their codes.
    contrast
        Between them.
    """
    labels = {arm.name: arm.label for arm in arms}
    pairs = {f"{a} - {b}": f"{labels[a]} - {labels[b]}" for a in labels for b in labels}
    return pairs.get(contrast.name, contrast.name)


def treated_in_labels(arms: Sequence[Arm], contrast: Contrast) -> str:
    """Return the label of the arm that a contrast speaks for; 'it' where there are several."""
    treated = [
        arm.label for arm, weight in zip(arms, contrast.weights, strict=True) if weight > 0.0
    ]
    return treated[0] if len(treated) == 1 else "it"


def contrast_heads(
    data: TrialData, contrasts: Sequence[Contrast], each: Sequence[str]
) -> tuple[str, ...]:
    """Return the heads of arms, and of what each contrast has columns for.

    Parameters
    ----------
    data
        The trial.
    contrasts
        Between its arms.
    each
        Heads of what each contrast has.
    """
    heads = ["", *data.arm_labels]
    for contrast in contrasts:
        compared = compared_in_labels(data.arms, contrast)
        heads += [
            head if head == "P" or contrast.only else f"{compared}: {head[:1].lower()}{head[1:]}"
            for head in each
        ]
    return tuple(heads)


def by_label(estimates: Iterable[Estimate]) -> dict[tuple[str, str, str], Estimate]:
    """Return estimates by outcome, visit and contrast."""
    return {(e.outcome, e.visit, e.contrast): e for e in estimates}


def section(label: str, columns: int) -> tuple[str, ...]:
    """Return a row of a label alone, in a table of some columns."""
    return (label, *[""] * (columns - 1))


def level_in_words(plan: AnalysisPlan) -> str:
    """Return what a plan's confidence limits are called."""
    return f"{100 * plan.confidence:g}% CI"
