"""Who may open what: one line a route and method, written from domain.md §1 and §8, never computed from the
policy.

To add a route, add its line:

    get("dossier.experience", may="candidate", only="draft reopened", knows="candidate advisor",
    shows="post"),

- `may`: who it answers (200, or what `answers` says by state), among the people of `visitors.PEOPLE`; `only`:
  in these states of the dossier, when not in all; `knows`: who is told « no » (403) when they may not.
  Everybody else gets 404.
- `shows`: fields (canaries.FIELDS) of the candidate of the state that must stand in what is answered, so that
  a test cannot pass by refusing everybody. What must *not* stand there is the table of `visibility.py`, the
  same for every route.
- `reveals`: fields that this one route shows to those who may open it, against that table (a public
  certificate names its holder).
- `answers`: another status than 200, by state, by person, or by both (« candidate closed »), for those of
  `may`.
- `names`: where the value of a part of the URL stands in `World.places`, when it is not under the name of
  that part.

A juror counts as one while they may read: until thirty days after the closing; in the state `past` they are
strangers again. In the state `called`, the juror alone has declared: the others are « silent ». A POST line
also needs its form to be found on a page someone may open, and to succeed when filled: see `filling.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

EVERYWHERE = "draft sealed called heard closed past reopened erased"
OPEN = "draft reopened erased"
DECIDED = "closed past reopened"
JURY = "president juror recused silent"
READERS = "president juror"
ANYONE = "anyone"
CONNECTED = "connected"


@dataclass(frozen=True)
class Line:
    """What is expected of one route under one method."""

    method: str
    endpoint: str
    may: frozenset[str]
    only: frozenset[str]
    knows: frozenset[str]
    shows: frozenset[str]
    reveals: frozenset[str]
    answers: Mapping[str, int] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


def get(endpoint: str, *, may: str, only: str = EVERYWHERE, knows: str = "", shows: str = "", reveals: str = "",
        answers: Mapping[str, int] | None = None, names: Mapping[str, str] | None = None, method: str = "GET") -> Line:  # fmt: skip
    """A page or a file."""
    sets = (frozenset(words.split()) for words in (may, only, knows, shows, reveals))
    return Line(method, endpoint, *sets, answers or {}, names or {})


def post(
    endpoint: str,
    *,
    may: str,
    only: str = EVERYWHERE,
    knows: str = "",
    answers: Mapping[str, int] | None = None,
    names: Mapping[str, str] | None = None,
) -> Line:
    """A write."""
    return get(endpoint, may=may, only=only, knows=knows, answers=answers, names=names, method="POST")


def _both(endpoint: str, *, may: str, only: str = EVERYWHERE, knows: str = "", shows: str = "",
          answers: Mapping[str, int] | None = None) -> tuple[Line, Line]:  # fmt: skip
    """A form and what it sends, at one address."""
    read = get(endpoint, may=may, only=only, knows=knows, shows=shows, answers=answers)
    return read, post(endpoint, may=may, only=only, knows=knows)


# A piece that was taken away is nowhere but under the seal.
GONE = {"erased": 404}
# Every file of the story is a PDF: nothing of it is played. tests/evidence/test_recordings.py plays one, and
# asks who may.
NOT_PLAYED = dict.fromkeys(EVERYWHERE.split(), 404)
NOT_MADE = dict.fromkeys(EVERYWHERE.split(), 409)
NUMBER = {"number": "certificate_number"}
STOP = {"token": "stop_token"}
# No provider and no identity of the world has these.
PROVIDER = {"name": "stop_token", "token": "stop_token"}
IDENTITY = {"identity_id": "letter_id"}
KEY = {"key_id": "letter_id"}
LETTER = {"mail_id": "letter_id"}
VERSION_OF = {"number": "version"}
ACT = {"document_id": "act_id"}
NEXT = {"version_id": "draft_version_id"}
# Sent by a script, part by part: no page has a form for these.
# What an entry names is planned while nothing is: tests/assessment sends it.
# A defence is recorded before a jury that reads an assessment record: tests/assessment sends it.
# The signature of a third party wants the code of a letter: tests/attestation sends it.
# A ruling on an equivalence wants a second published version: tests/certificate sends it.
# Only a draft whose routes are to settle has a form to give them the common rule: tests/certification sends
# it. Only who acts for two bodies has a form to choose one: tests/account sends it. A removed piece comes
# back, and a mask is drawn, applied and removed, only after another write: tests/evidence sends them.
SCRIPTED = {
    "evidence.restore",
    "evidence.mask",
    "evidence.mask_word",
    "evidence.unmask",
    "evidence.flatten_file",
    "evidence.start",
    "evidence.append",
    # It wants a piece in another candidacy of the same person: tests/evidence sends it.
    "evidence.reuse",
    # A hint is taken back once it was set aside: tests/evidence sends it.
    "evidence.take_back",
    "answering.sign",
    "equivalences.save_equivalence",
    # It wants two versions with identical blocks: tests/certification sends it.
    "equivalences.confirm_identical",
    "groups.save_group",
    # It wants the other entry, published: tests/certificate sends it.
    "proposals.confirm",
    "jury.record_defence",
    # They want opinions on every competency, an open ballot or an adjournment: tests/jury sends them.
    "jury.give_opinions",
    # They want an invitation, a proposal, an appeal that came before: tests/certificate and tests/control
    # send them.
    "contests.record_observation",
    "contests.confirm",
    "contests.drop",
    "jury.answer_appeal",
    "jury.confirm_appeal",
    "jury.drop_appeal_grant",
    "jury.open_opinions",
    "jury.cast_vote",
    "jury.close_ballot",
    "jury.resume",
    # They want a suspended sitting, or an absence: tests/jury/test_suspension_pages.py sends them.
    "jury.change_resumption",
    "jury.write_resumption",
    "jury.write_absence",
    "assessment.plan_from_entry",
    "home.act_for",
    # It wants the root of a receipt: tests/submission/test_editions.py sends it.
    "sealed_check.check",
    # They end the session that asks, or want a password, a code or a link of their own: tests/account sends
    # them.
    "account.enter_code",
    # They change the story that the other lines read: tests/candidacy sends them.
    "candidacy.correct",
    "candidacy.close_candidacy",
    # They want a hold, or a request, that came before: tests/retention sends them.
    "retention.end_hold",
    "retention.answer",
    "candidacy.open_many",
    # It wants candidacies that were chosen: tests/candidacy/test_group_acts.py sends it.
    "group_acts.order",
    # They return a sealed dossier and follow what is asked: tests/submission/test_return_pages.py sends them.
    "candidacy.return_dossier",
    "candidacy.extend_return",
    "candidacy.lift_return",
    "submission.tick_request",
    # They want a result of which a block is left: tests/submission/test_next_dossier.py sends them.
    # It wants an earlier version of a text: tests/dossier/test_text_history.py sends it.
    "dossier.restore_version",
    "submission.postpone_block",
    "submission.tick_recommendation",
    "submission.note_meeting",
    # They add and remove members of the body: tests/account/test_team.py sends them.
    # They want a file, or a logo that was given: tests/account/test_look.py sends them.
    "look.save_logo",
    "look.remove_logo",
    # It wants a letter that left, and a day since then: tests/paper/test_receipts.py sends it.
    "documents.record_receipt",
    "team.invite",
    "team.change_right",
    "team.remove",
    "security.save_name",
    "security.ask_email_change",
    "security.confirm_email_change",
    "security.save_password",
    "security.end_sessions",
    # A browser makes and uses these keys: tests/account/test_passkeys.py sends them.
    "passkeys.confirm",
    "passkeys.creation_options",
    "passkeys.add",
    "passkeys.signing_options",
    "passkeys.login_options",
    "passkeys.remove",
    # They want a provider in the settings, and what it answers: tests/account/test_openid.py sends them.
    "openid.start",
    "openid.start_invited",
    "openid.start_linking",
    "openid.link",
    "openid.drop",
    "openid.unlink",
    "security.prepare_second_factor",
    "security.add_second_factor",
    "security.remove_second_factor",
    "security.renew_codes",
    # They have a form while a worker makes what was asked: tests/submission/test_editions.py sends them.
    "submission.cancel_edition",
    "submission.cancel_draft",
    # They want a template of the certifier: tests/submission/test_word_edition.py gives one and sends them.
    "submission.request_word_draft",
    "submission.cancel_word_draft",
    "word_template.save",
    "word_template.remove",
    "mail.undo_hand_over",
    # Its form stands above a list of several letters: tests/mail sends it.
    "mail.hand_over_many",
    # The panel of the viewer is opened by its address: tests/evidence/test_viewer.py sends its forms.
    "review.assess_in_viewer",
    "review.comment_in_viewer",
    "jury_rules.share_rule",
    # Everyone named is in the pool already, and nobody was taken out of it: tests/jury sends these.
    # They want a list with its proofs, or end what the other lines read:
    # tests/certificate/test_holder_pages.py sends them.
    "holders.read_list",
    "holders.confirm",
    "holders.drop",
    "holders.rectify",
    "jurors.import_former_members",
    "jurors.restore_juror",
    "jurors.remove_conflict",
    # It wants a conflict that the comparison of employers found: tests/rights/test_conflicts.py sends it.
    "jurors.lift_conflict",
    # It wants hours that are fixed and two candidates, or a day that changed since the letters: tests/jury
    # sends these.
    "jury.order_passage",
    # It wants a jury that the pool can give: tests/jury/test_compose_pages.py sends it.
    "jury.name_composition",
    "jury.write_summons",
    # Nobody of the pool of this story fits the seat of somebody else: tests/jury sends it.
    "jury.replace_member",
}

PUBLIC = (
    get("static", may=ANYONE),
    get("home.home", may=ANYONE, answers={"": 303}),
    get("home.healthz", may=ANYONE),
    get("metrics.metrics", may=""),
    *(
        get(f"information.{one}", may=ANYONE, reveals="body contact")
        for one in ("help_page", "legal_notice", "personal_data", "accessibility")
    ),
    get("well_known.jwks", may=ANYONE),
    get("sealed_check.form", may=ANYONE),
    post("sealed_check.check", may=ANYONE),
    get("sealed_check.checker", may=ANYONE),
    get("account.login", may=ANYONE, answers={"connected": 303}),
    post("account.log_in", may=ANYONE),
    post("account.logout", may=ANYONE),
    get("account.code_form", may=ANYONE, answers=dict.fromkeys(EVERYWHERE.split(), 303)),
    post("account.enter_code", may=ANYONE),
    # Nothing is under way here, and the settings name no provider: tests/account/test_openid.py signs in by
    # one.
    post("openid.start", may=ANYONE, names=PROVIDER),
    post("openid.start_invited", may=ANYONE, names=PROVIDER),
    get("openid.go", may=ANYONE, answers={"": 400}),
    get("openid.answer", may=ANYONE, answers={"": 404}, names=PROVIDER),
    get("openid.unknown", may=ANYONE, answers={"": 303}),
    get("openid.finish_logout", may=ANYONE, answers={"": 303}),
    post("openid.start_linking", may=CONNECTED, names=PROVIDER),
    get("openid.link_form", may=CONNECTED, answers={"": 303}),
    post("openid.link", may=CONNECTED),
    post("openid.drop", may=CONNECTED),
    get("openid.unlink_form", may=CONNECTED, answers={"": 404}, names=IDENTITY),
    post("openid.unlink", may=CONNECTED, names=IDENTITY),
    get("passkeys.list_passkeys", may=CONNECTED),
    get("passkeys.remove_form", may=CONNECTED, answers={"": 404}, names=KEY),
    post("passkeys.login_options", may=ANYONE),
    *(
        post(f"passkeys.{act}", may=CONNECTED)
        for act in ("confirm", "creation_options", "add", "signing_options")
    ),
    post("passkeys.remove", may=CONNECTED, names=KEY),
    get("account.reset_form", may=ANYONE),
    post("account.request_reset", may=ANYONE),
    get(
        "account.password_form",
        may=ANYONE,
        answers={"called": 200, "": 404},
        shows="email",
        reveals="name email",
    ),
    post("account.choose_password", may=ANYONE),
    # The signed link of a letter is all the proof it wants.
    get("review.unsubscribe_form", may=ANYONE, names=STOP),
    post("review.unsubscribe", may=ANYONE, names=STOP),
    get("certificate.verify", may=ANYONE),
    get(
        "certificate.public", may=ANYONE, shows="name number", reveals="name number body place", names=NUMBER
    ),
    get("certificate.qr_code", may=ANYONE, reveals="number", names=NUMBER),
)

OWN = (
    get(
        "home.dossiers",
        may=CONNECTED,
        answers={"candidate": 303, "candidate beside": 303, "candidate south": 303},
    ),
    get("review.board", may=CONNECTED),
    get("search.advised", may=CONNECTED),
    get("jury.home", may=CONNECTED),
    get("own_data.own_data", may=CONNECTED),
    get("own_data.archive", may=CONNECTED),
    get("own_data.erasure_form", may="candidate"),
    post("own_data.ask_erasure", may="candidate"),
    get("review.notifications", may=CONNECTED),
    post("review.save_notifications", may=CONNECTED),
    *(
        get(f"security.{page}", may=CONNECTED)
        for page in ("account", "email_form", "password_form", "second_factor")
    ),
    get("security.email_change_form", may=CONNECTED, names=STOP),
    post("security.confirm_email_change", may=CONNECTED, names=STOP),
    *(
        post(f"security.{act}", may=CONNECTED)
        for act in (
            "save_name",
            "ask_email_change",
            "save_password",
            "end_sessions",
            "prepare_second_factor",
            "add_second_factor",
            "remove_second_factor",
            "renew_codes",
        )
    ),
)

BODY = tuple(
    line
    for one in ("home.certifier", "home.checks", "home.deadlines", "home.workload", "candidacy.candidacies", "candidacy.bulk_form", "team.team", "certification.index", "certification.import_form", "certification.import_progress", "certification.creating", "candidacy.open_form", "jury.sessions",
                "jury.plan_form", "mail.outbox", "documents.settings_form", "information_pages.pages", "documents.unsigned_certificates", "issued.certificates", "group_acts.order_form")
    for line in (get(one, may="certifier"),)
) + tuple(
    post(one, may="certifier")
    for one in ("certification.import_entry", "certification.create_one", "candidacy.open_candidacy", "jury.plan_session", "documents.save_settings", "documents.sign_certificates",
                "home.act_for")
) + (
    *(get(f"retention.{one}", may="certifier") for one in ("preview", "erasures", "periods_form")),
    post("retention.save_periods", may="certifier"),
    get("information_pages.page_form", may="certifier"),
    post("information_pages.save_page", may="certifier"),
    get("look.page", may="certifier"),
    # No body of this story has a logo: tests/account/test_look.py gives one and takes it back.
    get("look.logo", may="certifier", answers={"": 404}),
    get("look.preview", may="certifier"),
    *(post(f"look.{one}", may="certifier") for one in ("save_logo", "remove_logo", "save_accent")),
    post("mail.hand_over", may="certifier", names=LETTER),
    post("mail.hand_over_many", may="certifier"),
    get("mail.print_letters", may="certifier"),
    # Its form stands in another list of the page: tests/mail sends it.
    post("mail.undo_hand_over", may="certifier", names=LETTER),
    get("mail.attachment", may="certifier", names={"attachment_id": "letter_file_id"}),
    post("register.dismiss", may="certifier"),
    get("sites.sites", may="certifier"),
    post("sites.add", may="certifier"),
    get("sites.site", may="certifier"),
    post("sites.correct", may="certifier"),
)  # fmt: skip

VERSION = (
    get("certification.version", may="certifier"),
    get("certification.spreadsheet", may="certifier"),
    get("certification.case_package", may="certifier"),
    get("certification.case_item", may="certifier"),
    post("certification.open_correction", may="certifier"),
    post("certification.name_successor", may="certifier"),
    get("equivalences.equivalences", may="certifier"),
    post("equivalences.save_equivalence", may="certifier"),
    get("equivalences.identical", may="certifier"),
    post("equivalences.confirm_identical", may="certifier"),
    get("groups.groups", may="certifier"),
    post("groups.save_group", may="certifier"),
    get("proposals.proposed", may="certifier"),
    get("proposals.confirming", may="certifier"),
    post("proposals.confirm", may="certifier"),
    post("proposals.dismiss", may="certifier"),
    get("register.partners", may="certifier"),
    post("register.add", may="certifier"),
    post("register.correct", may="certifier"),
    get("register.adding", may="certifier"),
    get("register.partner", may="certifier"),
    *(
        get(f"certification.{one}", may="certifier", names=NEXT)
        for one in ("draft", "publication", "confirm_discard")
    ),
    *(post(f"certification.{one}", may="certifier", names=NEXT) for one in ("correct", "publish", "discard")),
    get("book_frame.frame", may="certifier", names=NEXT),
    post("book_frame.save_frame", may="certifier", names=NEXT),
    get("word_template.page", may="certifier"),
    get("word_template.example", may="certifier"),
    # No version of this story has a template.
    get("word_template.download", may="certifier", answers={"": 404}),
    *(post(f"word_template.{one}", may="certifier") for one in ("save", "remove")),
    *(get(f"jury_rules.{one}", may="certifier", names=NEXT) for one in ("rules", "rule")),
    *(
        post(f"jury_rules.{one}", may="certifier", names=NEXT)
        for one in ("save_blocks", "save_rule", "share_rule")
    ),
)

CANDIDACY = (
    get("candidacy.candidacy", may="certifier", shows="name email birthplace"),
    get("candidacy.birth_form", may="candidate certifier", knows="advisor", shows="birthplace"),
    post("candidacy.record_birth", may="candidate certifier", knows="advisor"),
    post("candidacy.assign_advisor", may="certifier"),
    get("candidacy.correction_form", may="certifier", shows="name"),
    post("candidacy.correct", may="certifier"),
    get("candidacy.closure_form", may="certifier", shows="name"),
    get("retention.dossier", may="certifier", shows="name"),
    post("retention.place_hold", may="certifier"),
    post("retention.end_hold", may="certifier", names={"hold_id": "candidacy_id"}),
    get("retention.answer_form", may="certifier", shows="name"),
    post("retention.answer", may="certifier"),
    post("candidacy.close_candidacy", may="certifier"),
    get("candidacy.return_form", may="certifier", shows="name"),
    *(post(f"candidacy.{one}", may="certifier") for one in ("return_dossier", "extend_return", "lift_return")),
    post("candidacy.open_many", may="certifier"),
    post("group_acts.order", may="certifier"),
    # Nobody of the world ordered one: tests/candidacy/test_bulk_opening.py opens it.
    get("candidacy.bulk_result", may="certifier", names={"opening_id": "candidacy_id"}, answers=dict.fromkeys(EVERYWHERE.split(), 404)),
    # Nobody of the world ordered one: tests/candidacy/test_group_acts.py opens it.
    get("group_acts.result", may="certifier", names={"act_id": "candidacy_id"}, answers=dict.fromkeys(EVERYWHERE.split(), 404)),
    post("team.invite", may="certifier"),
    get("team.tasks_form", may="certifier", names={"person_id": "candidacy_id"}, answers=dict.fromkeys(EVERYWHERE.split(), 404)),
    post("team.change_right", may="certifier", names={"person_id": "candidacy_id"}),
    post("team.remove", may="certifier", names={"person_id": "candidacy_id"}),
    get("audit_log.of_candidacy", may="candidate certifier"),
    get("candidacy_partner.choosing", may="certifier"),
    post("candidacy_partner.choose", may="certifier"),
    post("candidacy.invite_again", may="certifier"),
    get("candidacy.deadlines", may="certifier"),
    post("candidacy.rule_on_deadline", may="certifier"),
    get("acts.acquisitions", may="certifier"),
    post("acts.save_acquisition", may="certifier"),
    get("acts.acquisition_proof", may="certifier", shows="proof prooffile"),
    get("acts.certificate", may="certifier", shows="number"),
    post("acts.save_status_change", may="certifier"),
    # No later act stands in these dossiers.
    get("acts.status_change_proof", may="certifier", names={"act_id": "candidacy_id"}, answers=dict.fromkeys(EVERYWHERE.split(), 404)),
    get("identity.identity", may="certifier"),
    post("identity.correct_identity", may="certifier"),
    get("documents.notification_form", may="certifier", answers={
        "draft": 404, "sealed": 404, "called": 404, "heard": 404, "past": 303, "reopened": 303, "erased": 303}, shows="finding"),
    post("documents.send_notification", may="certifier"),
    post("documents.record_receipt", may="certifier"),
)  # fmt: skip

DOSSIER = (
    get("dossier.home", may="candidate advisor"),
    get("dossier.claims_grid", may="candidate advisor"),
    get("dossier.competency", may="candidate advisor", shows="narrative"),
    post("dossier.save_narrative", may="candidate", only=OPEN, knows="candidate advisor"),
    post("dossier.assess_competency", may="candidate", only=OPEN, knows="candidate advisor"),
    *_both("dossier.choose_evidence", may="candidate", only=OPEN, knows="candidate advisor"),
    get("dossier.experiences", may="candidate advisor", shows="post"),
    *(
        get(f"dossier.{one}", may="candidate", only=OPEN, knows="candidate advisor")
        for one in ("add_experience", "experience", "confirm_remove_experience", "confirm_remove_claim")
    ),
    *(
        post(f"dossier.{one}", may="candidate", only=OPEN, knows="candidate advisor")
        for one in (
            "save_new_experience",
            "change_experience",
            "remove_experience",
            "remove_claim",
            "save_texts",
        )
    ),
    *_both("dossier.change_claim", may="candidate", only=OPEN, knows="candidate advisor", shows="comment"),
    *_both(
        "dossier.choose_competencies", may="candidate", only=OPEN, knows="candidate advisor", answers=GONE
    ),
    get("dossier.general_texts", may="candidate advisor", shows="career motivation conclusion"),
)

EVIDENCE = (
    get("evidence.pieces", may="candidate advisor"),
    get("search.draft", may="candidate advisor"),
    get("evidence.piece", may="candidate advisor", shows="role filename", answers=GONE),
    *_both(
        "evidence.describe", may="candidate", only=OPEN, knows="candidate advisor", shows="role", answers=GONE
    ),
    *_both("evidence.replace", may="candidate", only=OPEN, knows="candidate advisor", answers=GONE),
    get("evidence.download", may="candidate advisor", shows="filename file", answers=GONE, names=VERSION_OF),
    get("evidence.read", may="candidate advisor", shows="comment", answers=GONE, names=VERSION_OF),
    get("evidence.page_image", may="candidate advisor", shows="page", answers=GONE, names=VERSION_OF),
    get("evidence.recording", may="candidate advisor", answers=NOT_PLAYED, names=VERSION_OF),
    post("review.assess_in_viewer", may="advisor", knows="candidate", names=VERSION_OF),
    post("review.comment_in_viewer", may="advisor", knows="candidate", names=VERSION_OF),
    post("evidence.claim_place", may="candidate", only=OPEN, knows="candidate advisor", names=VERSION_OF),
    post("evidence.remove_place", may="candidate", only=OPEN, knows="candidate advisor", names=VERSION_OF),
    get("evidence.confirm_remove", may="candidate", only=OPEN, knows="candidate advisor", answers=GONE),
    post("evidence.remove", may="candidate", only=OPEN, knows="candidate advisor"),
    post("evidence.change_pieces", may="candidate", only=OPEN, knows="candidate advisor"),
    get("evidence.mask_form", may="candidate", only=OPEN, knows="candidate advisor", answers=GONE),
    post("evidence.mask", may="candidate", only=OPEN, knows="candidate advisor"),
    post("evidence.mask_word", may="candidate", only=OPEN, knows="candidate advisor"),
    post(
        "evidence.unmask",
        may="candidate",
        only=OPEN,
        knows="candidate advisor",
        names={"mask_id": "candidacy_id"},
    ),
    post("evidence.flatten_file", may="candidate", only=OPEN, knows="candidate advisor"),
    get("evidence.removed", may="candidate", only=OPEN, knows="candidate advisor"),
    post("evidence.restore", may="candidate", only=OPEN, knows="candidate advisor"),
    post("evidence.join", may="candidate", only=OPEN, knows="candidate advisor"),
    get("evidence.upload_form", may="candidate", only=OPEN, knows="candidate advisor"),
    post("evidence.upload", may="candidate", only=OPEN, knows="candidate advisor"),
    post("evidence.dismiss", may="candidate", only=OPEN, knows="candidate advisor"),
    post("evidence.take_back", may="candidate", only=OPEN, knows="candidate advisor"),
    get("evidence.same_file", may="candidate", only=OPEN, knows="candidate advisor"),
    *_both("evidence.describe_step", may="candidate", only=OPEN, knows="candidate advisor", answers=GONE),
    get("evidence.reuse_form", may="candidate", only=OPEN, knows="candidate advisor"),
    post("evidence.reuse", may="candidate", only=OPEN, knows="candidate advisor"),
    post("evidence.start", may="candidate", only=OPEN, knows="candidate advisor"),
    post("evidence.append", may="candidate", only=OPEN, knows="candidate advisor"),
    # Without the digest of a part there is no address to give.
    get(
        "evidence.direct_address",
        may="candidate",
        only=OPEN,
        knows="candidate advisor",
        answers={"": 404},
        method="POST",
    ),
    post("evidence.cancel", may="candidate", only=OPEN, knows="candidate advisor"),
)

REVIEW = (
    get("review.dossier", may="advisor", knows="candidate", shows="name"),
    get(
        "review.competency",
        may="advisor",
        knows="candidate",
        shows="narrative comment mark remark reply private",
    ),
    post("review.save_assessment", may="advisor", knows="candidate"),
    post("review.send_message", may="advisor", knows="candidate"),
    get("review.answer_form", may="candidate", knows="advisor", shows="remark reply"),
    post("review.send_answer", may="candidate", knows="advisor"),
    post("review.mark_read", may="candidate advisor"),
    post("review.save_private_note", may="advisor", knows="candidate"),
    # The message is the advisor's: the candidate reads it, and may not change it.
    get("review.message_form", may="advisor", knows="candidate", shows="remark"),
    post("review.save_message", may="advisor", knows="candidate"),
    post("review.withdraw_own_message", may="advisor", knows="candidate"),
)

SUBMISSION = (
    get("submission.checklist", may="candidate", knows="advisor", answers={
        "sealed": 303, "called": 303, "heard": 303, "closed": 303, "past": 303}),
    get("submission.read_draft", may="candidate", knows="advisor", answers={
        "sealed": 303, "called": 303, "heard": 303, "closed": 303, "past": 303}),
    get("submission.signature", may="candidate", knows="advisor", answers={
        "sealed": 303, "called": 303, "heard": 303, "closed": 303, "past": 303}),
    post("submission.submit", may="candidate", knows="advisor"),
    post("submission.prepare_next", may="candidate", knows="advisor"),
    # What was written and taken out again is its author's.
    get("dossier.narrative_versions", may="candidate", knows="advisor"),
    get("dossier.texts_versions", may="candidate", knows="advisor"),
    post("dossier.restore_version", may="candidate", only=OPEN, knows="candidate advisor", names={"version_id": "candidacy_id"}),
    get("submission.receipt", may=f"candidate advisor {READERS}", shows="name filename"),
    # Without a notified result, or without anything left to present, it leads home.
    get("submission.next_dossier", may="candidate advisor", answers=dict.fromkeys(["draft", "sealed", "called", "heard", "closed", "erased"], 303)),
    post("submission.postpone_block", may="candidate", only=OPEN, knows="candidate advisor"),
    post("submission.tick_recommendation", may="candidate", only=OPEN, knows="candidate advisor",
         names={"minutes": "certificate_number", "label": "certificate_number"}),
    post("submission.note_meeting", may="candidate advisor"),
    # Members of a jury have a page of their own, for what they read.
    get("submission.changes", may="candidate advisor"),
    # Nothing is asked in these dossiers: it leads home.
    get("submission.returned", may="candidate advisor", answers=dict.fromkeys(EVERYWHERE.split(), 303)),
    post("submission.tick_request", may="candidate", only=OPEN, knows="candidate advisor", names={"request_id": "candidacy_id"}),
    get("submission.sealed", may=f"candidate advisor {READERS}", shows="career conclusion"),
    get("submission.sealed_block", may=f"candidate advisor {READERS}", shows="narrative comment", names={"number": "block_number"}),
    get("submission.exhibit", may=f"candidate advisor {READERS}", shows="filename file"),
    get("submission.exhibit_reader", may=f"candidate advisor {READERS}", shows="comment"),
    get("submission.exhibit_page", may=f"candidate advisor {READERS}", shows="page"),
    get("submission.exhibit_recording", may=f"candidate advisor {READERS}", answers=NOT_PLAYED),
    get("submission.manifest", may=f"candidate advisor {READERS}", shows="narrative filename"),
    get("documents.receipt", may=f"candidate advisor {READERS}", shows="name"),
    get("submission.inclusion_proof", may=f"candidate advisor {READERS}", shows="filename"),
    # The certifying body keeps the documents made of what was sealed; it does not read the dossier on these
    # screens.
    get("submission.book", may=f"candidate advisor certifier {READERS}", shows="name"),
    post("submission.request_edition", may=f"candidate advisor certifier {READERS}"),
    post("submission.cancel_edition", may=f"candidate advisor certifier {READERS}"),
    # Nothing is made in this story: tests/submission/test_editions.py takes what is.
    get("submission.download_edition", may=f"candidate advisor certifier {READERS}", answers=NOT_MADE),
    get("submission.download_zip", may="candidate certifier", knows=f"advisor {READERS}", answers=NOT_MADE),
    get("submission.draft_book", may="candidate advisor", shows="name"),
    post("submission.request_draft", may="candidate advisor"),
    post("submission.cancel_draft", may="candidate advisor"),
    get("submission.download_draft", may="candidate advisor", answers=NOT_MADE),
    *(post(f"submission.{one}", may="candidate advisor") for one in ("request_word_draft", "cancel_word_draft")),
    get("submission.download_word_draft", may="candidate advisor", answers=NOT_MADE),
)  # fmt: skip

JUROR = {"juror_id": "pool_juror_id", "conflict_id": "pool_juror_id"}
CARD = {"token": "card_token"}
SUMMONS = {"token": "summons_token"}

POOL = (
    get("holders.holders", may="certifier"),
    get("holders.template", may="certifier"),
    get("holders.import_form", may="certifier"),
    post("holders.read_list", may="certifier"),
    get("holders.preview", may="certifier"),
    post("holders.confirm", may="certifier"),
    post("holders.drop", may="certifier"),
    get("holders.lines", may="certifier"),
    get("holders.holding", may="certifier"),
    post("holders.rectify", may="certifier"),
    get("holders.proof", may="certifier"),
    get("jurors.jurors", may="certifier"),
    get("jurors.new_juror", may="certifier"),
    post("jurors.add_juror", may="certifier"),
    get("jurors.juror", may="certifier", names=JUROR),
    *(
        post(f"jurors.{one}", may="certifier", names=JUROR)
        for one in (
            "change_juror",
            "send_link",
            "remove_juror",
            "restore_juror",
            "record_conflict",
            "remove_conflict",
            "lift_conflict",
        )
    ),
    get("jurors.lift_form", may="certifier", names=JUROR, answers=dict.fromkeys(EVERYWHERE.split(), 404)),
    post("jurors.import_former_members", may="certifier"),
    get("juror_fees.fees", may="certifier"),
    post("juror_fees.save_fees", may="certifier"),
    get("juror_fees.sheet", may="certifier"),
    # The link of a letter is all the proof it wants; it shows the card of its reader, and nobody else.
    get("summons.summoned", may=ANYONE, reveals="body place", names=SUMMONS),
    get("summons.calendar", may=ANYONE, reveals="body place substitute", names=SUMMONS),
    post("summons.answer", may=ANYONE, names=SUMMONS),
    get("juror_card.card", may=ANYONE, reveals="body", names=CARD),
    post("juror_card.save_card", may=ANYONE, names=CARD),
)

SESSION = (
    get("jury.session", may="certifier", shows="name"),
    get("audit_log.of_session", may="certifier"),
    get("jury.schedule", may="certifier"),
    get("jury.cancel_form", may="certifier"),
    *(
        post(f"jury.{one}", may="certifier")
        for one in ("save_schedule", "order_passage", "cancel_session", "write_summons", "record_answer")
    ),
    get("jury.compose", may="certifier"),
    post("jury.name_composition", may="certifier"),
    get("jury.replacement", may="certifier"),
    post("jury.replace_member", may="certifier"),
    get("jury.former_jury", may="certifier"),
    post("jury.name_former_jury", may="certifier"),
    get("jury.site", may="certifier"),
    post("jury.record_site", may="certifier"),
    *(get(f"jury.{one}", may="certifier") for one in ("seat", "substitute")),
    get("jury.appointment_document", may="certifier", names=ACT),
    *(
        post(f"jury.{one}", may="certifier")
        for one in (
            "justify_parity",
            "name_member",
            "name_substitute",
            "remove_member",
            "add_hearing",
            "remove_hearing",
            "write_resumption",
            "write_absence",
        )
    ),
)

HEARING = (
    get("jury.appeal_list", may="certifier", knows=JURY, answers={"called": 303, "heard": 303}),
    post("jury.register_appeal", may="certifier", knows=JURY),
    post("jury.answer_appeal", may="certifier", knows=JURY),
    post("jury.confirm_appeal", may="certifier", knows=JURY),
    post("jury.drop_appeal_grant", may="certifier", knows=JURY),
    # No file came with them: tests/control and tests/certificate send one, and read it again.
    get("jury.appeal_file", may="certifier", knows=JURY, answers=dict.fromkeys(EVERYWHERE.split(), 404)),
    get("jury.appeal_file_archive", may="certifier", knows=JURY, answers={"called": 404, "heard": 404}, reveals="file filename"),
    get("control.pack_form", may="certifier"),
    get("control.sample", may="certifier"),
    get("control.review", may="certifier", knows=JURY, answers={"called": 303, "heard": 303}),
    post("control.record_review", may="certifier", knows=JURY),
    get("figures.figures", may="certifier"),
    get("figures.figures_csv", may="certifier"),
    get("control.pack", may="certifier", answers=dict.fromkeys(EVERYWHERE.split(), 422)),
    get("control.session_pack", may="certifier"),
    get("contests.stage", may="certifier"),
    post("contests.invite", may="certifier"),
    *(post(f"contests.{one}", may="certifier") for one in ("record_observation", "confirm", "drop")),
    *(
        get(f"contests.{one}", may="certifier", answers=dict.fromkeys(EVERYWHERE.split(), 404))
        for one in ("proposal_proof", "observation_file")
    ),
    get("jury.hearing", may=JURY, shows="name", answers={"recused": 303, "silent": 303}),
    get("jury.declaration_form", may=JURY, shows="name"),
    post("jury.save_declaration", may=JURY),
    get("jury.recusal_form", may=JURY, shows="name"),
    *(post(f"jury.{one}", may=JURY) for one in ("recuse", "withdraw_recusal")),
    *(
        get(f"jury.{one}", may=READERS, knows="recused silent", shows=shows)
        for one, shows in (
            ("texts", "career post"), ("exhibits", "title"), ("exhibit", "filename role"), ("exhibit_page", "page"),
            ("exhibit_file", "filename file"), ("competency", "narrative comment"), ("block", ""),
        )
    ),
    # A member whose opinions are not given sees no draft of the presidency.
    get("jury.preview", may=READERS, knows="recused silent", answers={"juror called": 303, "juror heard": 303}),
    get("jury.search", may=READERS, knows="recused silent"),
    get("jury.experiences", may=READERS, knows="recused silent", shows="post title"),
    get("jury.notes", may=READERS, knows="recused silent"),
    post("jury.write_note", may=READERS, knows="recused silent"),
    # A note is of one member: for the president, who wrote none, it does not exist.
    get("jury.note_page", may="juror", only="heard closed reopened", knows="recused silent", shows="jurornote"),
    *(post(f"jury.{one}", may="juror", only="heard closed reopened", knows="recused silent") for one in ("change_note", "delete_note")),
    *(get(f"jury.{one}", may=READERS, knows="recused silent") for one in ("own_opinions", "interview_sheet", "deliberation", "deliberation_state")),
    *(post(f"jury.{one}", may=READERS, knows="recused silent") for one in ("record_opinion", "give_opinions", "write_interview_entry")),
    get("jury.interview_entry", may=READERS, only="heard closed reopened", knows="recused silent", shows="heardline"),
    post("jury.change_interview_entry", may=READERS, only="heard closed reopened", knows="recused silent"),
    post("jury.cast_vote", may=READERS, knows="recused silent"),
    get("jury.adjournment_form", may="president", knows="juror recused silent"),
    *(
        post(f"jury.{one}", may="president", knows="juror recused silent")
        for one in ("open_opinions", "open_ballot", "close_ballot", "adjourn", "change_resumption", "resume")
    ),
    get("jury.exhibit_recording", may=READERS, knows="recused silent", answers=NOT_PLAYED),
    post("jury.attest", may=READERS, knows="recused silent"),
    get("jury.changes", may=READERS, knows="recused silent"),
    post("jury.record_finding", may="president", knows="juror recused silent"),
    post("jury.record_decision", may="president", knows="juror recused silent"),
    get("jury.closing_form", may="president", knows="juror recused silent", answers={"closed": 303, "reopened": 303, "erased": 303}),
    post("jury.close_minutes", may="president", knows="juror recused silent"),
    *_both("jury.presence", may="president certifier", knows="juror recused silent", shows="name")[:1],
    post("jury.check_presence", may="president certifier", knows="juror recused silent"),
    get("jury.signed_document_form", may="certifier", knows=JURY),
    post("jury.record_signed_document", may="certifier", knows=JURY),
    get("jury.void_form", may="certifier", knows=JURY, answers={"closed": 303, "past": 303, "reopened": 303, "erased": 303}),
    post("jury.void_hearing", may="certifier", knows=JURY),
    get("jury.move_form", may="certifier", knows=JURY, answers={"closed": 303, "past": 303, "reopened": 303, "erased": 303}),
    post("jury.move_hearing", may="certifier", knows=JURY),
    get("jury.download_signed_document", may="certifier", knows=JURY, shows="paper paperfile"),
    get("jury.minutes", may=f"{READERS} certifier", knows="recused silent", shows="reason", answers={"called": 303, "heard": 303}),
    get("jury.rectification_form", may="president certifier", knows="juror recused silent", answers={"called": 409, "heard": 409}),
    post("jury.rectify", may="president certifier", knows="juror recused silent"),
    get("documents.minutes", may=f"{READERS} certifier", knows="recused silent", shows="name reason finding", answers={"called": 404, "heard": 404}),
)  # fmt: skip

RESULTS = (
    get("certificate.results", may="candidate advisor certifier"),
    get("documents.notification", may="candidate advisor certifier", shows="missing", answers={
        "draft": 404, "sealed": 404, "called": 404, "heard": 404, "closed": 404}),
    get("documents.letter", may="candidate advisor certifier", shows="missing", answers={
        "draft": 404, "sealed": 404, "called": 404, "heard": 404, "closed": 404}),
    get("documents.appeal_receipt", may="candidate certifier", answers=dict.fromkeys(["draft", "sealed", "called", "heard"], 404)),
    # Nobody answered: tests/certificate reads the answer.
    get("documents.appeal_letter", may="candidate certifier", answers=dict.fromkeys(EVERYWHERE.split(), 404)),
    # No absence: tests/jury/test_suspension_pages.py reads the letter of one.
    get("documents.absence_letter", may="candidate certifier", answers=dict.fromkeys(EVERYWHERE.split(), 404)),
    # Its holder reads it once the result is notified: `closed` is not.
    get("documents.certificate", may="candidate certifier", shows="name number birthplace", answers={"candidate closed": 404}),
)  # fmt: skip

ANSWERED = {"token": "attestation_token"}
COPIED = {"token": "copy_token"}
# A person who holds the link sees what is asked, and what they wrote; nothing else of the dossier.
BEHIND_LINK = "name post body contact attester wanted unsigned"

ATTESTATION = (
    get("attestation.requests", may="candidate advisor", shows="attester"),
    get("attestation.request_form", may="candidate", only=OPEN, knows="candidate advisor"),
    post("attestation.send_request", may="candidate", only=OPEN, knows="candidate advisor"),
    get("attestation.request_page", may="candidate advisor", shows="attester wanted"),
    get("attestation.confirm_withdraw", may="candidate", knows="advisor", shows="attester"),
    *(post(f"attestation.{one}", may="candidate", knows="advisor") for one in ("remind", "withdraw")),
    get("attestation.requests_status", may="certifier", shows="attester"),
    get(
        "attestation.download_evidence_signature",
        may="candidate advisor",
        names={"evidence_id": "attested_id"},
    ),
    get(
        "attestation.download_sealed_signature",
        may=f"candidate advisor {READERS}",
        names={"label": "attested_label"},
    ),
    get(
        "attestation.download_exhibit_signature",
        may=READERS,
        knows="recused silent",
        names={"label": "attested_label"},
    ),
    get(
        "answering.request_details",
        may=ANYONE,
        shows="name wanted attester",
        reveals=BEHIND_LINK,
        names=ANSWERED,
    ),
    *(
        get(f"answering.{one}", may=ANYONE, shows=shows, reveals=BEHIND_LINK, names=ANSWERED)
        for one, shows in (
            ("statement_form", "unsigned"),
            ("review", "unsigned"),
            ("attachment_form", "name"),
            ("decline", "name"),
        )
    ),
    *(
        post(f"answering.{one}", may=ANYONE, names=ANSWERED)
        for one in ("start_answer", "save_statement", "attach", "detach", "decline", "request_code", "sign")
    ),
    get("answering.attestation_copy", may=ANYONE, shows="name", reveals="name body", names=COPIED),
    get(
        "answering.download_copy",
        may=ANYONE,
        shows="name comment",
        reveals="name post body role comment",
        names=COPIED,
    ),
)

# The candidacy of a route without a livret 2, of someone of the north who is in none of the states.
PATH = {"candidacy_id": "path_id", "result_id": "path_result_id"}
PLANNED = {"planned_id": "planned_id"}
COHORT = {"cohort_id": "cohort_id"}
ELSEWHERE = dict.fromkeys(EVERYWHERE.split(), 303)

ASSESSMENT = (
    get("assessment.plan", may="certifier"),
    get("assessment.planned", may="certifier", names=PLANNED),
    *(post(f"assessment.{one}", may="certifier", names=PLANNED) for one in ("change_planned", "remove_planned")),
    *(post(f"assessment.{one}", may="certifier") for one in ("plan_from_entry", "add_planned", "set_plan")),
    get("assessment.cohort_list", may="certifier"),
    post("assessment.create_cohort", may="certifier"),
    get("assessment.cohort", may="certifier", names=COHORT),
    post("assessment.change_cohort", may="certifier", names=COHORT),
    *(get(f"assessment.{one}", may="certifier", names=PATH) for one in ("record", "new_result", "correction", "result_file")),
    *(
        post(f"assessment.{one}", may="certifier", names=PATH)
        for one in ("record_result", "correct_result", "seal_record", "assign_cohort")
    ),
    # A candidate by VAE and their advisor are led to the livret 2.
    get("assessment.path", may="candidate advisor", answers=ELSEWHERE),
    get("assessment.path_file", may="candidate advisor", names={"result_id": "path_result_id"},
        answers=dict.fromkeys(EVERYWHERE.split(), 404)),
    # These juries read a livret 2.
    get("jury.assessments", may=READERS, knows="recused silent", answers=dict.fromkeys(EVERYWHERE.split(), 404)),
    post("jury.record_defence", may="president certifier", knows="juror recused silent"),
)  # fmt: skip

TABLE = (
    *ASSESSMENT,
    *PUBLIC, *OWN, *BODY, *VERSION, *CANDIDACY, *DOSSIER, *EVIDENCE, *ATTESTATION, *REVIEW, *SUBMISSION, *POOL, *SESSION, *HEARING, *RESULTS,
)  # fmt: skip
