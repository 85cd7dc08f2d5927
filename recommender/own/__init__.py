"""Recommenders that somebody else wrote: found, checked, watched."""
