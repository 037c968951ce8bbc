"""What is typed about certifications: the text of an entry, the correction of a draft, its publication, its successor."""

from portfolio.certification.forms.checklist import Checklist
from portfolio.certification.forms.creation import NewCertificationForm
from portfolio.certification.forms.draft import DraftForm
from portfolio.certification.forms.lines import ORDERS, Moved, PostedLines
from portfolio.certification.forms.small import ConfirmForm, ImportForm, SuccessorForm

__all__ = [
    "ORDERS",
    "Checklist",
    "ConfirmForm",
    "DraftForm",
    "ImportForm",
    "Moved",
    "NewCertificationForm",
    "PostedLines",
    "SuccessorForm",
]
