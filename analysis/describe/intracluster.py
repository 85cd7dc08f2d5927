"""Clinics of a trial, and how alike their participants are: the intracluster correlation."""

import numpy as np

from analysis.data.trial_data import TrialData
from analysis.estimators.clustered import Floats


def anova_icc(values: Floats, clinic: np.ndarray, cell: np.ndarray) -> float:
    """Return the intracluster correlation by analysis of variance, of clinics within cells.

    Parameters
    ----------
    values
        (N,) outcome, no missing values.
    clinic
        (N,) integer code of each participant's clinic.
    cell
        (N,) integer code of the participant's arm and stratum, whose means may differ. A clinic
        with participants in two cells counts as one in each.

    Returns
    -------
    float
        (B - W) / (B + (m - 1) W) for the mean squares B between and W within clinics, m being the
        mean size less what sizes vary (Donner and Koval 1980, Biometrics 36:19-25, here summed over
        cells). It may be negative; NaN where there are too few clinics or participants.
    """
    # Groups are pairs of cell and clinic, so that a clinic in two cells is two groups.
    pairs = np.column_stack([cell, clinic])
    unique, code, size = np.unique(pairs, axis=0, return_inverse=True, return_counts=True)
    code = code.reshape(-1)
    _, group = np.unique(unique[:, 0], return_inverse=True)
    cells = np.bincount(group, weights=size)
    mean = np.bincount(code, weights=values) / size
    middle = np.bincount(group, weights=mean * size) / cells
    between, within = len(size) - len(cells), len(values) - len(size)
    if between < 1 or within < 1:
        return np.nan
    square_between = float(size @ (mean - middle[group]) ** 2) / between
    square_within = float(((values - mean[code]) ** 2).sum()) / within
    # The size m for which the expected mean square between is W + m times the between variance.
    typical = float((len(values) - (size**2 / cells[group]).sum()) / between)
    total = square_between + (typical - 1.0) * square_within
    return (square_between - square_within) / total if total > 0.0 else np.nan


def clinic_sizes(data: TrialData, members: np.ndarray) -> np.ndarray:
    """Return the number of participants of each clinic that has some among the members, (k,).

    Parameters
    ----------
    data
        A trial with clinics.
    members
        (n,) mask.

    Raises
    ------
    ValueError
        If the trial has no clinics.
    """
    return np.unique(_clinic(data)[members], return_counts=True)[1]


def icc_by_visit(data: TrialData, outcome: str) -> dict[str, float]:
    """Return the intracluster correlation of an outcome within arms and strata, by visit.

    Raises
    ------
    ValueError
        If the trial has no clinics.
    """
    clinic = _clinic(data)
    # Those whose stratum is not known are together, as NaN would not be equal to itself.
    strata = [
        np.nan_to_num(data.traits[name], nan=-1.0)
        for name in data.strata if name in data.traits
    ]  # fmt: skip
    _, cell = np.unique(np.column_stack([data.arm, *strata]), axis=0, return_inverse=True)
    cell = cell.reshape(-1)
    found = {}
    for visit, score in zip(data.visits, data.scores[outcome].T, strict=True):
        seen = ~np.isnan(score)
        found[visit] = anova_icc(score[seen], clinic[seen], cell[seen])
    return found


def _clinic(data: TrialData) -> np.ndarray:
    if data.clinic is None:
        raise ValueError("the data have no clinics")
    return data.clinic
