"""Usual care as events: what is drawn, and when it happens."""
