"""The forms of the jury: before the day, around the table, what is decided."""

from portfolio.jury.forms.deciding import DecisionForm, FindingForm, decision_form, finding_form
from portfolio.jury.forms.planning import HearingForm, MemberForm, PlanForm, TieForm, member_form
from portfolio.jury.forms.sitting import (
    ClosingForm,
    DeclarationForm,
    MoveForm,
    PaperForm,
    ParityForm,
    PresenceForm,
    ReadingForm,
    RectificationForm,
    RecusalForm,
    VoidForm,
    WithdrawalForm,
)

__all__ = [
    "ClosingForm",
    "DecisionForm",
    "DeclarationForm",
    "FindingForm",
    "HearingForm",
    "MemberForm",
    "MoveForm",
    "PaperForm",
    "ParityForm",
    "PlanForm",
    "PresenceForm",
    "ReadingForm",
    "RectificationForm",
    "RecusalForm",
    "TieForm",
    "VoidForm",
    "WithdrawalForm",
    "decision_form",
    "finding_form",
    "member_form",
]
