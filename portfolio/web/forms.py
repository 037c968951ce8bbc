"""Forms in French: fields that clean what comes in, say their limit, and keep what was typed.

A form saved while its author rests: the same view, a short answer.

Idempotency keys: a form sent twice (double click, reload, retry) has one effect and redirects to the first result.
"""

import re
import secrets
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from flask import Flask, Response, current_app, g, has_request_context, redirect, request
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as WerkzeugResponse
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, StopValidation, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget, MonthInput

from portfolio.db.engine import fetch_rows, insert_if_absent, read_session, transaction
from portfolio.domain.account.models import IdempotencyKey
from portfolio.errors import Refusal
from portfolio.french_text import DIRECTION, MONTHS, enumeration
from portfolio.web.clock import now

LINE_MAX_CHARS = 200
PROSE_MAX_CHARS = 20_000
_UNREADABLE = re.compile("[\x00\ud800-\udfff]")
_CONTROL = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LOST = re.compile(f"{DIRECTION.pattern}|{_UNREADABLE.pattern}|{_CONTROL.pattern}|\ufffd")
UNREADABLE_TEXT = (
    "Dans {}, un caractère est illisible\u00a0: il est remplacé par «\u00a0\ufffd\u00a0», ou retiré s’il retourne le "
    "texte sans se voir. Tout le reste est gardé. Relisez ce texte et retapez ce qui manque."
)


def clean(text: str) -> str:
    """Replace visibly what no store can hold (NUL, lone surrogates), remove the marks that turn a text
    around, and unify line ends and accents.
    """
    text = DIRECTION.sub("", text)
    text = _UNREADABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    return unicodedata.normalize("NFC", _CONTROL.sub("\ufffd", text))


def note_what_is_lost(label: str, typed: str) -> None:
    """Keep the name of a field in which something typed cannot be kept or read, for the next answer to say
    it.
    """
    if _LOST.search(typed) and has_request_context():
        g.setdefault("unreadable_fields", []).append(label)


def say_what_is_lost(app: Flask) -> None:
    """Say on the page that follows a form which of its texts hold characters that cannot be kept or read."""

    @app.after_request
    def _say(response: Response) -> Response:
        if request.method == "POST" and (labels := g.get("unreadable_fields")):
            if is_autosave():
                response.headers["X-Unreadable"] = "1"
            else:
                named = enumeration(f"«\u00a0{label}\u00a0»" for label in dict.fromkeys(labels))
                cookie["notice"] = " ".join(filter(None, (cookie.get("notice"), UNREADABLE_TEXT.format(named))))
        return response


def answer_twice_alike(app: Flask) -> None:
    """Lead a form that is sent again where it led the first time, also when what it did keeps it from being valid
    a second time: the piece is claimed, the page is gone.
    """

    @app.after_request
    def _lead(response: Response) -> Any:
        if request.method != "POST" or response.status_code not in (404, 409, 410, 422) or g.get("acted"):
            return response  # what a form that acts just now has to say is said
        try:
            return previous_result(request.form.get("nonce")) or previous_result(_sent_key()) or response
        except RequestEntityTooLarge:  # nothing had read it yet: no form of ours
            return response


def clean_line(text: str) -> str:
    """Clean a text that stands on one line."""
    return " ".join(clean(text).split())


class Required(InputRequired):
    """Refuse an empty answer, with a sentence that says what to give."""

    def __call__(self, form: Any, field: Any) -> None:  # noqa: ARG002
        data = field.data
        if data is None or data == [] or (isinstance(data, str) and not data.strip()):
            if not field.errors:
                raise StopValidation(self.message)
            raise StopValidation()


def _checks(required_message: str | None, limit: int | None) -> list[Any]:
    checks: list[Any] = [Required(required_message)] if required_message else [Optional()]
    if limit:
        limit_text = f"{limit:,}".replace(",", " ")
        checks.append(
            Length(max=limit, message=f"Ce texte est trop long : {limit_text} caractères au plus. Raccourcissez-le.")
        )
    return checks


class SingleLineField(StringField):
    """A text on one line. `missing` makes it required and says what to give."""

    def __init__(self, label: str, *, missing: str | None = None, limit: int = LINE_MAX_CHARS, **more: Any) -> None:
        super().__init__(label, _checks(missing, limit) + more.pop("validators", []), **more)
        self.limit = limit

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Clean what came in."""
        self.data = clean_line(valuelist[0]) if valuelist else ""
        note_what_is_lost(self.label.text, "".join(valuelist[:1]))


class MultiLineField(TextAreaField):
    """A text of several lines."""

    def __init__(self, label: str, *, missing: str | None = None, limit: int = PROSE_MAX_CHARS, **more: Any) -> None:
        super().__init__(label, _checks(missing, limit) + more.pop("validators", []), **more)
        self.limit = limit

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Clean what came in."""
        self.data = clean(valuelist[0]).strip() if valuelist else ""
        note_what_is_lost(self.label.text, "".join(valuelist[:1]))


class FrenchDateField(DateField):
    """A day, typed as the browser sends it or as people write it in France."""

    data: Any  # a date, or None where none is needed

    def __init__(self, label: str, *, missing: str | None = None, **more: Any) -> None:
        checks: list[Any] = [Required(missing)] if missing else [Optional()]
        super().__init__(label, checks + more.pop("validators", []), **more)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the day, or say how to write it; what was typed stays in `raw_data`."""
        text = clean_line(valuelist[0]) if valuelist else ""
        self.data = None
        if not text:
            return
        for pattern in ("%Y-%m-%d", "%d/%m/%Y"):
            try:
                self.data = datetime.strptime(text, pattern).date()
                break
            except ValueError:
                continue
        if self.data is not None and not date(1900, 1, 1) <= self.data <= date(2200, 1, 1):
            self.data = None
            raise ValueError("Cette date est avant 1900 ou après 2200. Vérifiez l’année.")
        if self.data is None:
            raise ValueError("Écrivez la date sous la forme jour/mois/année, par exemple 18/06/2020.")


class MonthField(FrenchDateField):
    """A month, or a day where it is known: a month is kept as its first day, and a day already kept in it stays."""

    widget = MonthInput()

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the month as the browser sends it, « 03/2021 » or « mars 2021 », else a day."""
        text = clean_line(valuelist[0]).lower() if valuelist else ""
        parts = text.replace("/", " ").replace("-", " ").split()
        if len(parts) == 2 and any(part.isdecimal() and len(part) == 4 for part in parts):
            month, year = parts if len(parts[1]) == 4 and parts[1].isdecimal() else parts[::-1]
            number = MONTHS.index(month) + 1 if month in MONTHS else int(month) if month.isdecimal() else 0
            if 1 <= number <= 12:
                text = f"{year}-{number:02}-01"
        super().process_formdata([text])
        kept = self.object_data
        if self.data and kept and self.data.day == 1 and (kept.year, kept.month) == (self.data.year, self.data.month):
            self.data = kept

    def _value(self) -> str:
        """Return what was typed, else the month as the browser reads it."""
        if self.raw_data:
            return " ".join(self.raw_data)
        return self.data.strftime("%Y-%m") if self.data else ""


def _coerce(kind: Callable[[str], Any]) -> Callable[[Any], Any]:
    def coerce(value: Any) -> Any:
        return None if value in (None, "") else kind(value) if isinstance(value, str) else value

    return coerce


class _Choice:
    """Base of radio buttons and lists: a clear sentence when the answer is not among the choices."""

    data: Any  # one of the choices, as `kind` reads it

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002
        """Refuse an answer that was not offered."""
        if self.data in (None, ""):
            return
        if not any(_same(self.data, value) for value, *_ in self.iter_choices()):  # type: ignore[attr-defined]
            raise ValidationError("Choisissez une des réponses proposées.")

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the answer; one that cannot be read is refused like one that was not offered."""
        self.data = None
        if valuelist and valuelist[0] != "":
            try:
                self.data = self.coerce(valuelist[0])  # type: ignore[attr-defined]
            except (ValueError, KeyError):
                raise ValueError("Choisissez une des réponses proposées.") from None


def _same(one: Any, other: Any) -> bool:
    return str(one) == str(other)


class RadioChoiceField(_Choice, RadioField):
    """One answer among a few, all visible. `kind` turns the code into a value (an enum, UUID)."""

    def __init__(self, label: str, kind: Callable[[str], Any], *, missing: str | None = None, **more: Any) -> None:
        choices = more.pop("choices", [])
        checks: list[Any] = [Required(missing)] if missing else [Optional()]
        super().__init__(label, checks, coerce=_coerce(kind), choices=pairs(choices), validate_choice=True, **more)


class SelectChoiceField(_Choice, SelectField):
    """One answer in a drop-down list."""

    def __init__(self, label: str, kind: Callable[[str], Any], *, missing: str | None = None, **more: Any) -> None:
        choices = more.pop("choices", [])
        checks: list[Any] = [Required(missing)] if missing else [Optional()]
        super().__init__(label, checks, coerce=_coerce(kind), choices=pairs(choices), validate_choice=True, **more)


class MultiChoiceField(SelectMultipleField):
    """Several answers, as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: str, kind: Callable[[str], Any], *, missing: str | None = None, **more: Any) -> None:
        choices = more.pop("choices", [])
        checks: list[Any] = [Required(missing)] if missing else [Optional()]
        super().__init__(label, checks, coerce=_coerce(kind), choices=pairs(choices), **more)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the answers; one that cannot be read is refused."""
        try:
            self.data = [self.coerce(value) for value in valuelist]
        except (ValueError, KeyError):
            self.data = []
            raise ValueError("Choisissez parmi les réponses proposées.") from None

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002
        """Refuse an answer that was not offered."""
        offered = {str(value) for value, *_ in self.iter_choices()}
        if any(str(value) not in offered for value in self.data or []):
            raise ValidationError("Choisissez parmi les réponses proposées.")


def pairs(choices: Mapping[Any, str] | Iterable[tuple[Any, str]]) -> list[SelectChoice]:
    """Turn codes and their sentences into what a choice field wants."""
    items = choices.items() if isinstance(choices, Mapping) else choices
    return [SelectChoice(value, label) for value, label in items]


class ConfirmField(BooleanField):
    """The box that is ticked before an act that stands for ever: nobody slips into it (WCAG 3.3.4)."""

    def __init__(self, label: str, *, missing: str, **more: Any) -> None:
        super().__init__(label, **more)
        self._required_message = missing

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002
        """Refuse what was not ticked, and say what ticking means."""
        if not self.data:
            raise StopValidation(self._required_message)


class Form(FlaskForm):
    """A form of the product; CSRF token included."""

    class Meta(FlaskForm.Meta):
        """Messages of the library in French, where ours do not replace them."""

        locales = ("fr",)


def fresh_nonce() -> str:
    """Return an idempotency key, for one form of one page."""
    return secrets.token_urlsafe(24)


class IdempotentForm(Form):
    """A form that makes something new: its nonce lets it have one effect, however many clicks."""

    nonce = HiddenField(default=fresh_nonce, validators=[Length(max=64)])


class VersionedForm(Form):
    """A form that changes a text: it carries the revision it was opened on."""

    revision = HiddenField(default="1")

    @property
    def seen_revision(self) -> int:
        """Return the revision the author had before them; an unreadable one is treated as none."""
        data = self.revision.data or ""
        return int(data) if data.isdecimal() and len(data) < 10 else 0


def is_autosave() -> bool:
    """Return whether a form was sent by static/js/autosave.js rather than by its button."""
    return request.headers.get("X-Requested-With") == "autosave"


def autosaved(revision: int) -> Response:
    """Answer that it is saved, and the revision to build on."""
    return Response(status=204, headers={"X-Revision": str(revision)})


LINK = "link"  # whoever has no session
# Every form asks them: built once, and past the unit of work.
_KNOWN = select(IdempotencyKey.redirect_to).where(IdempotencyKey.nonce.in_((bindparam("key"), bindparam("before"))))
_LEADS = update(IdempotencyKey).where(IdempotencyKey.nonce == bindparam("key")).values(redirect_to=bindparam("where"))


def run_once(nonce: str | None, act: Callable[[Session], str]) -> WerkzeugResponse:
    """Run `act` in one transaction unless this idempotency key was used; redirect (303) to the result.

    `act` receives the session and returns the URL of the redirect. The key is inserted first: a second
    request waits there for the first one on PostgreSQL, and for the write lock on SQLite.
    """
    key = _key(nonce)
    with transaction() as session:
        if key and not _take(session, key):
            return redirect(_known(session, key) or "/", 303)
        location = act(session)
        if key:
            session.flush()
            session.connection().execute(_LEADS, {"key": key, "where": location})
    return redirect(location, 303)


def run_or_refuse(
    nonce: str | None, act: Callable[[Session], str], page: Callable[[str], str], notice: str = ""
) -> ResponseReturnValue:
    """Run `act` as `run_once` does, then say `notice`; a refusal draws `page` with its sentence (409)."""
    try:
        response = run_once(nonce, act)
    except Refusal as refusal:
        return page(refusal_message(refusal)), 409
    if notice:
        cookie["notice"] = notice
    return response


def refusal_message(refusal: Refusal) -> str:
    """Return the French sentence of a refusal; a code without one is a fault that a test looks for."""
    sentence: str = current_app.extensions["refusals"][refusal.code](refusal.facts)
    return sentence


def remember_result(session: Session, location: str) -> None:
    """Keep where this form leads, in the transaction of its act, for `answer_twice_alike`."""
    if key := _key(_sent_key() or request.form.get("nonce")):
        insert_if_absent(session, IdempotencyKey, ("nonce",), nonce=key, redirect_to=location, created_at=now())


def _sent_key() -> str:
    """Return the idempotency key of a form without a nonce: the same words, on the same revision, at the same address;
    empty without a revision, where the same words may be meant again.
    """
    if "revision" not in request.form:
        return ""
    words = sorted(item for item in request.form.items(multi=True) if item[0] != "csrf_token")
    return sha256(repr((request.full_path, words)).encode()).hexdigest()


def previous_result(nonce: str | None) -> WerkzeugResponse | None:
    """Redirect to the result of the first use of this key; None when the key is unused.

    The result may be deleted since.
    """
    location = _known(read_session(), _key(nonce), _key(nonce, LINK)) if nonce else None
    return redirect(location, 303) if location else None


def _known(session: Session, key: str, before: str = "") -> str | None:
    """Return where a key leads; `before`: the same for a form that opened the session it is sent again in."""
    found = fetch_rows(session, _KNOWN, {"key": key, "before": before})
    return found[0].redirect_to if found else None


def _key(nonce: str | None, who: object = None) -> str:
    who = who or (current_user.id if current_user.is_authenticated else LINK)
    return f"{who}:{clean_line(nonce)}"[:100] if nonce else ""


def _take(session: Session, key: str) -> bool:
    """Insert the key; return False when it exists already."""
    g.acted = insert_if_absent(session, IdempotencyKey, ("nonce",), nonce=key, redirect_to="", created_at=now())
    return bool(g.acted)
