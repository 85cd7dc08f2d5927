"""Values as TOML on one line."""

import json
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any


def toml_text(value: Any) -> str:
    """Write a value as TOML.

    >>> toml_text([{"name": "6 weeks", "day": 42}, True, 0.5])
    '[{ name = "6 weeks", day = 42 }, true, 0.5]'

    Raises
    ------
    TypeError
        If TOML has no such value.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{_key(key)} = {toml_text(child)}" for key, child in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(toml_text(child) for child in value)}]"
    raise TypeError(f"TOML has no value of type {type(value).__name__}")


def _key(key: str) -> str:
    bare = key.replace("_", "").replace("-", "")
    return key if bare.isalnum() and bare.isascii() else json.dumps(key)
