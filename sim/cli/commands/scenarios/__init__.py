"""``selfback scenarios``: what the library has, what a scenario says and whether it is valid."""
