"""Recommenders that are not ours: behind HTTP, or built with cbrkit."""
