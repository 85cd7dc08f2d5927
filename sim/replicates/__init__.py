"""A trial simulated, then analysed."""
