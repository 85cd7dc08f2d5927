"""Several hypotheses in one trial: adjusted P values, decisions and simultaneous intervals."""
