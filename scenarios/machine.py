"""What fails because the machine does: memory, disk, files, processes; not a user or a trial."""

import errno


class MachineError(Exception):
    """The machine failed, not the user and not a replicate: the command ends with exit code 5.

    Memory, disk or files ran out, workers were lost again and again, or a scheduler does not
    answer. No replicate has failed by it. ``str()`` is one line with what happened and what helps.
    """


_LIMITS = {
    errno.EMFILE: "too many open files for one process: raise the limit (ulimit -n) or use "
    "fewer --jobs",
    errno.ENFILE: "too many open files on this machine",
    errno.EAGAIN: "no further process or thread can be started: raise the limit (ulimit -u, or "
    "of memory, ulimit -v) or use fewer --jobs",
    errno.ENOMEM: "memory ran out: use fewer --jobs",
    errno.ENOSPC: "no space left on the disk",
    errno.EDQUOT: "the quota of the disk is used up",
    errno.EFBIG: "a file may not be as large (ulimit -f, or the file system)",
    errno.EIO: "the disk could not be read or written (input/output error)",
}
_NO_MEMORY = ("failed to map segment", "annot allocate memory")
"""What the loader of compiled modules says where there is no memory for one."""
_NO_THREAD = ("can't start new thread", "Unknown error: Failed to launch worker thread")
"""What Python and Arrow say where no thread can be started."""
_OF_A_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""Those where it matters which file it was."""


def machine_failure(error: BaseException) -> str:
    """Return in one line what the machine lacks, '' if an exception does not speak of the machine.

    The causes of an exception are looked at as well: a library may have wrapped it.

    >>> machine_failure(OSError(errno.ENOSPC, "No space left on device", "a.parquet"))
    'a.parquet: no space left on the disk'
    >>> machine_failure(ValueError("no"))
    ''
    """
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        if isinstance(found, MachineError):
            return str(found)
        unmapped = isinstance(found, ImportError) and any(w in str(found) for w in _NO_MEMORY)
        if isinstance(found, MemoryError) or unmapped:
            return _LIMITS[errno.ENOMEM]
        if isinstance(found, OSError) and found.errno in _LIMITS:
            place = f"{found.filename}: " if found.filename and found.errno in _OF_A_DISK else ""
            return f"{place}{_LIMITS[found.errno]}"
        if str(found).startswith(_NO_THREAD):
            return _LIMITS[errno.EAGAIN]
        found = found.__cause__ or found.__context__
    return ""


def is_of_machine(error: BaseException) -> bool:
    """Return whether an error, or what it was raised from, is the machine's and not the trial's."""
    return bool(machine_failure(error))
