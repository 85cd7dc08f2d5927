"""What the models say of responses, events and counts: Table 3 of the paper, and others."""

from collections.abc import Mapping

from analysis.contrasts.labels import contrast_label
from analysis.contrasts.planned import planned_contrasts
from analysis.data.trial_data import TrialData
from analysis.plan.analyse import Analysis
from analysis.plan.responses.definitions import (
    Definition,
    Event,
    binary_outcomes,
    primary_responses,
    secondary_responses,
)
from analysis.plan.responses.ratios import LOG_ODDS_RATIO, RISK_DIFFERENCE
from analysis.report.compared import by_label, contrast_heads, level_in_words, section
from analysis.report.estimates_tables import Cells
from analysis.report.number_needed import number_needed_to_treat
from analysis.report.numbers import NONE
from analysis.report.tables import TextTable, mean_sd, responders, with_count
from scenarios.analyses.plan import AnalysisPlan
from scenarios.analyses.register import LOG_RATE_RATIO, RATES


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
    found = by_label(e for e in analysis.estimates if e.analysis == RATES)
    contrasts = planned_contrasts(plan, data.arms)
    labels = [contrast_label(LOG_RATE_RATIO, contrast) for contrast in contrasts]
    heads = contrast_heads(data, contrasts, (f"Rate ratio ({level_in_words(plan)})", "P"))
    for outcome in (name for name in plan.counts if name in data.scores):
        counted = found.get((outcome, data.visits[-1], labels[0]))
        head = data.outcomes[outcome].label
        head = head if counted is None else f"{head}, n = {counted.n}"
        rows.append(section(head, len(heads)))
        for column, visit in enumerate(data.visits[1:], start=1):
            scores = data.scores[outcome][:, column]
            arms = [scores[members] for members in data.members_by_arm().values()]
            means = (with_count(mean_sd(mine), mine) for mine in arms)
            ratios = [found.get((outcome, visit, label)) for label in labels]
            compared = [cell for each in ratios for cell in (cells.interval(each), cells.p(each))]
            rows.append((f"  {visit}", *means, *compared))
    return TextTable("Counts, mean (SD) [number who answered]", heads, rows, cells.notes)


def _response_table(
    title: str, labelled: Mapping[str, Definition], data: TrialData, plan: AnalysisPlan,
    analysis: Analysis,
) -> TextTable:  # fmt: skip
    cells = Cells(plan.alpha)
    rows: list[tuple[str, ...]] = []
    found = by_label(analysis.estimates)
    contrasts = planned_contrasts(plan, data.arms)
    labels = [
        (contrast_label(LOG_ODDS_RATIO, each), contrast_label(RISK_DIFFERENCE, each))
        for each in contrasts
    ]
    level = f"({level_in_words(plan)})"
    heads = contrast_heads(
        data, contrasts, (f"Odds ratio {level}", "P", f"Needed to treat {level}")
    )
    for name, response in labelled.items():
        met = response.met(data)
        counted = found.get((response.name, data.visits[-1], labels[0][0]))
        head = name if counted is None else f"{name}, n = {counted.n}"
        rows.append(section(head, len(heads)))
        harm = isinstance(response, Event) and not response.outcome.higher_is_better
        for column, visit in enumerate(data.visits[1:]):
            compared: list[str] = []
            for of_odds, of_risks in labels:
                ratio = found.get((response.name, visit, of_odds))
                difference = found.get((response.name, visit, of_risks))
                needed = (
                    NONE if difference is None else number_needed_to_treat(difference, harm=harm)
                )
                compared += [cells.interval(ratio), cells.p(ratio), needed]
            shares = (
                responders(met[members, column]) for members in data.members_by_arm().values()
            )
            rows.append((f"  {visit}", *shares, *compared))
    return TextTable(title, heads, rows, cells.notes)
