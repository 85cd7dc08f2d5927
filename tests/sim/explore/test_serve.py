"""How the server begins: its port, and what it is given."""

import socket

import pytest

from scenarios.errors import InputError
from sim.cli import call
from sim.explore import serve
from sim.explore.guard import HERE


@pytest.fixture
def taken():
    with socket.socket() as other:
        other.bind((HERE, 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_port_that_is_in_use_is_told_in_a_line(taken, capsys):
    assert call(["explore", "--no-browser", "--port", str(taken)]) == 2
    told = capsys.readouterr().err.strip()
    assert told == (
        f"selfback: --port {taken} is in use: choose another, or leave --port out for a free one"
    )


def test_without_a_port_the_next_free_one_is_taken(taken, monkeypatch):
    monkeypatch.setattr(serve, "FIRST", taken)
    with serve.listen(HERE, None) as found:
        assert taken < found.getsockname()[1] < taken + serve.TRIED
        assert found.getsockname()[0] == HERE


def test_only_this_computer_is_listened_to():
    assert HERE == "127.0.0.1"


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("broken.toml", "name = ", "is not TOML"),
        ("wrong.toml", 'extends = "planned_2018"\nname = "x"\ntrial.sample_size = 0', "above 0"),
        ("none.toml", None, "there is no such file"),
        ("folder", None, "is no study"),
    ],
)
def test_what_is_broken_is_told_in_a_line(tmp_path, capsys, name, content, told):
    if content is not None:
        (tmp_path / name).write_text(content, "utf-8")
    assert call(["explore", "--no-browser", str(tmp_path / name)]) == 2
    said = capsys.readouterr().err.strip()
    assert told in said
    assert "\n" not in said


def test_files_and_folders_are_told_apart(finished, tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('extends = "planned_2018"\nname = "mine"\n', "utf-8")
    assert serve.split([file, finished / "first"]) == ([file], [finished / "first"])


def test_a_damaged_folder_is_refused(tmp_path):
    (tmp_path / "manifest.json").write_text("{", "utf-8")
    with pytest.raises(InputError, match="is damaged"):
        serve.split([tmp_path])
