"""From the first call to the allocation."""
