"""What the gate does if it is not told otherwise."""

MARGIN = 0.1
"""Loss that it looks for, as a share of the baseline's effect."""
ADDED_MARGIN = 0.25
"""Loss that it looks for, as a share of what the baseline adds to the rival's effect."""
RIVAL = "guideline"
"""Recommender over whose effect the baseline's is looked at."""
ALPHA = 0.05
"""Share of false alarms, at most, where nothing is lost."""
POWER = 0.9
"""Probability, at least, of noticing a loss of a margin."""
REPLICATES = 30
"""Replicates of a baseline."""
FIRST = 5
"""Replicates before the first look, which estimate the variance."""
BETWEEN = 5
"""Replicates from one look to the next."""
RARE = 0.2
"""Share of the replicates from which failures are noticed: no pass before they could be."""
WITHHELD = 0.01
"""Probability, at most, that the spread of replicates withholds a pass if nothing is lost."""
LEAST_REPLICATES = 15
"""Replicates of a baseline, at least: at the usual power the first look that may be a pass."""
TOLERANCE = 0.1
"""Share of the margin by which scores without the app may differ from the baseline's: another
processor may round a few scores another way. A larger difference is of another simulation."""
