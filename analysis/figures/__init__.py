"""Figures: functions of results that return what is drawn, and write nothing."""
