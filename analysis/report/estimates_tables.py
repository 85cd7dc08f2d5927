"""What the models say: Table 2 in the paper's layout, and every other analysis that ran.

A trial of two arms has one contrast, in a column of its own behind the arms. Of more arms every
contrast has such columns, each arm against the reference unless the plan has other contrasts.
Table 3 and the like are in :mod:`analysis.report.response_tables`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from analysis.contrasts.declared import Contrast
from analysis.contrasts.labels import contrast_label, kind_of
from analysis.contrasts.planned import planned_contrasts
from analysis.data.estimates import Estimate
from analysis.data.trial_data import TrialData
from analysis.decision.rule import primary_rule
from analysis.plan.analyse import Analysis
from analysis.plan.longitudinal import DIFFERENCE
from analysis.plan.responses.ratios import LOG_ODDS_RATIO
from analysis.report.compared import (
    by_label,
    compared_in_labels,
    contrast_heads,
    level_in_words,
    section,
    treated_in_labels,
)
from analysis.report.decision_words import p_kind, verdict
from analysis.report.numbers import NONE, figures, interval, p_value
from analysis.report.tables import TextTable, mean_sd, responders, with_count
from scenarios.analyses.plan import AnalysisPlan
from scenarios.analyses.register import (
    ADJUSTED,
    LOG_RATE_RATIO,
    LOGISTIC,
    RATES,
    primary_contrast,
    registered,
)

LARGEST_EXPONENT = 700.0
"""Of e, in an odds ratio that is printed."""


@dataclass(slots=True)
class Cells:
    """Turns estimates into cells, and keeps the reasons of those that there are not.

    Attributes
    ----------
    alpha
        Significance level, whose side P values show.
    """

    alpha: float
    _reasons: dict[str, str] = field(default_factory=dict)

    def interval(
        self, estimate: Estimate | None, no_effect: tuple[float, float] = (0.0, 0.0)
    ) -> str:
        """Return an estimate with its limits, a ratio of a log ratio.

        Limits of a difference show on which side of `no_effect` they lie.
        """
        if estimate is None:
            return NONE
        if estimate.estimate is None or estimate.lower is None or estimate.upper is None:
            number = str(len(self._reasons) + 1)
            return f"{NONE} ({self._reasons.setdefault(estimate.failure, number)})"
        values = np.array([estimate.estimate, estimate.lower, estimate.upper])
        if kind_of(estimate.contrast) not in {LOG_ODDS_RATIO, LOG_RATE_RATIO}:
            return interval(*values, no_effect=no_effect)
        return interval(*np.exp(np.minimum(values, LARGEST_EXPONENT)), no_effect=1.0)

    def p(self, estimate: Estimate | None) -> str:
        """Return a P value."""
        return NONE if estimate is None else p_value(estimate.p, self.alpha)

    @property
    def notes(self) -> tuple[str, ...]:
        """Why there are no estimates."""
        return tuple(f"({n}) not estimated: {reason}" for reason, n in self._reasons.items())


def outcome_table(data: TrialData, plan: AnalysisPlan, analysis: Analysis) -> TextTable:
    """Return Table 2: the analysis that decides, then model means, raw SDs and differences.

    Differences of the continuous outcomes are those of the adjusted longitudinal model.
    """
    cells = Cells(plan.alpha)
    adjusted = by_label(e for e in analysis.estimates if e.analysis == ADJUSTED)
    contrasts = planned_contrasts(plan, data.arms)
    heads = contrast_heads(data, contrasts, (f"Difference ({level_in_words(plan)})", "P"))
    rows = _deciding_rows(data, plan, analysis, cells, contrasts, len(heads))
    for outcome in plan.continuous:
        scores = data.scores[outcome]
        counted = next((f", n = {e.n}" for (o, *_), e in adjusted.items() if o == outcome), "")
        model = f": {ADJUSTED}{counted}" if counted else ""
        rows.append(section(f"{data.outcomes[outcome].label}{model}", len(heads)))
        for column, visit in enumerate(data.visits):
            if column == 0:
                if data.outcomes[outcome].has_baseline:
                    all_arms = with_count(mean_sd(scores[:, 0]), scores[:, 0])
                    what = f"  {visit}, all participants: {all_arms}"
                    rows.append(section(what, len(heads)))
                continue
            labels = [contrast_label(DIFFERENCE, contrast) for contrast in contrasts]
            found = [adjusted.get((outcome, visit, label)) for label in labels]
            compared = [cell for each in found for cell in (cells.interval(each), cells.p(each))]
            rows.append((f"  {visit}", *_arm_cells(data, analysis, outcome, visit), *compared))
    title = "Table 2. Outcomes, mean (SD) [number who answered]"
    return TextTable(
        title, heads, rows, (*_verdicts(data, plan, analysis, contrasts), *cells.notes)
    )


def other_analyses_table(data: TrialData, plan: AnalysisPlan, analysis: Analysis) -> TextTable:
    """Return what the analyses estimate that Tables 2 and 3 do not have, a section an analysis.

    Each arm's odds ratios over time are in the estimates that are saved.
    """
    cells = Cells(plan.alpha)
    rows: list[tuple[str, ...]] = []
    sections: dict[tuple[str, str], list[Estimate]] = {}
    for each in analysis.estimates:
        if not _in_tables(each, plan):
            sections.setdefault((each.analysis, each.contrast), []).append(each)
    for (name, contrast), group in sections.items():
        shown = _shown(contrast)
        rows.append((f"{name}, {shown}", "", "", ""))
        for each in group:
            outcome = (
                data.outcomes[each.outcome].label if each.outcome in data.outcomes else each.outcome
            )
            where = f"  {outcome}, {each.visit}"
            rows.append((where, cells.interval(each), cells.p(each), str(each.n)))
    heads = ("", f"Estimate ({level_in_words(plan)})", "P", "n")
    return TextTable("Other analyses", heads, rows, cells.notes)


def _deciding_rows(
    data: TrialData, plan: AnalysisPlan, analysis: Analysis, cells: Cells,
    contrasts: Sequence[Contrast], columns: int,
) -> list[tuple[str, ...]]:  # fmt: skip
    """Return the primary analysis by name, with its estimates at the primary visit."""
    name, outcome, visit = plan.primary_analysis, plan.primary_outcome, plan.primary_visit
    if outcome not in data.scores or visit not in data.visits:
        return []  # the outcome was not asked for
    found = [_deciding(plan, analysis, each) for each in contrasts]
    fitted = [each for each in found if each is not None]
    entry = registered(name)
    words = f"Primary analysis: {data.outcomes[outcome].label}, {name}"
    if not fitted:
        return [section(f"{words}, which is not among the analyses that ran", columns)]
    what = f" ({entry.label})" if entry is not None else ""
    contrast = primary_contrast(name)
    what += "" if contrast == DIFFERENCE else f": {_shown(contrast)}"
    if plan.hypothesis != "two_sided":
        what += f", {p_kind(plan.hypothesis)} of {plan.hypothesis.replace('_', '-')}"
    nulls = primary_rule(plan, data.outcomes).nulls
    compared: list[str] = []
    for each in found:
        p = NONE if each is None else p_value(each.p_decision, plan.alpha)
        compared += [cells.interval(each, nulls), p]
    return [
        section(f"{words}{what}, n = {fitted[0].n}", columns),
        (f"  {visit}", *_arm_cells(data, analysis, outcome, visit), *compared),
    ]


def _deciding(plan: AnalysisPlan, analysis: Analysis, contrast: Contrast) -> Estimate | None:
    """Return a contrast at the primary visit by the primary analysis, if it was run."""
    decides = plan.primary_analysis
    compared = contrast_label(primary_contrast(decides), contrast)
    label = decides, plan.primary_outcome, plan.primary_visit, compared
    return next((e for e in analysis.estimates if e.label == label), None)


def _verdicts(
    data: TrialData, plan: AnalysisPlan, analysis: Analysis, contrasts: Sequence[Contrast]
) -> list[str]:
    """Return what the primary analysis finds, a sentence a contrast.

    Where the plan adjusts for several hypotheses its decisions are in the table of the family.
    """
    if plan.multiplicity.procedure != "none":
        return ["P values of this table are not adjusted for the family of hypotheses."]
    said, unit = [], data.outcomes[plan.primary_outcome].unit
    for contrast in contrasts:
        found = _deciding(plan, analysis, contrast)
        if found is None:
            continue
        if contrast.only:
            said.append(verdict(plan, found, unit=unit))
            continue
        compared = compared_in_labels(data.arms, contrast)
        treated = treated_in_labels(data.arms, contrast)
        said.append(verdict(plan, found, compared, treated, unit))
    return [sentence for sentence in said if sentence]


def _arm_cells(data: TrialData, analysis: Analysis, outcome: str, visit: str) -> list[str]:
    """Return each arm's model mean, raw SD and number who answered."""
    means = {m.arm: m.mean for m in analysis.arm_means if (m.outcome, m.visit) == (outcome, visit)}
    column = data.visits.index(visit)
    kind = data.outcomes[outcome].kind
    shown = []
    for arm in range(len(data.arms)):
        seen = data.scores[outcome][data.arm == arm, column]
        seen = seen[~np.isnan(seen)]
        if kind == "binary":
            shown.append(responders(seen))
            continue
        if kind == "count":
            shown.append(with_count(mean_sd(seen), seen))
            continue
        spread = figures(seen.std(ddof=1)) if len(seen) > 1 else NONE
        mean = means.get(arm)
        text = NONE if mean is None or not len(seen) else f"{figures(mean)} ({spread})"
        shown.append(with_count(text, seen))
    return shown


def _in_tables(estimate: Estimate, plan: AnalysisPlan) -> bool:
    """Whether Table 2 or 3 has this estimate."""
    if estimate.analysis == ADJUSTED:
        known = estimate.outcome in plan.continuous
        return known and kind_of(estimate.contrast) == DIFFERENCE
    return estimate.analysis in {LOGISTIC, RATES}


def _shown(contrast: str) -> str:
    """Return what cells have: ratios, of which the estimates are logarithms."""
    return contrast.removeprefix("log ")
