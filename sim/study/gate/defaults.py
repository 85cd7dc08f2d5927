"""What the gate does if it is not told otherwise."""

MARGIN = 0.1
"""Loss that it looks for, as a share of the baseline's effect."""
ALPHA = 0.05
"""Share of false alarms, at most, where nothing is lost."""
POWER = 0.9
"""Probability, at least, of noticing a loss of the margin."""
REPLICATES = 30
"""Replicates of a baseline."""
