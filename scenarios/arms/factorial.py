"""A factorial: components that are crossed, so that nobody has to write a table for each arm."""

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import Field

from scenarios.arms.crossed import JOIN, MOST_CROSSED, Crossed, Effect, crossed
from scenarios.arms.declared import MOST
from scenarios.checks.multiplicity import unknown
from scenarios.design.outcomes import DeclaredName
from scenarios.fields import Part, optional, quantity

Amount = Annotated[float, Field(allow_inf_nan=False)]
Effects = dict[str, Amount | tuple[Amount, ...]]
"""Component, or several joined by " x ", to what it adds at all visits, or at each."""


class Factorial(Part):
    """Arms that have each combination of some components, or those of a regular fraction."""

    components: tuple[DeclaredName, ...] = quantity(
        "names",
        "that are crossed; with a mechanistic course what arms can be given, see arms.components",
        min_length=1,
        max_length=MOST_CROSSED,
    )
    fraction: tuple[str, ...] = optional(
        "list",
        "generators, such as 'e = abcd', or defining words, such as 'abcde': letters stand for the "
        f"components in their order, names are joined by '{JOIN}'. An arm has the component on the "
        "left if it has an odd number of those on the right; one arm has none",
        (),
    )
    always: tuple[str, ...] = optional(
        "names", "what every arm is given besides, with a mechanistic course", ()
    )
    like: str = optional(
        "name",
        "the arm of followup.arms, safety.rates and reporting that all arms are like; by default "
        "the first arm, which has none of the components",
        "",
    )
    effects: Effects = optional(
        "own unit",
        "with a plain course: what each component adds to the first outcome, and what "
        f"combinations, such as 'a{JOIN}b', add besides; ratios multiply",
        {},
    )
    further: dict[str, Effects] = optional(
        "own unit", "the same for further outcomes of the course, by name", {}
    )

    @property
    def design(self) -> Crossed:
        """What is crossed, and what the arms tell."""
        return crossed(self.components, [_word(text, self.components) for text in self.fraction])

    @property
    def arm_names(self) -> tuple[str, ...]:
        """Names of the arms, the one without components first."""
        return tuple(arm_name(self.components, arm) for arm in self.design.arms)

    def having(self, name: str) -> tuple[str, ...]:
        """Return the components that the arm of a name has."""
        arm = self.design.arms[self.arm_names.index(name)]
        return tuple(each for each in self.components if each in arm)

    def contrasts(self) -> list[tuple[str, dict[str, float]]]:
        """Return name and weights of main effects and interactions of two, one of each alias."""
        design, names = self.design, self.arm_names
        return [
            (JOIN.join(effect), dict(zip(names, design.weights(effect), strict=True)))
            for effect in design.effects(min(2, len(self.components)))
        ]

    def _problems(self) -> Iterator[str]:
        names = self.components
        for name in dict.fromkeys(names):
            if names.count(name) > 1:
                yield f"components: {name!r} is named twice"
            elif name in self.always:
                yield f"always: {name!r} is not allowed: it is one of components, which are crossed"
        yield from self._fraction_problems()
        for key, effects in (
            ("effects", self.effects),
            *((f"further.{name}", own) for name, own in self.further.items()),
        ):
            yield from _effect_problems(key, effects, names)

    def _fraction_problems(self) -> Iterator[str]:
        words = []
        for position, text in enumerate(self.fraction):
            try:
                words.append(_word(text, self.components))
            except ValueError as error:
                yield f"fraction.{position}: {text!r} is not allowed: {error}"
        if len(words) < len(self.fraction) or len(set(self.components)) < len(self.components):
            return
        design, k, p = crossed(self.components, words), len(self.components), len(words)
        short = next((word for word in design.words if len(word) < 3), None)
        if len(design.words) != 2**p - 1:
            yield f"fraction: {list(self.fraction)} is not allowed: one follows from the others"
        elif short is not None:
            what = (
                f"no arm has {short[0]!r}"
                if len(short) == 1
                else f"{' and '.join(map(repr, short))} always go together"
            )
            yield f"fraction: {list(self.fraction)} is not allowed: {what}"
        elif 2 ** (k - p) > MOST:
            need = next(p for p in range(k) if 2 ** (k - p) <= MOST)
            yield (
                f"components and fraction: {k} components make {2 ** (k - p)} arms, at most {MOST} "
                f"are allowed: must have at most 5 components, or {need} generators in fraction"
            )


def arm_name(components: tuple[str, ...], arm: frozenset[str]) -> str:
    """Return the name of the arm that has some of the components.

    >>> arm_name(("exercise", "step_goals", "education"), frozenset({"education", "exercise"}))
    'exercise-education'
    """
    return "-".join(name for name in components if name in arm) or "none"


def adds(effects: Effects, arm: frozenset[str]) -> Iterator[tuple[float, ...]]:
    """Yield what each effect adds in an arm: one number, or one a visit."""
    for key, value in effects.items():
        if set(key.split(JOIN)) <= arm:
            yield value if isinstance(value, tuple) else (value,)


def alias_lines(factorial: Factorial) -> Iterator[str]:
    """Yield a line for each effect that a fraction tells, with what it is not told from."""
    design = factorial.design
    for effect in design.effects(min(2, len(factorial.components))):
        aliases = design.aliases(effect)
        if aliases:
            signs = " ".join(f"{'+' if s > 0 else '-'} {JOIN.join(a)}" for a, s in aliases.items())
            yield f"{JOIN.join(effect)} {signs}"


def _effect_problems(
    key: str, effects: Mapping[str, object], names: tuple[str, ...]
) -> Iterator[str]:
    seen: dict[frozenset[str], str] = {}
    for written in effects:
        parts = written.split(JOIN)
        wrong = next((part for part in parts if part not in names), None)
        if wrong is not None:
            yield f"{key}: {unknown(wrong, names, 'component')}"
        elif len(set(parts)) < len(parts):
            yield f"{key}: {written!r} is not allowed: it names a component twice"
        elif frozenset(parts) in seen:
            yield f"{key}: {written!r} is the same as {seen[frozenset(parts)]!r}: state it once"
        seen.setdefault(frozenset(parts), written)
    lengths = {len(v) for v in effects.values() if isinstance(v, tuple)}
    if len(lengths) > 1:
        yield f"{key}: lists of {' and '.join(map(str, sorted(lengths)))}: must have one length"


def _word(text: str, components: tuple[str, ...]) -> Effect:
    """Read a generator or a defining word.

    Raises
    ------
    ValueError
        If it is neither.
    """
    left, equals, right = (part.strip() for part in text.partition("="))
    one, others = _read(left, components), _read(right, components) if equals else ()
    if equals and (len(one) != 1 or one[0] in others or len(others) < 2):
        raise ValueError("must have one component = two or more others, such as 'e = abcd'")
    word = (*one, *others)
    if len(set(word)) < len(word):
        raise ValueError("a component is named twice")
    return word


def _read(text: str, components: tuple[str, ...]) -> Effect:
    parts = [part.strip() for part in text.split(JOIN)]
    if all(part in components for part in parts):
        return tuple(parts)
    if len(parts) > 1:
        wrong = next(part for part in parts if part not in components)
        raise ValueError(unknown(wrong, components, "component"))
    if text and all(letter in components for letter in text):
        return tuple(text)
    letters = [chr(ord("a") + n) for n in range(len(components))]
    if not text or any(letter not in letters for letter in text.lower()):
        raise ValueError(
            f"must have letters {letters[0]} to {letters[-1]}, which stand for the components in "
            f"their order, or names of components joined by '{JOIN}'"
        )
    return tuple(components[letters.index(letter)] for letter in text.lower())
