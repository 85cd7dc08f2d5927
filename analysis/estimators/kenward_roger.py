"""Kenward and Roger's standard errors: what the estimated covariance adds to their variance.

(X' V^-1 X)^-1 takes V as known, and is too small in small samples. With V linear in its parameters,
as an unstructured covariance is in its entries and a random intercept's in its two variances, the
adjusted covariance is

    F + 2 F [sum_ij C_ij (Q_ij - P_i F P_j)] F,    F = (X' V^-1 X)^-1,

where P_i = X' V^-1 V_i V^-1 X and Q_ij = X' V^-1 V_i V^-1 V_j V^-1 X, with V_i the derivative of V
by the i-th parameter (Kenward and Roger 1997, Biometrics 53:983-997, equation 5; the sign of P_i
does not matter). The terms of V's second derivatives are 0, so this is also what SAS and the R
package mmrm call linear or first-order. C is the covariance of the estimated parameters, as there
the inverse of the observed information; the paper's is of the expected one. For a single contrast
the scale is 1, and the degrees of freedom are Satterthwaite's: 2 v^2 / (g' C g), with the variance
v and its gradient g before the adjustment.
"""

import numpy as np

from analysis.estimators.clustered import Floats


def adjusted_covariance(
    inverse: Floats, slopes: Floats, weighted: Floats, parameter_covariance: Floats
) -> Floats:
    """Return the adjusted covariance of coefficients (p, p).

    Parameters
    ----------
    inverse
        F (p, p).
    slopes
        P_i (k, p, p).
    weighted
        sum_ij C_ij Q_ij (p, p).
    parameter_covariance
        C (k, k).
    """
    taken = np.einsum(
        "ij,ipq,qr,jrs->ps", parameter_covariance, slopes, inverse, slopes, optimize=True
    )
    return np.asarray(inverse + 2.0 * inverse @ (weighted - taken) @ inverse)
