"""What is compared in an estimate: the kind of contrast, and between which arms."""

from collections.abc import Iterable, Sequence

from analysis.data.estimates import Estimate

JOIN = ": "
"""Stands between the kind of a contrast and its name; where a trial has one contrast, no name."""


def kind_and_name(label: str) -> tuple[str, str]:
    """Return the kind of a contrast and its name, '' where the trial has no other.

    >>> kind_and_name("log odds ratio: app - control")
    ('log odds ratio', 'app - control')
    >>> kind_and_name("difference")
    ('difference', '')
    """
    kind, _, name = label.partition(JOIN)
    return kind, name


def contrast_label(kind: str, name: str) -> str:
    """Return the label of a contrast; the inverse of :func:`kind_and_name`."""
    return f"{kind}{JOIN}{name}" if name else kind


def names_among(estimates: Iterable[Estimate], kinds: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the contrasts of some kinds, in order; one '' where there are none."""
    found = (kind_and_name(each.contrast) for each in estimates)
    return tuple(dict.fromkeys(name for kind, name in found if kind in kinds)) or ("",)
