"""Reporting checklists, filled in from a scenario and the records of a study."""
