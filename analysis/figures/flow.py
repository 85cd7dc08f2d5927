"""The flow of participants as a CONSORT diagram, simulated numbers beside published ones."""

from collections.abc import Mapping, Sequence

import pandas as pd

from analysis.describe.consort import stages_of_all
from analysis.figures.boxes import LINE, PAD, Box, Page
from analysis.figures.drawn import Drawn
from analysis.figures.style import (
    MOST_TOLD,
    PAGE,
    and_more,
    in_style,
)
from analysis.report.numbers import fixed

INTERESTED, ASSESSED, RANDOMIZED = "interested", "assessed for eligibility", "randomized"
ALLOCATED, WITHDREW = "allocated", "withdrew: "
_SPINE = (INTERESTED, ASSESSED, RANDOMIZED)
"""The stages that lead to randomization; what stands between them leaves."""
_NARROWEST = 19.5
"""Width of a box in which counts can be read, mm."""
_GAP = 3.0
"""Between boxes, mm."""
_GROUPS = ("excluded", "did not meet inclusion criteria", "other reasons")
"""Stages that sum others up."""


@in_style
def draw_flow(
    flow: pd.DataFrame,
    arms: Mapping[str, str],
    published: Mapping[str, float] | None = None,
    *,
    width: float = PAGE,
) -> Drawn:
    """Draw the flow of participants: median and range over trials, with the published count.

    Parameters
    ----------
    flow
        ``replicate``, ``stage`` and ``count`` of every simulated trial; stages of an arm begin with
        the arm's name and a colon.
    arms
        Name of each arm to its label, the reference first. Where there are more than stand side by
        side, one box has what all of them have, from the smallest to the largest arm.
    published
        See :func:`analysis.describe.consort.published_counts`.
    width
        Of the figure, in mm.
    """
    counts = _Counts(flow, dict(published or {}))
    stages = list(dict.fromkeys(flow["stage"].astype(str)))
    before = [stage for stage in stages if stage.partition(": ")[0] not in arms]
    by_arm = {
        arm: [stage.removeprefix(f"{arm}: ") for stage in stages if stage.startswith(f"{arm}: ")]
        for arm in arms
    }
    page = Page(width)
    _enrolment(page, before, counts)
    room = (width + _GAP) / max(len(arms), 1) - _GAP
    if room >= _NARROWEST:
        _arms_beside(page, by_arm, arms, counts, room)
    else:
        _arms_together(page, by_arm, len(arms), counts)
    note = "Simulated: median (range) over trials" if counts.trials > 1 else "One simulated trial"
    page.note(f"{note}{'; pub.: published' if counts.published else ''}.")
    return Drawn(page.figure(), _in_words(counts, by_arm, arms))


class _Counts:
    """Counts over trials, by stage."""

    def __init__(self, flow: pd.DataFrame, published: Mapping[str, float]) -> None:
        groups = flow.groupby(flow["stage"].astype(str), sort=False)["count"]
        self.found = pd.DataFrame(
            {"median": groups.median(), "low": groups.min(), "high": groups.max()}
        )
        self.published = published
        self.trials = int(flow["replicate"].nunique())

    def is_empty(self, stage: str) -> bool:
        """Whether nobody is at a stage in any trial, published ones included."""
        return not self.found.loc[stage, "high"] and not self.published.get(stage, 0)

    def told(self, stage: str) -> str:
        """Return the median, the range where there is any, and the published count."""
        median, low, high = map(float, self.found.loc[stage, ["median", "low", "high"]])
        text = _count(median)
        if high > low:
            text += f" ({_count(low)}-{_count(high)})"
        known = self.published.get(stage)
        return text if known is None else f"{text}, pub. {_count(known)}"

    def over(self, stages: Sequence[str]) -> str:
        """Return from the least to the most of several stages' medians."""
        found = self.found.loc[[stage for stage in stages if stage in self.found.index], "median"]
        return f"{_count(found.min())} to {_count(found.max())}"


def _count(value: float) -> str:
    return fixed(value, 0 if value == round(value) else 1)


def _enrolment(page: Page, before: Sequence[str], counts: _Counts) -> None:
    """Put the boxes up to randomization on a page, with those who leave beside them."""
    spine = [stage for stage in before if stage in _SPINE]
    wide, aside = 0.42 * page.width, 0.52 * page.width
    last: Box | None = None
    for stage in spine:
        own = page.box([_named(stage), counts.told(stage)], 0.5, page.y, wide)
        if last is not None:
            page.arrow((last.centre, last.bottom), (own.centre, own.y))
        page.y = own.bottom + 2.0 * _GAP
        last = own
        left = [each for each in _until_next(before, stage, spine) if not counts.is_empty(each)]
        if stage == RANDOMIZED or not left:
            continue
        texts = [f"{_named(each)}: {counts.told(each)}" for each in left]
        if left[0] == "excluded":
            sums = sum(each in _GROUPS for each in left)
            texts.insert(sums, "By reason:")
        heading = [] if left[0] == "excluded" else ["Left before the next stage"]
        y = page.y - _GAP
        side = page.box([*heading, *texts], page.width - aside - 0.5, y, aside)
        middle = y + min(side.height / 2.0, 4.0)
        page.arrow((own.centre, middle), (side.x, middle))
        page.y = side.bottom + _GAP
    _join(page, last)


def _join(page: Page, last: Box | None) -> None:
    if last is None:
        return
    page.y = max(page.y, last.bottom + 2.0 * _GAP)
    page.arrow((last.centre, last.bottom), (last.centre, last.bottom + _GAP), head=False)


def _until_next(before: Sequence[str], stage: str, spine: Sequence[str]) -> list[str]:
    start = before.index(stage) + 1
    found = []
    for each in before[start:]:
        if each in spine:
            break
        found.append(each)
    return found


def _named(stage: str) -> str:
    return stage[:1].upper() + stage[1:]


def _parts(stages: Sequence[str]) -> dict[str, list[str]]:
    """Return the stages of arms by the box in which they stand, in order."""
    parts: dict[str, list[str]] = {
        "Allocation": [], "Follow-up": [], "Reasons for withdrawal": [], "Adverse events": []
    }  # fmt: skip
    for stage in stages:
        if stage.startswith(WITHDREW):
            parts["Reasons for withdrawal"].append(stage)
        elif "adverse events" in stage:
            parts["Adverse events"].append(stage)
        elif stage.startswith(("withdrew by", "answered at")):
            parts["Follow-up"].append(stage)
        elif not parts["Follow-up"]:
            parts["Allocation"].append(stage)
        else:
            parts["Follow-up"].append(stage)
    return {name: own for name, own in parts.items() if own}


def _arms_beside(
    page: Page,
    by_arm: Mapping[str, Sequence[str]],
    arms: Mapping[str, str],
    counts: _Counts,
    room: float,
) -> None:
    """Put a column of boxes for each arm on a page, level with one another."""
    parts = _parts(stages_of_all([dict.fromkeys(own, 0) for own in by_arm.values()]))
    bar = page.y - _GAP
    places = {arm: at * (room + _GAP) for at, arm in enumerate(arms)}
    wide = room - 1.0
    centres = [x + 0.5 + wide / 2.0 for x in places.values()]
    if page.y > _GAP:
        ends = [*centres, 0.5 + 0.21 * page.width]
        page.arrow((min(ends), bar), (max(ends), bar), head=False)
    above = dict.fromkeys(arms, bar)
    for name, stages in parts.items():
        texts = {
            arm: _lines_of(arm, arms[arm], name, [s for s in stages if s in by_arm[arm]], counts)
            for arm in arms
        }
        height = max(len(page.lines(each, wide)) for each in texts.values()) * LINE + 2.0 * PAD
        for arm, each in texts.items():
            own = page.box(each, places[arm] + 0.5, page.y, wide, height)
            page.arrow((own.centre, above[arm]), (own.centre, own.y))
            above[arm] = own.bottom
        page.y += height + _GAP
    page.y += 0.5 - _GAP / 2.0


def _lines_of(arm: str, label: str, name: str, stages: Sequence[str], counts: _Counts) -> list[str]:
    """Return the texts of an arm's box; stages at which nobody is are left out."""
    heading = label if name == "Allocation" else name
    shown = [stage for stage in stages if not counts.is_empty(f"{arm}: {stage}")
             or not stage.startswith(WITHDREW)]  # fmt: skip
    texts = [
        f"{_named(stage.removeprefix(WITHDREW))}: {counts.told(f'{arm}: {stage}')}"
        for stage in shown
    ]
    return [heading, *(texts or ["none"])]


def _arms_together(
    page: Page, by_arm: Mapping[str, Sequence[str]], number: int, counts: _Counts
) -> None:
    """Put one box for all arms on a page, from the least to the most of their medians."""
    stages = stages_of_all([dict.fromkeys(own, 0) for own in by_arm.values()])
    texts = [
        f"{_named(stage)}: {counts.over([f'{arm}: {stage}' for arm in by_arm])}"
        for stage in stages
        if not stage.startswith(WITHDREW)
    ]
    heading = f"{number} arms, too many to stand side by side: least to most of their medians"
    own = page.box([heading, *texts], 0.5, page.y, page.width - 1.0)
    page.arrow((0.5 + 0.21 * page.width, page.y - _GAP), (0.5 + 0.21 * page.width, own.y))
    page.y = own.bottom + 1.0


def _in_words(counts: _Counts, by_arm: Mapping[str, Sequence[str]], arms: Mapping[str, str]) -> str:
    spine = [f"{stage} {counts.told(stage)}" for stage in _SPINE if stage in counts.found.index]
    allocated = [
        f"{arms[arm]} {counts.told(f'{arm}: {ALLOCATED}')}"
        for arm, stages in by_arm.items()
        if ALLOCATED in stages
    ]
    last = [
        f"{arms[arm]} {answers[-1].removeprefix('answered ')} "
        f"{counts.told(f'{arm}: {answers[-1]}')}"
        for arm, stages in by_arm.items()
        if (answers := [stage for stage in stages if stage.startswith("answered at")])
    ]
    over = f"median (range) over {counts.trials} simulated trials" if counts.trials > 1 else (
        "one simulated trial")  # fmt: skip
    if counts.found.empty:
        return "CONSORT flow diagram without any participants."
    enrolled = f"{'; '.join(spine)}. " if spine else ""
    return (
        f"CONSORT flow diagram, {over}: {enrolled}Allocated: "
        f"{'; '.join(allocated[:MOST_TOLD])}{and_more(len(allocated))}. Answered: "
        f"{'; '.join(last[:MOST_TOLD])}{and_more(len(last))}."
    )
