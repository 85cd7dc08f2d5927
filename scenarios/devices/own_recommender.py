"""The parts of a scenario that name a recommender of one's own, and say where it is."""

from collections.abc import Iterator
from math import isfinite
from typing import Any
from urllib.parse import urlsplit

from scenarios.fields import Part, choice, quantity
from scenarios.plugins import PluginKind

RECOMMENDERS = PluginKind("recommender", "selfback.recommenders")
"""Recommenders that users bring."""
HTTP = "http"
"""Kind of a recommender that is asked over HTTP."""


def known_name(kind: str, built_in: tuple[str, ...]) -> str:
    """Return the name of a recommender, if there is one of that name or can be.

    Whether ``module:attribute`` is there is not looked at: a module is imported where it is used.

    Parameters
    ----------
    kind
        The name.
    built_in
        Names of the built-in recommenders.
    """
    return RECOMMENDERS.known_name(kind, (*built_in, HTTP))


class HttpSettings(Part):
    """A recommender behind HTTP, where ``kind`` is ``"http"``."""

    url: str = choice("where it is; /open, /recommend, /learn and /close are added")
    timeout: float = quantity(
        "seconds", "to the end of an answer, each time of asking", gt=0.0, le=86_400.0
    )
    retries: int = quantity("times", "asked again after a failed connection", ge=0, le=20)
    batch_size: int = quantity("requests", "sent at once, at most", gt=0)
    largest_body: int = quantity("bytes", "of an answer, at most", gt=0)

    def _problems(self) -> Iterator[str]:
        try:
            parts = urlsplit(self.url)
            reachable = parts.hostname and parts.port != 0
        except ValueError:
            reachable = False
        plain = self.url.isascii() and self.url.isprintable() and " " not in self.url
        if not reachable or not plain or parts.scheme not in {"http", "https"}:
            yield (
                f"url: {self.url!r} is not allowed: must be http:// or https:// and a host, such "
                "as http://127.0.0.1:8000"
            )
            return
        if parts.query or parts.fragment or parts.username is not None:
            yield f"url: {self.url!r} is not allowed: no user, query or fragment"


class PluginSettings(Part):
    """A recommender of one's own, where ``kind`` is ``module:attribute`` or an entry point."""

    timeout: float = quantity(
        "seconds", "until an answer comes, and until it is made", gt=0.0, le=86_400.0
    )
    settings: dict[str, Any] = quantity("own unit", "whatever it wants to be told")

    def _problems(self) -> Iterator[str]:
        for name, value in self.settings.items():
            if not _is_plain(value):
                yield (
                    f"settings.{name}: must be text, true or false, a finite number, or a list or "
                    "table of these"
                )


def _is_plain(value: object) -> bool:
    """Return whether a value is the same after a journey as JSON."""
    match value:
        case bool() | int() | str():
            return True
        case float():
            return isfinite(value)
        case list():
            return all(_is_plain(part) for part in value)
        case dict():
            return all(_is_plain(part) for part in value.values())
    return False
