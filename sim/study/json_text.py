"""Results as JSON, which has no word for "not a number"."""

import json
import math
from collections.abc import Mapping
from datetime import date, datetime, time

from scenarios.printable import COMMANDS


def json_text(content: object) -> str:
    """Return indented JSON; numbers that are not finite become null.

    Characters that would command a terminal are written as their numbers.

    >>> print(json_text({"se": float("nan")}))
    {
      "se": null
    }
    """
    text = json.dumps(_plain(content), indent=2, ensure_ascii=False, allow_nan=False)
    return COMMANDS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _plain(content: object) -> object:
    if isinstance(content, float) and not math.isfinite(content):
        return None
    if isinstance(content, date | datetime | time):
        return content.isoformat()
    if isinstance(content, Mapping):
        return {str(key): _plain(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_plain(value) for value in content]
    return content
