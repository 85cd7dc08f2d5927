"""The scenario: everything that defines a simulated trial, typed, strict and frozen."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from scenarios.app import AppUse, Pathway, Recommender
from scenarios.course import Course, NormalCourse
from scenarios.design import AnalysisPlan, Design, FollowUp, Recruitment
from scenarios.fields import Part, choice, quantity
from scenarios.instruments import Instruments
from scenarios.patients import Activity, PatientNeeds, Population
from scenarios.step_sources import StepSources
from scenarios.targets import published_names


class Scenario(Part):
    """A trial to simulate. Read one with :func:`scenarios.load.load_scenario`."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")] = choice("of the scenario")
    title: str = choice("one line for tables and pages")
    published: str = choice("targets to stand beside the results, or '' for none")
    seed: int = quantity("integer", "root of every random stream", ge=0, lt=2**63)
    truth: bool = quantity("yes or no", "also simulate everybody in the other arm")
    trial: Design = quantity("table", "design of the trial")
    recruitment: Recruitment = quantity("table", "from interest to randomization")
    followup: FollowUp = quantity("table", "questionnaires and withdrawal")
    analysis: AnalysisPlan = quantity("table", "prespecified analysis")
    population: Population = quantity("table", "who is interested")
    needs: PatientNeeds = quantity("table", "what would suit them")
    course: Course = quantity("table", "how symptoms go")
    instruments: Instruments = quantity("table", "how they are measured")
    activity: Activity = quantity("table", "how much they walk")
    app: AppUse = quantity("table", "how they use the app")
    step_sources: StepSources = quantity("table", "what records their steps")
    recommender: Recommender = quantity("table", "who advises them")
    pathway: Pathway = quantity("table", "how the app acts")

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
        for arm in ("control", "intervention"):
            for key in ("response", "withdrawal"):
                given = len(getattr(getattr(self.followup, arm), key))
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
