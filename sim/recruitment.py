"""Recruitment as events: calls, screening, baseline questionnaire, randomization."""

from collections import Counter
from collections.abc import Callable, Generator
from typing import Any

import numpy as np
import simpy

from scenarios.schema import Scenario
from sim.candidates import AT_CONTACT, RANDOMIZED, Candidates
from sim.cohort import Cohort
from sim.randomization import Randomizer
from sim.staff import Team, working_hours

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
        team = {
            country: Team(env, scenario.recruitment.screeners, hours)
            for country, hours in working_hours(scenario).items()
        }
        self._teams = [team[stratum.country] for stratum in scenario.trial.strata]
        self.fates: Counter[str] = Counter()
        self.full = env.event()
        env.process(self._calls())

    def _calls(self) -> Process:
        """Screen whoever takes a call and does not refuse.

        The others cost no more than the call: they are counted when recruitment closes.
        """
        people = self._candidates
        screened = np.flatnonzero(people.fate >= len(AT_CONTACT))
        order = screened[np.argsort(people.call_day[screened], kind="stable")]
        called = zip(
            people.call_day[order].tolist(),
            order.tolist(),
            people.stratum[order].tolist(),
            [people.fates[fate] for fate in people.fate[order]],
            people.questionnaire_delay[order].tolist(),
            strict=True,
        )
        for day, candidate, stratum, fate, delay in called:
            if day > self._env.now:
                yield self._env.timeout(day - self._env.now)
            if self.full.triggered:
                return
            self._env.process(self._screening(candidate, stratum, fate, delay))

    def _screening(self, candidate: int, stratum: int, fate: str, delay: float) -> Process:
        env = self._env
        yield from self._teams[stratum].work(self._scenario.recruitment.screening_hours)
        screened = env.now
        if fate == RANDOMIZED:
            yield env.timeout(delay)
        if self.full.triggered:
            return
        self.fates[fate] += 1
        if fate == RANDOMIZED:
            self._randomize(candidate, stratum, screened)

    def _randomize(self, candidate: int, stratum: int, screened: float) -> None:
        cohort, row = self._cohort, int(self._row[candidate])
        number = self.fates[RANDOMIZED] - 1
        cohort.number[row] = number
        cohort.arm[row] = self._randomizer.allocate(stratum)
        cohort.entered[row] = self._env.now
        cohort.entry[row] = int(self._env.now)
        cohort.answered[row, 0] = 0.0
        cohort.screened[row] = screened
        cohort.log(self._env.now, row, "randomized")
        self._enrolled(row)
        if number + 1 == self._scenario.trial.sample_size:
            self._close()

    def _close(self) -> None:
        """Close recruitment, and count those who were called in vain or refused until now.

        Raises
        ------
        RuntimeError
            If screening fell so far behind, with few screeners or long holidays, that candidates
            who were not drawn might have come first.
        """
        people, now = self._candidates, self._env.now
        if now > people.interest_day[-1]:
            raise RuntimeError("recruitment: screening falls behind interest")
        for fate, name in enumerate(AT_CONTACT):
            self.fates[name] = int(((people.fate == fate) & (people.call_day <= now)).sum())
        self.full.succeed()
