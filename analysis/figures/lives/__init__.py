"""Figures of single participants, day by day."""
