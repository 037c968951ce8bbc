"""The archive of an inspection or of an appeal: an index that is read first, then the documents, streamed."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import chain
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from flask import Flask, current_app
from sqlalchemy.orm import Session

from portfolio.db.engine import read_session
from portfolio.documents.livret.archive import entries_of
from portfolio.documents.livret.making import Progress
from portfolio.documents.minutes import minutes_pdf
from portfolio.domain.holdings.rules.status_changes import AppealState
from portfolio.domain.notification.rules.letter import letter_from_json
from portfolio.domain.notification.use_cases.letter_data import AppealLetterData, find_appeal_letter
from portfolio.domain.submission.use_cases.editions import load_printable
from portfolio.errors import Refusal
from portfolio.files.storage.store import FileStore, InvalidKey, KeyNotFound
from portfolio.files.zip_stream import CHUNK_BYTES, ZipMember, stream_zip
from portfolio.french_text import date_fr
from portfolio.screens.certifier.control import queries
from portfolio.screens.certifier.control.queries import ControlFile, HearingRecord
from portfolio.web.clock import now, today
from portfolio.web.urls import base_url
from portfolio.wording import certifying_body as words
from portfolio.wording import documents, jury
from portfolio.wording.documents import letter
from portfolio.wording.documents.receipt import index_values
from portfolio.wording.holdings import contests, grants
from portfolio.wording.jury.schedule import vote_messages

INDEX, STYLESHEET, DIGESTS, SEALED = "INDEX.html", "INDEX.css", "EMPREINTES.txt", "dossier-scelle"


def write_pack(app: Flask, hearing_ids: Sequence[UUID], title: str, file: IO[bytes], progress: Progress) -> None:
    """Write the pack of these hearings, and say after each of its files how many are written of how many."""
    with app.app_context():
        members = control_pack(list(hearing_ids), title)
        for chunk in stream_zip(_told(members, progress), DIGESTS):
            file.write(chunk)


def _told(members: Sequence[ZipMember], progress: Progress) -> Iterator[ZipMember]:
    percent = -1
    for number, member in enumerate(members):
        if percent != (percent := 100 * number // len(members)):
            progress(number, len(members))
        yield member


def control_pack(hearing_ids: list[UUID], title: str) -> list[ZipMember]:
    """Return the members of the pack of these hearings."""
    session = read_session()
    records = list(queries.load_hearing_records(session, hearing_ids).values())
    of_each = {
        record.hearing_id: _of_hearing(record, f"{record.held_on.isoformat()}/{_folder(record)}") for record in records
    }
    folders = {
        record.session_id: f"{record.held_on.isoformat()}/pieces-du-jury-{str(record.session_id)[:8]}"
        for record in records
    }
    signed = queries.list_signed_documents(session, folders)
    of_sessions = {session_id: [_stored(file) for file in files] for session_id, files in signed.items()}
    files_of = {record.hearing_id: of_each[record.hearing_id] + of_sessions[record.session_id] for record in records}
    members = [_index(records, title, files_of), _stylesheet(), *_entries(session, hearing_ids)]
    return [*members, *chain(*of_each.values(), *of_sessions.values())]


def appeal_archive(hearing_id: UUID) -> tuple[Iterator[ZipMember], str]:
    """Return the members of the file of an appeal: the same, with the sealed dossier and the appeals received."""
    session = read_session()
    record = queries.load_hearing_record(session, hearing_id)
    members = _of_hearing(record, "decision")
    signed = queries.list_signed_documents(session, {record.session_id: "pieces-du-jury"})
    members += [_stored(file) for file in signed[record.session_id]]
    members += _sealed_dossier(session, record.submission_id)
    members += [
        _stored(
            ControlFile(
                f"recours/{details.appeal.received_on.isoformat()}-{details.appeal.file_name}", details.appeal.file_key
            )
        )
        for details in record.appeals
        if details.appeal.file_key
    ]
    members += _appeal_letters(session, record)
    index = _index([record], f"Dossier de recours : {record.candidate}", {hearing_id: members})
    return chain([index, _stylesheet()], _entries(session, [hearing_id]), members), f"recours-{_folder(record)}.zip"


def _sealed_dossier(session: Session, submission_id: UUID) -> list[ZipMember]:
    """Return the files of a sealed dossier as its own ZIP has them, first the page on which its texts are read;
    a record of assessments has its manifest and its files.
    """
    try:
        printable = load_printable(session, submission_id)
    except Refusal:
        manifest = queries.load_manifest(session, submission_id)
        files = queries.list_sealed_files(session, submission_id, SEALED)
        return [ZipMember(f"{SEALED}/manifeste.json", lambda: [manifest]), *map(_stored, files)]
    entries = entries_of(index_values, printable, current_app.extensions["files"], ())
    return [ZipMember(f"{SEALED}/{entry.name}", _or_missing(entry.chunks)) for entry in entries]


def _appeal_letters(session: Session, record: HearingRecord) -> Iterator[ZipMember]:
    """Return the letters of each appeal: its acknowledgement, and the answer once there is one."""
    for rank, details in enumerate(record.appeals, 1):
        data = find_appeal_letter(session, record.candidacy_id, details.appeal.id)
        assert data is not None
        named = f"recours/{rank}-{details.appeal.received_on.isoformat()}"
        yield ZipMember(f"{named}-accuse-de-reception.pdf", partial(_made, letter.receipt_pdf, data))
        if details.state(today()) is not AppealState.WAITING:
            answer = partial(letter.answer_pdf, today=today())
            yield ZipMember(f"{named}-reponse.pdf", partial(_made, answer, data))


def _made(write: Callable[[AppealLetterData], bytes | None], data: AppealLetterData) -> list[bytes]:
    return [write(data) or b""]


def _index(records: list[HearingRecord], title: str, files: Mapping[UUID, list[ZipMember]]) -> ZipMember:
    check = queries.last_check(read_session())
    shown = {
        "records": records,
        "title": title,
        "check": check,
        "written_at": now(),
        "today": today(),
        "say": jury,
        "words": words,
        "stylesheet": STYLESHEET,
        "vote_messages": vote_messages,
    }
    page = current_app.jinja_env.get_template("certifier/control/index.html")
    text = page.render(files=files, contests=contests, grants=grants, **shown)
    return ZipMember(INDEX, lambda: [text.encode()])


def _stylesheet() -> ZipMember:
    path = Path(current_app.static_folder or "") / "css" / "control-pack.css"
    return ZipMember(STYLESHEET, lambda: [path.read_bytes()])


def _entries(session: Session, hearing_ids: list[UUID]) -> list[ZipMember]:
    found = queries.list_versions(session, hearing_ids)
    return [
        _text(
            f"certification/{row.certification.code}-version-{row.number}.json",
            json.dumps(row.entry, ensure_ascii=False, indent=2),
        )
        for row in found
    ]


def _of_hearing(record: HearingRecord, folder: str) -> list[ZipMember]:
    members = [_text(f"{folder}/faits.json", json.dumps(_facts(record), ensure_ascii=False, indent=2, default=str))]
    if (minutes := record.minutes) is not None:
        members.append(
            ZipMember(
                f"{folder}/proces-verbal.pdf", lambda: [minutes_pdf(documents.minutes_value(minutes), minutes.look)]
            )
        )
    if record.letter is not None:
        letter, address = letter_from_json(record.letter), base_url()
        look = record.letter_look
        members.append(ZipMember(f"{folder}/notification.pdf", lambda: [documents.letter_pdf(letter, address, look)]))
    members += [
        _stored(
            ControlFile(
                f"{folder}/actes/{change.decided_on.isoformat()}-{change.kind}-{change.file_name}", change.file_key
            )
        )
        for change in record.changes
        if change.file_key
    ]
    members += [
        _stored(
            ControlFile(
                f"{folder}/observations/{observation.given_on.isoformat()}-{observation.file_name}",
                observation.file_key,
            )
        )
        for details in record.invitations
        for observation in details.observations
        if observation.file_key
    ]
    return members


def _facts(record: HearingRecord) -> dict[str, Any]:
    """Return what the index says of a hearing, for a program to read."""
    minutes = record.minutes
    return {
        "candidate": record.candidate,
        "certification": record.certification,
        "version": record.version,
        "held_on": record.held_on,
        "place": record.place,
        "minutes": minutes.number if minutes else None,
        "composition": minutes.composition if minutes else None,
        "notified_on": record.notified_on,
        "delay_days": record.delay_days,
        "due_on": record.due_on,
        "missing": list(record.missing),
        "unsigned": list(record.unsigned),
        "appeals": [
            {
                "kind": details.appeal.kind,
                "received_on": details.appeal.received_on,
                "answer_by": details.due_on,
                "blocks": list(details.blocks),
                "state": details.state(today()),
                "answered_on": details.answer.answered_on if details.answer else None,
                "annulled": list(details.annulled),
            }
            for details in record.appeals
        ],
    }


def _stored(file: ControlFile) -> ZipMember:
    store: FileStore = current_app.extensions["files"]

    def chunks() -> Iterator[bytes]:
        with store.open(file.key) as content:
            while chunk := content.read(CHUNK_BYTES):
                yield chunk

    return ZipMember(_safe(file.name), _or_missing(chunks))


def _or_missing(chunks: Callable[[], Iterator[bytes]]) -> Callable[[], Iterator[bytes]]:
    def read() -> Iterator[bytes]:
        try:
            yield from chunks()
        except (KeyNotFound, InvalidKey):
            yield "Ce fichier manque dans la réserve de fichiers.".encode()

    return read


def _text(name: str, text: str) -> ZipMember:
    return ZipMember(_safe(name), lambda: [text.encode()])


def _folder(record: HearingRecord) -> str:
    return record.minutes.number if record.minutes is not None else f"sans-proces-verbal-{str(record.hearing_id)[:8]}"


def _safe(name: str) -> str:
    """Return a name that no archive reader takes for a path of its own."""
    parts = [part.strip(" .") for part in name.replace("\\", "_").split("/")]
    return "/".join(
        "".join(char if char.isprintable() and char not in '<>:"|?*' else "_" for char in part)[:120] or "_"
        for part in parts
    )


def period_title(since: date | None, until: date | None) -> str:
    """Return the title of a pack for a period."""
    if since and until:
        return f"Dossier de contrôle : sessions du {date_fr(since)} au {date_fr(until)}"
    return "Dossier de contrôle : toutes les sessions"
