"""The formats of a report, for a command line that need not import what writes them."""

HTML, PDF, WORD = "html", "pdf", "docx"
FORMATS = (HTML, PDF, WORD)
"""Endings of files, the default first."""
