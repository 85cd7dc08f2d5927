"""The tables that a trial yields."""
