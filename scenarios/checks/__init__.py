"""What sections of a scenario must have in common."""
