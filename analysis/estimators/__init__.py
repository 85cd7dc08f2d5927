"""Estimators: arrays in, fits out."""
