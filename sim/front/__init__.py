"""What one does with the simulation, a module a verb: the functions of ``import selfback``.

The commands of ``selfback`` call the same functions. Each returns a frozen result that holds
DataFrames, prints itself on a terminal and shows itself in a notebook.
"""

from pathlib import Path

from sim.namesakes import in_the_way

_hidden = in_the_way(Path(__file__).resolve().parents[2])
if _hidden:
    raise ImportError(_hidden)
