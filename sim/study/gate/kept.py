"""The scores that a gate has simulated, kept until its verdict, so that an interrupted one goes on.

A baseline that is recorded keeps them the same way until its file is written.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pyarrow as pa

from scenarios.errors import InputError
from scenarios.schema import Scenario
from sim.study.frame import OpenStudy, open_study
from sim.study.setting import Setting
from sim.study.store.manifest_file import FINISHED, MANIFEST, read_state
from sim.study.store.shards import Shards
from sim.study.task import Simulated

KIND = "gate"
"""What a manifest calls such a study."""


class KeptScores:
    """The tables of scores that are kept in a study.

    Parameters
    ----------
    study
        That of the gate.
    """

    def __init__(self, study: OpenStudy) -> None:
        self._study = study
        self._shards = Shards(study.shards, sync=study.sync)
        study.tally.kept += self._shards.kept
        if self._shards.kept:
            study.setting.tell(f"{study.folder}: {self._shards.kept} replicates are kept")

    def missing(self, numbers: range) -> list[range]:
        """Return which of these replicates are not kept, as ranges in order."""
        return self._shards.missing(numbers)

    def add(self, done: Simulated) -> None:
        """Keep the scores of some replicates."""
        self._shards.add(done.numbers, done.payload)
        self._study.tally.kept += len(done.numbers)

    def tables(self, name: str) -> Iterator[pa.Table]:
        """Yield the tables of this name, in the order of the replicates."""
        for record in self._shards:
            yield record.tables()[name]


@contextmanager
def scores_kept(
    scenario: Scenario, setting: Setting, *, replicates: int, asked: Mapping[str, Any]
) -> Iterator[KeptScores]:
    """Give what keeps the scores of a gate; its folder goes when the body is done.

    What an interrupted gate left in the folder is gone on with, if it had the same scenario and
    code. A gate is there to be given again after a change: then it is begun anew.

    Parameters
    ----------
    scenario
        What is simulated.
    setting
        How, and in which folder.
    replicates
        At most.
    asked
        What makes it another gate, as plain data.

    Raises
    ------
    InputError
        If there is something else in the folder, or it cannot be made.
    """
    place = setting.place
    if place.kept:
        _check_is_ours(setting)
    anew = replace(setting, begin_anew=True)
    study = {KIND: dict(asked)}
    begun = False
    try:
        with open_study(scenario, anew, replicates=replicates, study=study) as opened:
            begun = True
            yield KeptScores(opened)
    except InputError as error:
        # It would say the same again: nothing of it helps.
        if begun and place.kept:
            shutil.rmtree(place.path, ignore_errors=True)
            getattr(error, "__notes__", []).clear()
        raise
    if place.kept:
        shutil.rmtree(place.path, ignore_errors=True)


def _check_is_ours(setting: Setting) -> None:
    """Refuse a folder of anything but a gate; remove one that was left when all was done."""
    path = setting.place.path
    there = read_state(path)
    if there is None:
        if path.exists() and any(path.iterdir()):
            raise InputError(f"{path} has no {MANIFEST} of a gate: choose another folder")
        return
    if KIND not in (there.get("study") or {}):
        raise InputError(f"{path} is a study, and no gate's: choose another folder")
    if there["state"] == FINISHED:
        shutil.rmtree(path)
