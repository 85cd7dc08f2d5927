"""The process of the command: ``selfback``, or ``python -m sim``."""

import sys

if __name__ == "__main__" and not sys.flags.safe_path:
    # ``python -m`` looks for every module in the working folder first, and a random.py there would
    # be imported by all that need the one of Python. It goes last, before anything is imported.
    sys.path.append(sys.path.pop(0))

import atexit
import os
import warnings
from pathlib import Path

from scenarios.printable import printable
from sim import interrupts
from sim.doctor.startup import without_commands
from sim.namesakes import in_the_way


def main() -> None:
    """Run the command with the arguments of the process, and leave with its exit code.

    An interrupt is one line at any moment, also while modules are being imported.
    """
    interrupts.listen()
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # it was closed by who started this process
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
    # A warning may quote a file, as that of a figure which has no glyph for a control character.
    as_text = warnings.formatwarning
    warnings.formatwarning = lambda *what, **more: printable(as_text(*what, **more))
    hidden = in_the_way(Path(__file__).resolve().parents[1])
    if hidden:
        sys.stderr.write(f"selfback: {hidden}\n")
        sys.exit(2)
    # Matrices are small: threads cost more than they bring, and workers use one as well.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ["MPLBACKEND"] = "agg"  # no window is opened, whatever one is asked for elsewhere
    try:
        try:
            from sim.cli import call  # noqa: PLC0415 - slow to import; interrupts are heard first
        except Exception as error:  # noqa: BLE001 - a library is missing or broken
            code = without_commands(error, sys.argv[1:])
        else:
            code = call(sys.argv[1:])
    except KeyboardInterrupt:
        code = interrupts.tell(interrupts.INTERRUPTED)
    except interrupts.Terminated:
        code = interrupts.tell(interrupts.TERMINATED)
    interrupts.ignore()
    if code in (interrupts.INTERRUPTED, interrupts.TERMINATED):
        # Where compiled code met the interrupt, the interpreter would raise it once more at its end
        # instead of leaving with our code; and it would wait for threads of workers that are gone.
        atexit._run_exitfuncs()  # noqa: SLF001 - there is no public name
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    main()
