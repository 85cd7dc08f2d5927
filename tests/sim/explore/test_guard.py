"""Who may ask: a browser of this computer that has been let in, from pages of this server."""

import pytest

HOST = "127.0.0.1:8765"
OWN = {"Host": HOST, "Origin": f"http://{HOST}"}


def test_the_first_address_lets_in_and_the_secret_leaves_the_address(stranger, runs):
    browser = stranger(runs)
    answer = browser.get("/?token=a-secret")
    assert (answer.status_code, answer.location) == (302, "/")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert browser.get("/runs").status_code == 200


@pytest.mark.parametrize("token", ["", "?token=", "?token=another", "?token=%C3%A4"])
def test_nobody_is_let_in_without_the_secret(stranger, runs, token):
    answer = stranger(runs).get(f"/{token}")
    assert answer.status_code == 403
    assert b"selfback explore printed" in answer.data


@pytest.mark.parametrize("host", ["example.org", "example.org:8765", "127.0.0.1:8766", "", "[::1]"])
def test_a_name_that_is_made_to_lead_here_is_refused(client, host):
    assert client.get("/", headers={"Host": host}).status_code in {400, 421}


@pytest.mark.parametrize(
    "origin", ["http://example.org", "http://127.0.0.1:9999", "null", f"https://{HOST}", None]
)
def test_another_site_cannot_begin_a_run(client, runs, origin):
    headers = {} if origin is None else {"Origin": origin}
    sent = {"base": "planned_2018", "replicates": "2"}
    assert client.post("/runs", data=sent, headers=headers).status_code == 403
    assert not runs.root.exists()


def test_no_address_speaks_as_a_websocket(client):
    asked = {"Connection": "Upgrade", "Upgrade": "websocket"}
    assert client.get("/runs", headers=asked).status_code == 405


def test_nothing_changes_by_being_looked_at(client):
    for path in ("/runs/first/cancel", "/runs/first/resume", "/check"):
        assert client.get(path).status_code == 405


def test_pages_may_fetch_nothing_from_elsewhere_and_stand_in_no_frame(client):
    answer = client.get("/")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert b"http://" not in answer.data.replace(b"http://www.w3.org", b"")
    assert b"https://" not in answer.data


def test_a_request_that_is_too_large_is_refused(client):
    sent = {"base": "planned_2018", "set": "x" * 2**21}
    assert client.post("/check", data=sent, headers=OWN).status_code == 413
