"""What all arms of a trial are given: an intervention each, recommenders they may share, one clock.

Arms with the same ``[recommender]`` ask the same one, which learns from all of them; whether one
arm's cases are retrieved for another's participants says its ``retain``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import simpy

from agents.needs import NeedRules, PresentNeeds
from agents.step_sources import StepRecording
from agents.symptoms import NaturalCourse
from recommender.protocol import Recommender
from scenarios.arms.given import Given
from scenarios.devices.recommender import Recommender as Settings
from scenarios.schema import Scenario
from sim.app.draws import AppDraws, as_given, draw_for_app
from sim.app.intervention import Intervention, daily_clock
from sim.app.records import AppRecords
from sim.app.tailoring import PlanBatch
from sim.core.cohort import Cohort
from sim.core.staff import Team, teams_of_strata, working_hours
from sim.core.streams import Streams
from sim.enrolment.exercise_constraints import patient_constraints
from sim.recommenders.lessons import AsRandomized, Lesson, Observed, advising
from sim.recommenders.own import let_go

Build = Callable[[Scenario, np.ndarray], Recommender | None]
"""Makes the recommender of a scenario as it holds in an arm, given what would suit everybody."""


@dataclass(frozen=True, slots=True)
class _Advice:
    """A recommender, and the settings of the arms that it advises."""

    settings: Settings
    recommender: Recommender | None
    advisor: Observed | AsRandomized | None


class Interventions:
    """What participants of all arms do with what they are given.

    Parameters
    ----------
    env, scenario, streams, cohort
        The trial.
    natural
        The course of all rows under usual care.
    build
        Makes recommenders.
    lessons
        Those of each recommender in the trial as it was randomized, if this is a counterfactual.
    only
        The arm that everybody is in, if there is one: nothing happens in the others.

    Attributes
    ----------
    records, plan_log
        What is kept of app use by day, of all rows; plans, an entry an evening and arm.
    lessons
        What each recommender learned.
    recordings
        Arm to what the step sources of all rows would record in it.
    """

    def __init__(
        self,
        env: simpy.Environment,
        scenario: Scenario,
        streams: Streams,
        cohort: Cohort,
        natural: NaturalCourse,
        build: Build,
        lessons: Sequence[Sequence[Lesson]] | None,
        only: int | None = None,
    ) -> None:
        self._cohort = cohort
        self.records = AppRecords.blank(*natural.pain.shape)
        self.plan_log: list[PlanBatch] = []
        needs = PresentNeeds.at_enrolment(
            cohort.patients.needs, NeedRules.of(scenario.mechanisms.pathway)
        )
        constraints = patient_constraints(scenario, streams, cohort.patients)
        team = {
            name: Team(scenario.mechanisms.app.assistants, hours)
            for name, hours in working_hours(scenario).items()
        }
        teams = [team[name] for name in teams_of_strata(scenario)]
        self._advice: list[_Advice] = []
        self._of_arm: dict[int, Intervention] = {}
        self.recordings: dict[int, StepRecording] = {}
        drawn: list[tuple[Scenario, AppDraws]] = []
        for code, (own, given) in enumerate(zip(scenario.by_arm, scenario.given, strict=True)):
            if not given.anything:
                continue
            advisor = self._advisor(env, own, given, needs, build, lessons)
            if only is not None and code != only:
                continue
            draws = as_given(_draws(own, streams, cohort, natural, drawn), given)
            self.recordings[code] = draws.recording
            self._of_arm[code] = Intervention(
                env, own, given, cohort, natural, constraints, draws, advisor, needs,
                self.records, self.plan_log, teams,
            )  # fmt: skip
        self.lessons = [each.advisor.lessons if each.advisor else () for each in self._advice]
        env.process(daily_clock(env, list(self._of_arm.values())))

    def _advisor(
        self,
        env: simpy.Environment,
        own: Scenario,
        given: Given,
        needs: PresentNeeds,
        build: Build,
        lessons: Sequence[Sequence[Lesson]] | None,
    ) -> Recommender | None:
        """Return who advises an arm, None for nobody: without a feature of an app there is no plan.

        Without tailoring it is one plan for everybody.
        """
        if not given.features:
            return None
        settings = own.mechanisms.recommender
        if "tailoring" not in given.features:
            settings = settings.model_copy(update={"kind": "generic"})
        for known in self._advice:
            if known.settings == settings:
                return known.advisor
        recommender = build(own.model_copy(update={"recommender": settings}), needs.plan)
        place = len(self._advice)
        taught = None if lessons is None else _taught(lessons, place)
        advisor = advising(recommender, taught, lambda: int(env.now))
        self._advice.append(_Advice(settings, recommender, advisor))
        return advisor

    def start(self, row: int) -> None:
        """Begin with a participant who was randomized just now."""
        own = self._of_arm.get(int(self._cohort.arm[row]))
        if own is not None:
            own.start(row)

    def uses_app(self) -> np.ndarray:
        """Return who has an app at present and did not give it up, (n,) booleans."""
        found = np.zeros(len(self._cohort.patients), dtype=np.bool_)
        for each in self._of_arm.values():
            found[each.with_app()] = True
        return found

    def close(self) -> None:
        """Let go of the recommenders, and note who uses the app to the end."""
        for each in self._of_arm.values():
            each.close()
        for advice in self._advice:
            let_go(advice.recommender)


def recording_of_all(recordings: Mapping[int, StepRecording], arm: np.ndarray) -> StepRecording:
    """Return what the step sources of all rows record, each in the arm it is in.

    Rows of arms that are given nothing are as in the first arm that is given something.

    Parameters
    ----------
    recordings
        Arm to what all rows would record in it.
    arm
        (n,) codes of arms.
    """
    first, *further = recordings
    found = recordings[first]
    for code in further:
        other, mine = recordings[code], arm == code
        found = replace(
            found,
            source=np.where(mine, other.source, found.source),
            lost=np.where(mine, other.lost, found.lost),
            ratio=np.where(mine[:, None], other.ratio, found.ratio),
            synced=np.where(mine[:, None], other.synced, found.synced),
        )
    return found


def _taught(lessons: Sequence[Sequence[Lesson]], place: int) -> Sequence[Lesson]:
    """Return what a recommender learned in the trial as randomized: nothing where it had none."""
    return lessons[place] if place < len(lessons) else ()


def _draws(
    own: Scenario,
    streams: Streams,
    cohort: Cohort,
    natural: NaturalCourse,
    drawn: list[tuple[Scenario, AppDraws]],
) -> AppDraws:
    """Return what persons draw under the sections of an arm; arms with equal ones share it."""
    for other, draws in drawn:
        same = other.app == own.app and other.step_sources == own.step_sources
        if same and other.pathway == own.pathway:
            return draws
    found = draw_for_app(own, streams, cohort.patients, natural)
    drawn.append((own, found))
    return found
