"""Settings of a body, signatures of certificates, notification of results, and what documents are made of."""

from portfolio.paper.services.agenda import agenda_of
from portfolio.paper.services.notifying import Composing, Notified, compose, find_notification, notify
from portfolio.paper.services.papers import (
    CertificatePaper,
    MinutesPaper,
    ReceiptPaper,
    certificate_paper,
    holder_may_read,
    minutes_paper,
    receipt_paper,
)
from portfolio.paper.services.settings import BodyPage, body_page, save_words
from portfolio.paper.services.signing import SigningPage, Unsigned, sign, signed_numbers, signing_page
from portfolio.paper.services.waiting import (
    NotifiedLine,
    ToNotify,
    Waiting,
    next_to_notify,
    notifications_of,
    waiting_for,
)

__all__ = [
    "BodyPage",
    "CertificatePaper",
    "Composing",
    "MinutesPaper",
    "Notified",
    "NotifiedLine",
    "ReceiptPaper",
    "SigningPage",
    "ToNotify",
    "Unsigned",
    "Waiting",
    "agenda_of",
    "body_page",
    "certificate_paper",
    "compose",
    "find_notification",
    "holder_may_read",
    "minutes_paper",
    "next_to_notify",
    "notifications_of",
    "notify",
    "receipt_paper",
    "save_words",
    "sign",
    "signed_numbers",
    "signing_page",
    "waiting_for",
]
