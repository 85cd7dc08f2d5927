"""The flow of participants as text, in the order of a CONSORT diagram."""


def flow_rows(counts: dict[str, int]) -> list[tuple[str, str, str]]:
    """Return (stage, control, intervention) rows of a trial's flow.

    Parameters
    ----------
    counts
        Stage to count; stages of an arm begin with the arm's name and a colon.
    """
    rows: list[tuple[str, str, str]] = []
    by_arm: dict[str, dict[str, int]] = {}
    for stage, count in counts.items():
        arm, colon, what = stage.partition(": ")
        if colon and arm in {"control", "intervention"}:
            by_arm.setdefault(what, {})[arm] = count
        else:
            rows.append((stage, str(count), ""))
    # The intervention has every stage that control has, and its own; so its order holds for both.
    for what in (stage for stage in by_arm if "intervention" in by_arm[stage]):
        arms = by_arm[what]
        cells = [str(arms[arm]) if arm in arms else "-" for arm in ("control", "intervention")]
        rows.append((what, cells[0], cells[1]))
    return rows
