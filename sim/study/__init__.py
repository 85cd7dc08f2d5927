"""Many trials of one scenario: run in parallel, stored, summarized."""
