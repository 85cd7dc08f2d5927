"""What belongs to a person for good and is asked for both in the run-in and in follow-up."""

import numpy as np

from sim.core.streams import Mechanism, Streams, normals_by_name, uniforms_by_name


def lasting_reluctance(streams: Streams, persons: int) -> np.ndarray:
    """Return the person's part of the reluctance to answer, (n,) standard normals."""
    (drawn,) = normals_by_name(streams.generator(Mechanism.ANSWER), ("person",), persons)
    return np.asarray(drawn)


def step_source_draws(streams: Streams, persons: int) -> np.ndarray:
    """Return (n, 3) uniforms: of the step source, when it is lost, and when it is given up."""
    names = ("source", "lost", "given up")
    return uniforms_by_name(streams.generator(Mechanism.STEP_SOURCE), names, persons).T
