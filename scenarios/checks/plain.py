"""What a plain course must have in common with other sections: visits, scales, covariates, clinics.

Checks as in :mod:`scenarios.checks.cross`, a line for each thing that does not go together.
"""

from collections.abc import Iterator

import numpy as np

from scenarios.design.clinics import Clinics
from scenarios.design.outcomes import Outcome, by_name
from scenarios.design.trial import Design
from scenarios.errors import nearest
from scenarios.people.course import Course
from scenarios.people.patients import Population
from scenarios.people.plain_course import MEASURES, NormalCourse, OutcomeCourse
from scenarios.people.prognosis import loading_of
from scenarios.people.visit_correlation import SMALLEST, PatternError

Declared = tuple[Outcome, ...]


def course_has_every_visit(outcomes: Declared, trial: Design, course: Course) -> Iterator[str]:
    """Check that every outcome of a plain course has what it needs for every visit."""
    follow_ups = len(trial.visits)
    for key, own, outcome in _declared(outcomes, course):
        asked = follow_ups + int(outcome.has_baseline)
        before = "the baseline and " if outcome.has_baseline else ""
        if len(own.means) != asked:
            yield (
                f"{key}.means: {len(own.means)} given, must be {asked}, one for {before}each visit"
            )
        for name in ("effect", "intervention", "intervention_sd"):
            given = getattr(own, name)
            if given and len(given) != follow_ups:
                yield (
                    f"{key}.{name}: {len(given)} given, must be {follow_ups}, one for each visit"
                )


def course_suits_its_outcomes(outcomes: Declared, trial: Design, course: Course) -> Iterator[str]:
    """Check that what a plain course states is what each kind of outcome has, and in its range."""
    follow_ups = len(trial.visits)
    for key, own, outcome in _declared(outcomes, course):
        yield from _keys_of_its_kind(key, own, outcome)
        if own.effect_measure not in MEASURES[outcome.kind]:
            allowed = " or ".join(repr(name) for name in MEASURES[outcome.kind])
            yield (
                f"{key}.effect_measure: {own.effect_measure!r} is not allowed for "
                f"{_a(outcome)}: must be {allowed}"
            )
            continue
        if len(own.means) == follow_ups + int(outcome.has_baseline):
            yield from _in_range(key, own, outcome, follow_ups, bounded=_bounded(course))


def covariates_are_known(course: Course, population: Population) -> Iterator[str]:
    """Check that prognostic covariates are described."""
    for key, own in _parts(course):
        for name in own.prognosis:
            if name not in population.margins:
                close = nearest(name, population.margins)
                hint = f"did you mean {close!r}?" if close else (
                    f"must be one of {', '.join(population.margins)}"
                )  # fmt: skip
                yield f"{key}.prognosis: {name!r} has no margin in population.margins: {hint}"


def correlation_is_left(
    outcomes: Declared, course: Course, clinics: Clinics, population: Population
) -> Iterator[str]:
    """Check that clinics and covariates leave something to the correlation of deviations."""
    for key, own, outcome in _declared(outcomes, course):
        if not set(own.prognosis) <= set(population.margins):
            continue
        loading, _ = loading_of(own, population)
        try:
            within = own.within(loading, baseline=outcome.has_baseline, icc=clinics.icc)
        except PatternError:
            continue  # told by the course itself
        if np.linalg.eigvalsh(within)[0] >= SMALLEST:
            continue
        if not loading:
            yield (
                f"clinics.icc and {key}.correlation: {clinics.icc:g} leaves nothing for the "
                "correlation within clinics: it must be smaller"
            )
        else:
            what = f"r2: {own.r2:g}" if own.r2 is not None else "prognosis: the sum of weights"
            yield (
                f"{key}.{what} leaves nothing of the deviations to be drawn beside what "
                f"{', '.join(own.prognosis)} explain: must be smaller, or correlations higher"
            )


def _keys_of_its_kind(key: str, own: OutcomeCourse, outcome: Outcome) -> Iterator[str]:
    continuous = outcome.kind == "continuous"
    if continuous and not own.sd:
        yield f"{key}.sd: [] is not allowed for {_a(outcome)}: must have one for each of the means"
    for name in () if continuous else ("sd", "intervention_sd"):
        if getattr(own, name):
            yield (
                f"{key}.{name}: is not allowed for {_a(outcome)}, whose spread follows from its "
                "means: leave it out"
            )
    if outcome.kind == "count" and own.dispersion is None:
        yield f"{key}.dispersion: is missing for {_a(outcome)}: must be at least 0, 0 for Poisson's"
    if outcome.kind != "count" and own.dispersion is not None:
        yield f"{key}.dispersion: {own.dispersion:g} is not allowed for {_a(outcome)}: leave it out"


def _in_range(
    key: str, own: OutcomeCourse, outcome: Outcome, follow_ups: int, *, bounded: bool
) -> Iterator[str]:
    """Check means, risks and rates of both arms."""
    wanted = {
        "binary": "a risk must be above 0 and below 1",
        "count": "a rate must be above 0",
        "continuous": f"must be from {outcome.lowest:g} to {outcome.highest:g}, its range",
    }[outcome.kind]
    control = np.array(own.means, dtype=float)
    for value in control[~_inside(control, outcome, bounded=bounded)][:1]:
        yield f"{key}.means: {value:g} is not allowed for {outcome.name}: {wanted}"
        return
    stated = next(
        name
        for name in ("effect", "effect_size", "intervention")
        if name == "intervention" or getattr(own, name) is not None
    )
    given = getattr(own, stated)
    if given is None or (not isinstance(given, float) and len(given) != follow_ups):
        return
    treated = own.treated_means(follow_ups)
    for value in treated[~_inside(treated, outcome, bounded=bounded)][:1]:
        yield (
            f"{key}.{stated}: makes {value:g} of {outcome.name} in the intervention arm, which is "
            f"not allowed: {wanted}"
        )


def _inside(values: np.ndarray, outcome: Outcome, *, bounded: bool) -> np.ndarray:
    if outcome.kind == "continuous":
        if not bounded:
            return np.ones(len(values), dtype=bool)
        return np.asarray((values >= outcome.lowest) & (values <= outcome.highest))
    highest = 1.0 if outcome.kind == "binary" else np.inf
    return np.asarray((values > 0.0) & (values < highest))


def _declared(outcomes: Declared, course: Course) -> Iterator[tuple[str, OutcomeCourse, Outcome]]:
    """Yield key, course and declaration of each outcome of a plain course that is declared."""
    known = by_name(outcomes)
    if isinstance(course, NormalCourse):
        for (key, own), name in zip(_parts(course), course.by_outcome, strict=True):
            if name in known:
                yield key, own, known[name]


def _parts(course: Course) -> Iterator[tuple[str, OutcomeCourse]]:
    """Yield the key and the course of each outcome of a plain course."""
    if isinstance(course, NormalCourse):
        yield "course", course
        yield from ((f"course.further.{name}", own) for name, own in course.further.items())


def _bounded(course: Course) -> bool:
    return isinstance(course, NormalCourse) and course.on_scale


def _a(outcome: Outcome) -> str:
    words = {"continuous": "a continuous outcome", "binary": "a binary outcome", "count": "a count"}
    return words[outcome.kind]
