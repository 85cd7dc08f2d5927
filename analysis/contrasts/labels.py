"""What tables call a contrast: on which scale it is, and which of several it is.

A trial of two arms has one difference, and its tables need not say which. Where a plan has more
contrasts, or declares its own, a label is "difference: app - control": the kind, and the name.
"""

from collections.abc import Iterable

from analysis.contrasts.declared import Contrast

BETWEEN = ": "
"""Stands between the kind of a contrast and its name, and in neither."""


def contrast_label(kind: str, contrast: Contrast) -> str:
    """Return what tables call a contrast.

    Parameters
    ----------
    kind
        On which scale it is, such as 'difference' or 'log odds ratio'.
    contrast
        The contrast.

    >>> contrast_label("difference", Contrast("app - control", (-1.0, 1.0, 0.0)))
    'difference: app - control'
    >>> contrast_label("difference", Contrast("app - control", (-1.0, 1.0), only=True))
    'difference'
    """
    return kind if contrast.only else f"{kind}{BETWEEN}{contrast.name}"


def contrast_labels(kind: str, contrasts: Iterable[Contrast]) -> tuple[str, ...]:
    """Return the labels of contrasts, see :func:`contrast_label`."""
    return tuple(contrast_label(kind, each) for each in contrasts)


def kind_of(label: str) -> str:
    """Return on which scale a contrast is, by its label.

    >>> kind_of("difference: app - control"), kind_of("difference")
    ('difference', 'difference')
    """
    return label.partition(BETWEEN)[0]


def name_of(label: str) -> str:
    """Return the name of a contrast by its label; '' where there is one only.

    >>> name_of("difference: app - control"), name_of("difference")
    ('app - control', '')
    """
    return label.partition(BETWEEN)[2]
