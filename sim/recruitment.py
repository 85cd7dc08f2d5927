"""Recruitment as events: interest, contact, screening, baseline questionnaire, randomization."""

from collections import Counter
from collections.abc import Callable, Generator
from typing import Any

import numpy as np
import simpy

from scenarios.schema import Scenario
from sim.candidates import NOT_REACHED, RANDOMIZED, REFUSED_AT_CONTACT, Candidates
from sim.cohort import Cohort
from sim.randomization import Randomizer

Process = Generator[simpy.Event, Any, None]


class Recruitment:
    """Fills the trial.

    Parameters
    ----------
    env
        The trial's clock, in days since it opened.
    scenario, candidates, cohort, randomizer
        What is recruited for, who is interested, where state is kept, who allocates.
    enrolled
        Called with the row of each participant at randomization.

    Attributes
    ----------
    fates
        How many candidates met each fate before the trial was full.
    full
        Event that happens when the last participant is randomized.
    """

    def __init__(
        self,
        env: simpy.Environment,
        scenario: Scenario,
        candidates: Candidates,
        cohort: Cohort,
        randomizer: Randomizer,
        enrolled: Callable[[int], None],
    ) -> None:
        self._env = env
        self._scenario = scenario
        self._candidates = candidates
        self._cohort = cohort
        self._randomizer = randomizer
        self._enrolled = enrolled
        self._row = np.cumsum(candidates.fate == len(candidates.fates) - 1) - 1
        self._screeners = {
            stratum.country: simpy.Resource(env, scenario.recruitment.screeners)
            for stratum in scenario.trial.strata
        }
        self.fates: Counter[str] = Counter()
        self.full = env.event()
        env.process(self._interest())

    def _interest(self) -> Process:
        for candidate, day in enumerate(self._candidates.interest_day.tolist()):
            yield self._env.timeout(day - self._env.now)
            if self.full.triggered:
                return
            self._env.process(self._candidate(candidate))

    def _candidate(self, candidate: int) -> Process:
        env, people = self._env, self._candidates
        recruitment = self._scenario.recruitment
        fate = people.fates[people.fate[candidate]]
        yield env.timeout(people.contact_delay[candidate])
        if fate in {NOT_REACHED, REFUSED_AT_CONTACT}:
            self._decide(fate)
            return
        stratum = int(people.stratum[candidate])
        with self._screeners[self._scenario.trial.strata[stratum].country].request() as screener:
            yield screener
            yield env.timeout(recruitment.screening_hours / recruitment.staff_hours)
        if fate != RANDOMIZED:
            self._decide(fate)
            return
        yield env.timeout(people.questionnaire_delay[candidate])
        if not self.full.triggered:
            self._decide(fate)
            self._randomize(int(self._row[candidate]), stratum)

    def _decide(self, fate: str) -> None:
        if not self.full.triggered:
            self.fates[fate] += 1

    def _randomize(self, row: int, stratum: int) -> None:
        cohort = self._cohort
        number = self.fates[RANDOMIZED] - 1
        cohort.number[row] = number
        cohort.arm[row] = self._randomizer.allocate(stratum)
        cohort.entry[row] = int(self._env.now)
        cohort.answered[row, 0] = 0.0
        cohort.log(self._env.now, row, "randomized")
        self._enrolled(row)
        if number + 1 == self._scenario.trial.sample_size:
            self.full.succeed()
