"""Commands that compare designs of a trial."""
