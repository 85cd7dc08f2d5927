"""A power grid ends when all its cells are precise enough, as the grid of that many trials."""

import json

import pytest

import selfback as sb
from analysis.replicates import precision
from analysis.replicates.size_adjusted import fewest_replicates
from scenarios.errors import InputError
from sim.study import groups, missing

CHANGES = ["trial.sample_size=40"]
VARY = {"course.effect_size": [-1, -8]}


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(precision, "FIRST", 40)
    monkeypatch.setattr(precision, "UNIT", 10)
    monkeypatch.setattr(groups, "TARGET", 0.0)
    monkeypatch.setattr(groups, "LEAST", 0.0)


def power(out, replicates=400, **more):
    return sb.power(
        "planned_2018", CHANGES, vary=VARY, replicates=replicates, jobs=1, out=out, progress=False,
        **more,
    )  # fmt: skip


def contents(out):
    names = ("trials.parquet", "power.json")
    return {name: (out / name).read_bytes() for name in names}


def interrupted_after(monkeypatch, replicates):
    real, done = missing.on_kept, []

    def interrupt(study, new):
        real(study, new)
        done.append(new)
        if sum(done) >= replicates:
            raise KeyboardInterrupt

    monkeypatch.setattr(missing, "on_kept", interrupt)
    return done


def test_it_goes_on_after_interruptions_and_is_the_grid_of_that_many(tmp_path, monkeypatch):
    asked = {"power": 0.05, "type_i_error": 0.03}
    kept = 0
    for after in (70, 40, 30):  # at the first size; at the second, in the first cell and the next
        with monkeypatch.context() as patched:
            done = interrupted_after(patched, after)
            with pytest.raises(KeyboardInterrupt):
                power(tmp_path / "out", until_mcse=asked)
            kept += sum(done)
    done = interrupted_after(monkeypatch, 10**9)
    found = power(tmp_path / "out", until_mcse=asked)
    size = found.grid.replicates
    assert 40 < size < 400
    assert sum(done) == 3 * size - kept  # nothing was simulated twice
    noted = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert (noted["replicates"], noted["until_mcse"]["most"]) == (size, 400)
    reached = noted["until_mcse"]["mcse"]
    assert all(reached[name] <= error for name, error in asked.items())
    powers = [cell.power.power for cell in found.grid.cells]
    hits = min(powers, key=lambda share: abs(share - 0.5)) * size
    assert reached["power"] == precision.share_error(round(hits), size)  # the largest of the cells
    power(tmp_path / "plain", size)
    assert contents(tmp_path / "out") == contents(tmp_path / "plain")


def test_what_is_made_of_the_tables_is_made_of_the_grid_that_ended(tmp_path, monkeypatch):
    with monkeypatch.context() as patched:

        def fail(*_given, **_more):
            raise ValueError("no figure")

        patched.setattr("sim.front.designs.power.draw_power", fail)
        with pytest.raises(ValueError, match="no figure"):
            power(tmp_path / "out", until_mcse={"power": 0.06})
    older = contents(tmp_path / "out")
    done = interrupted_after(monkeypatch, 10**9)
    size = power(tmp_path / "out", until_mcse={"power": 0.06}).grid.replicates
    assert (done, contents(tmp_path / "out")) == ([], older)
    noted = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert (noted["state"], noted["replicates"]) == ("finished", size)


def test_an_unfinished_grid_may_be_ended_with_fewer(tmp_path, monkeypatch):
    with monkeypatch.context() as patched:
        interrupted_after(patched, 25)
        with pytest.raises(KeyboardInterrupt):
            power(tmp_path / "out", 20)
    power(tmp_path / "out", 6)
    power(tmp_path / "plain", 6)
    assert contents(tmp_path / "out") == contents(tmp_path / "plain")


@pytest.mark.parametrize(
    ("asked", "more", "told"),
    [
        ({"coverage": 0.1}, {}, "coverage is not allowed: did you mean convergence"),
        ({"powr": 0.1}, {}, "powr is not allowed: did you mean power"),
        ({"power": 0.0}, {}, "power=0 is not allowed"),
        ({}, {}, "asks for nothing"),
        ({"type_i_error": 0.1}, {"null": False}, "needs trials without effect: leave out"),
    ],
)
def test_what_cannot_be_asked_for_is_told(tmp_path, asked, more, told):
    with pytest.raises(InputError, match=told):
        power(tmp_path / "out", until_mcse=asked, **more)
    assert not (tmp_path / "out").exists()


def test_size_adjusted_power_has_the_trials_that_a_critical_value_takes(tmp_path, monkeypatch):
    monkeypatch.setattr(precision, "FIRST", 10)
    found = power(tmp_path / "out", until_mcse={"power": 0.5}, size_adjusted=True)
    assert found.grid.replicates >= fewest_replicates(0.05) > 10
