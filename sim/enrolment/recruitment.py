"""Recruitment: calls, screening, run-in, baseline questionnaire; randomization is an event.

Nothing before randomization depends on what happens in the trial: who is screened when is settled
by the candidates' draws and by the order in which assistants serve them.
"""

from collections import Counter
from collections.abc import Callable, Generator
from typing import Any

import numpy as np
import simpy

from scenarios.design.run_in import run_in_days
from scenarios.schema import Scenario
from sim.core.cohort import Cohort
from sim.enrolment.candidates import Candidates
from sim.enrolment.dispositions import AT_CONTACT, RANDOMIZED, RUN_IN_FAILED
from sim.enrolment.places import Places
from sim.enrolment.screening import screening_days

Process = Generator[simpy.Event, Any, None]


class Recruitment:
    """Fills the trial.

    Parameters
    ----------
    env
        The trial's clock, in days since it opened.
    scenario, candidates, cohort, places, allocate
        What is recruited for, who is interested, where state is kept, how many are taken, who
        allocates: asked for the arm of a row of the cohort at its randomization.
    enrolled
        Called with the row of each participant at randomization.

    Attributes
    ----------
    fates
        How many candidates met each fate before the trial was full.
    full
        Event that happens when the last participant is randomized, or the trial is stopped before.
    """

    def __init__(
        self,
        env: simpy.Environment,
        scenario: Scenario,
        candidates: Candidates,
        cohort: Cohort,
        places: Places,
        allocate: Callable[[int], int],
        enrolled: Callable[[int], None],
    ) -> None:
        self._env = env
        self._candidates = candidates
        self._cohort = cohort
        self._places = places
        self._allocate = allocate
        self._enrolled = enrolled
        self._row = np.cumsum(candidates.in_cohort) - 1
        (self._screened,) = screening_days(scenario, [candidates])
        self._ran_in = self._screened + run_in_days(scenario.recruitment.run_in)
        self.fates: Counter[str] = Counter()
        self.full = env.event()
        env.process(self._randomizations())

    def _randomizations(self) -> Process:
        """Randomize as baseline questionnaires come in, until the trial is full or stopped."""
        people, env = self._candidates, self._env
        eligible = people.eligible
        completed = self._ran_in[eligible] + people.questionnaire_delay[eligible]
        order = np.argsort(completed, kind="stable")
        coming = zip(completed[order].tolist(), eligible[order].tolist(), strict=True)
        for day, candidate in coming:
            yield env.timeout(min(day, self._cohort.closes) - env.now)
            if day >= self._cohort.closes:
                self._close()
                return
            self._places.drop_arms(env.now, self.fates[RANDOMIZED])
            self._randomize(candidate)
            if self.fates[RANDOMIZED] == self._places.size:
                self._close()
                return

    def _randomize(self, candidate: int) -> None:
        cohort, row = self._cohort, int(self._row[candidate])
        now = self._env.now
        cohort.number[row] = self.fates[RANDOMIZED]
        cohort.arm[row] = self._allocate(row)
        cohort.entered[row] = now
        cohort.entry[row] = int(now)
        cohort.answered[row, 0] = 0.0
        cohort.screened[row] = self._screened[candidate]
        cohort.log(now, row, "randomized")
        self.fates[RANDOMIZED] += 1
        self._enrolled(row)

    def _close(self) -> None:
        """Close recruitment, and count those whose fate was settled without allocation until now.

        Raises
        ------
        RuntimeError
            If screening fell so far behind, with few screeners or long holidays, that candidates
            who were not drawn might have come first.
        """
        people, now = self._candidates, self._env.now
        if now > people.interest_day[-1]:
            raise RuntimeError("recruitment: screening falls behind interest")
        called, screened = people.call_day <= now, self._screened <= now
        for fate, name in enumerate(people.fates[:-1]):
            settled = called if fate < len(AT_CONTACT) else screened
            if name == RUN_IN_FAILED:
                settled = self._ran_in <= now
            self.fates[name] = int((settled & (people.fate == fate)).sum())
        self.full.succeed()
