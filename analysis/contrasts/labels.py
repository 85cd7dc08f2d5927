"""What the estimates' table calls a contrast: its kind and, of several, its name.

With two arms and nothing declared there is one contrast, and the kind says all: ``difference``. Of
several each is named: ``difference: app - usual care``.
"""

_SEPARATOR = ": "


def contrast_label(kind: str, name: str) -> str:
    """Return the label of a contrast.

    Parameters
    ----------
    kind
        Such as ``difference`` or ``log odds ratio``.
    name
        Of the contrast between arms; '' for the only one.

    >>> contrast_label("difference", ""), contrast_label("difference", "app - usual care")
    ('difference', 'difference: app - usual care')
    """
    return f"{kind}{_SEPARATOR}{name}" if name else kind


def kind_of(label: str) -> str:
    """Return the kind of a label.

    >>> kind_of("log odds ratio: app - usual care")
    'log odds ratio'
    """
    return label.partition(_SEPARATOR)[0]


def name_of(label: str) -> str:
    """Return the name of the contrast in a label, '' for the only one.

    >>> name_of("difference: app - usual care")
    'app - usual care'
    """
    return label.partition(_SEPARATOR)[2]
