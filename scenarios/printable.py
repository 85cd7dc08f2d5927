"""Texts as a terminal may show them: characters that command it are none of a text."""

import re

COMMANDS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
"""Control characters but for tab and line feed, those that change the direction of what is read,
and what is no character (halves of one cannot be written at all, U+FFFE and U+FFFF not in XML)."""


def printable(text: str) -> str:
    r"""Return a text with a question mark for each character that would command a terminal.

    >>> printable("a \x1b[31mtitle")
    'a ?[31mtitle'
    """
    return COMMANDS.sub("?", text.replace("\r\n", "\n"))
