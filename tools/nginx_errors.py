"""Write `deploy/nginx/acquis-errors.conf`: the pages that nginx answers by itself, made as the server's."""

from pathlib import Path

from portfolio.server.error_pages import error_page
from portfolio.web.headers import SECURITY_HEADERS

FILE = Path(__file__).parents[1] / "deploy" / "nginx" / "acquis-errors.conf"
# What nginx refuses, and the status that it answers: 494 is its name for heads that are too long, 497 for
# plain HTTP on the port of TLS.
_STATUSES = {
    400: 400, 403: 403, 404: 404, 405: 400, 408: 408, 413: 413, 414: 414, 421: 400, 429: 429, 494: 431,
    497: 400, 500: 500, 501: 400, 502: 503, 503: 503, 504: 503, 505: 400,
}  # fmt: skip
_HEADING = """\
# Made by `python -m tools.nginx_errors`: what nginx answers by itself, with the headers of every page.
# Included in each server. The pages of the application, refusals as well, pass as they are.
"""
# Who gets one of these may come back soon.
_LATER = {429, 503}
_TOO_MANY = (
    "Trop de demandes viennent de votre réseau en même temps. Ce qui était enregistré est intact. Attendez "
    "une minute, puis rechargez cette page ; si vous envoyiez un texte, revenez en arrière et envoyez-le à "
    "nouveau."
)


def error_settings() -> str:
    """Return the directives of one server."""
    answered = sorted(set(_STATUSES.values()))
    lines = [
        f"error_page {code} {'' if code == answer else f'={answer} '}{_place(answer)};"
        for code, answer in _STATUSES.items()
    ]
    lines += _location("/acquis-erreur/", [code for code in answered if code not in _LATER])
    lines += _location("/acquis-attente/", sorted(_LATER), "    add_header Retry-After 10 always;")
    return _HEADING + "\n".join(lines) + "\n"


def _place(code: int) -> str:
    return f"/acquis-{'attente' if code in _LATER else 'erreur'}/{code}"


def _location(prefix: str, codes: list[int], *more: str) -> list[str]:
    headers = SECURITY_HEADERS | {"Cache-Control": "no-store"}
    return [
        f"location {prefix} {{",
        "    internal;",
        "    default_type text/html;",
        "    charset utf-8;",
        *more,
        *(f'    add_header {name} "{value}" always;' for name, value in headers.items()),
        *(f"    location = {_place(code)} {{ return {code} '{_page(code)}'; }}" for code in codes),
        "}",
    ]


def _page(code: int) -> str:
    return error_page(code, _TOO_MANY if code == 429 else "").replace("\n", "")


def main() -> None:
    """Write the file."""
    FILE.write_text(error_settings(), encoding="utf-8")


if __name__ == "__main__":
    main()
