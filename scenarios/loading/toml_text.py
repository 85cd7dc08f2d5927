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
    if hasattr(value, "tolist"):  # of NumPy, which takes long to import
        value = value.tolist()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{toml_key(key)} = {toml_text(child)}" for key, child in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(toml_text(child) for child in value)}]"
    raise TypeError(f"TOML has no value of type {type(value).__name__}")


def toml_key(key: str) -> str:
    """Write a key as TOML, in quotes where it needs them."""
    bare = key.replace("_", "").replace("-", "")
    return key if bare.isalnum() and bare.isascii() else _quoted(key)


def _quoted(text: str) -> str:
    # JSON escapes what TOML does, but for DEL; its pairs of surrogates TOML does not know.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
