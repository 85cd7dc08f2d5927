"""The commands of ``selfback``, a module each: options, and what is printed.

A command calls a function of :mod:`sim.front` and shows what it returns. A new one is a module
here, and a line in :mod:`sim.cli.table`.
"""
