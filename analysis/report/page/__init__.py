"""Reports: what is in one, and its pages as HTML, PDF and Word."""
