"""Lists, counts and shares in sentences."""

from collections.abc import Iterable, Sequence

from analysis.report.numbers import significant

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def listed(words: Iterable[str], last: str = "and") -> str:
    """Return words as a list in a sentence.

    Words with commas in them are parted by semicolons.

    >>> listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"], "or")
    ('a', 'a and b', 'a, b or c')
    >>> listed(["sex", "age, years"])
    'sex; age, years'
    """
    all_of = list(words)
    if any("," in word for word in all_of):
        return "; ".join(all_of)
    if len(all_of) < 2:
        return "".join(all_of)
    return f"{', '.join(all_of[:-1])} {last} {all_of[-1]}"


def counted(count: int, one: str, several: str = "") -> str:
    """Return a count with what is counted.

    >>> counted(1, "arm"), counted(3, "arm"), counted(12, "stratum", "strata")
    ('one arm', 'three arms', '12 strata')
    """
    noun = one if count == 1 else several or f"{one}s"
    return f"{_WORDS[count] if 0 <= count < len(_WORDS) else format(count, ',')} {noun}"


def share(value: float) -> str:
    """Return a proportion in per cent.

    >>> share(0.3), share(0.0553)
    ('30%', '5.53%')
    """
    return f"{significant(100.0 * value, 3)}%"


def number(value: float) -> str:
    """Return a number of a scenario, to six significant figures.

    >>> number(8.0), number(0.85), number(1940.0)
    ('8', '0.85', '1940')
    """
    return significant(value, 6)


def numbers(values: Sequence[float], last: str = "and") -> str:
    """Return numbers as a list."""
    return listed([number(value) for value in values], last)


def hours(value: float) -> str:
    """Return a number of hours.

    >>> hours(1.0), hours(0.5)
    ('1 hour', '0.5 hours')
    """
    return f"{number(value)} hour{'' if value == 1.0 else 's'}"


def sentence(text: str) -> str:
    """Return a text with a capital at its beginning and a full stop at its end."""
    whole = text[:1].upper() + text[1:]
    return whole if not whole or whole.endswith((".", "?")) else f"{whole}."


def readable(name: str) -> str:
    """Return a name of a level, component or factor without underscores."""
    return name.replace("_", " ")
