"""Effects of components from arms that are given or not given each: 2^k designs and fractions.

In effect coding a component is 1 where an arm has it and -1 where not; an interaction is the
product. The effect of a column is the mean of the arms where it is 1 minus that where it is -1,
twice its regression coefficient (Collins, Dziak and Li 2009, Psychological Methods 14:202-224). A
main effect is averaged over the other components, so all participants tell of each. An interaction
of two components is half the difference between the effect of one with the other and without it.

A regular fraction 2^(k-p) has the arms in which p products and all products of these are constant,
the defining words. An effect is then told from no other whose product with it is such a word: the
two are aliases (Box, Hunter and Hunter 2005, Statistics for Experimenters, chapter 6).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from analysis.contrasts.declared import Contrast
from analysis.estimators.clustered import Floats
from scenarios.checks.multiplicity import unknown
from scenarios.errors import InputError

Effect = tuple[str, ...]
"""Components in the order of the design: one is a main effect, more are an interaction."""
JOIN = " x "
"""Stands between the components of an interaction."""
MOST = 10
"""Components of a design at most: more would have over a thousand products."""


@dataclass(frozen=True, slots=True)
class Factorial:
    """A full 2^k factorial, or a regular fraction of one.

    Attributes
    ----------
    components
        The k components.
    arms
        What each arm is given.
    words
        Defining words of a fraction, and their signs, shortest first; none of a full factorial.
    """

    components: tuple[str, ...]
    arms: tuple[frozenset[str], ...]
    words: Mapping[Effect, int]

    @property
    def resolution(self) -> int | None:
        """Components in the shortest defining word; None of a full factorial.

        Of 3: main effects are aliases of interactions of two components; of 4: main effects are
        not, but interactions of two are of one another; of 5: neither.
        """
        return min(map(len, self.words)) if self.words else None

    def aliases(self, effect: Effect) -> dict[Effect, int]:
        """Return what is not told from an effect, shortest first, and the sign with which.

        The contrast of the effect estimates it plus the sum of its aliases, each with its sign.

        Parameters
        ----------
        effect
            Of the components of the design.

        Raises
        ------
        InputError
            A component that is none of the design's.
        """
        own = self._ordered(effect)
        found = {
            self._ordered(set(own) ^ set(word)): sign for word, sign in self.words.items()
        }  # fmt: skip
        return dict(sorted(found.items(), key=self._rank))

    def contrast(self, effect: Effect) -> Contrast:
        """Return the weights of arms that estimate an effect.

        Raises
        ------
        InputError
            A component that is none of the design's, no component, or a defining word, whose
            column is constant.
        """
        own = self._ordered(effect)
        if not own:
            raise InputError("effects: '' is not allowed: must name one component at least")
        if own in self.words:
            raise InputError(
                f"effects: {JOIN.join(own)!r} is not allowed: it is the same in all arms of this "
                "fraction"
            )
        column = _columns(self.components, self.arms, [own])[:, 0]
        return Contrast(JOIN.join(own), tuple((2.0 * column / len(column)).tolist()))

    def contrasts(self, order: int = 2) -> tuple[Contrast, ...]:
        """Return main effects and interactions up to an order, one of each set of aliases.

        Parameters
        ----------
        order
            Components of the largest interactions, 1 or more. Of aliases the shortest stands for
            all.

        Raises
        ------
        InputError
            An order below 1 or above the number of components.
        """
        if not 1 <= order <= len(self.components):
            raise InputError(
                f"order: {order} is not allowed: must be 1 to {len(self.components)}, the number "
                "of components"
            )
        told: list[Effect] = []
        for size in range(1, order + 1):
            for effect in combinations(self.components, size):
                others = self.aliases(effect)
                if effect not in self.words and not any(each in others for each in told):
                    told.append(effect)
        return tuple(self.contrast(effect) for effect in told)

    def _ordered(self, effect: Collection[str]) -> Effect:
        for name in effect:
            if name not in self.components:
                raise InputError(f"effects: {unknown(name, self.components, 'component')}")
        return tuple(name for name in self.components if name in effect)

    def _rank(self, item: tuple[Effect, int]) -> tuple[int, list[int]]:
        return len(item[0]), [self.components.index(name) for name in item[0]]


def factorial(
    arms: Sequence[Collection[str]], components: Sequence[str] | None = None
) -> Factorial:
    """Return the design that arms make, with its defining words.

    Parameters
    ----------
    arms
        Components of each arm.
    components
        All of them, in their order; None: by their names.

    Raises
    ------
    InputError
        Two arms alike, a component that all arms have or none has, or that goes with another in
        all arms, or arms that are neither a full factorial nor a regular fraction.
    """
    given = tuple(frozenset(arm) for arm in arms)
    names = tuple(sorted(frozenset().union(*given)) if components is None else components)
    for problem in _problems(given, names):
        raise InputError(f"arms: {problem}")
    effects = [each for size in range(1, len(names) + 1) for each in combinations(names, size)]
    total = _columns(names, given, effects).sum(axis=0)
    constant = np.abs(total) == len(given)
    words = {effects[n]: int(np.sign(total[n])) for n in np.flatnonzero(constant)}
    # Arms that are all solutions of their words are 2^k / (words + 1); others are no regular set.
    if (len(words) + 1) * len(given) != 2 ** len(names):
        raise InputError(
            f"arms: {len(given)} of the {2 ** len(names)} combinations of {', '.join(names)} are "
            "no full factorial and no regular fraction, in which every other effect has as many "
            "arms with as without: must be all of them, or the arms of a fraction"
        )
    for word in words:
        if len(word) == 2:
            raise InputError(
                f"arms: {word[0]!r} and {word[1]!r} always go together, or one without the other: "
                "no main effect is told from the other's, must be one component"
            )
    return Factorial(names, given, words)


def full_factorial(components: Sequence[str]) -> tuple[frozenset[str], ...]:
    """Return the 2^k arms of k components, the one without any first, the first changing slowest.

    Raises
    ------
    InputError
        No component, too many, or two of one name.

    >>> [sorted(arm) for arm in full_factorial(["app", "band"])]
    [[], ['band'], ['app'], ['app', 'band']]
    """
    names = tuple(components)
    for problem in _name_problems(names):
        raise InputError(f"components: {problem}")
    k = len(names)
    return tuple(
        frozenset(name for n, name in enumerate(names) if arm >> (k - 1 - n) & 1)
        for arm in range(2**k)
    )


def fraction(
    components: Sequence[str], generators: Mapping[str, Collection[str]]
) -> tuple[frozenset[str], ...]:
    """Return the arms of a 2^(k-p) fraction, the one without any component first.

    Parameters
    ----------
    components
        The k - p components that make a full factorial.
    generators
        Each of p further components to those that decide on it: an arm has it if it has an odd
        number of them. Of the fractions with these words it is the one that holds the arm without
        components.

    Raises
    ------
    InputError
        A further component that is among the first, or generated by one that is not, or by fewer
        than two.

    >>> [sorted(arm) for arm in fraction(["a", "b"], {"c": ["a", "b"]})]
    [[], ['b', 'c'], ['a', 'c'], ['a', 'b']]
    """
    base = full_factorial(components)
    for name, words in generators.items():
        key = f"generators.{name}"
        if name in components:
            raise InputError(f"{key}: {name!r} is among the components that are crossed: must not")
        for each in words:
            if each not in components:
                raise InputError(f"{key}: {unknown(each, components, 'crossed component')}")
        if len(set(words)) < 2:
            raise InputError(f"{key}: {len(set(words))} components are too few: must be 2 or more")
    return tuple(
        arm | {name for name, words in generators.items() if len(arm & set(words)) % 2}
        for arm in base
    )


def _problems(arms: Sequence[frozenset[str]], names: tuple[str, ...]) -> Iterator[str]:
    """Yield what keeps arms from being compared by their components."""
    yield from _name_problems(names)
    for arm in arms:
        for name in sorted(arm):
            if name not in names:
                yield unknown(name, names, "component")
    for n, arm in enumerate(arms):
        if arm in arms[:n]:
            what = " and ".join(sorted(arm)) or "no component"
            yield f"two have {what}: must be different"
    for name in names:
        having = sum(name in arm for arm in arms)
        if having in {0, len(arms)}:
            which = "no arm has" if having == 0 else "every arm has"
            yield f"{which} {name!r}: it has no effect to estimate, leave it out of the factorial"


def _name_problems(names: tuple[str, ...]) -> Iterator[str]:
    if not 1 <= len(names) <= MOST:
        yield f"{len(names)} components are not allowed: must be 1 to {MOST}"
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield f"component {name!r} stands more than once: must have names of their own"


def _columns(
    names: tuple[str, ...], arms: Sequence[frozenset[str]], effects: Sequence[Effect]
) -> Floats:
    """Return the effect coding of effects, (arms, effects) of 1 and -1."""
    coded = np.array([[1.0 if name in arm else -1.0 for name in names] for arm in arms])
    place = {name: n for n, name in enumerate(names)}
    return np.column_stack(
        [coded[:, [place[name] for name in effect]].prod(axis=1) for effect in effects]
    )
