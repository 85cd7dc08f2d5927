"""Analyses of responses, events and counts."""
