"""The gate: whether a change makes a recommender worse."""
