"""Parts of a scenario that say how participants are allocated to the arms."""

from typing import Annotated, Literal

from pydantic import Field

from scenarios.fields import Part, choice, quantity

BlockSize = Annotated[int, Field(gt=0, le=10_000)]


class PermutedBlocks(Part):
    """Permuted blocks: a list for each stratum, or one for all (``blocks``)."""

    kind: Literal["stratified_blocks", "blocks"] = choice("method of randomization")
    block_sizes: tuple[BlockSize, ...] = quantity(
        "participants", "sizes of the permuted blocks, all equally likely", min_length=1
    )


class Simple(Part):
    """Simple randomization: independent draws for all participants."""

    kind: Literal["simple"] = choice("method of randomization")


class Minimization(Part):
    """The arm that balances the margins of some factors better is preferred (Pocock, Simon 1975).

    With unequal shares, ``probability`` is that of the smallest arm when it is preferred, and those
    of larger arms follow from it, see :class:`sim.enrolment.minimization.Minimizer`.
    """

    kind: Literal["minimization"] = choice("method of randomization")
    factors: tuple[str, ...] = quantity(
        "names", "covariates with levels, whose margins are balanced", min_length=1
    )
    imbalance: Literal["range", "variance"] = choice(
        "of a margin: the range of the arms' counts, each over its share, or "
        "the variance of these counts"
    )
    probability: float = quantity("probability", "of the preferred arm", gt=0.5, le=1.0)


Randomization = Annotated[PermutedBlocks | Simple | Minimization, Field(discriminator="kind")]
