"""The ``selfback`` command: how its commands are called, a module for each kind of them.

What they do is in :mod:`sim.cli.commands`, which is imported when a command runs, so that
``selfback --help`` does not wait for NumPy and its like. A command returns its exit code.
"""

from sim.cli.exit_codes import BROKEN_PIPE
from sim.cli.main import call

__all__ = ["BROKEN_PIPE", "call"]
