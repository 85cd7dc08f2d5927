"""The analysis plan: a trial in, estimates out."""
