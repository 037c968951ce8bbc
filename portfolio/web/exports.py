"""Lists as files: CSV sent while it is read, ODS written to a temporary file; no cell can be taken for a formula.

Send a ZIP as it is written.
"""

import csv
import io
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import IO, Any
from xml.sax.saxutils import escape, quoteattr

from flask import Response, send_file, stream_with_context
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table

from portfolio.calendar import PARIS
from portfolio.db.engine import close_read_session
from portfolio.files.filenames import attachment_headers
from portfolio.files.zip_stream import ZipMember, stream_zip

CSV, ODS = "csv", "ods"
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
# A spreadsheet runs a text that begins so (OWASP, CSV injection); an apostrophe before it makes it a text.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_BOM = "\ufeff"
_CHUNK_CHARS = 64_000
_END_OF_TABLE = b"</table:table>"

Cell = str | int | date | datetime | None
Rows = Iterable[Sequence[Cell]]


def safe_text(text: str) -> str:
    """Return a text that no spreadsheet runs: spaces before it do not hide a formula."""
    return (
        f"'{text}" if text.lstrip(" \u00a0").startswith(_FORMULA_STARTS) or text.startswith(_FORMULA_STARTS) else text
    )


def _text_of(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.astimezone(PARIS).strftime("%d/%m/%Y %H:%M")
    if isinstance(cell, date):
        return cell.strftime("%d/%m/%Y")
    return str(cell) if isinstance(cell, int) else safe_text(cell)


def csv_response(name: str, header: Sequence[str], rows: Rows) -> Response:
    """Send rows as CSV while they are read: separated by semicolons, in UTF-8 with its mark, as a French
    spreadsheet opens it.
    """
    response = Response(stream_with_context(_csv_chunks(header, rows)))
    response.headers.update(attachment_headers(f"{name}.csv", "text/csv; charset=utf-8"))
    return response


def _csv_chunks(header: Sequence[str], rows: Rows) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    buffer.write(_BOM)
    writer.writerow(header)
    for row in rows:
        writer.writerow([_text_of(cell) for cell in row])
        if buffer.tell() > _CHUNK_CHARS:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def csv_text(header: Sequence[str], rows: Rows) -> str:
    """Return rows as CSV, as `csv_response` sends them."""
    return "".join(_csv_chunks(header, rows))


def ods_response(name: str, header: Sequence[str], rows: Rows) -> Response:
    """Send rows as an OpenDocument spreadsheet; dates and numbers keep their type, and memory does not grow
    with the rows.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it once it is sent
    write_ods(file, name, header, rows)
    file.seek(0)
    response = send_file(file, mimetype=ODS_TYPE)
    response.headers.update(attachment_headers(f"{name}.ods", ODS_TYPE))
    return response


def write_ods(file: IO[bytes], name: str, header: Sequence[str], rows: Rows) -> None:
    """Write a spreadsheet of one table: odfpy gives the document, the rows are written one by one inside its table."""
    document = OpenDocumentSpreadsheet()
    document.spreadsheet.addElement(Table(name=name[:30]))
    bare = io.BytesIO()
    document.save(bare)
    with zipfile.ZipFile(bare) as source, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for item in source.infolist():
            content = source.read(item)
            if item.filename == "content.xml":
                _write_content(target, content, header, rows)
            else:
                target.writestr(item, content)


def _write_content(target: zipfile.ZipFile, content: bytes, header: Sequence[str], rows: Rows) -> None:
    before, after = _around_table(content)
    with target.open("content.xml", "w") as out:
        out.write(before)
        out.write(_ods_row(header))
        for row in rows:
            out.write(_ods_row(row))
        out.write(after)


def _around_table(content: bytes) -> tuple[bytes, bytes]:
    if _END_OF_TABLE in content:
        before, _, after = content.partition(_END_OF_TABLE)
        return before, _END_OF_TABLE + after
    start = content.index(b"<table:table ")
    end = content.index(b"/>", start)
    return content[:end] + b">", _END_OF_TABLE + content[end + 2 :]


def _ods_row(row: Sequence[Cell]) -> bytes:
    cells = "".join(_ods_cell(cell) for cell in row)
    return f"<table:table-row>{cells}</table:table-row>".encode()


def _ods_cell(cell: Cell) -> str:
    text = escape("".join(sign for sign in _text_of(cell) if sign >= " " or sign in "\t\n"))
    if isinstance(cell, datetime):
        kind: Any = (
            f'office:value-type="date" office:date-value={quoteattr(f"{cell.astimezone(PARIS):%Y-%m-%dT%H:%M:%S}")}'
        )
    elif isinstance(cell, date):
        kind = f'office:value-type="date" office:date-value="{cell.isoformat()}"'
    elif isinstance(cell, int):
        kind = f'office:value-type="float" office:value="{cell}"'
    else:
        kind = 'office:value-type="string"'
    return f"<table:table-cell {kind}><text:p>{text}</text:p></table:table-cell>"


def export_response(kind: str, name: str, header: Sequence[str], rows: Rows) -> Response:
    """Send rows as the file asked for."""
    return ods_response(name, header, rows) if kind == ODS else csv_response(name, header, rows)


def zip_response(members: Iterable[ZipMember], name: str, *, digests: str = "", at: datetime | None = None) -> Response:
    """Stream an archive as an attachment, in flat memory; no connection to the database is held while it is sent.

    `digests` names the file of the archive that lists the SHA-256 of every other one.
    """
    close_read_session()
    headers = attachment_headers(name, "application/zip") | {"Cache-Control": "no-store"}
    return Response(stream_with_context(stream_zip(members, digests, at)), headers=headers, direct_passthrough=True)
