"""The forms of the product, found on its pages and filled as a person would: what the tests of writes start from.

A new form is found by itself. If it does not succeed when filled with the plain values below, say in `SAID` what it
wants.
"""

import io
import re
from collections import Counter
from collections.abc import Collection, Iterator, Set
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import Any

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from portfolio.calendar import day_of
from tests import factories, samples
from tests.certification.readers.writing import entry_text
from tests.moment import MORNING
from tests.rights.application import Installation
from tests.rights.crossing import expected
from tests.rights.leak_markers import Canary
from tests.rights.story import next_entry
from tests.rights.table import ANYONE, CONNECTED, EVERYWHERE, SCRIPTED, TABLE, Line
from tests.rights.visitors import PEOPLE, browser, who_is

# The writes whose form is looked for.
WANTED = [line for line in TABLE if line.method == "POST" and line.endpoint not in SCRIPTED]
UUID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TODAY = day_of(MORNING).isoformat()
# What some forms want, by endpoint: a name of a field → its value.
SAID: dict[str, dict[str, str]] = {
    "candidate.dossier.save_pace": {"target_on": ""},
    "certifier.control.request_pack": {"since": "2000-01-01", "until": "2100-01-01"},
    "certifier.certifications.save_blocks": {"options_needed": "", "whole_source": ""},
    "certifier.certificates.save_status_change": {"kind": "rectification", "step": "confirm"},
    "certifier.certificates.correct_identity": {
        "step": "confirm",
        "born_on": "",
        "birth_place": "",
        "birth_name": "",
        "decided_on": TODAY,
    },
    "account.login.log_in": {"email": f"{Canary('sealed', 'email')}@exemple.fr"},
    "certifier.candidacies.open_candidacy": {"advisor_email": "conseil@exemple.fr", "scope": "blocks"},
    "certifier.certifications.import_entry": {"text": entry_text(next_entry("RNCP88888")), "file": ""},
    "certifier.certifications.create_one": {
        "kind": "own",
        "code": "CQP-VENTE-9",
        "start": "blank",
        "base": "",
        "file": "",
        "text": "",
    },
    "advisor.dossier.save_message": {"revision": "1"},
    "certifier.body.save_settings": {"siret": "", "complaint_days": "", "remedies": "Un recours, dans les deux mois."},
    "certifier.funding.add_leave": {"hours": "48", "answer": "waiting", "first_day": "2020-06-04"},
    "certifier.funding.add_appointment": {"hour": "9:00", "minutes": "60", "attended": "", "held": "planned"},
    "certifier.funding.add_funding": {"commitment": "asked", "hours": "", "euros": ""},
    "certifier.si_cpf.save_settings": {"client_id": "03VML243", "contract_id": "MCFCER000209"},
    "certifier.si_cpf.record_identity": {"born_on": "1984-05-12", "commune_code": "", "file_number": "", "nir": ""},
    "certifier.body.save_page": {"text": "Nos mentions."},
    "certifier.body.save_accent": {"choice": "own", "colour": "#1d4ed8"},
    "candidate.evidence.change_pieces": {"action": "leave_out", "kind": "", "experience_id": ""},
    "certifier.certifications.add_registration": {"siret": "", "starts_on": "2024-01-01", "ends_on": "2026-01-01"},
    "certifier.certifications.correct_registration": {
        "siret": "",
        "starts_on": "2024-01-01",
        "ends_on": "2026-01-01",
        "revision": "1",
    },
    "certifier.certifications.correct_site": {"revision": "1"},
    "juror.hearing.adjourn": {"resumes_on": ""},
    "certifier.certificates.invite": {"invited_on": "2026-03-04", "answer_by": "2026-03-30"},
    "certifier.sessions.register_appeal": {"filed_on": TODAY, "received_on": TODAY},
    "certifier.sessions.record_site": {"site_id": ""},
    "certifier.sessions.save_schedule": {
        "held_on": "2030-05-04",
        "start": "9:00",
        "end": "18:00",
        "interview": "30",
        "pause": "0",
        "lunch_start": "",
        "lunch_end": "",
        "video_link": "",
    },
    "certifier.candidacies.record_address": {"phone": "06 12 34 56 78"},
    "certifier.jurors.save_fees": {"session_euros": "120", "hearing_euros": "40", "km_euros": "0,52"},
    "certifier.assessments.set_plan": {"presentation": "30", "questions": "20"},
    "certifier.assessments.record_result": {"assessed_on": factories.ADMISSIBLE.isoformat()},
    "certifier.assessments.correct_result": {"assessed_on": factories.ADMISSIBLE.isoformat()},
    "certifier.assessments.create_cohort": {"starts_on": "2025-09-01", "ends_on": "2026-07-01"},
    "certifier.assessments.change_cohort": {"starts_on": "2025-09-01", "ends_on": "2026-07-01"},
    "certifier.certifications.name_successor": {"successor": "RNCP40000"},
}
# Acts that ask for a proof and the password on a second page, once they were read again.
PROVEN = {"certifier.certificates.save_status_change", "certifier.certificates.correct_identity"}
# What fields of these names hold, whatever the form: most are optional, and wrong when filled with a
# sentence.
NAMED = {
    "passage": "1",
    "revision": "0",
    "held_on": "2030-05-04",
    "decided_on": "2026-03-04",
    "signed_on": TODAY,
} | dict.fromkeys(
    (
        "ended_on",
        "dated_to",
        "captured_on",
        "heard_on",
        "web_address",
        "votes_for",
        "votes_against",
        "votes_abstained",
        "override_reason",
        "no_recommendation",
        "title_other",
        "decision_threshold",
        "jury_quorum",
        "jury_size",
        "count",
        "external_min",
        "representatives_min",
        "professionals_min",
        "trade_min",
        "trade_max",
        "trade",
        "employers_min",
        "employers_max",
        "employees_min",
        "employees_max",
        "quorum",
        "validity_months",
        "distance_km",
        "first_day",
        "last_day",
        "quote",
        "max_pages",
    ),
    "",
)
# Of what these offer, the last one is chosen: the first block of a dossier may be held already.
LAST = {"block_id"}
# What a form that succeeded answers, when it is not 303.
ANSWERS = {
    "account.login.request_reset": {200},
    "certifier.notifications.send_notification": {200, 303},
    "certifier.certifications.correct": {200, 303},
    "account.notifications.unsubscribe": {200},
}


# Pages that show a form which is not sent under their address: they are opened first when it is missing.
SHOWN_BY = {
    "juror.hearing.open_ballot": {"juror.hearing.deliberation"},
    "candidate.submission.prepare_next": {"public.certificate.results"},
}


@dataclass(frozen=True)
class Field:
    """One field: its kind, what stands in it, what it offers."""

    name: str
    kind: str
    value: str = ""
    offered: tuple[str, ...] = ()
    chosen: tuple[str, ...] = ()


@dataclass(frozen=True)
class Form:
    """A form as it was found: who found it, where, and where it sends."""

    endpoint: str
    person: str
    state: str
    action: str
    fields: tuple[Field, ...] = ()

    def filled(self) -> MultiDict[str, Any]:
        """Return what a person would send; files are made anew at each sending."""
        body: MultiDict[str, Any] = MultiDict()
        for one in self.fields:
            if one.kind == "submit" and one.name in body:
                continue  # one button is pressed
            for value in _values(one, SAID.get(self.endpoint, {})):
                body.add(one.name, value)
        if self.endpoint in PROVEN and "proof" not in body:
            body.add("password", factories.PASSWORD)
            body.add("proof", (io.BytesIO(samples.pdf(1, "Preuve")), "preuve.pdf"))
        for name, value in SAID.get(self.endpoint, {}).items():
            if name not in body:
                body.add(name, value)
        return body


@dataclass
class _Reader(HTMLParser):
    """Reads the forms of a page that are sent by POST."""

    forms: list[tuple[str, list[Field]]] = field(default_factory=list)
    here: list[Field] | None = None
    select: str = ""
    text: str | None = None

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method", "").lower() == "post":
            self.here = []
            self.forms.append((given.get("action", ""), self.here))
        if self.here is None or "disabled" in given:
            return
        name = given.get("name", "")
        if tag == "option" and self.select:
            self._add(Field(self.select, "select", offered=(given.get("value", ""),),
                            chosen=(given.get("value", ""),) if "selected" in given else ()))  # fmt: skip
        elif tag == "select":
            self.select = name
        elif tag == "textarea" and name:
            self.text = ""
            self.here.append(Field(name, "textarea"))
        elif tag in {"input", "button"} and name:
            self._input(name, given, given.get("type", "text" if tag == "input" else "submit"))

    def _input(self, name: str, given: dict[str, str], kind: str) -> None:
        if kind in {"radio", "checkbox"}:
            value = given.get("value", "y")
            self._add(Field(name, kind, offered=(value,), chosen=(value,) if "checked" in given else ()))
        else:
            self._add(Field(name, kind, given.get("value", "")))

    def _add(self, one: Field) -> None:
        assert self.here is not None
        for number, known in enumerate(self.here):
            if known.name == one.name and known.kind == one.kind and one.offered:
                self.here[number] = replace(
                    known, offered=known.offered + one.offered, chosen=known.chosen + one.chosen
                )
                return
        self.here.append(one)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.here = None
        elif tag == "select":
            self.select = ""
        elif tag == "textarea" and self.here and self.text is not None:
            self.here[-1] = replace(self.here[-1], value=self.text.strip())
            self.text = None

    def handle_data(self, data: str) -> None:
        if self.text is not None:
            self.text += data


def _values(one: Field, said: dict[str, str]) -> list[Any]:
    if one.name in said:
        return [said[one.name]]
    if one.name.startswith("ties-"):
        return []
    if one.kind in {"select", "radio", "checkbox"}:
        wanted = slice(-1, None) if one.name in LAST else slice(1)
        return [value for value in one.chosen if value] or [value for value in one.offered if value][wanted]
    if one.name == "sound":
        return [(io.BytesIO(samples.webm()), "voix.webm")]
    if one.kind == "file":
        return [(io.BytesIO(samples.pdf(1, "Preuve")), "preuve.pdf")]
    if one.name.rpartition("-")[2] in NAMED:
        return [one.value or NAMED.get(one.name.rpartition("-")[2], "")]
    if "email" in one.name:
        return [one.value or "nouvelle@exemple.fr"]
    plain = {"date": "2020-05-04", "month": "2020-05", "number": "1", "email": "nouvelle@exemple.fr", "password": factories.PASSWORD,
             "url": "https://exemple.fr", "hidden": "", "submit": ""}  # fmt: skip
    return [one.value or plain.get(one.kind, "Une phrase simple.")]


def forms_on(built: Installation, answer: TestResponse, person: str, state: str) -> Iterator[Form]:
    """Yield the forms of one page."""
    reader = _Reader()
    reader.feed(answer.text)
    adapter = built.app.url_map.bind("localhost")
    for action, fields in reader.forms:
        where = action or answer.request.path
        try:
            endpoint, _ = adapter.match(where.partition("?")[0], method="POST")
        except HTTPException as fault:
            raise AssertionError(f"{answer.request.path}: a form leads to {where}: {fault}") from None
        yield Form(endpoint, person, state, where, tuple(fields))


def pages_of(built: Installation) -> Iterator[tuple[str, str, str, str]]:
    """Every page that somebody of the table may open: its endpoint, who, which dossier, its address."""
    for line in TABLE:
        for state in EVERYWHERE.split() if line.method == "GET" else ():
            url = built.url(line, state)
            for person in PEOPLE if url else ():
                some = (ANYONE in line.may and person in {"anonymous", "certifier"}) or (
                    CONNECTED in line.may and person == "advisor"
                )
                if (person in line.may or some) and expected(built, line, person, state) == 200:
                    yield line.endpoint, person, state, str(url)


def each_form(built: Installation, working: Set[str]) -> Iterator[Form]:
    """Yield the forms that people of the table find on the pages they may open.

    A page whose like was opened for somebody, and showed only forms that are `working` by now, waits until
    the others were opened, and is opened then only if a form was never found working.
    """
    seen: dict[str, set[str]] = {}
    waiting = []
    for endpoint, person, state, url in pages_of(built):
        if endpoint in seen and seen[endpoint] <= working | SCRIPTED:
            waiting.append((endpoint, person, state, url))
            continue
        seen.setdefault(endpoint, set())
        for form in _opened(built, person, state, url):
            seen[endpoint].add(form.endpoint)
            yield form
    # Each page of each dossier for one person first: what is still missing depends on the state more than on
    # who looks. A page that showed no form to anybody, or is a file, is the last to be opened again.
    times: Counter[tuple[str, str]] = Counter()
    ranked = []
    for endpoint, person, state, url in waiting:
        ranked.append((not seen[endpoint], times[endpoint, state], endpoint, person, state, url))
        times[endpoint, state] += 1
    ranked.sort(key=lambda page: page[:2])
    rules = {line.endpoint: built.rule(line).rule for line in TABLE if line.method == "GET"}
    above = {
        line.endpoint: SHOWN_BY.get(line.endpoint, set())
        | {page for page, rule in rules.items() if built.rule(line).rule.startswith(rule)}
        for line in _missing(working)
    }
    for tier in (_above, _on_own_pages, _by_who_may, _anywhere):
        later = []
        for page in ranked:
            missing = _missing(working)
            if not missing:
                return
            *_, endpoint, person, state, url = page
            if any(tier(line, endpoint, person, state, above[line.endpoint]) for line in missing):
                yield from _opened(built, person, state, url)
            else:
                later.append(page)
        ranked = later


def _above(line: Line, endpoint: str, person: str, state: str, above: Collection[str]) -> bool:
    """Tell whether a page is above the address that a form sends to, or is known to show it, and is read by who may
    send it.
    """
    return endpoint in above and _by_who_may(line, endpoint, person, state)


def _on_own_pages(line: Line, endpoint: str, person: str, state: str, *_: object) -> bool:
    """Tell whether a page is of the blueprint of a form, and read by who may send it."""
    own = line.endpoint.rpartition(".")[0] == endpoint.rpartition(".")[0]
    return own and _by_who_may(line, endpoint, person, state)


def _by_who_may(line: Line, _endpoint: str, person: str, state: str, *_: object) -> bool:
    """Tell whether a page is read by who may send a form."""
    return state in line.only and (person in line.may or (ANYONE in line.may and person == "anonymous"))


def _anywhere(*_page: object) -> bool:
    return True


def _missing(working: Set[str]) -> list[Line]:
    """Return the writes of the table whose form was not found working yet."""
    return [line for line in WANTED if line.endpoint not in working]


def _opened(built: Installation, person: str, state: str, url: str) -> Iterator[Form]:
    answer = built.browser(person, state).get(url, buffered=True)
    if answer.mimetype != "text/html":
        built.restore()  # a letter that the candidate opens is known as received
    elif answer.status_code == 200:
        yield from forms_on(built, answer, person, state)


def send(built: Installation, form: Form, body: MultiDict[str, Any] | None = None, **more: Any) -> TestResponse:
    """Send a form as its finder."""
    data = form.filled() if body is None else body
    visitor = browser(built.app, built.world, who_is(form.person, form.state))
    return visitor.post(form.action, data=data, buffered=True, content_type="multipart/form-data", **more)


def succeeds(form: Form, answer: TestResponse) -> bool:
    """Tell whether the form had its effect."""
    return answer.status_code in ANSWERS.get(form.endpoint, {303})
