"""Trials without mechanisms, several at once in arrays."""
