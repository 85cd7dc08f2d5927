"""What processes and shared memory a study has, and has left."""

import re
from pathlib import Path

SHARED = Path("/dev/shm")  # noqa: S108 - where semaphores and shared memory are
_WORKERS = ("popen_loky", "spawn_main")


def of_session(session: int) -> dict[int, str]:
    """Return the live processes of a session, with their command lines."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == session and fields[0] != "Z":
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                found[int(folder.name)] = command
        except (OSError, IndexError):  # it has just ended
            continue
    return found


def workers_of(study: int) -> list[int]:
    """Return the worker processes of a study, by the process of its command."""
    found = of_session(study).items()
    return [pid for pid, command in found if any(mark in command for mark in _WORKERS)]


def shared_by(study: int) -> set[str]:
    """Return the objects in shared memory that are named by the process of a study."""
    named = re.compile(rf"(?<!\d){study}(?!\d)")
    return {path.name for path in SHARED.iterdir() if named.search(path.name)}
