"""Commands that hold a scenario against the published numbers."""
