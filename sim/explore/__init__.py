"""A page on this computer to change a scenario, run it, and look at what it gives.

:mod:`.serve` starts it, :mod:`.app` has its addresses, :mod:`.guard` says who may ask. What is
shown is made by the functions that commands and reports use; a run is the command itself in a
process of its own, and its folder one that every other command reads.
"""
