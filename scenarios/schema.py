"""The scenario: everything that defines a simulated trial, typed, strict and frozen."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, ClassVar

from scenarios.analyses.plan import AnalysisPlan
from scenarios.arms.declared import MOST, Arm, reference_first
from scenarios.arms.expansion import expanded
from scenarios.arms.factorial import Factorial
from scenarios.arms.given import Given, given_to, in_arm, own_table
from scenarios.checks.cross import CHECKS, Check, checks_of
from scenarios.design.clinics import NO_CLINICS, Clinics
from scenarios.design.covariates import Covariate
from scenarios.design.followup import ArmFollowUp, FollowUp, ReasonOdds
from scenarios.design.outcomes import DeclaredName, Outcome, Outcomes, by_name
from scenarios.design.trial import (
    NO_EVENTS,
    NO_SHOCK,
    CalendarShock,
    Design,
    Recruitment,
    Safety,
    Staff,
)
from scenarios.devices.app import AppUse, Pathway
from scenarios.devices.recommender import Recommender
from scenarios.devices.step_sources import StepSources
from scenarios.errors import InputError
from scenarios.fields import Part, choice, optional, quantity
from scenarios.levels import levels_known
from scenarios.mechanisms import Mechanisms
from scenarios.people.care import Care
from scenarios.people.course import Course, MechanisticCourse
from scenarios.people.instruments import Instruments
from scenarios.people.patients import Activity, Limits, PatientNeeds, Population
from scenarios.people.reporting import AS_THEY_ARE, Reporting


class Scenario(Part):
    """A trial to simulate. Read one with :func:`scenarios.loading.load.load_scenario`."""

    checks: ClassVar[tuple[Check, ...]] = CHECKS
    """What its sections must have in common."""
    exclusive: ClassVar[tuple[tuple[str, ...], ...]] = (("arms", "factorial"),)

    name: DeclaredName = choice("of the scenario")
    title: str = choice("one line for tables and pages")
    published: str | tuple[str, ...] = optional(
        "name", "published numbers, or a list of them, that results are compared with, or ''", ""
    )
    seed: int = quantity("integer", "root of every random stream", ge=0, lt=2**63)
    truth: bool = optional(
        "yes or no", "also simulate everybody in the other arm, and keep what no trial has", False
    )
    outcomes: tuple[Outcome, ...] = quantity(
        "list", "what participants are asked or measured", min_length=1
    )
    covariates: tuple[Covariate, ...] = optional(
        "list", "what is known of participants before randomization", ()
    )
    reference: str = optional(
        "name", "arm that the others are compared with; the first one by default", ""
    )
    arms: tuple[Arm, ...] = quantity(
        "list", "of two or more, the reference before the others", min_length=2, max_length=MOST
    )
    factorial: Factorial | None = optional(
        "table", "components that are crossed, of which the arms are made, instead of arms"
    )
    trial: Design = quantity("table", "design of the trial")
    clinics: Clinics = optional("table", "where patients come from", NO_CLINICS)
    staff: Staff = quantity("table", "when research assistants work")
    recruitment: Recruitment = quantity("table", "from interest to randomization")
    followup: FollowUp = quantity("table", "questionnaires and withdrawal")
    safety: Safety = optional("table", "harms and adverse events", NO_EVENTS)
    shock: CalendarShock = optional("table", "a change of circumstances from a date on", NO_SHOCK)
    analysis: AnalysisPlan = quantity("table", "prespecified analysis")
    population: Population = optional(
        "table", "who is interested", Population(margins={}, correlations={})
    )
    needs: PatientNeeds | None = optional("table", "what would suit them; mechanistic course")
    limits: Limits | None = optional("table", "what keeps them from exercises; mechanistic course")
    course: Course = quantity("table", "how symptoms go")
    instruments: Instruments | None = optional("table", "how they are measured; mechanistic course")
    activity: Activity | None = optional("table", "how much they walk; mechanistic course")
    app: AppUse | None = optional("table", "how they use the app; mechanistic course")
    step_sources: StepSources | None = optional(
        "table", "what records their steps; mechanistic course"
    )
    recommender: Recommender | None = optional("table", "who advises them; mechanistic course")
    pathway: Pathway | None = optional("table", "how the app acts; mechanistic course")
    care: Care | None = optional(
        "table", "contacts with health care and sick leave; mechanistic course"
    )
    reporting: Reporting = optional(
        "table", "how knowing one's arm moves answers, withdrawal and care", AS_THEY_ARE
    )

    @property
    def arm_names(self) -> tuple[str, ...]:
        """Names of the arms, in the order of their codes."""
        return tuple(arm.name for arm in self.arms)

    @property
    def allocation_ratio(self) -> tuple[int, ...]:
        """Share of each arm, in the order of their codes."""
        return tuple(arm.share for arm in self.arms)

    @property
    def by_arm(self) -> "tuple[Scenario, ...]":
        """The scenario as it holds in each arm, in the order of their codes."""
        return tuple(in_arm(self, code) for code in range(len(self.arms)))

    @property
    def given(self) -> tuple[Given, ...]:
        """What the participants of each arm are given; nothing with a normal course."""
        if not isinstance(self.course, MechanisticCourse):
            return (Given(app=False, wristband=False, features=frozenset()),) * len(self.arms)
        return tuple(given_to(self.arms, code) for code in range(len(self.arms)))

    @property
    def app_arms(self) -> tuple[int, ...]:
        """Codes of the arms whose participants get an app; of a normal course all but the first."""
        if not isinstance(self.course, MechanisticCourse):
            return tuple(range(1, len(self.arms)))
        return tuple(code for code, given in enumerate(self.given) if given.app)

    @property
    def follow_ups(self) -> tuple[ArmFollowUp, ...]:
        """Follow-up of each arm, in the order of their codes."""
        return tuple(
            each.followup.arms[own_table(self.arms, code, each.followup.arms)]
            for code, each in enumerate(self.by_arm)
        )

    @property
    def people(self) -> Population:
        """Who is interested, as they are drawn.

        Levels given by another trait are of a mechanistic course: what a normal course says of its
        covariates, ``r2``, holds for a Gaussian copula alone.
        """
        if self.population.given and not isinstance(self.course, MechanisticCourse):
            return self.population.model_copy(update={"given": {}})
        return self.population

    @property
    def reason_odds(self) -> Mapping[str, ReasonOdds]:
        """What reasons for withdrawing depend on: nothing with a normal course, without a life."""
        return self.followup.reasons if isinstance(self.course, MechanisticCourse) else {}

    @property
    def scales(self) -> Outcomes:
        """The declared outcomes by name."""
        return by_name(self.outcomes)

    @property
    def levels(self) -> dict[str, tuple[str, ...]]:
        """Trait to its levels in their order: as declared, or of its margin, or of the strata."""
        return levels_known(self.covariates, self.trial, self.population)

    @property
    def mechanisms(self) -> Mechanisms:
        """The sections of a mechanistic course.

        Raises
        ------
        InputError
            If the course is a plain one.
        """
        needs, limits, instruments, activity = (
            self.needs, self.limits, self.instruments, self.activity
        )  # fmt: skip
        app, sources, recommender, pathway = (
            self.app, self.step_sources, self.recommender, self.pathway
        )  # fmt: skip
        if (
            not isinstance(self.course, MechanisticCourse)
            or needs is None or limits is None or instruments is None or activity is None
            or app is None or sources is None or recommender is None or pathway is None
        ):  # fmt: skip
            raise InputError(
                f"{self.name}: course.model = 'normal' has no app and no recommender: take a "
                "scenario such as selfback_2021"
            )
        return Mechanisms(
            self.course, needs, limits, instruments, activity, app, sources, recommender, pathway,
            self.care,
        )  # fmt: skip

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

    @classmethod
    def relevant(cls, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the tables and keys that are read: all of them, the reference before other arms.

        The arms of ``[factorial]`` are among them.
        """
        return reference_first(expanded(dict(data)))

    def _problems(self) -> Iterator[str]:
        sections = {name: getattr(self, name) for name in type(self).model_fields}
        yield from chain.from_iterable(checks_of(sections, self.checks))
