"""Checks of how participants and clinics are allocated; see :mod:`scenarios.checks.cross`."""

from collections.abc import Iterator

from scenarios.arms.declared import Arm
from scenarios.design.allocation import PermutedBlocks
from scenarios.design.clinics import Clinics
from scenarios.design.trial import Design


def blocks_hold_the_ratio(arms: tuple[Arm, ...], trial: Design, clinics: Clinics) -> Iterator[str]:
    """Check that blocks are multiples of the ratio, and that clinics have stratified blocks."""
    method, ratio = trial.randomization, tuple(arm.share for arm in arms)
    if not clinics.randomized:
        if isinstance(method, PermutedBlocks):
            yield from _blocks("trial.randomization.block_sizes", method.block_sizes, ratio)
        return
    if method.kind != "stratified_blocks":
        yield (
            f"clinics.randomized and trial.randomization.kind: {method.kind!r} is not allowed, "
            "clinics are randomized in stratified blocks of clinics.block_sizes: must be "
            "'stratified_blocks'"
        )
    yield from _blocks("clinics.block_sizes", clinics.block_sizes, ratio)


def _blocks(key: str, sizes: tuple[int, ...], ratio: tuple[int, ...]) -> Iterator[str]:
    for size in sizes:
        if size < 1 or size % sum(ratio):
            yield (
                f"{key}: {size} is not allowed: a block must be a multiple of {sum(ratio)} to hold "
                f"the {':'.join(map(str, ratio))} allocation"
            )
            return


def every_stratum_has_clinics(trial: Design, clinics: Clinics) -> Iterator[str]:
    """Check that every stratum has clinics, and that their ICC is of a day in the trial."""
    strata = len(trial.strata)
    if 0 < clinics.number < 2 * strata:
        yield (
            f"clinics.number: {clinics.number} is not allowed: must be 0, or at least "
            f"{2 * strata}, 2 for each of the {strata} strata"
        )
    if clinics.icc_day > trial.visits[-1].day:
        yield (
            f"clinics.icc_day: {clinics.icc_day} is not allowed: must be at most the day of "
            f"the last visit, {trial.visits[-1].day}"
        )
