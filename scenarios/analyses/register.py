"""The analyses that a plan can have, by name: what each is, what computes it, what it needs.

This is the one place in which an analysis is registered. What computes it is named and not
imported: a scenario is data, and :mod:`analysis.plan.run` imports the function where it is run.
Analyses that users bring are not registered: a scenario names them, see
:mod:`analysis.plan.own`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Literal

from pydantic import AfterValidator, WithJsonSchema

from scenarios.plugins import PluginKind

Kind = Literal["continuous", "response", "count", "sensitivity", "alternative"]
"""Of every continuous outcome, of every definition of response and binary outcome, of every count,
or of the primary outcome."""
OutcomeKind = Literal["continuous", "binary", "count"]
ADJUSTED, CRUDE = "clda", "clda unadjusted"
LOGISTIC, POISSON = "gee logistic", "gee poisson"
RATES = "gee rates"
DIFFERENCE, LOG_ODDS_RATIO, LOG_RATE_RATIO = "difference", "log odds ratio", "log rate ratio"
"""Contrasts between the arms on which an analysis can decide."""
OWN_ANALYSES = PluginKind("analysis", "selfback.analyses")
"""Analyses of the primary outcome that users bring, where sensitivity and alternatives are."""


@dataclass(frozen=True, slots=True)
class Registered:
    """An analysis that is built in.

    Attributes
    ----------
    name
        In tables, and where analyses are picked.
    kind
        What it is an analysis of; it says with what ``function`` is called, see
        :mod:`analysis.plan.run`.
    function
        What computes it, ``module:attribute``.
    label
        What it is, in a phrase.
    setting
        Its name in the scenario, in ``analysis.sensitivity`` or ``analysis.alternatives``; '' where
        it is ``name``.
    decides
        Whether it can be the primary analysis.
    of
        The kinds of primary outcome with which it can be asked for, or decide.
    contrast
        On which it decides.
    refused
        Clusters of the plan with which it cannot be asked for, each with the reason.
    would_be_adherers
        Whether its estimand is the effect among would-be adherers, not all randomized.
    """

    name: str
    kind: Kind
    function: str
    label: str
    setting: str = ""
    decides: bool = False
    of: tuple[OutcomeKind, ...] = ("continuous",)
    contrast: str = DIFFERENCE
    refused: Mapping[str, str] = field(default_factory=dict)
    would_be_adherers: bool = False

    @property
    def key(self) -> str:
        """Its name in the scenario."""
        return self.setting or self.name


def _robust_already(name: str) -> dict[str, str]:
    reason = f"to which all standard errors are robust: use {name!r}"
    return {"participant": reason, "clinic": reason}


REGISTER = (
    Registered(
        ADJUSTED, "continuous", "analysis.plan.longitudinal:adjusted",
        "constrained longitudinal data analysis, adjusted for the covariates", decides=True,
    ),
    Registered(
        CRUDE, "continuous", "analysis.plan.longitudinal:unadjusted",
        "constrained longitudinal data analysis without covariates", decides=True,
    ),
    Registered(
        LOGISTIC, "response", "analysis.plan.responses.ratios:odds_ratios",
        "odds ratios of response from a logistic GEE",
        decides=True, of=("binary",), contrast=LOG_ODDS_RATIO,
    ),
    Registered(
        POISSON, "response", "analysis.plan.responses.ratios:risk_differences",
        "risk differences of response from a Poisson GEE with identity link",
    ),
    Registered(
        RATES, "count", "analysis.plan.responses.rates:rate_ratios",
        "rate ratios of counts from a Poisson GEE with robust errors",
        decides=True, of=("count",), contrast=LOG_RATE_RATIO,
    ),
    Registered(
        "clda multiple imputation", "sensitivity", "analysis.plan.sensitivity:imputed",
        "the adjusted model on multiply imputed scores",
        setting="multiple imputation",
        refused={"clinic": "its imputations know of no clinics: leave it out"},
    ),
    Registered(
        "clda complete case", "sensitivity", "analysis.plan.sensitivity:complete_case",
        "the adjusted model among those who answered at every visit",
        setting="complete case",
    ),
    Registered(
        "clda per protocol", "sensitivity", "analysis.plan.sensitivity:per_protocol",
        "the adjusted model of the reference arm and adherent participants",
        setting="per protocol", would_be_adherers=True,
    ),
    Registered(
        "ancova", "alternative", "analysis.plan.alternatives:ancova_at_visit",
        "linear regression of the primary visit on baseline and covariates", decides=True,
    ),
    Registered(
        "t-test on change", "alternative", "analysis.plan.alternatives:t_test_at_visit",
        "t-test of changes from baseline at the primary visit", decides=True,
    ),
    Registered(
        "clda reml", "alternative", "analysis.plan.alternatives:clda_reml",
        "the adjusted model by restricted maximum likelihood", decides=True,
    ),
    Registered(
        "mmrm", "alternative", "analysis.plan.alternatives:mmrm",
        "repeated measures with unstructured covariance, baseline a covariate", decides=True,
    ),
    Registered(
        "mmrm constrained", "alternative", "analysis.plan.alternatives:mmrm_constrained",
        "repeated measures with unstructured covariance, one baseline mean for all arms",
        decides=True,
    ),
    Registered(
        "clda ignoring clinics", "alternative", "analysis.plan.alternatives:clda_ignoring_clinics",
        "the adjusted model as if participants of a clinic were independent",
        refused={
            "none": "where no analysis takes account of clinics: use 'clda'",
            "participant": "where no analysis takes account of clinics: use 'clda'",
        },
    ),
    Registered(
        "clda robust", "alternative", "analysis.plan.robust:clda",
        "the adjusted model with errors that are robust to the covariance between visits",
        decides=True, refused=_robust_already("clda"),
    ),
    Registered(
        "mmrm robust", "alternative", "analysis.plan.robust:mmrm",
        "mmrm with errors that are robust to the covariance between visits",
        decides=True, refused=_robust_already("mmrm"),
    ),
    Registered(
        "mmrm constrained robust", "alternative", "analysis.plan.robust:mmrm_constrained",
        "mmrm constrained with errors that are robust to the covariance between visits",
        decides=True, refused=_robust_already("mmrm constrained"),
    ),
    Registered(
        "risk difference", "alternative", "analysis.plan.responses.risks:risk_differences",
        "risk differences from a logistic GEE, standardized over those seen at the visit",
        decides=True, of=("binary",),
    ),
    Registered(
        "negative binomial", "alternative",
        "analysis.plan.responses.rates:negative_binomial_at_visit",
        "rate ratio at the primary visit from negative binomial regression",
        decides=True, of=("count",), contrast=LOG_RATE_RATIO,
        refused={
            "clinic": f"its errors know of no clinics: use {RATES!r}",
            "participant": f"its errors are those of its model: use {RATES!r}",
        },
    ),
)  # fmt: skip

_BY_NAME = {entry.name: entry for entry in REGISTER}
_BY_KEY = {(entry.kind, entry.key): entry for entry in REGISTER}


def registered(name: str) -> Registered | None:
    """Return the built-in analysis that tables call by a name, None if there is none."""
    return _BY_NAME.get(name)


def asked_for(kind: Kind, key: str) -> Registered | None:
    """Return the built-in analysis of this kind that a scenario calls ``key``, or None."""
    return _BY_KEY.get((kind, key))


def name_in_tables(kind: Kind, key: str) -> str:
    """Return what tables call an analysis that a scenario names; a user's own keeps its name.

    >>> name_in_tables("sensitivity", "complete case")
    'clda complete case'
    """
    entry = asked_for(kind, key)
    return key if entry is None else entry.name


def names_of(kind: Kind) -> tuple[str, ...]:
    """Return the names of the built-in analyses of a kind."""
    return tuple(entry.name for entry in REGISTER if entry.kind == kind)


def primary_contrast(name: str) -> str:
    """Return the contrast on which an analysis decides, by its name in tables.

    >>> primary_contrast("gee logistic")
    'log odds ratio'
    """
    entry = registered(name)
    return DIFFERENCE if entry is None else entry.contrast


def suits(name: str, kind: OutcomeKind) -> bool:
    """Return whether an analysis can decide on a primary outcome of some kind; a user's own can."""
    entry = registered(name)
    return entry is None or kind in entry.of


def deciding_on(kind: OutcomeKind) -> tuple[str, ...]:
    """Return the names of the built-in analyses that can decide on an outcome of some kind."""
    return tuple(entry.name for entry in REGISTER if entry.decides and kind in entry.of)


def _schema(names: tuple[str, ...]) -> WithJsonSchema:
    own = "module:attribute, or an analysis that an installed package brings"
    return WithJsonSchema(
        {"anyOf": [{"enum": list(names)}, {"type": "string", "description": own}]}
    )


_SENSITIVITY = tuple(entry.key for entry in REGISTER if entry.kind == "sensitivity")
_ALTERNATIVES = names_of("alternative")
_DECIDING = tuple(entry.name for entry in REGISTER if entry.decides)

SensitivityName = Annotated[
    str,
    AfterValidator(partial(OWN_ANALYSES.known_name, built_in=_SENSITIVITY)),
    _schema(_SENSITIVITY),
]
AlternativeName = Annotated[
    str,
    AfterValidator(partial(OWN_ANALYSES.known_name, built_in=_ALTERNATIVES)),
    _schema(_ALTERNATIVES),
]
DecidingName = Annotated[
    str, AfterValidator(partial(OWN_ANALYSES.known_name, built_in=_DECIDING)), _schema(_DECIDING)
]
