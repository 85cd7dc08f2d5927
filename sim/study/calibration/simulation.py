"""Simulates the statistics that a calibration compares with published numbers, and nothing else."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from analysis.plan.responses.definitions import Response
from analysis.replicates.targets import simulated_numbers
from scenarios.analyses.plan import AnalysisPlan
from scenarios.analyses.register import name_in_tables
from scenarios.design.outcomes import Outcomes
from scenarios.errors import ScenarioError, one_line
from scenarios.free_parameters import ParameterSpace
from scenarios.schema import Scenario
from scenarios.targets import Target
from sim.interrupts import first_one_asks
from sim.replicates.compared import Compared
from sim.study.calibration.job import Job, Outcome
from sim.study.calibration.kept import KeptSteps
from sim.study.executors import Executor
from sim.study.failed import is_of_machine
from sim.study.groups import CHUNK, Groups


@dataclass(frozen=True, slots=True)
class Task:
    """Consecutive jobs of a step, with their places in it."""

    numbers: range
    jobs: tuple[Job, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """A task's outcomes, and the seconds that they took."""

    numbers: range
    outcomes: tuple[Outcome, ...]
    seconds: float


class Tasks:
    """The jobs that are missing, grouped when they are handed out."""

    def __init__(self, jobs: Sequence[Job], groups: Groups) -> None:
        self._jobs = jobs
        self._groups = groups

    def __len__(self) -> int:
        """Return how many tasks there are at most."""
        return len(self._groups)

    def __iter__(self) -> Iterator[Task]:
        """Yield the tasks."""
        for numbers in self._groups:
            yield Task(numbers, tuple(self._jobs[numbers.start : numbers.stop]))


@dataclass(frozen=True, slots=True)
class Statistics:
    """Simulates the statistics of some jobs: the task of a worker."""

    targets: tuple[Target, ...]
    replicate: Compared

    def __call__(self, task: Task) -> Done:
        """Simulate them, one after the other."""
        started = time.perf_counter()
        outcomes = tuple(self._one(job) for job in task.jobs)
        return Done(task.numbers, outcomes, time.perf_counter() - started)

    def _one(self, job: Job) -> Outcome:
        """Simulate; a trial that raises has NaN for statistics, and the reason is kept."""
        try:
            tables = self.replicate(job.scenario, job.replicate)
        except Exception as error:
            if is_of_machine(error):
                raise
            reason = one_line(f"{type(error).__name__}: {error}")
            return Outcome(job.point, job.replicate, np.full(len(self.targets), np.nan), reason)
        values = simulated_numbers(tables, self.targets)[1][0]
        return Outcome(job.point, job.replicate, values)


OTHER_SEED = 0x5E1FCA1B
"""Changes the scenario's seed, so that calibration and validation simulate other trials."""


class Simulator:
    """Points of a parameter space to statistics, on common random numbers.

    Parameters
    ----------
    space
        The scenario with its free parameters.
    targets
        Whose statistics are wanted.
    executor
        Runs the replicates.
    on_replicate
        Called after each replicate with the reason why it failed, or ''.
    steps
        Keeps what is simulated; None to keep nothing.
    """

    def __init__(
        self,
        space: ParameterSpace,
        targets: Sequence[Target],
        executor: Executor,
        on_replicate: Callable[[str], None],
        steps: KeptSteps | None = None,
    ) -> None:
        self.space = space
        self.targets = tuple(targets)
        self._executor = executor
        self._on_replicate = on_replicate
        self._steps = steps
        self.seed = int(space.merged.data["seed"]) ^ OTHER_SEED

    def scenario(self, point: np.ndarray) -> Scenario | None:
        """Return the scenario at a point, analysed no further than needed; None if not allowed."""
        try:
            found = self.space.scenario(point.tolist())
        except ScenarioError:
            return None
        plan = least_plan(found.analysis, self.targets, found.scales)
        return found.model_copy(update={"analysis": plan, "truth": False, "seed": self.seed})

    def simulate(
        self, points: Sequence[np.ndarray], replicates: Sequence[range]
    ) -> list[np.ndarray | None]:
        """Return each point's (replicates, t) statistics; None where the point is not allowed.

        Parameters
        ----------
        points
            (k,) each, in prior SDs from the prior mean.
        replicates
            For each point, the numbers of its replicates.
        """
        scenarios = [self.scenario(point) for point in points]
        jobs = [
            Job(at, number, scenario)
            for at, (scenario, numbers) in enumerate(zip(scenarios, replicates, strict=True))
            if scenario is not None
            for number in numbers
        ]
        results = [
            None if scenario is None else np.full((len(numbers), len(self.targets)), np.nan)
            for scenario, numbers in zip(scenarios, replicates, strict=True)
        ]
        each = min((len(numbers) for numbers in replicates), default=1)
        for outcome in self._outcomes(jobs, min(each, CHUNK)):
            place = results[outcome.point]
            if place is not None:
                row = outcome.replicate - replicates[outcome.point].start
                place[row] = outcome.values
            self._on_replicate(outcome.failure)
        return results

    def _outcomes(self, jobs: Sequence[Job], chunk: int) -> Iterator[Outcome]:
        """Yield the outcomes of jobs: those that are kept, then those that are missing.

        Jobs are handed out in whole chunks: what a scenario needs before its first trial is made
        once in a worker.
        """
        step = None if self._steps is None else self._steps.step(jobs)
        missing = [range(len(jobs))]
        if step is not None:
            yield from step.outcomes(jobs)
            missing = step.missing(len(jobs))
        groups = Groups(missing, self._executor.jobs, chunk)
        statistics = Statistics(self.targets, Compared.with_all_of(self.targets, diagnostics=False))
        results = self._executor.run(statistics, Tasks(jobs, groups))
        with closing(results), first_one_asks(groups.stop):
            for done in results:
                if step is not None:
                    step.add(done.numbers, done.outcomes)
                groups.measured(done.seconds, len(done.numbers))
                yield from done.outcomes
        if groups.stopped:
            raise KeyboardInterrupt


def least_plan(plan: AnalysisPlan, targets: Sequence[Target], outcomes: Outcomes) -> AnalysisPlan:
    """Return the analysis plan without what no target needs.

    The mixed models of outcomes that no target names, response that none asks for, the
    sensitivity analyses and the alternatives are left out.
    """
    words = {word for target in targets for word in target.select.values()}
    primary = plan.primary_outcome

    def names(points: int) -> set[str]:
        response = Response(outcomes[primary], points, since_baseline=True)
        return {f"response {points}", f"responders {points}", response.name}

    points = tuple(p for p in plan.responder_points if names(p) & words)
    return plan.model_copy(
        update={
            "continuous": tuple(o for o in plan.continuous if o in words or o == primary),
            "responder_points": points,
            "secondary_response": {
                outcome: least
                for outcome, least in plan.secondary_response.items()
                if Response(outcomes[outcome], least, since_baseline=True).name in words
            },
            "secondary_level": {
                outcome: level
                for outcome, level in plan.secondary_level.items()
                if Response(outcomes[outcome], level, since_baseline=False).name in words
                or (outcome in words and outcome not in plan.continuous)
            },
            "sensitivity": tuple(
                s for s in plan.sensitivity if name_in_tables("sensitivity", s) in words
            ),
            "alternatives": tuple(a for a in plan.alternatives if a in words),
        }
    )
