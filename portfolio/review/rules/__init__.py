"""The law of the advisor's review: what a mark says, when it is out of date, who needs the advisor first."""

from portfolio.review.rules.board import GROUPS, Awaited, Order, awaited_in
from portfolio.review.rules.letters import DIGEST_HOUR, Rhythm, digest_of, is_news
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
    "DIGEST_HOUR",
    "GROUPS",
    "NEAR",
    "QUIET_AFTER",
    "URGENCY",
    "Awaited",
    "Cause",
    "Change",
    "ChangeKind",
    "CompetencyFacts",
    "DossierFacts",
    "Ground",
    "MarkValue",
    "Need",
    "Order",
    "PieceSeen",
    "ReviewRefusal",
    "Rhythm",
    "Said",
    "Seen",
    "Stage",
    "Unread",
    "awaited_in",
    "changes_between",
    "digest_of",
    "is_news",
    "is_outdated",
    "need_of",
    "needs_comment",
    "prevents_change",
    "seen_from",
]
