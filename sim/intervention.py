"""The app arm as events: installation, weekly tailoring, batches of plans, the daily clock."""

from collections.abc import Generator
from typing import Any

import numpy as np
import simpy
from scipy import special

from agents import activity, wristband
from agents.engagement import Engagement, quitting_day
from agents.pathway import Benefit
from agents.symptoms import LEAD_IN, NaturalCourse
from recommender.protocol import Recommender
from scenarios.course import MechanisticCourse
from scenarios.schema import Scenario
from sim.app_records import AppRecords
from sim.candidates import bounded_delay
from sim.cohort import Cohort
from sim.staff import Team, working_hours
from sim.streams import Mechanism, Streams
from sim.tailoring import Tailoring

Process = Generator[simpy.Event, Any, None]

SESSION_TIME, PLANNING_TIME = 0.5, 0.75
"""Time of day of the weekly session and of the recommender's batch; the day's clock is at 1."""


class Intervention:
    """What participants of the app arm do from installation to the end of follow-up.

    Every day of every app user is computed for all of them at once; what happens to one of them
    at a time of its own (installation, the weekly session) is an event.
    """

    def __init__(
        self,
        env: simpy.Environment,
        scenario: Scenario,
        streams: Streams,
        cohort: Cohort,
        natural: NaturalCourse,
        recommender: Recommender,
    ) -> None:
        n, columns = natural.pain.shape
        self._env, self._scenario, self._cohort = env, scenario, cohort
        self._natural = natural
        self._columns = columns
        course = scenario.course
        if not isinstance(course, MechanisticCourse):
            raise TypeError("the app acts on a mechanistic course only")
        days = columns - LEAD_IN
        self.records = AppRecords(n, columns)
        self.benefit = Benefit(scenario.pathway, course, n)
        self._engagement = Engagement(scenario.app, cohort.patients)
        self._tailoring = Tailoring(scenario, streams, cohort, natural, recommender, self.records)
        self._opening = streams.uniforms(Mechanism.OPENING, n, days)
        self._exercise = streams.uniforms(Mechanism.EXERCISE, n, days)
        self._reading = streams.uniforms(Mechanism.READING, n, days)
        self._worn = wristband.worn(scenario.wristband, streams.uniforms(Mechanism.WEAR, n, days))
        self._recording = wristband.recording_factor(
            scenario.wristband, streams.normals(Mechanism.DEVICE, n, days)
        )
        values = cohort.patients.values
        self._usual_steps = activity.usual_steps(
            scenario.activity,
            values["steps"][:, None],
            natural.pain - values["pain"].astype(np.float32)[:, None],
            streams.normals(Mechanism.STEPS, n, columns),
        )
        self._sessions = streams.uniforms(Mechanism.SESSION, n, days // 7 + 1)
        install = streams.generator(Mechanism.INSTALLATION).random((n, 2))
        self._never = install[:, 0] < scenario.app.never_installed
        self._appointment = bounded_delay(scenario.app.appointment, install[:, 1])
        quitting = streams.generator(Mechanism.QUITTING)
        luck = quitting.random((n, 2))
        self._quits = quitting_day(scenario.app, -np.log1p(-luck[:, 0]), special.ndtri(luck[:, 1]))
        team = {
            country: Team(env, scenario.app.assistants, hours)
            for country, hours in working_hours(scenario).items()
        }
        self._teams = [team[stratum.country] for stratum in scenario.trial.strata]
        self._waiting = simpy.Store(env)
        self._first_weekday = scenario.trial.opens.weekday()
        self.plan_log = self._tailoring.plan_log
        env.process(self._recommend())
        env.process(self._daily_clock())

    def start(self, row: int) -> None:
        """Begin the app use of a participant who was randomized to it just now."""
        if not self._never[row]:
            self._env.process(self._use_app(row))

    def _use_app(self, row: int) -> Process:
        env, cohort, app = self._env, self._cohort, self._scenario.app
        yield env.timeout(float(self._appointment[row]))
        yield from self._teams[cohort.stratum[row]].work(app.appointment_hours)
        installed = int(env.now) + 1
        leaves = cohort.entry[row] + cohort.withdraws_after[row] - installed
        if leaves <= 0.0:
            return
        cohort.installed[row] = installed
        cohort.quit_after[row] = min(float(self._quits[row]), leaves)
        cohort.log(env.now, row, "installed the app")
        last = cohort.entry[row] + self._columns - LEAD_IN
        for week in np.flatnonzero(self._sessions[row] < app.session_probability).tolist():
            due = installed + SESSION_TIME + 7 * week
            if due >= last:
                return
            if due - installed >= cohort.quit_after[row]:
                yield env.timeout(max(installed + cohort.quit_after[row] - env.now, 0.0))
                cohort.log(env.now, row, "stopped using the app")
                return
            yield env.timeout(due - env.now)
            self._waiting.put(row)

    def _recommend(self) -> Process:
        """Answer the sessions of a day in one batch, in the evening."""
        while True:
            first = yield self._waiting.get()
            yield self._env.timeout(int(self._env.now) + PLANNING_TIME - self._env.now)
            rows = np.array(sorted([first, *self._waiting.items]))
            self._waiting.items.clear()
            self._tailoring.plan(rows, int(self._env.now), self.benefit)

    def _daily_clock(self) -> Process:
        yield self._env.timeout(1.0 - 1e-9)
        while True:
            self._advance(int(self._env.now))
            yield self._env.timeout(1.0)

    def _advance(self, today: int) -> None:
        """Let all app users live through one day."""
        cohort, scenario, records = self._cohort, self._scenario, self.records
        column_of = today - cohort.entry + LEAD_IN
        rows = np.flatnonzero((cohort.installed <= today) & (column_of < self._columns))
        if not len(rows):
            return
        column = column_of[rows]
        day = today - cohort.installed[rows]
        engaged = (day < cohort.quit_after[rows]) & self._tailoring.has_plan[rows]
        users = rows[engaged]
        use = self._engagement.advance(
            users, day[engaged], records.reached_goal[users],
            self._opening[users, day[engaged]],
            self._exercise[users, day[engaged]],
            self._reading[users, day[engaged]],
        )  # fmt: skip
        weekday = (self._first_weekday + today) % 7
        usual = self._usual_steps[rows, column]
        usual = usual * activity.weekday_factor(scenario.activity, weekday)
        goal = self._tailoring.step_goal[rows]
        steps = np.where(
            engaged, activity.steps_towards_goal(scenario.activity, usual, goal), usual
        )
        worn = self._worn[rows, day] & (day < cohort.quit_after[rows])
        counted = steps * self._recording[rows, day]
        exercised, read = np.zeros(len(rows)), np.zeros(len(rows))
        exercised[engaged], read[engaged] = use.exercised, use.read
        self.benefit.advance(
            rows,
            self._natural.pain_relief[rows, column],
            exercised,
            engaged & (steps >= goal),
            read,
            self._tailoring.fit[rows],
        )
        records.store_day(rows, column, steps, worn, counted, self.benefit)
        records.store_use(users, day[engaged] // 7, use)
        records.reached_goal[rows] = worn & engaged & (counted >= goal)
