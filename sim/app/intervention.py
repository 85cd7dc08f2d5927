"""What an arm is given, as events: installation, giving up; and the daily clock of all arms."""

from collections.abc import Generator, Sequence
from typing import Any

import numpy as np
import simpy

from agents.exercise_constraints import ExerciseConstraints
from agents.needs import PresentNeeds
from agents.symptoms import LEAD_IN, NaturalCourse
from recommender.protocol import Recommender
from scenarios.arms.given import Given
from scenarios.people.course import MechanisticCourse
from scenarios.schema import Scenario
from sim.app.days import AppDays
from sim.app.draws import AppDraws
from sim.app.records import AppRecords
from sim.app.tailoring import PlanBatch, Tailoring
from sim.app.users import AppUsers
from sim.core.clock import EVENING
from sim.core.cohort import Cohort
from sim.core.staff import Team

Process = Generator[simpy.Event, Any, None]


class Intervention:
    """What participants of one arm do from installation to the end of follow-up.

    Every day of every user is computed for all of them at once; what happens to one of them
    at a time of its own (the appointment, giving up) is an event.

    Parameters
    ----------
    env
        The trial's clock.
    scenario
        As it holds in the arm.
    given
        What the arm is given.
    cohort, natural, constraints
        All who may be randomized, their course under usual care, and their limits.
    draws
        What they would do with the app, as the arm is given it.
    advisor
        The recommender; None where no plans are made.
    needs, records, plan_log, teams
        Shared by all arms: present needs; what is kept of app use; plans; the research assistants
        of each stratum.
    """

    def __init__(
        self,
        env: simpy.Environment,
        scenario: Scenario,
        given: Given,
        cohort: Cohort,
        natural: NaturalCourse,
        constraints: ExerciseConstraints,
        draws: AppDraws,
        advisor: Recommender | None,
        needs: PresentNeeds,
        records: AppRecords,
        plan_log: list[PlanBatch],
        teams: Sequence[Team],
    ) -> None:
        course = scenario.course
        if not isinstance(course, MechanisticCourse):
            raise TypeError("the app acts on a mechanistic course only")
        self._env, self._scenario, self._cohort = env, scenario, cohort
        self._given, self._draws, self._teams = given, draws, teams
        columns = natural.pain.shape[1]
        self._follow_up_days = columns - LEAD_IN
        self._users = users = AppUsers(scenario.trial.sample_size, columns, scenario.mechanisms.app)
        self.days = AppDays(
            scenario, course, given, cohort.patients, natural, draws, users, records
        )
        self.tailoring = Tailoring(
            scenario, course, given, cohort, natural, constraints, draws, advisor, needs, users,
            records, plan_log,
        )  # fmt: skip

    def with_app(self) -> np.ndarray:
        """Return the rows of those who have an app that does something, and did not give it up."""
        return self._users.with_app() if self._given.features else np.empty(0, dtype=np.int64)

    def start(self, row: int) -> None:
        """Begin with a participant who was randomized to the arm just now."""
        if not self._draws.never[row]:
            self._env.process(self._use_app(row, self._users.add(row, int(self._env.now))))

    def _use_app(self, row: int, place: int) -> Process:
        env, cohort, app = self._env, self._cohort, self._scenario.mechanisms.app
        yield env.timeout(float(self._draws.appointment[row]))
        team = self._teams[cohort.stratum[row]]
        yield env.timeout(team.done(env.now, app.appointment_hours) - env.now)
        installed = int(env.now) + 1
        leaves = cohort.entry[row] + cohort.withdraws_after[row] - installed
        if leaves <= 0.0:
            return
        stay = float(self._draws.quits[row])
        cohort.installed[row] = installed
        # The stay is what it would be if nothing moved the hazard, until the app is given up.
        cohort.quit_after[row] = max(min(stay, leaves), 0.0)
        cohort.log(env.now, row, "installed the app" if self._given.app else "got the wristband")
        yield env.timeout(installed - env.now)
        self._users.install(place, installed, stay)
        self.tailoring.introduce(place)
        if leaves < np.inf:
            self.days.take_off(row, leaves)
            env.process(self._stop(row, place, leaves))
        if stay < 1.0:
            env.process(self._stop(row, place, stay))

    def _stop(self, row: int, place: int, after: float) -> Process:
        """Give the app up some days after its installation, unless that was done before."""
        env, cohort = self._env, self._cohort
        day = int(cohort.installed[row]) + after
        if day < cohort.entry[row] + self._follow_up_days:
            yield env.timeout(max(day - env.now, 0.0))
            if self._users.stop(place):
                cohort.quit_after[row] = after
                what = "using the app" if self._given.app else "with the wristband"
                cohort.log(day, row, f"stopped {what}")

    def close(self) -> None:
        """Note of everybody who uses the app to the end that they do."""
        for user in self._users.records[self._users.records["reachable"]]:
            row = user["row"]
            used = min(self._env.now, user["entry"] + self._follow_up_days) - user["installed"]
            self._cohort.quit_after[row] = max(self._cohort.quit_after[row], used)

    def live(self, today: int) -> np.ndarray:
        """Let everybody live through today, and return the places of those who do a session."""
        if self.days.is_monday(today):
            self.tailoring.fit_again(today)
        sessions, leaving = self.days.live(today)
        for place in leaving.tolist():
            user = self._users.records[place]
            lived = today + 1 - int(user["installed"])
            after = lived + float(user["stay"] / user["haste"])
            self._env.process(self._stop(int(user["row"]), place, after))
        return sessions


def daily_clock(env: simpy.Environment, interventions: Sequence[Intervention]) -> Process:
    """End each day a moment before midnight: what was done, then the sessions of all arms at once.

    Recommenders learn from the sessions of all arms before they answer any: whom they advise first
    on an evening does not matter.
    """
    yield env.timeout(EVENING)
    while True:
        today = int(env.now)
        sessions = [each.live(today) for each in interventions]
        asked = [
            each.tailoring.ask(places, today)
            for each, places in zip(interventions, sessions, strict=True)
        ]
        for each, session in zip(interventions, asked, strict=True):
            if session is not None:
                each.tailoring.advise(session, today)
        yield env.timeout(1.0)
