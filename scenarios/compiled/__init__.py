"""Compiled loops, and where they are kept: what agents, recommender, analysis and sim share."""
