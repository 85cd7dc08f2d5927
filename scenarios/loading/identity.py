"""What a scenario is called and compared with: said by each file itself, and by no other."""

from collections.abc import Container, Mapping, Sequence
from typing import Any

from scenarios.wording import few

IDENTITY = ("name", "title", "published")
"""What a file says of itself alone: a scenario that extends it does not inherit it."""
CONDUCT = (*IDENTITY, "seed", "truth")
"""What can be set by hand without making it another trial."""
SHOWN_CHANGES, SHOWN_CHARACTERS = 3, 50
"""Changes by hand that a title names, and characters of each; more are counted, or cut off."""


def own_identity(data: Mapping[str, Any], extended: str | None) -> dict[str, Any]:
    """Return name, title and published of a file, as far as it has them.

    Parameters
    ----------
    data
        What the file says.
    extended
        Name of what it extends, if it does. A title then names both; and nothing is compared with
        published numbers, unless the file says so itself.
    """
    own = {key: data[key] for key in IDENTITY if key in data}
    if extended is not None:
        own.setdefault("title", f"{data.get('name', '')} (a variant of {extended})".strip())
    return {"published": "", **own}


def identity_by_hand(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    said: Container[str],
    changes: Sequence[str],
) -> dict[str, Any]:
    """Return what changes by hand do to title and published, unless these were set by hand too.

    The title names the changes. A changed trial is not compared with published numbers any more.

    Parameters
    ----------
    before, after
        All tables and keys without the changes, and with them.
    said
        Keys that were set by hand.
    changes
        ``key=value`` each.
    """
    if _trial(before) == _trial(after):
        return {}
    shown = [
        text if len(text) <= SHOWN_CHARACTERS else f"{text[: SHOWN_CHARACTERS - 3]}..."
        for text in changes
    ]
    title = f"{after.get('title', '')}; changed: {few(shown, SHOWN_CHANGES)}"
    changed = {"title": title, "published": ""}
    return {key: value for key, value in changed.items() if key not in said and after.get(key)}


def _trial(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key not in CONDUCT}
