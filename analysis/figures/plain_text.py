"""Texts in figures are what they say: a dollar sign in a title begins no formula."""

from matplotlib import rc_context

plain_text = rc_context({"text.parse_math": False})
"""Decorates a function that draws. It leaves the settings of the user's own figures alone."""
