"""What changed from one sealed version to the next, for the candidate and their advisor."""

from __future__ import annotations

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portfolio.access.decorators import submission_page
from portfolio.access.jury import SubmissionAccess
from portfolio.access.policy import Permission, Role
from portfolio.db.engine import read_session
from portfolio.domain.submission.rules.comparison import excerpt
from portfolio.domain.submission.use_cases import verification
from portfolio.screens.candidate.submission.blueprint import bp
from portfolio.wording import changes as wording


@bp.get("/depots/<uuid:submission_id>/changements")
@submission_page(Permission.READ_SUBMISSION)
def changes(case: SubmissionAccess) -> ResponseReturnValue:
    """Show what changed since an earlier version; a member of a jury has a page of their own, for what they
    read.
    """
    if not case.standing.roles & {Role.CANDIDATE, Role.ADVISOR}:
        abort(404)
    reader = read_session()
    submission = verification.load_manifest(reader, case.id)
    if submission.kind is not None:
        abort(404)
    numbers = verification.list_earlier_numbers(reader, submission)
    before = verification.find_version(reader, submission, request.args.get("depuis", type=int))
    found = verification.compare_versions(reader, before, submission) if before else None

    def competency_href(number: str) -> str:
        block = int(number.partition(".")[0])
        return url_for(".sealed_block", submission_id=case.id, number=block, _anchor=f"c-{number}")

    return render_template(
        "submission/changes.html",
        submission=submission,
        numbers=numbers,
        found=found,
        changes=wording,
        excerpt=excerpt,
        competency_href=competency_href,
    )
