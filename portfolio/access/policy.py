"""The access policy: relations of a person to an object, predicates, and one table of permissions.

Default: deny.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

from portfolio.domain.account.rules import MemberRight, MemberTask, readable_certifications, tasks_of


class Role(StrEnum):
    """The relation of a person to one object; never a property of the person alone."""

    CANDIDATE = "candidate"
    ADVISOR = "advisor"
    CERTIFIER = "certifier"
    JUROR = "juror"
    PRESIDENT = "president"
    # What a member of the body is given there; CERTIFIER is every member, who reads.
    SECRETARIAT = "secretariat"
    SESSIONS = "sessions"
    CERTIFICATIONS = "certifications"
    SIGNATURE = "signature"
    TEAM = "team"


EVERY_MEMBER_ROLE = frozenset(
    {Role.CERTIFIER, Role.SECRETARIAT, Role.SESSIONS, Role.CERTIFICATIONS, Role.SIGNATURE, Role.TEAM}
)


@dataclass(frozen=True)
class Relation:
    """The relations of one person to one object, and the states of the object on which rights depend."""

    roles: frozenset[Role] = frozenset()
    dossier_is_draft: bool = False
    # Of a candidacy: whether its route has a livret 2.
    has_dossier: bool = True
    # Of a member of a jury, for one candidate: declared that no relation exists, recused, a conflict is known
    # whatever they declare; and whether the days during which minutes stay readable to those who sat are
    # over.
    has_declared: bool = False
    is_recused: bool = False
    is_barred: bool = False
    reading_is_over: bool = False


class Permission(StrEnum):
    """A permission; every route names one."""

    READ_PATH = "read_path"
    READ_APPOINTMENTS = "read_appointments"
    KEEP_APPOINTMENTS = "keep_appointments"
    SIGN_PRESENCE = "sign_presence"
    JOIN_GROUP = "join_group"
    KEEP_LEAVE = "keep_leave"
    READ_DRAFT = "read_draft"
    EDIT_DRAFT = "edit_draft"
    READ_HISTORY = "read_history"
    FOLLOW_REQUESTS = "follow_requests"
    ADVISE = "advise"
    CONVERSE = "converse"
    ANSWER_ADVISOR = "answer_advisor"
    SUBMIT = "submit"
    READ_SUBMISSION = "read_submission"
    TAKE_EDITIONS = "take_editions"
    TAKE_FRANCE_VAE_PACK = "take_france_vae_pack"
    TAKE_ORIGINALS = "take_originals"
    TAKE_WORD_EDITION = "take_word_edition"
    READ_RESULTS = "read_results"
    READ_OWN_APPEAL = "read_own_appeal"
    READ_CERTIFICATE = "read_certificate"
    SHARE_CERTIFICATE = "share_certificate"
    ASK_ERASURE = "ask_erasure"
    READ_AUDIT_LOG = "read_audit_log"
    PREPARE_NEXT = "prepare_next"
    WRITE_BIRTH = "write_birth"
    MANAGE_CANDIDACY = "manage_candidacy"
    MANAGE_CERTIFICATION = "manage_certification"
    MANAGE_SESSION = "manage_session"
    SIT = "sit"
    READ_HEARING = "read_hearing"
    DECIDE = "decide"
    CHECK_PRESENCE = "check_presence"
    RECORD_PAPER = "record_paper"
    MOVE_HEARING = "move_hearing"
    READ_MINUTES = "read_minutes"
    RECTIFY = "rectify"
    SIGN = "sign"
    MANAGE_TEAM = "manage_team"
    READ_BODY = "read_body"


Predicate = Callable[[Relation], bool]


def is_candidate(relation: Relation) -> bool:
    """Tell whether the dossier is the person's own."""
    return Role.CANDIDATE in relation.roles


def is_advisor(relation: Relation) -> bool:
    """Tell whether this candidacy was given to the person as its advisor."""
    return Role.ADVISOR in relation.roles


def is_certifier(relation: Relation) -> bool:
    """Someone who acts for the certifying body that owns the object."""
    return Role.CERTIFIER in relation.roles


def is_juror(relation: Relation) -> bool:
    """A member of the jury that hears it."""
    return Role.JUROR in relation.roles


def is_president(relation: Relation) -> bool:
    """Tell whether the person presides that jury."""
    return Role.PRESIDENT in relation.roles


def is_draft(relation: Relation) -> bool:
    """Tell whether the dossier can still be written in."""
    return relation.dossier_is_draft


def has_dossier(standing: Relation) -> bool:
    """Tell whether the candidate writes a livret 2: their route is VAE, or they began one before the other routes
    had none.
    """
    return standing.has_dossier


def has_declared(relation: Relation) -> bool:
    """A member who declared that no relation exists with this candidate."""
    return relation.has_declared


def is_not_recused(relation: Relation) -> bool:
    """A member who did not recuse for this candidate."""
    return not relation.is_recused


def is_not_barred(relation: Relation) -> bool:
    """A member of whom no conflict with this candidate is known."""
    return not relation.is_barred


def reading_period_is_open(relation: Relation) -> bool:
    """Tell whether the minutes are open, or were closed a few days ago only."""
    return not relation.reading_is_over


_READS = (is_juror, has_declared, is_not_recused, is_not_barred, reading_period_is_open)

# A permission is granted when every predicate of at least one of its lines holds.
POLICY: Mapping[Permission, tuple[tuple[Predicate, ...], ...]] = {
    # The path of a candidacy without a livret 2: what is planned, what was assessed, before which jury.
    Permission.READ_PATH: ((is_candidate,), (is_advisor,)),
    # Days and hours of the support: never a word of the dossier. The candidate alone signs to have been there.
    Permission.READ_APPOINTMENTS: ((is_candidate,), (is_advisor,), (is_certifier,)),
    Permission.KEEP_APPOINTMENTS: ((is_advisor,), (is_certifier,)),
    Permission.SIGN_PRESENCE: ((is_candidate,),),
    # What an employer reads of a candidate is theirs to show, and to take back.
    Permission.JOIN_GROUP: ((is_candidate,),),
    Permission.KEEP_LEAVE: ((is_candidate,), (is_advisor,), (is_certifier,)),
    Permission.READ_DRAFT: ((is_candidate, has_dossier), (is_advisor, has_dossier)),
    Permission.EDIT_DRAFT: ((is_candidate, is_draft, has_dossier),),
    # What was written and taken out again is its author's.
    Permission.READ_HISTORY: ((is_candidate, has_dossier),),
    # A third party may be reminded, or no longer needed, after the deposit too.
    Permission.FOLLOW_REQUESTS: ((is_candidate, has_dossier),),
    Permission.ADVISE: ((is_advisor, has_dossier),),
    Permission.CONVERSE: ((is_candidate, has_dossier), (is_advisor, has_dossier)),
    Permission.ANSWER_ADVISOR: ((is_candidate, has_dossier),),
    # Whether it is still a draft is the use case's to say: a second click leads to the receipt, not to a
    # refusal.
    Permission.SUBMIT: ((is_candidate, has_dossier),),
    Permission.READ_SUBMISSION: ((is_candidate,), (is_advisor,), _READS),
    # The certifying body does not read a dossier on its screens; it keeps the documents that are made of what
    # was sealed.
    Permission.TAKE_EDITIONS: ((is_candidate,), (is_advisor,), (is_certifier,), _READS),
    Permission.TAKE_FRANCE_VAE_PACK: ((is_candidate,), (is_certifier,)),
    # A document of work, that can be changed: a jury reads what is sealed.
    Permission.TAKE_WORD_EDITION: ((is_candidate,), (is_advisor,), (is_certifier,)),
    # Originals may tell a place, or hold what a page hides: they are their owner's, and the body's, which
    # keeps what was sealed.
    Permission.TAKE_ORIGINALS: ((is_candidate,), (is_certifier,)),
    Permission.READ_RESULTS: ((is_candidate,), (is_advisor,), (is_certifier,)),
    Permission.READ_CERTIFICATE: ((is_candidate,), (is_certifier,)),
    Permission.SHARE_CERTIFICATE: ((is_candidate,),),
    # What the person contests is between them and the body: their advisor reads the result alone.
    Permission.READ_OWN_APPEAL: ((is_candidate,), (is_certifier,)),
    Permission.READ_AUDIT_LOG: ((is_candidate,), (is_certifier,)),
    Permission.ASK_ERASURE: ((is_candidate,),),
    Permission.PREPARE_NEXT: ((is_candidate, has_dossier),),
    # Printed on the certificate, whose readers these are; until when is the use case's to say.
    Permission.WRITE_BIRTH: ((is_candidate,), (is_certifier,)),
    Permission.MANAGE_CANDIDACY: ((is_certifier,),),
    Permission.MANAGE_CERTIFICATION: ((is_certifier,),),
    Permission.MANAGE_SESSION: ((is_certifier,),),
    # Before declaring, a member sees the candidate's name and the declaration, nothing else (J10).
    Permission.SIT: ((is_juror, reading_period_is_open),),
    Permission.READ_HEARING: (_READS,),
    # Minutes already closed refuse by their own sentence, which shows what was decided, not by « no right ».
    Permission.DECIDE: ((is_president, *_READS),),
    Permission.CHECK_PRESENCE: ((is_president, *_READS), (is_certifier,)),
    Permission.RECORD_PAPER: ((is_certifier,),),
    Permission.MOVE_HEARING: ((is_certifier,),),
    Permission.READ_MINUTES: (_READS, (is_certifier,)),
    Permission.RECTIFY: ((is_president, *_READS), (is_certifier,)),
    # What commits the body: notify, sign, annul, grant, answer an appeal, publish, its settings.
    Permission.SIGN: ((is_certifier,),),
    Permission.MANAGE_TEAM: ((is_certifier,),),
    Permission.READ_BODY: ((is_certifier,),),
}

# A member of the body reads the pages of a permission, and writes with the task named here; a permission
# without a task writes nothing of the body's.
TASKS: Mapping[Permission, Role] = {
    Permission.KEEP_APPOINTMENTS: Role.SECRETARIAT,
    Permission.KEEP_LEAVE: Role.SECRETARIAT,
    Permission.TAKE_EDITIONS: Role.SECRETARIAT,
    Permission.WRITE_BIRTH: Role.SECRETARIAT,
    Permission.MANAGE_CANDIDACY: Role.SECRETARIAT,
    Permission.MANAGE_CERTIFICATION: Role.CERTIFICATIONS,
    Permission.MANAGE_SESSION: Role.SESSIONS,
    Permission.CHECK_PRESENCE: Role.SESSIONS,
    Permission.RECORD_PAPER: Role.SESSIONS,
    Permission.MOVE_HEARING: Role.SESSIONS,
    Permission.RECTIFY: Role.SIGNATURE,
    Permission.SIGN: Role.SIGNATURE,
    Permission.MANAGE_TEAM: Role.TEAM,
}

# A person who may read something of an object is told « no » (403); for others it does not exist (404).
READING: Mapping[Permission, Permission] = {
    Permission.KEEP_APPOINTMENTS: Permission.READ_APPOINTMENTS,
    Permission.SIGN_PRESENCE: Permission.READ_APPOINTMENTS,
    Permission.JOIN_GROUP: Permission.READ_APPOINTMENTS,
    Permission.KEEP_LEAVE: Permission.READ_APPOINTMENTS,
    Permission.EDIT_DRAFT: Permission.READ_DRAFT,
    Permission.READ_HISTORY: Permission.READ_DRAFT,
    Permission.FOLLOW_REQUESTS: Permission.READ_DRAFT,
    Permission.ADVISE: Permission.READ_DRAFT,
    Permission.ANSWER_ADVISOR: Permission.READ_DRAFT,
    Permission.SUBMIT: Permission.READ_DRAFT,
    Permission.PREPARE_NEXT: Permission.READ_DRAFT,
    Permission.TAKE_FRANCE_VAE_PACK: Permission.TAKE_EDITIONS,
    Permission.TAKE_ORIGINALS: Permission.TAKE_EDITIONS,
    Permission.TAKE_WORD_EDITION: Permission.TAKE_EDITIONS,
    Permission.WRITE_BIRTH: Permission.READ_PATH,
    Permission.READ_HEARING: Permission.SIT,
    Permission.DECIDE: Permission.SIT,
    Permission.CHECK_PRESENCE: Permission.SIT,
    Permission.RECORD_PAPER: Permission.SIT,
    Permission.MOVE_HEARING: Permission.SIT,
    Permission.READ_MINUTES: Permission.SIT,
    Permission.RECTIFY: Permission.SIT,
    Permission.SIGN: Permission.SIT,
}


def allows(relation: Relation, permission: Permission) -> bool:
    """Say whether a person with this standing has this permission."""
    return any(all(predicate(relation) for predicate in line) for line in POLICY.get(permission, ()))


def may_write(relation: Relation, permission: Permission) -> bool:
    """Say whether a person may send the forms of a permission: a member of the body needs its task."""
    if allows(replace(relation, roles=relation.roles - {Role.CERTIFIER}), permission):
        return True
    task = TASKS.get(permission)
    return allows(relation, permission) and (task is None or task in relation.roles)


def may_know_it_exists(relation: Relation, permission: Permission) -> bool:
    """Say whether a refused person may at least know that the object exists."""
    return permission in READING and allows(relation, READING[permission])


def member_roles(row: Any, certification_id: UUID | None) -> frozenset[Role]:
    """Return the roles that the columns `MEMBER` of a row give, before one certification or, without one,
    before the whole body, where a task that is limited gives none. A certification that no task of the member
    has does not exist for them.
    """
    if row.acts_for is None:
        return frozenset()
    given = tasks_of(row.member_right, row.tasks)
    readable = readable_certifications(given)
    if certification_id is not None and readable is not None and certification_id not in readable:
        return frozenset()
    roles = {
        Role(task)
        for task, limits in given.items()
        if task is not MemberTask.READING and (not limits or certification_id in limits)
    }
    if row.member_right in (None, MemberRight.MANAGER):
        roles.add(Role.TEAM)
    return frozenset({Role.CERTIFIER, *roles})
