"""The flow of participants as text, in the order of a CONSORT diagram.

A trial of several arms tells of each what the extension of CONSORT to multi-arm trials asks for
(Juszczak et al. 2019, JAMA 321:1610-1620, item 13a): allocated, received what the arm is given,
withdrew, answered.
"""

from collections.abc import Mapping, Sequence


def flow_rows(counts: Mapping[str, int], arms: Sequence[str]) -> list[tuple[str, ...]]:
    """Return (stage, a count for each arm) rows of a trial's flow.

    A stage before allocation has one count, and '' for the other arms; a stage that an arm does not
    have, such as receiving an app, has '-' in it.

    Parameters
    ----------
    counts
        Stage to count; stages of an arm begin with the arm's name and a colon.
    arms
        Names of the arms, the reference first.

    Examples
    --------
    >>> counts = {"randomized": 9, "a: allocated": 4, "b: allocated": 5, "b: got it": 3}
    >>> for row in flow_rows(counts, ["a", "b"]):
    ...     print(row)
    ('randomized', '9', '')
    ('allocated', '4', '5')
    ('got it', '-', '3')
    """
    rows: list[tuple[str, ...]] = []
    by_arm: dict[str, dict[str, int]] = {arm: {} for arm in arms}
    for stage, count in counts.items():
        arm, colon, what = stage.partition(": ")
        if colon and arm in by_arm:
            by_arm[arm][what] = count
        else:
            rows.append((stage, str(count), *[""] * (len(arms) - 1)))
    for what in stages_of_all(list(by_arm.values())):
        cells = (str(own[what]) if what in own else "-" for own in by_arm.values())
        rows.append((what, *cells))
    return rows


def stages_of_all(by_arm: Sequence[Mapping[str, int]]) -> list[str]:
    """Return the stages that any arm has, each behind the one that it follows in its arm."""
    order: list[str] = []
    for own in by_arm:
        place = 0
        for stage in own:
            if stage not in order:
                order.insert(place, stage)
            place = order.index(stage) + 1
    return order
