"""The tables of what an analysis says, of a trial and of the replicates of a study."""

from sim.tables.codebook.described import OPENING, YES_NO, Column, Described
from sim.tables.codebook.of_truth import EFFECT_COLUMNS

_REPLICATE = Column("replicate", "number of the simulated trial, from 0")
_ANALYSIS = Column("analysis", "which analysis")
_OUTCOME = Column("outcome", "outcome, by the name of its column in visits; empty: of none")
_VISIT = Column("visit", "visit; of shares of a covariate the level; empty: of none")
_UNIT = "of the contrast"
_DECISION = "in favour (of what the contrast weighs above 0); against; neither; empty: no test"
_INTERVAL = (
    Column("estimate", "estimate; missing: none", _UNIT),
    Column("se", "its standard error; missing: none", _UNIT),
    Column("lower", "lower confidence limit; missing: none", _UNIT),
    Column("upper", "upper confidence limit; missing: none", _UNIT),
    Column("p", "2-sided P value; missing: none", "probability"),
)

TABLES = (
    Described(
        "estimates",
        "an estimate, or the reason why there is none",
        (
            _REPLICATE,
            _ANALYSIS,
            _OUTCOME,
            Column("visit", "visit"),
            Column("contrast", "what is compared, on which scale"),
            *_INTERVAL,
            Column("df", "degrees of freedom; missing: normal reference distribution"),
            Column("n", "participants in the model", "participants"),
            Column("converged", "whether there is an estimate", "", YES_NO),
            Column("failure", "why there is none; empty: there is one"),
            Column("p_decision", "P value of the plan's test of this contrast; missing: none",
                   "probability"),
            Column("decision", "what this test says at its level", "", _DECISION),
        ),
    ),
    Described(
        "summaries",
        "a descriptive number of a trial",
        (
            _REPLICATE,
            Column("quantity", "which number: n, mean, sd, share, change, response 4 and others"),
            Column("outcome", "outcome or covariate, by its name; empty: of none"),
            _VISIT,
            Column("arm", "arm, or all; empty: of none"),
            Column("value", "the number", "of the quantity"),
        ),
    ),
    Described(
        "flow",
        "a count of the CONSORT flow diagram",
        (
            _REPLICATE,
            Column("stage", "stage of the flow diagram; those of an arm begin with its name"),
            Column("count", "people; of harms, events", "people"),
        ),
    ),
    Described(
        "failures",
        "a replicate that failed, with the reason",
        (
            _REPLICATE,
            Column("stage", "what it was at", "", "recommender, analysis, simulation, replicate"),
            Column("reason", "what went wrong"),
            Column("exception", "type of the exception"),
            Column("place", "file, line and function that raised it"),
            Column("seed", "seed of the scenario"),
        ),
    ),
    Described(
        "truth",
        "a true average effect in a trial's own participants, where the scenario asks for it",
        EFFECT_COLUMNS,
    ),
    Described(
        "family",
        "a hypothesis of the plan's family, where a procedure adjusts for several",
        (
            _REPLICATE,
            Column("hypothesis", "its name"),
            _ANALYSIS,
            Column("outcome", "outcome, by the name of its column in visits"),
            Column("visit", "visit"),
            Column("contrast", "what is compared, on which scale"),
            *(column for column in _INTERVAL if column.name == "estimate"),
            Column("p", "P value of the plan's test alone; missing: none", "probability"),
            Column("p_adjusted", "smallest family-wise level at which it is rejected; missing: "
                   "none", "probability"),
            Column("lower", "lower simultaneous confidence limit; missing: the procedure has none",
                   _UNIT),
            Column("upper", "upper simultaneous confidence limit; missing: the procedure has none",
                   _UNIT),
            Column("decision", "what the procedure says", "", _DECISION),
        ),
    ),
    Described(
        "looks",
        "an interim look, the end of the trial included, where there are any",
        (
            _REPLICATE,
            _ANALYSIS,
            Column("contrast", "what is compared, on which scale"),
            Column("look", "number of the look, from 1"),
            Column("fraction", "planned share of the participants whose primary visit is over; 1 "
                   "at the end", "", "0 to 1"),
            Column("information", "as a share of that expected at the end", "", "0 to 1"),
            Column("day", "before which all was recorded that is analysed", "days", "", OPENING),
            Column("participants", "randomized by then, in all arms", "participants"),
            Column("answered", "with an answer at the primary visit", "participants"),
            *(column for column in _INTERVAL if column.name in {"estimate", "se", "p"}),
            Column("statistic", "Z, positive in favour of what the contrast weighs above 0; "
                   "missing: no estimate"),
            Column("boundary", "Z at which the contrast is decided for efficacy"),
            Column("conditional_power", "to find efficacy at the end if the trend so far is the "
                   "truth; missing: at the end", "probability"),
            Column("decision", "what the look decided", "", "go on; efficacy; harm; futility; no "
                   "estimate; not held; finished"),
            Column("failure", "why there is no estimate; empty: there is one"),
            Column("median_unbiased", "estimate that allows for the looks; missing: the look did "
                   "not end the contrast", _UNIT),
            Column("fixed_statistic", "Z at the end of the trial of fixed size; missing: not the "
                   "last look"),
            Column("fixed_participants", "randomized then; missing: not the last look",
                   "participants"),
            Column("fixed_day", "end of the trial of fixed size; missing: not the last look",
                   "days", "", OPENING),
        ),
    ),
    Described(
        "costs",
        "an amount used by a trial, in comparisons of designs",
        (
            _REPLICATE,
            Column("cost", "what was used: participant-months, staff hours, calls and others"),
            Column("amount", "how much of it", "of the cost"),
        ),
    ),
    Described(
        "subgroups",
        "a subgroup's effect in a contrast between arms, true and estimated",
        (
            _REPLICATE,
            Column("contrast", "which arms are compared: one less the other, or a weighted sum"),
            Column("trait", "covariate by which participants are divided; empty: all of them"),
            Column("subgroup", "level, or range"),
            Column("n", "participants of the subgroup", "participants"),
            Column("effect", "true effect: mean of one arm's scores less the other's",
                   "of the outcome"),
            Column("worse", "share to whom the one arm would be worse than the other", "",
                   "0 to 1"),
            Column("better", "share to whom it would be better", "", "0 to 1"),
            *_INTERVAL,
            Column("converged", "whether there is an estimate", "", YES_NO),
            Column("decision", "what the test of the effect says", "", _DECISION),
        ),
    ),
    Described(
        "components",
        "what a component of an arm carries of its true effect against the reference",
        (
            _REPLICATE,
            Column("component", "what the arm is given and the reference is not; all of them: the "
                   "whole effect"),
            Column("n", "participants", "participants"),
            Column("part", "Shapley's part of the effect; parts sum to the whole",
                   "of the outcome"),
            Column("first", "what the component adds to the reference", "of the outcome"),
            Column("last", "what it adds to all others", "of the outcome"),
            Column("main", "what it adds on average over all subsets of the others",
                   "of the outcome"),
            Column("sd", "SD of scores in the arm around their regression on the baseline score",
                   "of the outcome"),
        ),
    ),
    Described(
        "moved",
        "a trial of a scenario as it is, or with one parameter moved",
        (
            Column("replicate", "number of the trial and of what is moved in it, from 0"),
            Column("trial", "number of the simulated trial, from 0"),
            Column("place", "which parameter is moved, and where to, from 1; 0: none"),
            Column("effect", "true effect: mean of one arm's scores less the reference's",
                   "of the outcome"),
            Column("reference_mean", "mean score of all participants in the reference",
                   "of the outcome"),
            Column("n", "participants", "participants"),
        ),
    ),
    Described(
        "between_visits",
        "a figure of how participants fare between the visits, where it is compared with other "
        "studies",
        (
            _REPLICATE,
            Column("figure", "what it is"),
            Column("value", "the figure; missing: there is nobody to count", "of the figure"),
            Column("n", "persons, or days, that it is of", "persons or days"),
        ),
    ),
)  # fmt: skip
