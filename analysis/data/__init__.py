"""The data of one trial, and the rows of results."""
