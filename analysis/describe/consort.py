"""The flow of participants as text, in the order of a CONSORT diagram."""

from collections.abc import Sequence


def flow_rows(counts: dict[str, int], arms: Sequence[str]) -> list[tuple[str, ...]]:
    """Return (stage, a count for each arm) rows of a trial's flow.

    A stage before allocation has one count, and '' for the other arms.

    Parameters
    ----------
    counts
        Stage to count; stages of an arm begin with the arm's name and a colon.
    arms
        Names of the arms, the reference first.
    """
    rows: list[tuple[str, ...]] = []
    by_arm: dict[str, dict[str, int]] = {}
    for stage, count in counts.items():
        arm, colon, what = stage.partition(": ")
        if colon and arm in arms:
            by_arm.setdefault(what, {})[arm] = count
        else:
            rows.append((stage, str(count), *[""] * (len(arms) - 1)))
    # The last arm has every stage that the reference has, and its own; so its order holds for all.
    last = arms[-1]
    for what in (stage for stage in by_arm if last in by_arm[stage]):
        counted = by_arm[what]
        rows.append((what, *(str(counted[arm]) if arm in counted else "-" for arm in arms)))
    return rows
