"""The part of an R script that reads exported files: who was in which arm, and every score."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analysis.data.trial_data import BASELINE
from sim.export.names import sas_names, stata_names
from sim.export.scripts.layout import Column, Layout
from sim.export.scripts.r_text import text, vector

_READERS = {
    "csv": 'read.csv("{file}.csv", colClasses = "character", encoding = "UTF-8",\n'
    '{indent}check.names = FALSE, na.strings = "")',
    "parquet": 'as.data.frame(arrow::read_parquet("{file}.parquet"))',
    "dta": 'as.data.frame(haven::as_factor(haven::read_dta("{file}.dta")))',
    "xpt": 'as.data.frame(haven::read_xpt("{file}.xpt"))',
}
"""What reads a format in R."""


@dataclass(frozen=True, slots=True)
class Adam:
    """Names in the ADaM-like datasets.

    Attributes
    ----------
    paramcd
        Outcome to its parameter.
    columns
        Covariate to its column of ADSL.
    texts
        Covariate to its levels as they are written there, in their order.
    """

    paramcd: Mapping[str, str]
    columns: Mapping[str, str]
    texts: Mapping[str, Sequence[str]]


def reading(
    layout: Layout, export: str, tables: Mapping[str, Sequence[str]], adam: Adam | None = None
) -> str:
    """Return the lines that make ``people`` and ``answers`` from the files of an export.

    Parameters
    ----------
    layout
        Of the analysis.
    export
        Format of the files.
    tables
        Columns of the tables of participants and visits.
    adam
        Names in the datasets, where the format is ADaM.
    """
    if adam is not None:
        return _adam(layout, adam)
    naming = {"dta": stata_names, "xpt": sas_names}.get(export, lambda names: {n: n for n in names})
    people, visits = naming(tables["participants"]), naming(tables["visits"])
    reader = _READERS[export]
    lines = [
        f"people_table <- {reader.format(file='participants', indent=' ' * 25)}",
        f"visits_table <- {reader.format(file='visits', indent=' ' * 25)}",
        "",
        "people <- data.frame(",
        f"  participant = as.character(people_table[[{text(people['participant'])}]]),",
        f"  arm = factor(as.character(people_table[[{text(people['arm'])}]]), levels = arms)",
        ")",
        "answers <- data.frame(",
        f"  participant = as.character(visits_table[[{text(visits['participant'])}]]),",
        f"  visit = as.character(visits_table[[{text(visits['visit'])}]]),",
        f"  score = as.numeric(visits_table[[{text(visits[layout.outcome.name])}]])",
        ")",
    ]
    lines += _at_baseline(layout, {
        each.name: f"as.numeric(visits_table[[{text(visits[each.name])}]])"
        for each in layout.covariates if each.at_baseline
    })  # fmt: skip
    lines += [
        f"people${each.called} <- {_covariate(each, people[each.name])}"
        for each in layout.covariates
        if not each.at_baseline
    ]
    return "\n".join(lines)


def _covariate(column: Column, name: str) -> str:
    values = f"people_table[[{text(name)}]]"
    if not column.levels:
        return f"as.numeric({values})"
    return f"factor(as.character({values}), levels = {vector(column.levels)})"


def _at_baseline(layout: Layout, scores: Mapping[str, str]) -> list[str]:
    """Return the lines that take scores at baseline as columns of ``people``."""
    answers = "paste(answers$participant, answers$visit)"
    return [
        f"first <- match(paste(people$participant, {text(BASELINE)}), {answers})",
        "people$start <- answers$score[first]  # the baseline score",
        *(
            f"people${each.called} <- {scores[each.name]}[first]"
            for each in layout.covariates
            if each.at_baseline
        ),
    ]


def _adam(layout: Layout, adam: Adam) -> str:
    lines = [
        'adsl <- as.data.frame(haven::read_xpt("adsl.xpt"))',
        'adqs <- as.data.frame(haven::read_xpt("adqs.xpt"))',
        "people <- data.frame(",
        "  participant = adsl$USUBJID,",
        "  arm = factor(adsl$TRT01PN, levels = seq_along(arms), labels = arms)",
        ")",
        "of <- function(parameter) {",
        "  rows <- adqs[adqs$PARAMCD == parameter, ]",
        "  data.frame(participant = rows$USUBJID, number = rows$AVISITN, score = rows$AVAL)",
        "}",
        f"answers <- of({text(adam.paramcd[layout.outcome.name])})",
        f"answers$visit <- {vector([BASELINE, *_follow_ups(layout)])}[answers$number + 1]",
        "at_baseline <- function(rows) {",
        "  first <- rows[rows$number == 0, ]",
        "  first$score[match(people$participant, first$participant)]",
        "}",
        "people$start <- at_baseline(answers)  # the baseline score",
    ]
    for each in layout.covariates:
        if each.at_baseline:
            parameter = text(adam.paramcd[each.name])
            lines.append(f"people${each.called} <- at_baseline(of({parameter}))")
        elif each.levels:
            lines.append(
                f"people${each.called} <- factor(adsl${adam.columns[each.name]}, "
                f"levels = {vector(adam.texts[each.name])})"
            )
        else:
            lines.append(f"people${each.called} <- adsl${adam.columns[each.name]}")
    return "\n".join(lines)


def _follow_ups(layout: Layout) -> tuple[str, ...]:
    return layout.visits[1:] if layout.baseline else layout.visits
