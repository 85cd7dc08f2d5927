"""Whether an unfinished study that is there is the one that is asked for."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scenarios.errors import InputError
from scenarios.schema import Scenario
from scenarios.trust import check_trusted, own_modules
from sim.study.identity.study import Identity
from sim.study.setting import Setting
from sim.study.store.manifest_file import MANIFEST, RUNNING

SCHEDULER = "--scheduler"
"""Option whose value is an address: what runs there may give us code to run."""


def check_repeated(scenario: Scenario, setting: Setting) -> None:
    """Refuse code that a scenario names where a study's manifest asks for it, not the user.

    Raises
    ------
    InputError
        If the command is given again by ``selfback resume`` or ``grow``, and the code is not
        trusted; nothing has been imported.
    """
    if setting.repeat:
        check_trusted(scenario, setting.place.path / MANIFEST, trust=setting.trust)


def how_to_go_on(scenario: Scenario, setting: Setting) -> str:
    """Return what a user is to give to go on with a study."""
    if not setting.command or setting.place.remote is not None:
        return "the same call"
    elsewhere = any(argument.startswith(SCHEDULER) for argument in setting.command)
    trust = " --trust" if own_modules(scenario) or elsewhere else ""
    return f"selfback resume {setting.place.path}{trust}"


def resumed(there: Mapping[str, Any], identity: Identity) -> dict[str, Any]:
    """Return what stays of the manifest of an unfinished study, with what has changed since."""
    kept = {"started": datetime.fromisoformat(there["started"]), "before": there["duration"]}
    now = datetime.now(tz=UTC).isoformat(timespec="seconds")
    changed = (*identity.code_differences(there), *identity.machine_differences(there))
    changes = [*there.get("changes", ()), *(f"{now}: {line}" for line in changed)]
    return {**kept, **({"changes": changes} if changes else {})}


def check_same(
    folder: Path,
    manifest: Mapping[str, Any],
    identity: Identity,
    setting: Setting,
    replicates: int,
) -> None:
    """Refuse to go on with a study that is another one; say what may differ in the last digits."""
    told = identity.differences(manifest)
    named = setting.place.told(str(folder))
    if told:
        raise InputError(
            f"{named} has an unfinished study that is another one: {'; '.join(told)}: choose "
            f"another folder, or remove {named}"
        )
    if manifest["state"] != RUNNING and int(manifest["replicates"]) >= replicates:
        return  # nothing is simulated
    told = identity.code_differences(manifest)
    if told and not setting.allow_code_change:
        raise InputError(
            f"{named} has an unfinished study of other code: {'; '.join(told)}: add "
            f"--allow-code-change to go on with it all the same, which is recorded, or remove "
            f"{named}"
        )
    for line in identity.machine_differences(manifest):
        setting.tell(f"{named} was begun on another machine, last digits may differ: {line}")
