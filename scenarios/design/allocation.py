"""Parts of a scenario that say how participants are allocated to the arms."""

from typing import Annotated, Literal

from pydantic import Field

from scenarios.fields import Part, choice, quantity

Factor = Literal["country", "clinician", "sex", "education", "duration"]
"""What minimization can balance: known before randomization, in categories."""
BlockSize = Annotated[int, Field(gt=0, le=10_000)]


class PermutedBlocks(Part):
    """Permuted blocks: a list for each stratum, or one for all (``blocks``)."""

    kind: Literal["stratified_blocks", "blocks"] = choice("method of randomization")
    block_sizes: tuple[BlockSize, ...] = quantity(
        "participants", "sizes of the permuted blocks, each as likely as another", min_length=1
    )


class Simple(Part):
    """A coin for each participant, whatever was tossed before."""

    kind: Literal["simple"] = choice("method of randomization")


class Minimization(Part):
    """The arm that leaves the margins of some factors more alike is favoured (Pocock, Simon 1975).

    With an unequal ratio, ``probability`` is that of the smaller arm when it is favoured, and the
    larger arm's follows from it, see :class:`sim.enrolment.minimization.Minimizer`.
    """

    kind: Literal["minimization"] = choice("method of randomization")
    factors: tuple[Factor, ...] = quantity("names", "balanced margins", min_length=1)
    imbalance: Literal["range", "variance"] = choice(
        "of a margin: the difference of the arms' counts, each over its part of the ratio, or "
        "the variance of these counts"
    )
    probability: float = quantity("probability", "of the favoured arm", gt=0.5, le=1.0)


Randomization = Annotated[PermutedBlocks | Simple | Minimization, Field(discriminator="kind")]
