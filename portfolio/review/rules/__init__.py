"""The law of the advisor's review: what a mark says, when it is out of date, who needs the advisor first."""

from portfolio.review.rules.mark import (
    Change,
    ChangeKind,
    MarkValue,
    PieceSeen,
    ReviewRefusal,
    Seen,
    changes_between,
    is_outdated,
    needs_comment,
    seen_from,
)
from portfolio.review.rules.need import (
    NEAR,
    QUIET_AFTER,
    URGENCY,
    Cause,
    CompetencyFacts,
    DossierFacts,
    Ground,
    Need,
    Stage,
    need_of,
)
from portfolio.review.rules.talk import Said, Unread, prevents_change

__all__ = [
    "NEAR",
    "QUIET_AFTER",
    "URGENCY",
    "Cause",
    "Change",
    "ChangeKind",
    "CompetencyFacts",
    "DossierFacts",
    "Ground",
    "MarkValue",
    "Need",
    "PieceSeen",
    "ReviewRefusal",
    "Said",
    "Seen",
    "Stage",
    "Unread",
    "changes_between",
    "is_outdated",
    "need_of",
    "needs_comment",
    "prevents_change",
    "seen_from",
]
