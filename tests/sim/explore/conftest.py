from pathlib import Path

import pytest
from flask.testing import FlaskClient

import selfback as sb
from sim.explore.app import make_app
from sim.explore.runs import Runs

PORT, SECRET = 8765, "a-secret"
HOST = f"127.0.0.1:{PORT}"


class Browser(FlaskClient):
    """Asks at the address at which the server would be."""

    def open(self, *asked, **how):
        return super().open(*asked, **{"base_url": f"http://{HOST}", **how})


@pytest.fixture
def stranger():
    """Return what gives the browser of somebody who has not been let in."""

    def browser(runs, files=()):
        app = make_app(runs, files, PORT, SECRET)
        app.test_client_class = Browser
        return app.test_client()

    return browser


@pytest.fixture
def visitor(stranger):
    """Return what gives a browser that has been let in."""

    def browser(runs, files=()):
        found = stranger(runs, files)
        assert found.get(f"/?token={SECRET}").status_code == 302
        return found

    return browser


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Path:
    """Return a folder with two small runs of the same seed, ``first`` and ``second``."""
    folder = tmp_path_factory.mktemp("explore")
    plain = {"trial.sample_size": 30, "analysis.alternatives": []}
    for name, effect in {"first": -2, "second": -4}.items():
        scenario = sb.scenario("planned_2018", {**plain, "course.effect_size": effect})
        sb.run(scenario, 4, jobs=1, progress=False, out=folder / name)
    return folder


@pytest.fixture
def runs(tmp_path, finished) -> Runs:
    return Runs(tmp_path / "explore", [finished / "first", finished / "second"])


@pytest.fixture
def client(runs, visitor):
    return visitor(runs)


@pytest.fixture
def post(client):
    """Return what posts a form, as a page of the server does."""

    def send(path, **fields):
        headers = {"Origin": f"http://{HOST}"}
        return client.post(path, data=fields, headers=headers)

    return send
