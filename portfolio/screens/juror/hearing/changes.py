"""What changed in a dossier since the version whose reading a member attested."""

from __future__ import annotations

from flask import url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portfolio.access.decorators import hearing_page
from portfolio.access.jury import HearingAccess
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.jury.use_cases.new_version import find_version_read
from portfolio.domain.submission.rules.comparison import excerpt
from portfolio.domain.submission.use_cases import verification
from portfolio.screens.juror.hearing.blueprint import bp
from portfolio.screens.juror.hearing.reading import assessed_page_of, render_reader
from portfolio.wording import changes as wording


@bp.get("/jurys/<uuid:hearing_id>/changements")
@hearing_page(Permission.READ_HEARING)
def changes(case: HearingAccess) -> ResponseReturnValue:
    """Show what changed since the version that the member attested having read; nothing of one that they did
    not.
    """
    reader = read_session()
    page = assessed_page_of(case)
    before = find_version_read(reader, case.id, current_user.id, before=case.submission_id)
    after = verification.load_manifest(reader, case.submission_id)
    found = verification.compare_versions(reader, before, after) if before else None
    ids = {line.label: line.id for _block, line in page.lines}

    def competency_href(number: str) -> str:
        return url_for(".competency", hearing_id=case.id, competency_id=ids[number]) if number in ids else ""

    more = {"found": found, "changes": wording, "excerpt": excerpt, "competency_href": competency_href}
    return render_reader("jury/changes.html", case, page, here="changes", **more)
