"""Writes the data of a trial for other software: tables, a codebook, scripts of the analysis."""
