"""The flow of participants as text, in the order of a CONSORT diagram."""

from scenarios.arms import ARM_NAMES


def flow_rows(counts: dict[str, int]) -> list[tuple[str, ...]]:
    """Return (stage, a count for each arm) rows of a trial's flow.

    A stage before allocation has one count, and '' for the other arms.

    Parameters
    ----------
    counts
        Stage to count; stages of an arm begin with the arm's name and a colon.
    """
    rows: list[tuple[str, ...]] = []
    by_arm: dict[str, dict[str, int]] = {}
    for stage, count in counts.items():
        arm, colon, what = stage.partition(": ")
        if colon and arm in ARM_NAMES:
            by_arm.setdefault(what, {})[arm] = count
        else:
            rows.append((stage, str(count), *[""] * (len(ARM_NAMES) - 1)))
    # The last arm has every stage that control has, and its own; so its order holds for all.
    last = ARM_NAMES[-1]
    for what in (stage for stage in by_arm if last in by_arm[stage]):
        arms = by_arm[what]
        rows.append((what, *(str(arms[arm]) if arm in arms else "-" for arm in ARM_NAMES)))
    return rows
