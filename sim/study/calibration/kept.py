"""What a calibration has simulated, kept step by step, so that an interrupted one goes on."""

import hashlib
import json
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from scenarios.loading.load import scenario_hash
from sim.study.calibration.job import Job, Outcome
from sim.study.frame import OpenStudy
from sim.study.store.shards import Shards, pack

STATISTICS = "statistics"


class KeptSteps:
    """The steps of a calibration that are kept in its study.

    A step is a call for the statistics of some points. An interrupted calibration that is given
    again takes the same steps, since each follows from the numbers of those before.

    Parameters
    ----------
    study
        The calibration.
    """

    def __init__(self, study: OpenStudy) -> None:
        self._study = study
        self._steps = 0

    def step(self, jobs: Sequence[Job]) -> "KeptStep":
        """Begin the next step, or go on with it."""
        self._steps += 1
        hashes = {id(job.scenario): job.scenario for job in jobs}
        known = {key: scenario_hash(scenario) for key, scenario in hashes.items()}
        content = json.dumps([(known[id(job.scenario)], job.replicate) for job in jobs])
        name = hashlib.sha256(content.encode()).hexdigest()[:16]
        folder = self._study.part(f"step {self._steps} {name}", stays=False)
        return KeptStep(self._study, Shards(folder, sync=self._study.sync))


class KeptStep:
    """The outcomes of one step, by the place of a job in it."""

    def __init__(self, study: OpenStudy, shards: Shards) -> None:
        self._study = study
        self._shards = shards
        study.tally.kept += shards.kept

    def missing(self, jobs: int) -> list[range]:
        """Return which jobs have no outcome."""
        return self._shards.missing(range(jobs))

    def outcomes(self, jobs: Sequence[Job]) -> list[Outcome]:
        """Return the outcomes that are kept."""
        found = []
        for record in self._shards:
            table = record.tables()[STATISTICS]
            for number, values, failure in zip(
                record.numbers,
                table["values"].to_pylist(),
                table["failure"].to_pylist(),
                strict=True,
            ):
                job = jobs[number]
                found.append(Outcome(job.point, job.replicate, np.array(values, float), failure))
        return found

    def add(self, numbers: range, outcomes: Sequence[Outcome]) -> None:
        """Keep the outcomes of some jobs."""
        table = pa.table(
            {
                "values": pa.array([one.values for one in outcomes], pa.list_(pa.float64())),
                "failure": pa.array([one.failure for one in outcomes], pa.string()),
            }
        )
        self._shards.add(numbers, pack({STATISTICS: table}))
        self._study.keep(len(numbers))
