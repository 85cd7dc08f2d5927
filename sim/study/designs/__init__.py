"""Studies that compare designs: power, sample size, comparisons, assurance."""
