"""Regression coefficients, pulled to 0 as far as they may be noise.

Empirical Bayes: the coefficients of a parameter over all statistics are taken for draws from a
scale mixture of normals around 0, one of them 0 itself, whose weights are estimated from them
(Stephens, Biostatistics 2017;18:275). A parameter that does nothing keeps next to nothing; large
coefficients stay as they are.
"""

import numpy as np

STEPS = 100
"""Of the EM algorithm; more change the third digit of the weights."""
NULL_COUNT = 10.0
"""Coefficients of 0 that are seen beforehand, as Stephens has it: in doubt, for nothing."""


def shrunken(estimates: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Return posterior means of coefficients, (p, t).

    Parameters
    ----------
    estimates
        (p, t): of each of p parameters, a coefficient for each statistic.
    errors
        (p, 1) or (p, t): their standard errors, above 0.
    """
    z = estimates / errors
    largest = max(float(np.max(z**2, initial=0.0)), 1.0)
    scales = np.concatenate([[0.0], 2.0 ** np.arange(-2.0, np.log2(largest) + 1.0)])
    spread = 1.0 + scales
    log_likelihood = -0.5 * (z[..., None] ** 2 / spread + np.log(spread))
    likelihood = np.exp(log_likelihood - log_likelihood.max(axis=-1, keepdims=True))
    weights = np.full((len(z), 1, len(scales)), 1.0 / len(scales))
    for _ in range(STEPS):
        share = likelihood * weights
        counts = (share / share.sum(axis=-1, keepdims=True)).sum(axis=1, keepdims=True)
        counts[..., 0] += NULL_COUNT
        weights = counts / counts.sum(axis=-1, keepdims=True)
    share = likelihood * weights
    kept = (share * (scales / spread)).sum(axis=-1) / share.sum(axis=-1)
    return np.asarray(estimates * kept)
