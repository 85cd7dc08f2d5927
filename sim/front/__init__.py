"""What one does with the simulation, a module a verb: the functions of ``import selfback``.

The commands of ``selfback`` call the same functions. Each returns a frozen result that holds
DataFrames, prints itself on a terminal and shows itself in a notebook.
"""
