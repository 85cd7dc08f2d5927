"""Who may ask this server: only pages that it has itself given to the one who started it.

Three things are asked of every request. ``Host`` is this computer's own name: a site whose name is
made to lead here (DNS rebinding) sends its own. The secret that stands in the address printed at
the start, kept in a cookie from then on: other users of this computer do not have it. And what
changes anything comes from a page of this server, by ``Origin``: a form or a script of another site
sends another one.
"""

from hmac import compare_digest
from secrets import token_urlsafe

from flask import Flask, Response, abort, redirect, request
from werkzeug.wrappers import Response as AnyResponse

HERE = "127.0.0.1"
NAMES = (HERE, "localhost")
"""Names under which this computer is asked by its own browser."""
SECRET = "token"  # noqa: S105 - the name of a field
LARGEST = 2**20
"""Bytes of a request."""
POLICY = (
    "default-src 'none'; img-src 'self' data:; style-src 'self'; "
    "script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def new_secret() -> str:
    """Return a secret that nobody guesses."""
    return token_urlsafe(24)


def guard(app: Flask, port: int, secret: str) -> None:
    """Let an application answer only those who may ask.

    Parameters
    ----------
    port
        At which it is asked.
    secret
        That the first address has.
    """
    app.config["MAX_CONTENT_LENGTH"] = LARGEST
    hosts = {f"{name}:{port}" for name in NAMES}
    cookie = f"selfback_{port}"  # cookies know no ports

    @app.before_request
    def may_ask() -> AnyResponse | None:
        if request.host not in hosts:
            abort(Response("This server answers to this computer alone.\n", 421))
        given = request.args.get(SECRET, "")
        if request.method == "GET" and given and compare_digest(given.encode(), secret.encode()):
            answer = redirect(request.path)
            answer.set_cookie(cookie, secret, httponly=True, samesite="Lax")
            return answer
        if not compare_digest(request.cookies.get(cookie, "").encode(), secret.encode()):
            told = "Open the address that selfback explore printed: it has a token in it.\n"
            abort(Response(told, 403, mimetype="text/plain"))
        own = f"http://{request.host}"
        if request.method not in {"GET", "HEAD"} and request.headers.get("Origin") != own:
            abort(Response("This came from another site.\n", 403, mimetype="text/plain"))
        return None

    @app.after_request
    def protected(answer: Response) -> Response:
        answer.headers.setdefault("Content-Security-Policy", POLICY)
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Referrer-Policy"] = "same-origin"
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        return answer
