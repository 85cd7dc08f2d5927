"""What a scenario or a plan declares: outcomes, covariates, arms, and whoever names them.

Checks as in :mod:`scenarios.checks.cross`, a line for each thing that does not go together.
"""

from collections.abc import Collection, Iterator, Sequence

from scenarios.analyses.plan import AnalysisPlan
from scenarios.arms.declared import Arm
from scenarios.design.allocation import Minimization
from scenarios.design.covariates import Covariate
from scenarios.design.outcomes import Outcome, by_name
from scenarios.design.trial import Design, Staff
from scenarios.errors import nearest
from scenarios.levels import levels_known
from scenarios.people.course import Course, MechanisticCourse
from scenarios.people.patients import TRAITS, Categories, Population

Outcomes = tuple[Outcome, ...]
Covariates = tuple[Covariate, ...]
Arms = tuple[Arm, ...]
NO_ARM = ("all",)
"""Names that summaries have for everybody."""
VISIT_COLUMNS = ("participant", "visit", "answered_after_days", "reminders")
"""Columns of the table of visits that are no outcomes."""
PARTICIPANT_COLUMNS = (
    "participant", "arm", "clinic", "plans_made", "interest_day", "calls", "screened_day",
    "randomized_day", "installed_day", "withdrew_after_days", "withdrawal_reason",
)  # fmt: skip
"""Columns of the table of participants that are no covariates."""


def undeclared(name: str, known: Collection[str]) -> str:
    """Return that a name is not declared, and which name may be meant."""
    close = nearest(name, known)
    allowed = f"must be one of {', '.join(known)}" if known else "none is declared"
    return f"{name!r} is not declared: {f'did you mean {close!r}?' if close else allowed}"


def arms_are_told_apart(arms: Arms) -> Iterator[str]:
    """Check that arms differ in names and labels."""
    for key in ("name", "label"):
        values = [getattr(arm, key) for arm in arms]
        for value in dict.fromkeys(values):
            if values.count(value) > 1:
                yield f"arms: {key} = {value!r} is that of {values.count(value)} arms: must differ"
    for position, arm in enumerate(arms):
        if arm.name in NO_ARM:
            yield f"arms.{position}.name: {arm.name!r} is not allowed: tables mean everybody by it"


def outcomes_are_told_apart(outcomes: Outcomes) -> Iterator[str]:
    """Check that no two outcomes have one name, and none that of another column of visits."""
    names = [outcome.name for outcome in outcomes]
    yield from _told_apart("outcomes", names, VISIT_COLUMNS, "visits")


def covariates_are_told_apart(outcomes: Outcomes, covariates: Covariates) -> Iterator[str]:
    """Check that no two covariates have one name, and none that of something else."""
    names = [covariate.name for covariate in covariates]
    yield from _told_apart("covariates", names, PARTICIPANT_COLUMNS, "participants")
    for name in dict.fromkeys(names):
        if name in by_name(outcomes):
            yield (
                f"covariates: {name!r} is not allowed: it is an outcome, and analysis.covariates "
                "can name that for its score at baseline"
            )


def _told_apart(
    key: str, names: Sequence[str], columns: Collection[str], table: str
) -> Iterator[str]:
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield f"{key}: {name!r} is declared {names.count(name)} times: once is allowed"
        if name in columns:
            yield (
                f"{key}: {name!r} is not allowed: the table of {table} has another column of "
                "this name"
            )


def analysis_has_declared_outcomes(outcomes: Outcomes, analysis: AnalysisPlan) -> Iterator[str]:
    """Check that what is analysed is declared, and has a baseline where one is needed."""
    known = by_name(outcomes)
    named = {
        "primary_outcome": (analysis.primary_outcome,),
        "continuous": analysis.continuous,
        "binary": analysis.binary,
        "counts": analysis.counts,
        "secondary_response": analysis.secondary_response,
        "secondary_level": analysis.secondary_level,
    }
    for key, names in named.items():
        for name in dict.fromkeys(names):
            if name not in known:
                yield f"analysis.{key}: {undeclared(name, known)}"
    improved = {
        "responder_points": (analysis.primary_outcome,) if analysis.responder_points else (),
        "secondary_response": analysis.secondary_response,
    }
    for key, names in improved.items():
        for name in names:
            if name in known and not known[name].has_baseline:
                yield (
                    f"analysis.{key}: {name!r} has no baseline from which it could improve: must "
                    "be an outcome that has one; secondary_level needs none"
                )


def analysis_has_declared_covariates(
    outcomes: Outcomes, covariates: Covariates, analysis: AnalysisPlan
) -> Iterator[str]:
    """Check that what is adjusted for is a covariate, or an outcome that has a baseline."""
    scores = [outcome.name for outcome in outcomes if outcome.has_baseline]
    known = [*(covariate.name for covariate in covariates), *scores]
    for name in dict.fromkeys(analysis.covariates):
        if name not in known:
            yield f"analysis.covariates: {undeclared(name, known)}"
        if analysis.covariates.count(name) > 1:
            yield f"analysis.covariates: {name!r} is named twice"


def strata_have_declared_levels(covariates: Covariates, trial: Design) -> Iterator[str]:
    """Check that factors of the strata are covariates, with their levels."""
    known = {covariate.name: covariate for covariate in covariates}
    for factor in trial.factors:
        if factor not in known:
            yield f"trial.strata: factor {undeclared(factor, known)}"
            continue
        covariate = known[factor]
        if covariate.is_number:
            yield f"trial.strata: {factor!r} is not allowed, it is a number: must have levels"
            continue
        for level in trial.factor_levels(factor) if covariate.levels else ():
            if level not in covariate.levels:
                yield (
                    f"trial.strata: {factor} = {level!r} is not allowed: must be one of "
                    f"{', '.join(covariate.levels)}"
                )


def teams_are_levels(covariates: Covariates, trial: Design, staff: Staff) -> Iterator[str]:
    """Check that teams are told apart by a factor of the strata, and holidays are theirs."""
    if staff.teams_by and staff.teams_by not in trial.factors:
        factors = " or ".join(repr(name) for name in (*trial.factors, ""))
        yield f"staff.teams_by: {staff.teams_by!r} is not allowed: must be {factors}"
        return
    teams = trial.factor_levels(staff.teams_by) if staff.teams_by else ()
    declared = next((each.levels for each in covariates if each.name == staff.teams_by), ())
    allowed = ("all", *(declared or teams))
    for team in staff.holidays:
        if team not in allowed:
            yield f"staff.holidays: {team!r} is not allowed: must be one of {', '.join(allowed)}"


def margins_are_of_traits(
    covariates: Covariates, population: Population, course: Course
) -> Iterator[str]:
    """Check that margins are of covariates, or of what a mechanistic course needs to know."""
    known = {covariate.name: covariate for covariate in covariates}
    for name in population.margins:
        if name not in known and name not in TRAITS:
            if isinstance(course, MechanisticCourse):
                yield f"population.margins: {undeclared(name, [*known, *TRAITS])}"
            else:
                yield f"population.margins: {undeclared(name, known)}"
    if isinstance(course, MechanisticCourse):
        missing = [name for name in TRAITS if name not in population.margins]
        if missing:
            names = ", ".join(missing)
            yield f"population.margins: {names} missing: a mechanistic course needs all of them"
    for position, covariate in enumerate(covariates):
        margin = population.margins.get(covariate.name)
        if margin is None:
            continue
        levels = margin.levels if isinstance(margin, Categories) else None
        if covariate.is_number != (levels is None):
            wanted = "numbers" if covariate.is_number else "categories"
            yield (
                f"population.margins.{covariate.name}.kind: {margin.kind!r} is not allowed, the "
                f"covariate is declared to have {wanted}"
            )
        elif levels is not None and covariate.levels not in {(), levels}:
            yield (
                f"covariates.{position}.levels: {list(covariate.levels)} is not allowed: must be "
                f"those of population.margins.{covariate.name}, or be left out"
            )


def covariates_are_simulated(
    covariates: Covariates, trial: Design, population: Population
) -> Iterator[str]:
    """Check that every covariate is drawn for patients, or told by their stratum."""
    for covariate in covariates:
        if covariate.name not in population.margins and covariate.name not in trial.factors:
            yield (
                f"covariates: {covariate.name!r} is not simulated: must have a margin in "
                "population.margins, or be a factor of trial.strata"
            )
        elif covariate.name in population.margins and covariate.name in trial.factors:
            yield (
                f"population.margins: {covariate.name!r} is not allowed: it is a factor of "
                "trial.strata, which tell it"
            )


def minimization_has_categories(
    covariates: Covariates, trial: Design, population: Population
) -> Iterator[str]:
    """Check that minimization balances covariates that have levels."""
    method = trial.randomization
    if not isinstance(method, Minimization):
        return
    known = levels_known(covariates, trial, population)
    for factor in method.factors:
        if factor not in known or (
            factor not in trial.factors
            and not isinstance(population.margins.get(factor), Categories)
        ):
            yield (
                f"trial.randomization.factors: {factor!r} is not allowed, minimization needs "
                f"levels: must be one of {', '.join(known)}"
            )
