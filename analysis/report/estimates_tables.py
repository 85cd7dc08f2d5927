"""What the models say: Tables 2 and 3 in the paper's layout, and every other analysis that ran.

A trial of two arms has one contrast, in a column of its own behind the arms. Of more arms every
contrast has such columns, each arm against the reference unless the plan has other contrasts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from analysis.data.estimates import Estimate
from analysis.data.trial_data import TrialData
from analysis.decision.rule import primary_rule
from analysis.plan.analyse import Analysis
from analysis.plan.longitudinal import DIFFERENCE
from analysis.plan.responders import (
    Definition,
    Event,
    binary_outcomes,
    primary_responses,
    secondary_responses,
)
from analysis.plan.response import LOG_ODDS_RATIO, RISK_DIFFERENCE
from analysis.report.decision_words import p_kind, verdict
from analysis.report.labels import contrast_label, kind_and_name, names_among
from analysis.report.number_needed import number_needed_to_treat
from analysis.report.numbers import NONE, figures, interval, p_value, percent
from analysis.report.tables import TextTable, mean_sd
from scenarios.design.analyses import (
    ADJUSTED,
    LOG_RATE_RATIO,
    LOGISTIC,
    RATES,
    primary_contrast,
    registered,
)
from scenarios.design.trial import AnalysisPlan

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
        if kind_and_name(estimate.contrast)[0] not in {LOG_ODDS_RATIO, LOG_RATE_RATIO}:
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
    adjusted = _by_label(e for e in analysis.estimates if e.analysis == ADJUSTED)
    names = names_among(analysis.estimates, (DIFFERENCE, primary_contrast(plan.primary_analysis)))
    heads = _heads(data, names, (f"Difference ({_level(plan)})", "P"))
    rows = _deciding_rows(data, plan, analysis, cells, names, len(heads))
    for outcome in plan.continuous:
        scores = data.scores[outcome]
        counted = next((f", n = {e.n}" for (o, *_), e in adjusted.items() if o == outcome), "")
        model = f": {ADJUSTED}{counted}" if counted else ""
        rows.append(_section(f"{data.outcomes[outcome].label}{model}", len(heads)))
        for column, visit in enumerate(data.visits):
            if column == 0:
                if data.outcomes[outcome].has_baseline:
                    all_arms = _with_count(mean_sd(scores[:, 0]), scores[:, 0])
                    what = f"  {visit}, all participants: {all_arms}"
                    rows.append(_section(what, len(heads)))
                continue
            found = [adjusted.get((outcome, visit, DIFFERENCE, name)) for name in names]
            compared = [cell for each in found for cell in (cells.interval(each), cells.p(each))]
            rows.append((f"  {visit}", *_arm_cells(data, analysis, outcome, visit), *compared))
    title = "Table 2. Outcomes, mean (SD) [number who answered]"
    return TextTable(title, heads, rows, (*_verdicts(data, plan, analysis, names), *cells.notes))


def response_table(data: TrialData, plan: AnalysisPlan, analysis: Analysis) -> TextTable:
    """Return Table 3: shares of participants who improved, and adjusted odds ratios."""
    title = f"Table 3. Improvement in {data.outcomes[plan.primary_outcome].label}, No./No. (%)"
    labelled = {f"{r.threshold:g} points or more": r for r in primary_responses(plan, data)}
    return _response_table(title, labelled, data, plan, analysis)


def secondary_table(data: TrialData, plan: AnalysisPlan, analysis: Analysis) -> TextTable:
    """Return the same for the binary versions of the other outcomes."""
    labelled = {response.label: response for response in secondary_responses(plan, data)}
    title = "Response in other outcomes, No./No. (%)"
    return _response_table(title, labelled, data, plan, analysis)


def events_table(data: TrialData, plan: AnalysisPlan, analysis: Analysis) -> TextTable:
    """Return to how many an event happened, and adjusted odds ratios, of the binary outcomes."""
    labelled = {event.label: event for event in binary_outcomes(plan, data)}
    return _response_table("Events, No./No. (%)", labelled, data, plan, analysis)


def counts_table(data: TrialData, plan: AnalysisPlan, analysis: Analysis) -> TextTable:
    """Return mean counts, and adjusted rate ratios."""
    cells = Cells(plan.alpha)
    rows: list[tuple[str, ...]] = []
    found = _by_label(e for e in analysis.estimates if e.analysis == RATES)
    names = names_among(analysis.estimates, (LOG_RATE_RATIO,))
    heads = _heads(data, names, (f"Rate ratio ({_level(plan)})", "P"))
    for outcome in (name for name in plan.counts if name in data.scores):
        counted = found.get((outcome, data.visits[-1], LOG_RATE_RATIO, names[0]))
        label = data.outcomes[outcome].label
        label = label if counted is None else f"{label}, n = {counted.n}"
        rows.append(_section(label, len(heads)))
        for column, visit in enumerate(data.visits[1:], start=1):
            scores = data.scores[outcome][:, column]
            arms = [scores[members] for members in data.members_by_arm().values()]
            means = (_with_count(mean_sd(mine), mine) for mine in arms)
            ratios = [found.get((outcome, visit, LOG_RATE_RATIO, name)) for name in names]
            compared = [cell for each in ratios for cell in (cells.interval(each), cells.p(each))]
            rows.append((f"  {visit}", *means, *compared))
    return TextTable("Counts, mean (SD) [number who answered]", heads, rows, cells.notes)


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
    heads = ("", f"Estimate ({_level(plan)})", "P", "n")
    return TextTable("Other analyses", heads, rows, cells.notes)


def _deciding_rows(
    data: TrialData, plan: AnalysisPlan, analysis: Analysis, cells: Cells,
    names: Sequence[str], columns: int,
) -> list[tuple[str, ...]]:  # fmt: skip
    """Return the primary analysis by name, with its estimates at the primary visit."""
    name, outcome, visit = plan.primary_analysis, plan.primary_outcome, plan.primary_visit
    if outcome not in data.scores or visit not in data.visits:
        return []  # the outcome was not asked for
    found = [_deciding(plan, analysis, each) for each in names]
    fitted = [each for each in found if each is not None]
    entry = registered(name)
    words = f"Primary analysis: {data.outcomes[outcome].label}, {name}"
    if not fitted:
        return [_section(f"{words}, which is not among the analyses that ran", columns)]
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
        _section(f"{words}{what}, n = {fitted[0].n}", columns),
        (f"  {visit}", *_arm_cells(data, analysis, outcome, visit), *compared),
    ]


def _deciding(plan: AnalysisPlan, analysis: Analysis, name: str) -> Estimate | None:
    """Return the primary contrast of a name by the primary analysis, if it was run."""
    decides = plan.primary_analysis
    contrast = contrast_label(primary_contrast(decides), name)
    label = decides, plan.primary_outcome, plan.primary_visit, contrast
    return next((e for e in analysis.estimates if e.label == label), None)


def _verdicts(
    data: TrialData, plan: AnalysisPlan, analysis: Analysis, names: Sequence[str]
) -> list[str]:
    """Return what the primary analysis finds, a sentence a contrast."""
    said = []
    for name in names:
        found = _deciding(plan, analysis, name)
        sentence = "" if found is None else verdict(plan, found)
        if sentence:
            said.append(f"{_compared(data, name)}: {sentence}" if name else sentence)
    return said


def _by_label(estimates: Iterable[Estimate]) -> dict[tuple[str, ...], Estimate]:
    """Return estimates by outcome, visit, kind of contrast and name of the contrast."""
    return {(e.outcome, e.visit, *kind_and_name(e.contrast)): e for e in estimates}


def _heads(data: TrialData, names: Sequence[str], each: Sequence[str]) -> tuple[str, ...]:
    """Return the heads of arms, and of what each contrast has columns for."""
    heads = ["", *data.arm_labels]
    for name in names:
        compared = _compared(data, name)
        heads += [
            head if head == "P" or not name else f"{compared}: {head[:1].lower()}{head[1:]}"
            for head in each
        ]
    return tuple(heads)


def _compared(data: TrialData, name: str) -> str:
    """Return the name of a contrast, with labels where it is of one arm and another."""
    labels = dict(zip(data.arm_names, data.arm_labels, strict=True))
    pairs = {f"{a} - {b}": f"{labels[a]} - {labels[b]}" for a in labels for b in labels}
    return pairs.get(name, name)


def _section(label: str, columns: int) -> tuple[str, ...]:
    return (label, *[""] * (columns - 1))


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
            shown.append(_responders(seen))
            continue
        if kind == "count":
            shown.append(_with_count(mean_sd(seen), seen))
            continue
        spread = figures(seen.std(ddof=1)) if len(seen) > 1 else NONE
        mean = means.get(arm)
        text = NONE if mean is None or not len(seen) else f"{figures(mean)} ({spread})"
        shown.append(_with_count(text, seen))
    return shown


def _response_table(
    title: str, labelled: Mapping[str, Definition], data: TrialData, plan: AnalysisPlan,
    analysis: Analysis,
) -> TextTable:  # fmt: skip
    cells = Cells(plan.alpha)
    rows: list[tuple[str, ...]] = []
    found = _by_label(analysis.estimates)
    names = names_among(analysis.estimates, (LOG_ODDS_RATIO,))
    level = f"({_level(plan)})"
    heads = _heads(data, names, (f"Odds ratio {level}", "P", f"Needed to treat {level}"))
    for label, response in labelled.items():
        met = response.met(data)
        counted = found.get((response.name, data.visits[-1], LOG_ODDS_RATIO, names[0]))
        label = label if counted is None else f"{label}, n = {counted.n}"
        rows.append(_section(label, len(heads)))
        harm = isinstance(response, Event) and not response.outcome.higher_is_better
        for column, visit in enumerate(data.visits[1:]):
            compared: list[str] = []
            for name in names:
                ratio = found.get((response.name, visit, LOG_ODDS_RATIO, name))
                difference = found.get((response.name, visit, RISK_DIFFERENCE, name))
                needed = (
                    NONE if difference is None else number_needed_to_treat(difference, harm=harm)
                )
                compared += [cells.interval(ratio), cells.p(ratio), needed]
            shares = (
                _responders(met[members, column]) for members in data.members_by_arm().values()
            )
            rows.append((f"  {visit}", *shares, *compared))
    return TextTable(title, heads, rows, cells.notes)


def _responders(met: np.ndarray) -> str:
    seen = met[~np.isnan(met)]
    count = int(seen.sum())
    return f"{count}/{len(seen)} ({percent(count, len(seen))})" if len(seen) else NONE


def _in_tables(estimate: Estimate, plan: AnalysisPlan) -> bool:
    """Whether Table 2 or 3 has this estimate."""
    if estimate.analysis == ADJUSTED:
        kind, _ = kind_and_name(estimate.contrast)
        return estimate.outcome in plan.continuous and kind == DIFFERENCE
    return estimate.analysis in {LOGISTIC, RATES}


def _shown(contrast: str) -> str:
    """Return what cells have: ratios, of which the estimates are logarithms."""
    return contrast.removeprefix("log ")


def _level(plan: AnalysisPlan) -> str:
    return f"{100 * plan.confidence:g}% CI"


def _with_count(text: str, values: np.ndarray) -> str:
    return f"{text} [{np.count_nonzero(~np.isnan(values))}]"
