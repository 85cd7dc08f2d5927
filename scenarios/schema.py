"""The scenario: everything that defines a simulated trial, typed, strict and frozen."""

from collections.abc import Iterator
from itertools import chain
from typing import ClassVar

from scenarios.cross_checks import CHECKS, PLAN_CHECKS, Check, checks_of
from scenarios.design.clinics import Clinics
from scenarios.design.followup import FollowUp
from scenarios.design.outcomes import DeclaredName, Outcome, Outcomes, by_name
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
from scenarios.people.course import Course
from scenarios.people.instruments import Instruments
from scenarios.people.patients import Activity, Limits, PatientNeeds, Population


class Scenario(Part):
    """A trial to simulate. Read one with :func:`scenarios.loading.load.load_scenario`."""

    checks: ClassVar[tuple[Check, ...]] = CHECKS
    """What its sections must have in common."""

    name: DeclaredName = choice("of the scenario")
    title: str = choice("one line for tables and pages")
    published: str = choice("trial whose published numbers the results are compared with, or ''")
    seed: int = quantity("integer", "root of every random stream", ge=0, lt=2**63)
    truth: bool = quantity("yes or no", "also simulate everybody in the other arm")
    outcomes: tuple[Outcome, ...] = quantity(
        "list", "what participants are asked or measured", min_length=1
    )
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

    @property
    def scales(self) -> Outcomes:
        """The declared outcomes by name."""
        return by_name(self.outcomes)

    def outcome(self, name: str) -> Outcome:
        """Return a declared outcome.

        Raises
        ------
        KeyError
            If there is none of that name.
        """
        return self.scales[name]

    @property
    def primary_outcome(self) -> Outcome:
        """The outcome of the primary analysis."""
        return self.outcome(self.analysis.primary_outcome)

    def _problems(self) -> Iterator[str]:
        sections = {name: getattr(self, name) for name in type(self).model_fields}
        yield from chain.from_iterable(checks_of(sections, self.checks))


class Plan(Scenario):
    """A scenario of which only the plan is used: visits, arms and analysis.

    What a simulation would need to go together, such as reminders that end before the next visit,
    is not asked for.
    """

    checks: ClassVar[tuple[Check, ...]] = PLAN_CHECKS
