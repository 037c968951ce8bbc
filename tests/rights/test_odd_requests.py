"""Odd requests on every route: other methods, odd addresses, odd bytes.

Never a fault of ours, never an effect.
"""

from typing import Any
from urllib.parse import quote_from_bytes

import pytest

from tests.rights.application import Installation
from tests.rights.filling import Form
from tests.rights.table import EVERYWHERE, TABLE, Line
from tests.rights.test_urls import UUID
from tests.thoroughness import EXHAUSTIVE

METHODS = ("OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND")
# Every way there is to pass a write off as a reading, at once: one that is heard has its effect.
DISGUISED = {"X-HTTP-Method-Override": "PUT", "X-HTTP-Method": "PATCH", "X-Method-Override": "DELETE"}
ODD = "a\x00b\r\n\u202e\ud800é"
PAIR = quote_from_bytes(ODD.encode("utf-8", "surrogatepass"))


# A route is asked a quarter of the other methods and of the odd addresses, each in its turn; all of them with
# TESTS=exhaustive.
QUARTERS = 4


def own(here: Installation, line: Line) -> tuple[str, str, str] | None:
    """An address of this line, with somebody who may open it."""
    person = next((one for one in ("candidate", "advisor", "president", "certifier") if one in line.may), "candidate")
    for state in EVERYWHERE.split():
        if url := here.url(line, state):
            return person, state, url
    return None


def ask(here: Installation, faults: list[str], where: tuple[str, str], method: str, url: str, **more: Any) -> int:
    """Ask; what is raised, or answered as a fault of ours, is noted."""
    try:
        answer = here.browser(*where).open(url, method=method, buffered=True, **more)
    except Exception as fault:
        faults.append(f"{method} {url}: {type(fault).__name__} {fault}")
        return 500
    if answer.status_code >= 500:
        faults.append(f"{method} {url}: {answer.status_code}")
    return answer.status_code


@pytest.mark.slow
def test_other_methods_have_no_effect(installed: Installation):
    faults: list[str] = []
    before = installed.digest()
    for place, line in enumerate(TABLE):
        person, state, url = own(installed, line) or ("", "", "")
        for method in (METHODS if EXHAUSTIVE else METHODS[place % QUARTERS :: QUARTERS]) if url else ():
            body = {"csrf_token": installed.token, "sure": "y", "text": "x"}
            ask(installed, faults, (person, state), method, url, data=body)
        if url:
            ask(installed, faults, (person, state), "GET", f"{url}?_method=DELETE", headers=DISGUISED)
    assert not faults, "\n".join(faults[:30])
    assert not installed.changed_since(before)


@pytest.mark.slow
def test_odd_addresses_are_not_found_or_lead_back(installed: Installation):
    faults: list[str] = []
    before = installed.digest()
    for place, line in enumerate(TABLE):
        person, state, url = own(installed, line) or ("", "", "")
        if url in {"", "/"}:
            continue
        odd = [f"{url}/", url[:1] + url[1:].replace("/", "//"), UUID.sub(lambda found: found[0].upper(), url), f"{url}%00",
               f"{url}/../{url}", f"{url};x=1", f"{url}?{PAIR}={PAIR}", f"{url}?page={PAIR}&taille={PAIR}", f"{url}%ED%A0%80",
               f"{url}?page=99999999999999999999&numero=-1", UUID.sub("x" * 300, url, count=1), UUID.sub(PAIR, url, count=1)]  # fmt: skip
        for address in odd if EXHAUSTIVE else odd[place % QUARTERS :: QUARTERS]:
            status = ask(installed, faults, (person, state), line.method, address, data={"csrf_token": installed.token})
            if line.method == "POST" and status == 303:
                installed.restore()
    assert not faults, f"{len(faults)} faults\n" + "\n".join(faults[:30])
    installed.restore()
    assert not installed.changed_since(before)


def test_parts_of_addresses_that_are_words_take_odd_bytes(installed: Installation):
    faults: list[str] = []
    words = {
        "label": PAIR,
        "seat": PAIR,
        "key": PAIR,
        "token": PAIR,
        "certificate_number": PAIR,
        "number": "99999999999999999999",
        "page": "0",
    }
    for line in TABLE:
        rule, cell = installed.rule(line), own(installed, line)
        for name in sorted(rule.arguments & words.keys()) if cell else ():
            place = installed.world.places.get(cell[1], {})
            value = str(place.get(line.names.get(name, name), "x"))
            if value in cell[2]:
                head, _, tail = cell[2].rpartition(value)
                word = PAIR if name == "number" and "<number>" in rule.rule else words[name]
                ask(installed, faults, cell[:2], line.method, head + word + tail, data={"csrf_token": installed.token})
    assert not faults, "\n".join(faults[:30])


BYTES = {
    "odd": ODD,
    "long": "x" * 120_000,
    "number": "9" * 400,
    "id": "00000000-0000-0000-0000-000000000000",
    "empty": "",
}


def encoded(form: Form, chosen: list[str], value: str) -> bytes:
    """Return the form as a browser encodes it, with these bytes in these fields; files are left out."""
    pairs = [
        (name, one) for name, one in form.filled().items(multi=True) if isinstance(one, str) and name not in chosen
    ]
    pairs += [(name, value) for name in chosen]
    return "&".join(f"{_quoted(name)}={_quoted(one)}" for name, one in pairs).encode()


def _quoted(text: str) -> str:
    return quote_from_bytes(text.encode("utf-8", "surrogatepass"))


def turns(names: list[str], kind: str, number: int) -> list[list[str]]:
    """Return the fields that a form is sent with odd bytes in: one alone, another from form to form and from kind
    to kind, then all of them; of the kinds that hold nothing odd, all of them in one form out of two.
    """
    place = number + list(BYTES).index(kind)
    alone = [[name] for at, name in enumerate(names[:10]) if EXHAUSTIVE or (at + place) % 10 == 0]
    return [*alone, names] if EXHAUSTIVE or kind == "odd" or place % 2 else alone


@pytest.mark.slow
@pytest.mark.parametrize("kind", BYTES)
def test_odd_bytes_in_every_field_are_refused_or_cleaned(installed: Installation, forms: dict[str, Form], kind: str):
    faults: list[str] = []
    for number, (_, form) in enumerate(sorted(forms.items())):
        names = sorted({field.name for field in form.fields} - {"csrf_token", "password"})
        for chosen in turns(names, kind, number):
            faults_before, written = len(faults), installed.writes()
            where = (form.person, form.state)
            kept = {"content_type": "application/x-www-form-urlencoded", "data": encoded(form, chosen, BYTES[kind])}
            ask(installed, faults, where, "POST", form.action, **kept)
            if form.endpoint.startswith("account.login."):
                installed.browsers.clear()  # the person who logs out, or in, is somebody else afterwards
            faults[faults_before:] = [f"{chosen[:2]} {fault:.300}" for fault in faults[faults_before:]]
            if installed.writes() != written:
                installed.restore()
    assert not faults, f"{len(faults)} faults\n" + "\n".join(faults[:30])
