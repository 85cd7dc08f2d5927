"""A calibration on the terminal: parameters, what informs them, and the targets that fit worst."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from rich.console import Console

from analysis.report.numbers import fixed
from analysis.report.report_trial import print_table
from analysis.report.tables import TextTable
from scenarios.wording import few

WORST = 8
"""Targets listed that fit worst."""
INFORMED = ("parameter", "target", "posterior SDs moved by one SD of the target")
PSEUDO = {"prior": "parameters from the prior", "last_wave": "around the best point"}


def print_calibration(content: Mapping[str, Any], console: Console) -> None:
    """Print what a calibration found.

    Parameters
    ----------
    content
        Its summary, see :func:`sim.study.calibration.report.summary`.
    console
        Where to.
    """
    print_table(parameters_table(content), console)
    console.print("\nInformed most by", style="bold", end=" ")
    console.print("(posterior SDs moved by one SD of the target)")
    for row in content["parameters"]:
        if row["informed_by"]:
            console.print(f"  {row['key']}: {row['informed_by']}")
    print_confounded(content, console)
    console.print("\nTargets that fit worst", style="bold")
    for row in _worst(content):
        console.print(
            f"  {row['label']}: published {row['published']:g}, simulated "
            f"{row['fitted']:.4g} (before {row['before']:.4g}), z {row['z']:+.1f}"
        )
    print_fit(content, console)


def parameters_table(content: Mapping[str, Any]) -> TextTable:
    """Return prior, posterior and identification of each free parameter."""
    rows: list[tuple[str, ...]] = [
        (
            row["key"],
            _range(row["prior"], row["prior_lower"], row["prior_upper"]),
            _range(row["fitted"], row["lower"], row["upper"]),
            fixed(row["contraction"], 2),
            row["identification"],
        )
        for row in content["parameters"]
    ]
    heads = ("parameter", "prior (95%)", "fitted (95%)", "contraction", "")
    return TextTable("", heads, rows)


def informing_table(content: Mapping[str, Any]) -> TextTable:
    """Return which targets inform each parameter most, a row each."""
    rows: list[tuple[str, ...]] = []
    for row in content["parameters"]:
        for told in filter(None, row["informed_by"].split("; ")):
            target, _, moved = told.rpartition(" (")
            rows.append((row["key"], target, moved.rstrip(")")))
    return TextTable("Targets that inform each parameter most", INFORMED, rows)


def print_confounded(content: Mapping[str, Any], console: Console) -> None:
    """Print which pairs of parameters the targets do not tell apart."""
    pairs = {
        " and ".join(sorted((row["key"], other.rsplit(" (", 1)[0])))
        for row in content["parameters"]
        for other in row["confounded_with"].split("; ")
        if other
    }
    for pair in sorted(pairs):
        console.print(f"{pair} cannot be told apart (posterior correlation beyond 0.9)")


def worst_table(content: Mapping[str, Any]) -> TextTable:
    """Return the targets that fit worst."""
    rows: list[tuple[str, ...]] = [
        (row["label"], f"{row['published']:g}", f"{row['before']:.4g}", f"{row['fitted']:.4g}",
         f"{row['z']:+.1f}")
        for row in _worst(content)
    ]  # fmt: skip
    heads = ("", "published", "at the prior mean", "fitted", "z")
    return TextTable("Targets that fit worst", heads, rows)


def _worst(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    varied = [row for row in content["targets"] if row["z"] is not None and isfinite(row["z"])]
    return sorted(varied, key=lambda row: -abs(row["z"]))[:WORST]


def print_fit(content: Mapping[str, Any], console: Console) -> None:
    """Print how far the targets are, what pseudo-trials say of that, and how the search ended."""
    for reason, names in _by_reason(content["left_out"]).items():
        console.print(f"left out, {reason}: {few(names)}")
    pseudo, drawn = content["pseudo_trials"], 100.0 * content["posterior_predictive_p"]
    start, end = content["distance_at_prior_mean"], content["distance"]
    right, told = content["expected_distance"], content["targets_moved"]
    held = sum(row["held"] for row in content["parameters"])
    console.print(
        f"\nDistance {start:.0f} at the prior means, {end:.0f} fitted, {content['targets_fitted']} "
        f"targets that vary like {right['effective_number']:.0f} uncorrelated ones.\n"
        f"If model and prior are right: {right['expected']:.0f}, SD {right['sd']:.0f}; in "
        f"{pseudo['last_wave']['trials']} pseudo-trials {right['pseudo_trials']:.0f} "
        f"({right['pseudo_trials_lower']:.0f} to {right['pseudo_trials_upper']:.0f}), "
        f"{100.0 * right['pseudo_trials_below']:.0f}% of them at most as far.\n"
        f"Of the distance, {right['of_targets']:.0f} is of the targets "
        f"(expected {right['of_targets_expected']:.0f}) and {right['of_prior']:.0f} of the prior "
        f"({right['of_prior_expected']:.0f}).\n"
        f"Free parameters move {told['moved']} targets, with a mean squared z of "
        f"{told['moved_mean_square_z']:.2f}, and not the other {told['unmoved']}, with "
        f"{told['unmoved_mean_square_z']:.2f}: near 0 where published numbers are parameters of "
        f"the scenario.\n"
        f"Posterior predictive check: {drawn:.0f}% of simulated trials are at "
        f"least as far from the middle as the published numbers."
    )
    for name, each in pseudo.items():
        console.print(
            f"{each['trials']} pseudo-trials, {PSEUDO[name]}: 95% intervals hold "
            f"{100.0 * each['coverage_95']:.0f}% of parameters, 50% intervals "
            f"{100.0 * each['coverage_50']:.0f}%."
        )
    console.print()
    for number, wave in enumerate(content["waves"], 1):
        moved = "" if number == 1 else f", best point moved {wave['moved']:.2f} posterior SDs"
        console.print(
            f"Wave {number}: {wave['trials']} trials, distance {wave['distance']:.0f}{moved}; "
            f"{wave['starts']['together']} of {wave['starts']['count']} starts agree"
        )
    more = "Not converged: more --waves or --points are needed"
    ended, apart = "Converged" if content["converged"] else more, content["emulator_apart"]
    console.print(
        f"{ended}: emulator and simulation are {apart:.2f} SD of one trial apart at "
        f"the best point.\n{held} parameters are held at their priors.\n"
        f"{content['replicates_simulated']} trials simulated in {content['seconds']:.0f} s."
    )


def _by_reason(left_out: dict[str, str]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for name, reason in left_out.items():
        names.setdefault(reason, []).append(name)
    return names


def _range(value: float, lower: float, upper: float) -> str:
    return f"{value:.3g} ({lower:.3g} to {upper:.3g})"
