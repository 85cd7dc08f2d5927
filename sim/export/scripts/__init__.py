"""Scripts for R and Stata that rerun the primary analysis on exported data."""
