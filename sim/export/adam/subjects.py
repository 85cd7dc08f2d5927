"""ADSL: a row a participant, with arm, strata, covariates, dates and populations."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from scenarios.design.covariates import Covariate
from scenarios.schema import Scenario
from sim.export.adam.dataset import (
    Codelist,
    Dataset,
    Variable,
    dates,
    texts_as_they_are,
    yes,
)
from sim.export.names import sas_names
from sim.replicates.analysed import AnalysedTrial

SEXES = {"female": "F", "male": "M"}
_TAKEN = (
    "STUDYID", "USUBJID", "SUBJID", "SITEID", "AGEU", "ARM", "ACTARM", "TRT01P", "TRT01PN",
    "TRT01A", "TRT01AN", "RANDDT", "TRTSDT", "TRTEDT", "INTDT", "SCRDT", "INSTDT", "EOSDT",
    "EOSSTT", "DCSREAS", "RANDFL", "ITTFL", "PPROTFL", "COMPLFL", "STRATAR", "CALLS", "PLANS",
    *(f"STRAT{number}{kind}" for number in range(1, 10) for kind in "DR"),
)  # fmt: skip
"""Names that a covariate cannot have."""


@dataclass(frozen=True, slots=True)
class Subjects:
    """Who the rows of the other datasets are of, by the number of the participant.

    Attributes
    ----------
    identifiers
        Variables that every dataset has: of the study, the participant and the site.
    arms
        Code of each participant's arm.
    randomized
        Whole day of randomization, since the opening of the trial.
    """

    identifiers: dict[str, list[str]]
    arms: np.ndarray
    randomized: np.ndarray


def subjects(table: pa.Table, scenario: Scenario) -> Subjects:
    """Return who took part, given the table of participants."""
    frame = table.to_pandas()
    numbers = frame["participant"].tolist()
    width = len(str(max(numbers, default=1)))
    subject = [f"{number:0{width}d}" for number in numbers]
    sites = [f"{clinic:02d}" for clinic in frame["clinic"]] if "clinic" in frame else None
    site = ["01"] * len(numbers) if sites is None else sites
    identifiers = {
        "STUDYID": [scenario.name] * len(numbers),
        "USUBJID": [
            f"{scenario.name}-{place}-{who}" for place, who in zip(site, subject, strict=True)
        ],
        "SUBJID": subject,
        "SITEID": site,
    }
    arms = np.array([scenario.arm_names.index(arm) for arm in frame["arm"]], dtype=int)
    return Subjects(identifiers, arms, frame["randomized_day"].to_numpy(float))


def identifying(who: Subjects, rows: np.ndarray, *, sites: bool) -> list[Variable]:
    """Return the variables that say whose rows these are, given positions of participants."""
    says = {
        "STUDYID": ("Study Identifier", "Name of the scenario that was simulated."),
        "USUBJID": (
            "Unique Subject Identifier",
            "Study, site and number of the participant, joined by hyphens.",
        ),
        "SUBJID": (
            "Subject Identifier for the Study",
            "Number of the participant, in order of randomization.",
        ),
        "SITEID": (
            "Study Site Identifier",
            "Number of the clinic; 01 where the simulation has no clinics.",
        ),
    }
    return [
        Variable(name, *says[name][:1], "text", [values[row] for row in rows], "Assigned",
                 says[name][1])
        for name, values in who.identifiers.items()
        if sites or name != "SITEID"
    ]  # fmt: skip


def arm_codes(scenario: Scenario) -> tuple[Codelist, Codelist]:
    """Return the lists of labels of the arms, and of their numbers from 1."""
    labels = treatments(scenario)
    numbers = {str(code): label for code, label in enumerate(labels, start=1)}
    return texts_as_they_are("Treatment", labels), Codelist("Treatment (N)", numbers, number=True)


def treatments(scenario: Scenario) -> list[str]:
    """Return what datasets call the arms: their labels, or names where labels are the same."""
    labels = [arm.label for arm in scenario.arms]
    return labels if len({*labels}) == len(labels) else list(scenario.arm_names)


def in_arms(
    scenario: Scenario, codes: np.ndarray, names: Sequence[tuple[str, str, str]]
) -> list[Variable]:
    """Return variables of treatment: name, label, and how each comes about; each with a number."""
    labels, (texts, numbers) = treatments(scenario), arm_codes(scenario)
    found = []
    for name, label, says in names:
        found += [
            Variable(name, label, "text", [labels[code] for code in codes], "Assigned", says,
                     texts),
            Variable(f"{name}N", f"{label} (N)", "integer", codes + 1.0, "Assigned",
                     f"Number of {name}, from 1 for the reference.", numbers),
        ]  # fmt: skip
    return found


def covariate_names(scenario: Scenario, columns: Sequence[str]) -> dict[str, str]:
    """Return the variable of ADSL of each covariate that the table of participants has."""
    there = [each.name for each in scenario.covariates if each.name in columns]
    names = sas_names([*_TAKEN, *there])
    return {name: names[name] for name in there}


def written_levels(scenario: Scenario, name: str) -> tuple[str, ...]:
    """Return the levels of a covariate as ADSL has them: F and M of sex, else as declared."""
    levels = scenario.levels.get(name, ())
    if name == "sex" and {*levels} <= {*SEXES}:
        return tuple(SEXES[level] for level in levels)
    return levels


def adsl(table: pa.Table, found: AnalysedTrial, who: Subjects) -> Dataset:
    """Return ADSL.

    Parameters
    ----------
    table
        Of participants.
    found
        The trial.
    who
        See :func:`subjects`.
    """
    scenario, frame = found.trial.scenario, table.to_pandas()
    rows = np.arange(len(frame))
    arms = in_arms(scenario, who.arms, (
        ("TRT01P", "Planned Treatment for Period 01", "Arm to which they were randomized."),
        ("TRT01A", "Actual Treatment for Period 01",
         "The planned treatment: in the simulation nobody gets that of another arm."),
    ))  # fmt: skip
    labels, (texts, _) = treatments(scenario), arm_codes(scenario)
    planned = [labels[code] for code in who.arms]
    variables = [
        *identifying(who, rows, sites=True),
        *_covariates(frame, scenario),
        *_strata(frame, scenario),
        Variable("ARM", "Description of Planned Arm", "text", planned, "Assigned",
                 "Arm to which the participant was randomized.", texts),
        *arms,
        *_dates(frame, found),
        *_populations(frame, found),
    ]  # fmt: skip
    return Dataset(
        "ADSL", "Subject-Level Analysis Dataset", "One record per subject",
        "SUBJECT LEVEL ANALYSIS DATASET", ("STUDYID", "USUBJID"), tuple(variables),
    )  # fmt: skip


def _covariates(frame: pd.DataFrame, scenario: Scenario) -> list[Variable]:
    names = covariate_names(scenario, list(frame.columns))
    declared = {each.name: each for each in scenario.covariates}
    found: list[Variable] = []
    for name, called in names.items():
        found.append(_covariate(frame, scenario, declared[name], called))
        if called == "AGE" and declared[name].unit == "years":
            units = texts_as_they_are("Age Unit", ["YEARS"])
            found.append(Variable("AGEU", "Age Units", "text", ["YEARS"] * len(frame), "Assigned",
                                  "Years in all participants.", units))  # fmt: skip
    return found


def _covariate(
    frame: pd.DataFrame, scenario: Scenario, covariate: Covariate, called: str
) -> Variable:
    name, values = covariate.name, frame[covariate.name]
    says = f"Covariate {name} of the scenario"
    if covariate.is_number or name not in scenario.levels:
        unit = f", in {covariate.unit}" if covariate.unit else ""
        return Variable(called, covariate.label, "float", values.to_numpy(float), "Assigned",
                        f"{says}{unit}.")  # fmt: skip
    levels, written = scenario.levels[name], written_levels(scenario, name)
    codes = dict(zip(written, levels, strict=True))
    turned = dict(zip(levels, written, strict=True))
    texts = [turned.get(value, "") for value in values]
    return Variable(called, covariate.label, "text", texts, "Assigned", f"{says}.",
                    Codelist(f"{covariate.label} ({called})", codes))  # fmt: skip


def _strata(frame: pd.DataFrame, scenario: Scenario) -> list[Variable]:
    factors = [factor for factor in scenario.trial.factors if factor in frame]
    if not factors:
        return []
    joined = [", ".join(map(str, row)) for row in frame[factors].itertuples(index=False)]
    labels = {each.name: each.label for each in scenario.covariates}
    found = [
        Variable("STRATAR", "Strata Used for Randomization", "text", joined, "Derived",
                 "Levels of all stratification factors.")
    ]  # fmt: skip
    for number, factor in enumerate(factors[:9], start=1):
        label = labels.get(factor, factor)
        levels = texts_as_they_are(f"{label} (stratum {number})", scenario.levels[factor])
        found += [
            Variable(f"STRAT{number}D", f"Description of Strat Factor {number}", "text",
                     [label] * len(frame), "Assigned", "Label of the stratification factor."),
            Variable(f"STRAT{number}R", f"Strat Factor {number} Value Used for Rand", "text",
                     frame[factor].astype(str).tolist(), "Assigned",
                     f"Stratification factor {factor} of the scenario.", levels),
        ]  # fmt: skip
    return found


def _dates(frame: pd.DataFrame, found: AnalysedTrial) -> list[Variable]:
    scenario = found.trial.scenario
    opens, last = scenario.trial.opens, scenario.trial.visits[-1].day
    start = frame["randomized_day"].to_numpy(float)
    left = frame["withdrew_after_days"].to_numpy(float)
    end = np.where(np.isnan(left), start + last, start + left)
    variables = [
        dates("INTDT", "Date of Interest", opens, frame["interest_day"].to_numpy(float),
              "Day of interest on the trial's calendar."),
        dates("SCRDT", "Date of End of Screening", opens, frame["screened_day"].to_numpy(float),
              "Day on which screening ended."),
        dates("RANDDT", "Date of Randomization", opens, start, "Day of randomization."),
        dates("TRTSDT", "Date of First Exposure to Treatment", opens, start,
              "Day of randomization, from which on the treatment is offered."),
        dates("TRTEDT", "Date of Last Exposure to Treatment", opens, end,
              "Day of withdrawal, or the day of the last visit."),
    ]  # fmt: skip
    if "installed_day" in frame and scenario.app_arms:
        variables.append(
            dates("INSTDT", "Date of First Whole Day with the App", opens,
                  frame["installed_day"].to_numpy(float),
                  "First whole day with the app; missing: none.")
        )  # fmt: skip
    completed = np.isnan(left)
    reasons = ["" if done else str(reason) for done, reason in
               zip(completed, frame["withdrawal_reason"], strict=True)]  # fmt: skip
    status = texts_as_they_are("End of Study Status", ["COMPLETED", "DISCONTINUED"])
    return [
        *variables,
        Variable("EOSSTT", "End of Study Status", "text",
                 ["COMPLETED" if done else "DISCONTINUED" for done in completed], "Derived",
                 "DISCONTINUED who withdrew before the last visit.", status),
        dates("EOSDT", "End of Study Date", opens, end,
              "Day of withdrawal, or the day of the last visit."),
        Variable("DCSREAS", "Reason for Discontinuation from Study", "text", reasons, "Assigned",
                 "Reason given for withdrawing; missing: did not withdraw."),
    ]  # fmt: skip


def _populations(frame: pd.DataFrame, found: AnalysedTrial) -> list[Variable]:
    scenario, everybody = found.trial.scenario, np.ones(len(frame), dtype=bool)
    variables = [
        yes("RANDFL", "Randomized Population Flag", everybody, "All participants."),
        yes("ITTFL", "Intent-To-Treat Population Flag", everybody, "All who were randomized."),
        yes("COMPLFL", "Completers Population Flag", frame["withdrew_after_days"].isna().to_numpy(),
            "Who did not withdraw before the last visit."),
    ]  # fmt: skip
    needed = scenario.analysis.adherence_plans
    if needed and "plans_made" in frame:
        made = frame["plans_made"].to_numpy()
        others = ~np.isin(found.data.arm, found.data.planning_arms)
        variables.append(
            yes("PPROTFL", "Per-Protocol Population Flag", others | (made >= needed),
                f"Arms without plans, and who made {needed} plans or more in the first "
                f"{scenario.analysis.adherence_weeks} weeks.")
        )  # fmt: skip
        variables.append(
            Variable("PLANS", "Plans Made in Weeks of Adherence", "integer", made.astype(float),
                     "Derived", "Plans made in the weeks of adherence after randomization.")
        )  # fmt: skip
    return variables
