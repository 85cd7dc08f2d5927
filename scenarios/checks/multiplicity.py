"""What a family of hypotheses and contrasts between arms must be, as lines for each fault.

These are checks of declared names and numbers alone, so that a scenario can make them when it is
read. A line begins with the key at fault, within its section, and a colon.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from scenarios.errors import nearest

ROUNDING = 1e-6
"""What sums of written decimals, such as three times 0.333333, may miss their value by."""


def graph_problems(
    weights: Mapping[str, float], transitions: Mapping[str, Mapping[str, float]]
) -> Iterator[str]:
    """Yield what keeps weights and transitions from being a graph of tests.

    The conditions are (1) and (2) of Bretz, Maurer, Brannath and Posch (2009), Statistics in
    Medicine 28:586-604: no weight or transition is negative, weights sum to at most 1, and so do
    the transitions from each hypothesis, of which none leads to itself.

    Parameters
    ----------
    weights
        Hypothesis to its share of alpha.
    transitions
        Hypothesis to those that its share goes to when it is rejected, and in which part.
    """
    if not weights:
        yield "weights: there are no hypotheses: must be one at least"
        return
    faults = [*_shares("weights", weights)]
    for source, row in transitions.items():
        key = f"transitions.{source}"
        if source not in weights:
            faults.append(f"transitions: {unknown(source, weights, 'hypothesis')}")
            continue
        faults += [f"{key}: {unknown(name, weights, 'hypothesis')}"
                   for name in row if name not in weights]  # fmt: skip
        if row.get(source, 0.0) != 0.0:
            faults.append(
                f"{key}.{source}: {row[source]:g} is not allowed: a hypothesis passes nothing to "
                "itself, must be 0"
            )
        faults += _shares(key, row)
    yield from faults


def _shares(key: str, shares: Mapping[str, float]) -> Iterator[str]:
    """Yield which shares are not between 0 and 1, or that they sum to more than 1."""
    wrong = False
    for name, share in shares.items():
        if not 0.0 <= share <= 1.0:
            wrong = True
            yield f"{key}.{name}: {share:g} is not allowed: must be 0 to 1"
    total = sum(shares.values())
    if not wrong and total > 1.0 + ROUNDING:
        yield f"{key}: the sum {total:g} is not allowed: must be at most 1"


def order_problems(order: Sequence[str], hypotheses: Sequence[str]) -> Iterator[str]:
    """Yield what keeps an order from being one in which each hypothesis is tested once."""
    for name in dict.fromkeys(order):
        if name not in hypotheses:
            yield f"order: {unknown(name, hypotheses, 'hypothesis')}"
        elif order.count(name) > 1:
            yield f"order: {name!r} stands {order.count(name)} times: must stand once"
    absent = [name for name in hypotheses if name not in order]
    if absent:
        yield f"order: {absent[0]!r} is missing: must have every hypothesis once"


def contrast_problems(weights: Mapping[str, float], arms: Sequence[str]) -> Iterator[str]:
    """Yield what keeps weights of arms from being a contrast.

    Parameters
    ----------
    weights
        Arm to its weight; arms that are not named have 0.
    arms
        Names of all arms.
    """
    named = [name for name in weights if name not in arms]
    yield from (f"weights: {unknown(name, arms, 'arm')}" for name in named)
    infinite = [name for name, each in weights.items() if not abs(each) < float("inf")]
    yield from (
        f"weights.{name}: {weights[name]:g} is not allowed: must be finite" for name in infinite
    )
    if named or infinite:
        return
    largest = max(map(abs, weights.values()), default=0.0)
    total = sum(weights.values())
    if largest == 0.0:
        yield "weights: all are 0: one arm at least must have another weight"
    elif abs(total) > ROUNDING * largest * len(weights):
        yield f"weights: the sum {total:g} is not allowed: must be 0, as 2 - 1 - 1"


def unknown(name: str, allowed: Collection[str], what: str) -> str:
    """Return that a name is not known, with the nearest one or all that are."""
    close = nearest(name, allowed)
    hint = f"did you mean {close!r}?" if close else f"must be among {', '.join(allowed)}"
    return f"{name!r} is no {what}: {hint}"
