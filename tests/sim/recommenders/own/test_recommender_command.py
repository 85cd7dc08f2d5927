import json

import pytest

from sim.cli import call


def said(capsys, *arguments: str) -> tuple[int, str, str]:
    code = call(arguments)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_check_reports_problems_and_sets_the_exit_code(folder, capsys):
    code, out, _ = said(capsys, "recommender", "check", "recommenders_of_a_team:Own")
    assert (code, out.splitlines()[-1]) == (0, "recommenders_of_a_team:Own conforms.")
    code, out, _ = said(capsys, "recommender", "check", "recommenders_of_a_team:Unknown", "--json")
    told = json.loads(out)
    assert code == 1
    assert not told["conforms"]
    problem = {row["check"]: row["problem"] for row in told["checks"]}["one request"]
    assert problem == "the plan of participant 0 has attribute load nan, must be 0 to 1"


def test_check_works_with_a_server(capsys, scenario, serving):
    with serving(scenario("guideline")) as server:
        code, out, _ = said(capsys, "recommender", "check", server.url)
    assert (code, out.splitlines()[-1]) == (0, f"{server.url} conforms.")


@pytest.mark.parametrize("kind", ["cbr", "guideline", "nearest", "random", "static"])
def test_the_built_in_ones_conform(capsys, kind):
    code, out, _ = said(capsys, "recommender", "check", kind)
    assert (code, out.splitlines()[-1]) == (0, f"{kind} conforms.")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["recommender", "check", "recommenders_of_a_team:Mine"], "has no 'Mine'"),
        (["recommender", "check", "cbrr"], "selfback: recommender.kind: 'cbrr' is not allowed"),
        (["recommender", "check", "none"], "recommender none: there is none"),
        (["recommender", "check", "oracle"], "recommender oracle: knows what it is not told"),
        (["recommender", "check", "http://"], "'http://' is not allowed"),
        (["recommender", "check", "cbr", "--seconds", "0"], "--seconds 0 is not allowed"),
        (["recommender", "check", "cbr", "--set", "sed=3"], "--set: sed is unknown"),
        (["recommender", "serve", "--host", ""], "--host '' is not allowed"),
        (["recommender", "serve", "--port", "65536"], "--port 65536 is not allowed"),
        (["recommender", "serve", "--host", "256.0.0.1"], "--host 256.0.0.1 --port 0 is not avail"),
        (["recommender", "serve", "--stop-after", "never"], "--stop-after never is not allowed"),
        (["recommender", "serve", "--set", "recommender.kind=none"], "there is none"),
        (["trial", "selfback_2021", "--set", "recommender.kind=no_module_here:X"], "no module"),
        (["run", "selfback_2021", "--set", "recommender.kind=no_module_here:X"], "no module"),
    ],
)
def test_a_mistake_is_told_in_one_line(folder, capsys, arguments, line):
    code, out, err = said(capsys, *arguments)
    assert (code, out) == (2, "")
    told = [row for row in err.splitlines() if not row.startswith("simulating")]
    assert len(told) == 1
    assert told[0].startswith("selfback: ")
    assert line in told[0]


def test_a_trial_whose_recommender_fails_says_so_and_leaves_nothing(folder, capsys, quick):
    changes = (*quick, "recommender.kind=recommenders_of_a_team:Raises")
    options = [f"--set={change}" for change in changes]
    code, out, err = said(capsys, "trial", "selfback_2021", *options, "--out", "trial0")
    assert (code, out) == (1, "")
    assert err.startswith("selfback: replicate 0 failed: the recommender failed in making plans")
    assert err.count("\n") == 1
    assert not (folder / "trial0").exists()


def test_serve_stops_when_it_is_idle(capsys):
    code, out, _ = said(capsys, "recommender", "serve", "selfback_2021", "--stop-after", "0.2")
    assert code == 0
    assert out.startswith("cbr of selfback_2021 at http://127.0.0.1:")
