"""What the data tell of a model, and why not the rest."""
