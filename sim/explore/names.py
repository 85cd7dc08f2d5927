"""Names of runs: folders, addresses of pages and names of scenarios at the same time."""

import re
from collections.abc import Container

from scenarios.design.outcomes import NAME
from sim.study.store.growing import NEW

LONGEST = 100
"""Characters of a name: a file system has 255 bytes, and endings come after it."""


def fault_of(name: str) -> str:
    """Return what is wrong with a name that was typed; '' if nothing is.

    >>> fault_of("my_run"), fault_of("..")[:24]
    ('', "name '..' is not allowed")
    """
    if re.fullmatch(NAME, name) and not name.endswith(NEW) and len(name) <= LONGEST:
        return ""
    return (
        f"name {name[:60]!r} is not allowed: must start with a letter or digit, then letters, "
        f"digits, '_', '.', '-', at most {LONGEST} in all, and not end in {NEW}"
    )


def derived_name(text: str) -> str:
    """Return a name that is allowed, made of another text.

    >>> derived_name("my trial"), derived_name("$(id)"), derived_name("_")
    ('my_trial', 'id_', 'run')
    """
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "_", text).lstrip("_.-")
    return plain[: LONGEST - 10] or "run"


def address_name(text: str, taken: Container[str]) -> str:
    """Return a name for a folder that was given, which can stand in an address, and is not taken.

    >>> address_name("a#b", {}), address_name("måling", {"måling": 1})
    ('a_b', 'måling-2')
    """
    plain = re.sub(r"[^\w.-]+", "_", text).lstrip(".") or "folder"
    number, found = 1, plain
    while found in taken:
        number += 1
        found = f"{plain}-{number}"
    return found
