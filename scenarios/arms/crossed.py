"""Components that are crossed: the arms of a 2^k factorial or a fraction, and what they tell.

In effect coding a component is 1 where an arm has it and -1 where not; an interaction is the
product. The effect of a column is the mean of the arms where it is 1 minus that where it is -1,
twice its regression coefficient (Collins, Dziak and Li 2009, Psychological Methods 14:202-224). A
main effect is averaged over the other components, so all participants tell of each. An interaction
of two components is half the difference between the effect of one with the other and without it.

A regular fraction 2^(k-p) has the arms in which p products and all products of these are constant,
the defining words. An effect is then told from no other whose product with it is such a word: the
two are aliases (Box, Hunter and Hunter 2005, Statistics for Experimenters, chapter 6). Of the 2^p
fractions with the same words it is here the one that holds the arm without components, the
reference of the others: each arm has an even number of the components of each word.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

Effect = tuple[str, ...]
"""Components in the order of the design: one is a main effect, more are an interaction."""
JOIN = " x "
"""Stands between the components of an interaction."""
MOST_CROSSED = 10
"""Components of a design at most."""


@dataclass(frozen=True, slots=True)
class Crossed:
    """A full 2^k factorial, or a regular fraction of one.

    Attributes
    ----------
    components
        The k components.
    arms
        What each arm has, the one without any component first, the first changing slowest.
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

    def aliases(self, effect: Collection[str]) -> dict[Effect, int]:
        """Return what is not told from an effect, shortest first, and the sign with which.

        The contrast of the effect estimates it plus the sum of its aliases, each with its sign.
        """
        found = {_ordered(self.components, set(effect) ^ set(word)): sign
                 for word, sign in self.words.items()}  # fmt: skip
        return {each: found[each] for each in _shortest_first(self.components, found)}

    def weights(self, effect: Collection[str]) -> tuple[float, ...]:
        """Return the weights of the arms that estimate an effect, in the order of the arms."""
        size = len(effect)
        half = len(self.arms) / 2
        return tuple((-1) ** (size - len(arm & set(effect))) / half for arm in self.arms)

    def effects(self, order: int = 2) -> tuple[Effect, ...]:
        """Return main effects and interactions up to an order, one of each set of aliases.

        Parameters
        ----------
        order
            Components of the largest interactions. Of aliases the shortest stands for all.
        """
        told: list[Effect] = []
        for size in range(1, order + 1):
            for effect in combinations(self.components, size):
                others = self.aliases(effect)
                if effect not in self.words and not any(each in others for each in told):
                    told.append(effect)
        return tuple(told)


def crossed(components: Sequence[str], words: Iterable[Collection[str]] = ()) -> Crossed:
    """Return the design of some components.

    Parameters
    ----------
    components
        One or more, of different names.
    words
        Defining words of a fraction, none the product of others; none for all 2^k arms.

    >>> [sorted(arm) for arm in crossed(["app", "band"]).arms]
    [[], ['band'], ['app'], ['app', 'band']]
    >>> [sorted(arm) for arm in crossed("abc", ["abc"]).arms]
    [[], ['b', 'c'], ['a', 'c'], ['a', 'b']]
    """
    names = tuple(components)
    products: dict[frozenset[str], int] = {frozenset(): 1}
    for word in words:
        products |= {each ^ frozenset(word): 1 for each in products}
    defining = [_ordered(names, each) for each in products if each]
    k = len(names)
    every = (
        frozenset(name for n, name in enumerate(names) if arm >> (k - 1 - n) & 1)
        for arm in range(2**k)
    )
    arms = tuple(arm for arm in every if all(len(arm & set(w)) % 2 == 0 for w in defining))
    signs = {word: (-1) ** len(word) for word in _shortest_first(names, defining)}
    return Crossed(names, arms, signs)


def _ordered(components: Sequence[str], effect: Collection[str]) -> Effect:
    return tuple(name for name in components if name in effect)


def _shortest_first(components: Sequence[str], effects: Iterable[Effect]) -> list[Effect]:
    return sorted(effects, key=lambda each: (len(each), [components.index(n) for n in each]))
