"""The run-in: who completes what is asked for before randomization."""

import numpy as np
from scipy import special

from agents.answering import reluctance
from agents.engagement import opening_threshold
from agents.population import Patients
from agents.step_sources import record_steps
from scenarios.design.run_in import DailyRunIn, QuestionnaireRunIn
from scenarios.schema import Scenario
from sim.core.lasting import lasting_reluctance, step_source_draws
from sim.core.streams import Mechanism, Streams


class RunIn:
    """Settles who completes the run-in, by each person's own draws.

    *Questionnaire:* it is answered by the same kind of reluctance as those of follow-up, of which
    ``followup.frailty`` belongs to the person. So those who complete the run-in answer more later.

    *App:* it is opened with the odds of the first days of later use, habit unbroken, no messages.

    *Steps:* they are recorded by the person's own step source, worn as in the first days of its
    later use.

    Parameters
    ----------
    run_in
        What is asked for.
    scenario, streams
        The trial, and its random streams.
    """

    def __init__(
        self, run_in: QuestionnaireRunIn | DailyRunIn, scenario: Scenario, streams: Streams
    ) -> None:
        self._run_in, self._scenario, self._streams = run_in, scenario, streams
        self._settled = self._drawn = 0

    def completed(self, patients: Patients) -> np.ndarray:
        """Return which of the next m rows of the cohort complete the run-in, (m,)."""
        run_in = self._run_in
        rows = slice(self._settled, self._settled + len(patients))
        self._settled = rows.stop
        if rows.stop > self._drawn:
            self._draw(2 * rows.stop)
        draws, person = self._draws[rows], self._person[rows]
        if isinstance(run_in, QuestionnaireRunIn):
            occasion = special.ndtri(draws.astype(float))
            unwilling = reluctance(self._scenario.followup.frailty, person, occasion)
            return np.asarray(unwilling[:, 0] < special.ndtri(run_in.response))
        if run_in.kind == "app":
            app = self._scenario.app
            if app is None:
                raise TypeError("a run-in with the app needs an app")
            done = opening_threshold(app, patients, 0, draws) < app.open_per_habit
        else:
            exact = np.zeros(draws.shape)
            sources = self._scenario.step_sources
            if sources is None:
                raise TypeError("a run-in with steps needs step sources")
            done = record_steps(sources, 0, person, draws, exact, exact).ratio > 0.0
        return np.asarray(done.sum(axis=1) >= run_in.needed_days)

    def _draw(self, persons: int) -> None:
        """Draw for this many rows: what is the person's for good, and the run-in's."""
        run_in, streams = self._run_in, self._streams
        if isinstance(run_in, QuestionnaireRunIn):
            occasions = 1
            self._person = lasting_reluctance(streams, persons)
        else:
            occasions = run_in.days
            self._person = step_source_draws(streams, persons)
        self._draws = streams.uniforms(Mechanism.RUN_IN, persons, occasions)
        self._drawn = persons
