"""Check what every route asks of every request, and says in every response: token, origin, headers."""

import os

import pytest
from werkzeug.test import TestResponse

from portfolio.web.headers import REVALIDATED
from tests.rights.application import Installation
from tests.rights.filling import Form, send
from tests.rights.table import EVERYWHERE, TABLE, Line
from tests.rights.visitors import PEOPLE
from tests.thoroughness import EXHAUSTIVE

# A mail program sends it without having opened a page: its link is the proof (RFC 8058).
# The same for everybody, whoever asks: kept by proxies too.
FOR_PROGRAMS = ("static", "public.case.", "public.well_known.did", "public.well_known.withdrawals")
WITHOUT_TOKEN = {
    "account.notifications.unsubscribe",
    *(f"public.wallet.{one}" for one in ("token", "nonce", "credential")),
    *(f"api.v1.{one}" for one in ("open_candidacies", "invite_again", "make_webhook", "try_webhook", "remove_webhook")),
}
ELSEWHERE = ({"Origin": "https://ailleurs.exemple"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
             {"Origin": "null"}, {"Origin": "http://localhost.ailleurs.exemple"})  # fmt: skip


def altered(token: str, place: int) -> str:
    """Return the token with one character changed, where every bit of it counts."""
    return token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]


def test_a_write_without_its_token_has_no_effect(installed: Installation, forms: dict[str, Form]):
    faults, before = [], installed.digest()
    signature = installed.token.rindex(".") + 1
    for endpoint, form in sorted(forms.items()):
        if endpoint in WITHOUT_TOKEN:
            continue
        for token in (None, "", "faux", altered(installed.token, signature)):
            body = form.filled()
            body.poplist("csrf_token")
            if token is not None:
                body.add("csrf_token", token)
            answer = send(installed, form, body)
            if answer.status_code not in {400, 404} or installed.changed_since(before):
                faults.append(
                    f"{endpoint} with the token {token!r}: {answer.status_code}, {installed.changed_since(before)}"
                )
                installed.restore()
    assert not faults, "\n".join(faults)


def test_a_link_that_nobody_signed_stops_no_letter(installed: Installation):
    before, link = installed.digest(), str(installed.world.places["draft"]["stop_token"])
    anyone = installed.browser("anonymous")
    assert anyone.get(f"/courriels/arret/{link}").status_code == 200
    # The person is told in the clear, so only the signature keeps a stranger from stopping their letters.
    for forged in (altered(link, len(link) // 2), altered(link, len(link) - 4), link[:24]):
        assert [anyone.open(f"/courriels/arret/{forged}", method=one).status_code for one in ("GET", "POST")] == [
            404,
            404,
        ]
    assert not installed.changed_since(before)


@pytest.mark.slow
@pytest.mark.parametrize(
    "headers", ELSEWHERE, ids=lambda one: " ".join(f"{name} {value}" for name, value in one.items())
)
def test_a_write_that_another_site_sends_is_refused_before_everything(
    installed: Installation, forms: dict[str, Form], headers
):
    before, faults = installed.digest(), []
    for endpoint, form in sorted(forms.items()):
        answer = send(installed, form, headers=headers)
        if answer.status_code != 403:
            faults.append(f"{endpoint}: {answer.status_code}")
    assert not faults, "\n".join(faults)
    assert not installed.changed_since(before)


def test_every_write_is_behind_the_token(built: Installation):
    """By the extension's own list: nothing is exempt but what is told here."""
    exempt = built.app.extensions["csrf"]._exempt_views
    assert {name.rpartition(".")[2] for name in exempt} == {name.rpartition(".")[2] for name in WITHOUT_TOKEN}
    assert not built.app.extensions["csrf"]._exempt_blueprints


def fault_of(answer: TestResponse, *, private: bool) -> list[str]:
    """Return what the headers of a response lack."""
    policy = answer.headers.get("Content-Security-Policy", "")
    wanted = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    faults = [
        f"{name}: {answer.headers.get(name)}" for name, value in wanted.items() if answer.headers.get(name) != value
    ]
    faults += ["CSP allows unsafe-*"] if "unsafe" in policy else []
    faults += [f"CSP: {policy}"] if "default-src 'none'" not in policy else []
    faults += ["no HSTS"] if "max-age=63072000" not in answer.headers.get("Strict-Transport-Security", "") else []
    if answer.mimetype == "text/html" and answer.data:
        faults += [
            f"CSP lacks {one}"
            for one in ("frame-ancestors 'none'", "object-src 'none'", "base-uri 'none'")
            if one not in policy
        ]
    kept = REVALIDATED if answer.mimetype == "image/webp" else "no-store"
    if private and answer.headers.get("Cache-Control") != kept:
        faults.append(f"may be kept: {answer.headers.get('Cache-Control')}")
    cookie = answer.headers.get("Set-Cookie", "")
    if cookie and not ("HttpOnly" in cookie and "SameSite=Lax" in cookie):
        faults.append(f"cookie: {cookie}")
    return faults


def answers(here: Installation, line: Line, stranger: str) -> list[tuple[str, TestResponse]]:
    """A line opened by someone who may, and by someone who may not; written without a token."""
    found = []
    for state in EVERYWHERE.split():
        url = here.url(line, state)
        if url is None:
            continue
        mine = next((person for person in PEOPLE if person in line.may), "candidate")
        for person in (mine, stranger):
            browser = here.browser(person, state)
            found.append((f"{person} {line.method} {url}", browser.open(url, method=line.method, buffered=True)))
        break
    return found


@pytest.mark.slow
def test_every_response_carries_its_headers(installed: Installation):
    faults, seen = [], set()
    for place, line in enumerate(TABLE):
        for where, answer in answers(installed, line, ("candidate south", "anonymous")[place % 2]):
            seen.add(answer.status_code)
            faults += [
                f"{where} ({answer.status_code}): {fault}"
                for fault in fault_of(answer, private=not line.endpoint.startswith(FOR_PROGRAMS))
            ]
            if line.endpoint.startswith(FOR_PROGRAMS) and answer.headers.get("Set-Cookie"):
                faults.append(f"{where}: a cookie with what anybody may keep")
    browser = installed.browser("candidate")
    odd = [browser.get("/nulle-part"), browser.put("/"),
           browser.open("/connexion", method="OPTIONS"), browser.post("/connexion", headers={"Origin": "https://ailleurs"})]  # fmt: skip
    for answer in odd:
        seen.add(answer.status_code)
        faults += [f"{answer.request.path} ({answer.status_code}): {fault}" for fault in fault_of(answer, private=True)]
    assert not faults, "\n".join(faults)
    assert {200, 303, 400, 403, 404, 405} <= seen, seen


def test_files_are_only_sent_as_attachments_that_nothing_opens(installed: Installation):
    originals = ("candidate.evidence.download", "candidate.submission.exhibit", "juror.hearing.exhibit_file", "certifier.certificates.acquisition_proof", "certifier.sessions.appointment_document", "juror.hearing.download_signed_document",
                 "candidate.submission.manifest", "account.downloads.receipt", "account.downloads.minutes", "account.downloads.letter", "account.downloads.certificate")  # fmt: skip
    for line in TABLE:
        if line.endpoint not in originals:
            continue
        sent = []
        for state in sorted(line.only & {"draft", "past", "closed", "reopened", "heard"}):
            if len(sent) == 2 and not EXHAUSTIVE:
                break
            url = installed.url(line, state)
            person = next(one for one in ("certifier", "candidate", "president") if one in line.may)
            answer = installed.browser(person, state).get(url, buffered=True) if url else None
            if answer is not None and answer.status_code == 200:
                sent.append(answer)
                assert answer.headers["Content-Disposition"].startswith("attachment"), line.endpoint
                assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'", line.endpoint
                # Asked for its headers alone, or left before its first byte, a file does not stay open.
                asked = installed.browser(person, state).head(url)
                assert asked.status_code == 200
                assert asked.content_length in {None, len(answer.data)}
                assert not _opened(installed), line.endpoint
        assert sent, line.endpoint


def _opened(here: Installation) -> set[str]:
    """Return the files of the store that this process holds open."""
    held = {
        os.readlink(f"/proc/self/fd/{one}")
        for one in os.listdir("/proc/self/fd")
        if os.path.exists(f"/proc/self/fd/{one}")
    }
    return {one for one in held if one.startswith(str(here.app.config["SETTINGS"].files))}
