"""What every part of a trial stands on: random streams, the clock, the cohort, staff."""
