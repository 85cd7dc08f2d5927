"""Tests that look at the data before they are complete."""
