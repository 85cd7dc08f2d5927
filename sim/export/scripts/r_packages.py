"""The packages of R that the scripts beside exported data take."""

READING = {
    "csv": (), "parquet": ("arrow",), "dta": ("haven",), "xpt": ("haven",), "adam": ("haven",),
}  # fmt: skip
"""By the format of the data."""
FITTING = {
    "random intercept": ("nlme",), "repeated measures": ("nlme",), "marginal": ("geepack",),
    "risk difference": ("geepack",), "negative binomial": ("MASS",),
}  # fmt: skip
"""By the model of the primary analysis; others take none."""
