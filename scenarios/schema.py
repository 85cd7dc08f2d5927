"""The scenario: everything that defines a simulated trial, typed, strict and frozen."""

from itertools import pairwise
from typing import Annotated, Self

import numpy as np
from pydantic import Field, model_validator

from scenarios.arms import ARM_NAMES
from scenarios.design.allocation import Minimization, PermutedBlocks
from scenarios.design.clinics import Clinics
from scenarios.design.followup import FollowUp
from scenarios.design.trial import (
    AnalysisPlan,
    CalendarShock,
    Design,
    Recruitment,
    Safety,
    Staff,
)
from scenarios.devices.app import AppUse, Pathway
from scenarios.devices.recommender import Recommender
from scenarios.devices.step_sources import StepSources
from scenarios.fields import Part, choice, quantity
from scenarios.people.course import Course, NormalCourse
from scenarios.people.instruments import Instruments
from scenarios.people.patients import Activity, Categories, Limits, PatientNeeds, Population
from scenarios.targets import published_names


class Scenario(Part):
    """A trial to simulate. Read one with :func:`scenarios.loading.load.load_scenario`."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")] = choice("of the scenario")
    title: str = choice("one line for tables and pages")
    published: str = choice("targets to stand beside the results, or '' for none")
    seed: int = quantity("integer", "root of every random stream", ge=0, lt=2**63)
    truth: bool = quantity("yes or no", "also simulate everybody in the other arm")
    trial: Design = quantity("table", "design of the trial")
    clinics: Clinics = quantity("table", "where patients come from")
    staff: Staff = quantity("table", "when research assistants work")
    recruitment: Recruitment = quantity("table", "from interest to randomization")
    followup: FollowUp = quantity("table", "questionnaires and withdrawal")
    safety: Safety = quantity("table", "harms and adverse events")
    shock: CalendarShock = quantity("table", "a change of circumstances from a date on")
    analysis: AnalysisPlan = quantity("table", "prespecified analysis")
    population: Population = quantity("table", "who is interested")
    needs: PatientNeeds = quantity("table", "what would suit them")
    limits: Limits = quantity("table", "what keeps them from exercises")
    course: Course = quantity("table", "how symptoms go")
    instruments: Instruments = quantity("table", "how they are measured")
    activity: Activity = quantity("table", "how much they walk")
    app: AppUse = quantity("table", "how they use the app")
    step_sources: StepSources = quantity("table", "what records their steps")
    recommender: Recommender = quantity("table", "who advises them")
    pathway: Pathway = quantity("table", "how the app acts")

    @model_validator(mode="after")
    def _check_hours(self) -> Self:
        for key, hours in (
            ("recruitment.screening_hours", self.recruitment.screening_hours),
            ("app.appointment_hours", self.app.appointment_hours),
        ):
            if hours > self.staff.day_hours:
                raise ValueError(
                    f"{key} and staff.day_hours: {hours:g} hours of work do not fit into a day of "
                    f"{self.staff.day_hours:g} hours"
                )
        return self

    @model_validator(mode="after")
    def _check_randomization(self) -> Self:
        method, ratio = self.trial.randomization, self.trial.allocation_ratio
        if not self.clinics.randomized:
            if isinstance(method, PermutedBlocks):
                _check_blocks("trial.randomization.block_sizes", method.block_sizes, ratio)
            return self
        if method.kind != "stratified_blocks":
            raise ValueError(
                f"clinics.randomized and trial.randomization.kind: {method.kind!r} is not allowed, "
                "clinics are randomized in stratified blocks of clinics.block_sizes: must be "
                "'stratified_blocks'"
            )
        _check_blocks("clinics.block_sizes", self.clinics.block_sizes, ratio)
        return self

    @model_validator(mode="after")
    def _check_clinics(self) -> Self:
        clinics, strata = self.clinics, len(self.trial.strata)
        if 0 < clinics.number < 2 * strata:
            raise ValueError(
                f"clinics.number: {clinics.number} is not allowed: must be 0, or at least "
                f"{2 * strata}, 2 for each of the {strata} strata"
            )
        if clinics.icc_day > self.trial.visits[-1].day:
            raise ValueError(
                f"clinics.icc_day: {clinics.icc_day} is not allowed: must be at most the day of "
                f"the last visit, {self.trial.visits[-1].day}"
            )
        if self.analysis.cluster == "clinic" and not clinics.number:
            raise ValueError(
                "analysis.cluster and clinics.number: 'clinic' is not allowed without clinics"
            )
        if clinics.randomized and self.analysis.cluster != "clinic":
            raise ValueError(
                "clinics.randomized and analysis.cluster: where clinics are randomized, the "
                "cluster of the analysis must be 'clinic'; 'clda ignoring clinics' in "
                "analysis.alternatives shows what it would be without"
            )
        if isinstance(self.course, NormalCourse):
            within = self.course.within_clinics(clinics.icc)
            if np.linalg.eigvalsh(within)[0] < 1e-8:
                raise ValueError(
                    f"clinics.icc and course.correlation: {clinics.icc:g} leaves nothing for the "
                    "correlation within clinics: it must be smaller"
                )
        return self

    @model_validator(mode="after")
    def _check_follow_up(self) -> Self:
        follow, visits = self.followup, self.trial.visits
        latest = follow.longest_answer
        shortest = min((b.day - a.day for a, b in pairwise(visits)), default=latest)
        if latest > shortest:
            last = "retention.call_days" if follow.retention.call_days else "reminder_days"
            raise ValueError(
                f"followup.{last} and followup.answer_delay.longest: answers may take "
                f"{latest:g} days, but the next questionnaire is due after {shortest:g}"
            )
        if follow.missingness != "mcar" and self.analysis.primary_outcome == "gpe":
            raise ValueError(
                f"followup.missingness: {follow.missingness!r} is not allowed with the primary "
                "outcome 'gpe', which has no baseline to depend on: must be mcar"
            )
        return self

    @model_validator(mode="after")
    def _check_traits(self) -> Self:
        margins, method = self.population.margins, self.trial.randomization
        shortest, duration = self.recruitment.minimum_duration, margins["duration"]
        levels = duration.levels if isinstance(duration, Categories) else ()
        if shortest and shortest not in levels:
            allowed = f"one of {', '.join(levels)} or ''" if levels else "'': it has no categories"
            raise ValueError(
                f"recruitment.minimum_duration: {shortest!r} is not allowed with "
                f"population.margins.duration: must be {allowed}"
            )
        for factor in method.factors if isinstance(method, Minimization) else ():
            if factor in margins and not isinstance(margins[factor], Categories):
                raise ValueError(
                    f"trial.randomization.factors: {factor} has no categories in "
                    "population.margins, which minimization needs"
                )
        return self

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.published and self.published not in published_names():
            raise ValueError(
                f"published: {self.published!r} is not one of {', '.join(published_names())} or ''"
            )
        visits = [visit.name for visit in self.trial.visits]
        if self.analysis.primary_visit not in visits:
            raise ValueError(
                f"analysis.primary_visit: {self.analysis.primary_visit!r} is not one of "
                f"{', '.join(visits)}"
            )
        for arm, follow in zip(ARM_NAMES, self.followup.arms, strict=True):
            for key in ("response", "withdrawal"):
                given = len(getattr(follow, key))
                if given != len(visits):
                    raise ValueError(
                        f"followup.{arm}.{key}: {given} given, "
                        f"the {len(visits)} visits need one each"
                    )
        if isinstance(self.course, NormalCourse):
            if len(self.course.effect) != len(visits):
                raise ValueError(
                    f"course.effect: {len(self.course.effect)} given, "
                    f"the {len(visits)} visits need one each"
                )
            if set(self.analysis.continuous) != {self.course.outcome}:
                raise ValueError(
                    f"analysis.continuous: a normal course yields {self.course.outcome!r} only"
                )
        if self.analysis.primary_outcome not in self.analysis.continuous:
            raise ValueError("analysis.primary_outcome: must be one of analysis.continuous")
        return self


def _check_blocks(key: str, sizes: tuple[int, ...], ratio: tuple[int, int]) -> None:
    for size in sizes:
        if size < 1 or size % sum(ratio):
            raise ValueError(
                f"{key}: {size} is not allowed: a block must be a multiple of {sum(ratio)} to hold "
                f"the {ratio[0]}:{ratio[1]} allocation"
            )
