"""The app arm as events: installation, the daily clock, sessions that wait for their plans."""

from collections.abc import Generator
from typing import Any

import numpy as np
import simpy

from agents.exercise_constraints import ExerciseConstraints
from agents.needs import PresentNeeds
from agents.symptoms import LEAD_IN, NaturalCourse
from recommender.protocol import Recommender
from scenarios.people.course import MechanisticCourse
from scenarios.schema import Scenario
from sim.app.days import AppDays
from sim.app.draws import draw_for_app
from sim.app.records import AppRecords
from sim.app.tailoring import Tailoring
from sim.app.users import AppUsers
from sim.core.clock import EVENING
from sim.core.cohort import Cohort
from sim.core.staff import Team, teams_of_strata, working_hours
from sim.core.streams import Streams

Process = Generator[simpy.Event, Any, None]


class Intervention:
    """What participants of the app arm do from installation to the end of follow-up.

    Every day of every app user is computed for all of them at once; what happens to one of them
    at a time of its own (the appointment, giving up) is an event.

    Attributes
    ----------
    records
        App use and its effects, day by day.
    recording
        What step sources do.
    plan_log
        Plans, one entry for each evening.
    """

    def __init__(
        self,
        env: simpy.Environment,
        scenario: Scenario,
        streams: Streams,
        cohort: Cohort,
        natural: NaturalCourse,
        constraints: ExerciseConstraints,
        recommender: Recommender | None,
        needs: PresentNeeds,
    ) -> None:
        course = scenario.course
        if not isinstance(course, MechanisticCourse):
            raise TypeError("the app acts on a mechanistic course only")
        n, columns = natural.pain.shape
        self._env, self._scenario, self._cohort = env, scenario, cohort
        self._follow_up_days = columns - LEAD_IN
        self._draws = draws = draw_for_app(scenario, streams, cohort.patients, natural)
        self.recording = draws.recording
        self._users = users = AppUsers(scenario.trial.sample_size, columns, scenario.mechanisms.app)
        self.records = AppRecords.blank(n, columns)
        self._days = AppDays(scenario, course, cohort.patients, natural, draws, users, self.records)
        self._tailoring = Tailoring(
            scenario, course, cohort, natural, constraints, draws, recommender, needs, users,
            self.records,
        )  # fmt: skip
        self.plan_log = self._tailoring.plan_log
        team = {
            name: Team(scenario.mechanisms.app.assistants, hours)
            for name, hours in working_hours(scenario).items()
        }
        self._teams = [team[name] for name in teams_of_strata(scenario)]
        env.process(self._daily_clock())

    def uses_app(self) -> np.ndarray:
        """Return who has the app at present and did not give it up, (n,) booleans."""
        found = np.zeros(len(self._cohort.patients), dtype=np.bool_)
        found[self._users.with_app()] = True
        return found

    def start(self, row: int) -> None:
        """Begin the app use of a participant who was randomized to it just now."""
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
        cohort.log(env.now, row, "installed the app")
        yield env.timeout(installed - env.now)
        self._users.install(place, installed, stay)
        self._tailoring.introduce(place)
        if leaves < np.inf:
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
                cohort.log(day, row, "stopped using the app")

    def close(self) -> None:
        """Note of everybody who uses the app to the end that they do."""
        for user in self._users.records[self._users.records["reachable"]]:
            row = user["row"]
            used = min(self._env.now, user["entry"] + self._follow_up_days) - user["installed"]
            self._cohort.quit_after[row] = max(self._cohort.quit_after[row], used)

    def _daily_clock(self) -> Process:
        """End each day a moment before midnight: what was done, then all sessions at once."""
        yield self._env.timeout(EVENING)
        while True:
            today = int(self._env.now)
            if self._days.is_monday(today):
                self._tailoring.fit_again(today)
            sessions, leaving = self._days.live(today)
            for place in leaving.tolist():
                user = self._users.records[place]
                lived = today + 1 - int(user["installed"])
                after = lived + float(user["stay"] / user["haste"])
                self._env.process(self._stop(int(user["row"]), place, after))
            if len(sessions):
                self._tailoring.hold(sessions, today)
            yield self._env.timeout(1.0)
