"""What a trial shows: the prespecified estimators, tables and figures."""
