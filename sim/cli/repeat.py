"""Gives the command of a study again, to go on with it or to make it larger."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from scenarios.errors import InputError
from sim.cli.invocation import CURRENT, Invocation
from sim.study.identity.same import SCHEDULER
from sim.study.store.growing import beside
from sim.study.store.manifest_file import FINISHED, MANIFEST, read_state


def repeat(
    directory: Path,
    how: Literal["resume", "grow"],
    jobs: int | None,
    replicates: int = 0,
    *,
    allow_code_change: bool,
    trust: bool,
) -> int:
    """Run the command that a study's manifest has, in the folder it was given in.

    Parameters
    ----------
    directory
        Of the study.
    how
        Whether an unfinished one is gone on with, or it is made larger.
    jobs, replicates
        Instead of those that it asked for; None and 0 for the same.
    allow_code_change
        Go on although the code is another one.
    trust
        Run the code that the study names.

    Raises
    ------
    InputError
        If there is no study, it was not made by a command, or it has as many replicates already.
    """
    more = [] if jobs is None else ["--jobs", str(jobs)]
    more += ["--allow-code-change"] if allow_code_change else []
    from sim.cli.main import call  # noqa: PLC0415 - which imports the commands, this one included

    final = directory.resolve()
    there, new = read_state(final), read_state(beside(final))
    manifest = new if new is not None and (there is None or there["state"] == FINISHED) else there
    if manifest is None:
        raise InputError(f"{directory} is no study: there is no manifest.json in it")
    folder, *arguments = manifest.get("command") or [""]
    if not arguments:
        raise InputError(
            f"{directory} was not made by a command of this version: make the same call again"
        )
    _check_command(final / MANIFEST, arguments, trust=trust)
    if not Path(folder).is_dir():
        raise InputError(
            f"{directory} was begun in {folder}, which is not there: give its command again: "
            f"selfback {' '.join(arguments)}"
        )
    arguments = [*without(arguments, "--out"), "--out", str(final), *more]
    if how == "grow":
        has = int(manifest["replicates"])
        if replicates <= has and manifest["state"] == FINISHED:
            raise InputError(f"--replicates {replicates}: {directory} has {has}: ask for more")
        if "--replicates" not in arguments and arguments[0] not in GROWABLE:
            raise InputError(f"{directory} is a study of {arguments[0]}, which cannot be grown")
        arguments = without(without(arguments, "--replicates"), UNTIL)
        arguments += ["--replicates", str(replicates)]
    os.chdir(folder)
    token = CURRENT.set(Invocation(repeat=how, trust=trust))
    try:
        return call(arguments)
    finally:
        CURRENT.reset(token)


def _check_command(file: Path, arguments: Sequence[str], *, trust: bool) -> None:
    """Refuse a command that makes no study, or that an address is asked for which nobody trusts.

    The code that its scenario names is looked at when this has been read, see
    :func:`sim.study.identity.same.check_repeated`.
    """
    if arguments[0] not in STUDIES:
        raise InputError(f"{file} has a command that makes no study, {arguments[0]!r}: not given")
    there = [argument for argument in arguments if argument.startswith(SCHEDULER)]
    if there and not trust:
        raise InputError(
            f"{file} names a scheduler, whose code would be run here: add --trust if you know it"
        )


STUDIES = (
    "run", "power", "compare", "assurance", "calibrate", "validate", "subgroups", "components",
    "sensitivity", "gate",
)  # fmt: skip
"""Commands that make studies."""
UNTIL = "--until-mcse"
"""Option that ends a study early: one that is to grow has been precise enough for it."""
GROWABLE = ("run", "validate", "subgroups", "components", "compare")
"""Commands whose studies keep all of their replicates, so that more can be added."""


def without(arguments: Sequence[str], option: str) -> list[str]:
    """Return a command line without an option and its value.

    >>> without(["run", "x", "--out", "a", "--jobs", "1", "--out=b"], "--out")
    ['run', 'x', '--jobs', '1']
    """
    kept: list[str] = []
    skip = False
    for argument in arguments:
        if skip:
            skip = False
        elif argument == option:
            skip = True
        elif not argument.startswith(f"{option}="):
            kept.append(argument)
    return kept
