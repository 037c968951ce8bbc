"""The rights table: who may open what, a line a route and method, from domain.md §1 and §8, never from the policy.

To add a route, add its line:

    get("candidate.dossier.experience", may="candidate", only="draft reopened", knows="candidate advisor",
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

A juror counts as one while they may read: until thirty days after the closing; in the state `past` they are strangers
again. In the state `called`, the juror alone has declared: the others are « silent ». A POST line also needs its form
to be found on a page someone may open, and to succeed when filled: see `filling.py`.
"""

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
LIST = {"number": "withdrawals"}
# No worker signs for the tools of strangers here: tests/holdings/test_credentials.py asks what is signed.
NOT_SIGNED = dict.fromkeys(EVERYWHERE.split(), 404)
CREDENTIAL = NUMBER | {"kind": "credential_kind"}
STOP = {"token": "stop_token"}
# No request waits in this story: these are of nothing.
REQUEST = {"request_id": "candidacy_id"}
REQUEST_FILE = {**REQUEST, "proof_id": "candidacy_id"}
# No provider and no identity of the world has these.
PROVIDER = {"name": "stop_token", "token": "stop_token"}
IDENTITY = {"identity_id": "letter_id"}
KEY = {"key_id": "letter_id"}
WEBHOOK = {"webhook_id": "candidacy_id", "delivery_id": "candidacy_id"}
FRANCE_VAE = {"link_id": "candidacy_id", "push_id": "candidacy_id", "act": "push_act"}
WEBHOOK_ACTS = ("renew_secret", "send_test", "send_again", "resume", "remove")
LETTER = {"mail_id": "letter_id"}
VERSION_OF = {"number": "version"}
ACT = {"document_id": "act_id"}
NEXT = {"version_id": "draft_version_id"}
# Sent by a script, part by part: no page has a form for these.
# What an entry names is planned while nothing is: tests/assessment sends it.
# A defence is recorded before a jury that reads an assessment record: tests/assessment sends it.
# The signature of a third party wants the code of a letter: tests/attestation sends it.
# A ruling on an equivalence wants a second published version: tests/holdings sends it.
# Only a draft whose routes are to settle has a form to give them the common rule: tests/certification sends
# it. Only who acts for two bodies has a form to choose one: tests/account sends it. A removed piece comes
# back, and a mask is drawn, applied and removed, only after another write: tests/evidence sends them.
SCRIPTED = {
    "candidate.evidence.restore",
    "candidate.evidence.mask",
    "candidate.evidence.mask_word",
    "candidate.evidence.unmask",
    "candidate.evidence.flatten_file",
    "candidate.evidence.start",
    "candidate.evidence.append",
    "candidate.evidence.direct_address",
    # It wants a piece in another candidacy of the same person: tests/evidence sends it.
    "candidate.evidence.reuse",
    # It wants pieces that lack an answer: tests/evidence sends it.
    "candidate.evidence.answer_several",
    # It wants a piece whose words speak of a competency: tests/evidence sends it.
    "candidate.evidence.refuse",
    # A hint is taken back once it was set aside: tests/evidence sends it.
    "candidate.evidence.take_back",
    # Sent by a script, where a model is.
    "candidate.dossier.transcribe",
    # It wants a path that was stopped: tests/review sends it.
    "candidate.dossier.resume",
    "respondent.attestation.sign",
    "certifier.certificates.save_equivalence",
    # It wants two versions with identical blocks: tests/certification sends it.
    "certifier.certificates.confirm_identical",
    "certifier.certificates.save_group",
    # They want an equivalence that somebody proposes to take back: tests/holdings sends them.
    "certifier.certificates.confirm_taking_back",
    "certifier.certificates.drop_taking_back",
    # It wants the other entry, published: tests/holdings sends it.
    "certifier.certificates.confirm_proposal",
    "juror.hearing.record_defence",
    # They want opinions on every competency, an open ballot or an adjournment: tests/jury sends them.
    "juror.hearing.give_opinions",
    # They want an invitation, a proposal, an appeal that came before: tests/holdings and tests/control
    # send them.
    "certifier.certificates.record_observation",
    "certifier.certificates.confirm_contest",
    "certifier.certificates.drop",
    "certifier.sessions.answer_appeal",
    "certifier.sessions.confirm_appeal",
    "certifier.sessions.drop_appeal_grant",
    "juror.hearing.open_opinions",
    "juror.hearing.cast_vote",
    "juror.hearing.close_ballot",
    "juror.hearing.resume",
    # They want a suspended sitting, or an absence: tests/jury/test_suspension_pages.py sends them.
    "juror.hearing.change_resumption",
    "certifier.sessions.write_resumption",
    "certifier.sessions.write_absence",
    "certifier.assessments.plan_from_entry",
    "certifier.home.act_for",
    # It wants the root of a receipt: tests/submission/test_editions.py sends it.
    "public.sealed.check",
    # It writes nothing: tests/holdings/test_credentials.py sends it.
    "public.certificate.verify_file",
    # They end the session that asks, or want a password, a code or a link of their own: tests/account sends
    # them.
    "account.login.enter_code",
    # They change the story that the other lines read: tests/candidacy sends them.
    "certifier.candidacies.correct",
    "certifier.candidacies.close_candidacy",
    # They want a hold, or a request, that came before: tests/retention sends them.
    "certifier.retention.end_hold",
    "certifier.retention.answer",
    # Only who has a dossier is shown its form, and no complaint waits in this story: tests/complaint sends them.
    "account.complaints.complain",
    "certifier.complaints.answer",
    # They want a request that came before: tests/admissibility sends them.
    *(f"account.admissibility.{act}" for act in ("save", "remove", "appeal", "again")),
    *(f"certifier.admissibility.{act}" for act in ("complete", "question", "decide")),
    "certifier.complaints.close",
    # They want the day of a session, or a page that is open that day: tests/jury/test_presence_signed.py sends them.
    "certifier.sessions.open_signing",
    "certifier.sessions.close_signing",
    "certifier.sessions.record_sheet",
    "respondent.presence.sign",
    # They want a group: tests/funding/test_groups.py sends them.
    *(f"certifier.groups.{act}" for act in ("renew_code", "withdraw_code", "open_link", "close_link")),
    *(f"candidate.groups.{act}" for act in ("read_group", "leave")),
    # They want an appointment, a funder or a presence that came before: tests/funding sends them.
    "certifier.funding.change_appointment",
    "certifier.funding.remove_appointment",
    "certifier.funding.sign",
    "certifier.funding.change_funding",
    "certifier.funding.add_paper",
    "certifier.funding.change_leave",
    "certifier.funding.open_link",
    "certifier.funding.close_link",
    "certifier.funding.certify",
    "certifier.candidacies.open_many",
    # It wants a list: tests/jury/test_juror_sheet.py sends it.
    "certifier.jurors.add_many",
    "certifier.funding.add_presence",
    # They want the cells of a table: tests/assessment and tests/jury/test_findings_grid.py send them.
    "certifier.assessments.record_cohort_results",
    "juror.hearing.record_findings",
    # It wants a request: tests/candidacy/test_accommodations.py sends it.
    "certifier.candidacies.decide_accommodation",
    # They want closed minutes of one's own jury: tests/jury/test_minutes_signatures.py sends them.
    "juror.hearing.sign_minutes",
    "juror.hearing.signature_options",
    # It wants a file: tests/assessment/test_results_grid.py sends it.
    "certifier.assessments.read_cohort_results",
    # They want a session to come, or a failure: tests/assessment/test_cohort_jury.py sends them.
    "certifier.assessments.bring_cohort",
    "certifier.assessments.move_failed",
    # It wants candidacies that were chosen: tests/candidacy/test_group_acts.py sends it.
    "certifier.candidacies.order",
    # They return a sealed dossier and follow what is asked: tests/submission/test_return_pages.py sends them.
    "certifier.candidacies.return_dossier",
    "certifier.candidacies.extend_return",
    "certifier.candidacies.lift_return",
    "candidate.submission.tick_request",
    # They want a result of which a block is left: tests/submission/test_next_dossier.py sends them.
    # It wants an earlier version of a text: tests/dossier/test_text_history.py sends it.
    "candidate.dossier.restore_version",
    "candidate.submission.postpone_block",
    "candidate.submission.tick_recommendation",
    "candidate.submission.note_meeting",
    # They add and remove members of the body: tests/account/test_team.py sends them.
    # They want a file, or a logo that was given: tests/account/test_look.py sends them.
    "certifier.body.save_logo",
    "certifier.body.remove_logo",
    # It wants a letter that left, and a day since then: tests/notification/test_receipts.py sends it.
    "certifier.notifications.record_receipt",
    "certifier.body.invite",
    "certifier.body.change_right",
    "certifier.body.remove",
    "account.security.save_name",
    "account.security.ask_email_change",
    "account.security.confirm_email_change",
    "account.security.save_password",
    "account.security.end_sessions",
    # A browser makes and uses these keys: tests/account/test_passkeys.py sends them.
    "account.security.confirm",
    "account.security.creation_options",
    "account.security.add",
    "account.security.signing_options",
    "account.security.login_options",
    "account.security.remove",
    # They want a provider in the settings, and what it answers: tests/account/test_openid.py sends them.
    "account.login.start",
    "account.login.start_invited",
    "account.login.start_linking",
    "account.login.link",
    "account.login.drop",
    "account.login.unlink",
    "account.security.prepare_second_factor",
    "account.security.add_second_factor",
    "account.security.remove_second_factor",
    "account.security.renew_codes",
    # They have a form while a worker makes what was asked: tests/submission/test_editions.py sends them.
    "candidate.submission.cancel_edition",
    "candidate.submission.cancel_draft",
    "certifier.control.cancel_pack",
    "certifier.control.cancel_session_pack",
    # They want a template of the certifier: tests/submission/test_word_edition.py gives one and sends them.
    "candidate.submission.request_word_draft",
    "candidate.submission.cancel_word_draft",
    "certifier.certifications.save",
    "certifier.certifications.remove",
    "certifier.letters.undo_hand_over",
    # Its form stands above a list of several letters: tests/email sends it.
    "certifier.letters.hand_over_many",
    # The panel of the viewer is opened by its address: tests/evidence/test_viewer.py sends its forms.
    "candidate.evidence.assess_in_viewer",
    "candidate.evidence.comment_in_viewer",
    "certifier.certifications.share_rule",
    # Everyone named is in the pool already, and nobody was taken out of it: tests/jury sends these.
    # They want a list with its proofs, or end what the other lines read:
    # tests/holdings/test_holder_pages.py sends them.
    "certifier.holders.read_list",
    "certifier.holders.confirm",
    "certifier.holders.drop",
    "certifier.holders.rectify",
    "certifier.holders.confirm_rectification",
    "certifier.holders.drop_rectification",
    "certifier.jurors.import_former_members",
    "certifier.jurors.restore_juror",
    "certifier.jurors.remove_conflict",
    # It wants a conflict that the comparison of employers found: tests/rights/test_conflicts.py sends it.
    "certifier.jurors.lift_conflict",
    # It wants hours that are fixed and two candidates, or a day that changed since the letters: tests/jury
    # sends these.
    "certifier.sessions.order_passage",
    # It wants a jury that the pool can give: tests/jury/test_compose_pages.py sends it.
    "certifier.sessions.name_composition",
    "certifier.sessions.write_summons",
    # A token wants a second factor, and a call of the API a token: tests/api sends them.
    "certifier.api_tokens.make",
    "certifier.api_tokens.renew",
    "certifier.api_tokens.revoke",
    # They want a holder of the whole whose body is enrolled: tests/si_cpf/test_pages.py sends these.
    # Nobody of the story is asked yet: tests/follow_up sends these.
    *("certifier.follow_up.record", "public.survey.answer", "public.survey.refuse"),
    *(f"certifier.si_cpf.{one}" for one in ("prepare", "ask", "read_receipt", "download", "deposit", "drop", "remove")),
    "api.v1.open_candidacies",
    "api.v1.invite_again",
    # A webhook wants a second factor too: tests/api makes them.
    *(f"certifier.webhooks.{one}" for one in ("make", *WEBHOOK_ACTS)),
    *(f"api.v1.{one}" for one in ("make_webhook", "try_webhook")),
    # A key of France VAE, and candidacies read there: tests/france_vae sends these.
    *(
        f"certifier.france_vae.{one}"
        for one in ("set_key", "remove_key", "take", "refuse", "check_file", "send", "done_there")
    ),
    *(f"public.wallet.{one}" for one in ("offer", "token", "nonce", "credential")),
    # Nobody of the pool of this story fits the seat of somebody else: tests/jury sends it.
    "certifier.sessions.replace_member",
}

NO_TOKEN = dict.fromkeys(EVERYWHERE.split(), 401)
API_READS = (
    "list_candidacies",
    "list_sessions",
    "list_results",
    "list_certificates",
    "list_certifications",
    "list_webhooks",
    "read_figures",
    "read_token",
)
API_READS_OF: Mapping[str, Mapping[str, str]] = {
    "read_candidacy": {},
    "read_jury_session": {},
    "read_certificate": NUMBER,
    "download_certificate": NUMBER,
    "read_certification": {"code": "certificate_number"},
}

PUBLIC = (
    get("static", may=ANYONE),
    get("certifier.home.home", may=ANYONE, answers={"": 303}),
    get("certifier.home.healthz", may=ANYONE),
    get("public.metrics.metrics", may=""),
    *(
        get(f"public.information.{one}", may=ANYONE, reveals="body contact")
        for one in ("help_page", "legal_notice", "personal_data", "accessibility")
    ),
    get("public.information.in_english", may=ANYONE),
    get("public.well_known.jwks", may=ANYONE),
    # Its address is not one that strangers reach: tests/holdings asks one that is.
    get("public.well_known.did", may=ANYONE, answers=dict.fromkeys(EVERYWHERE.split(), 404)),
    *(get(f"public.well_known.{one}", may=ANYONE) for one in ("checkpoints", "sheet")),
    # No worker writes a root here: tests/holdings/test_witness.py asks them.
    get("public.well_known.latest_checkpoint", may=ANYONE, answers=NOT_SIGNED),
    *(
        get(f"public.well_known.{one}", may=ANYONE, answers=NOT_SIGNED, names={"size": "withdrawals"})
        for one in ("checkpoint", "checkpoint_stamp")
    ),
    # The setting is off here: tests/holdings/test_wallets.py calls these as a wallet does.
    *(
        get(f"public.wallet.{one}", may=ANYONE, answers=dict.fromkeys(EVERYWHERE.split(), 404))
        for one in ("issuer", "server", "keys", "kind")
    ),
    *(
        post(f"public.wallet.{one}", may=ANYONE, answers=dict.fromkeys(EVERYWHERE.split(), 404))
        for one in ("token", "nonce", "credential")
    ),
    get("public.well_known.withdrawals", may=ANYONE, names=LIST),
    get("public.well_known.withdrawals_token", may=ANYONE, names=LIST),
    *(get(f"api.v1.{one}", may=ANYONE) for one in ("description", "reference")),
    # A token is the only proof, and none of these people calls with one: tests/api does.
    *(get(f"api.v1.{one}", may=ANYONE, answers=NO_TOKEN) for one in API_READS),
    *(get(f"api.v1.{one}", may=ANYONE, answers=NO_TOKEN, names=names) for one, names in API_READS_OF.items()),
    *(post(f"api.v1.{one}", may=ANYONE) for one in ("open_candidacies", "invite_again", "make_webhook")),
    post("api.v1.try_webhook", may=ANYONE, names=WEBHOOK),
    get("api.v1.remove_webhook", may=ANYONE, names=WEBHOOK, answers=NO_TOKEN, method="DELETE"),
    *(get(f"candidate.capture.{one}", may=ANYONE) for one in ("page", "manifest", "service_worker", "icon")),
    get("candidate.capture.dossiers", may=CONNECTED),
    get("public.sealed.form", may=ANYONE),
    post("public.sealed.check", may=ANYONE),
    get("public.sealed.checker", may=ANYONE),
    get("account.login.login", may=ANYONE, answers={"connected": 303}),
    post("account.login.log_in", may=ANYONE),
    post("account.login.logout", may=ANYONE),
    get("account.login.code_form", may=ANYONE, answers=dict.fromkeys(EVERYWHERE.split(), 303)),
    post("account.login.enter_code", may=ANYONE),
    # Nothing is under way here, and the settings name no provider: tests/account/test_openid.py signs in by
    # one.
    post("account.login.start", may=ANYONE, names=PROVIDER),
    post("account.login.start_invited", may=ANYONE, names=PROVIDER),
    get("account.login.go", may=ANYONE, answers={"": 400}),
    get("account.login.answer", may=ANYONE, answers={"": 404}, names=PROVIDER),
    get("account.login.unknown", may=ANYONE, answers={"": 303}),
    get("account.login.finish_logout", may=ANYONE, answers={"": 303}),
    post("account.login.start_linking", may=CONNECTED, names=PROVIDER),
    get("account.login.link_form", may=CONNECTED, answers={"": 303}),
    post("account.login.link", may=CONNECTED),
    post("account.login.drop", may=CONNECTED),
    get("account.login.unlink_form", may=CONNECTED, answers={"": 404}, names=IDENTITY),
    post("account.login.unlink", may=CONNECTED, names=IDENTITY),
    get("account.security.list_passkeys", may=CONNECTED),
    get("account.security.remove_form", may=CONNECTED, answers={"": 404}, names=KEY),
    post("account.security.login_options", may=ANYONE),
    *(
        post(f"account.security.{act}", may=CONNECTED)
        for act in ("confirm", "creation_options", "add", "signing_options")
    ),
    post("account.security.remove", may=CONNECTED, names=KEY),
    get("account.login.reset_form", may=ANYONE),
    post("account.login.request_reset", may=ANYONE),
    get(
        "account.login.password_form", may=ANYONE, answers={"called": 200, "": 404}, shows="email", reveals="name email"
    ),
    post("account.login.choose_password", may=ANYONE),
    # The signed link of a letter is all the proof it wants.
    get("account.notifications.unsubscribe_form", may=ANYONE, names=STOP),
    post("account.notifications.unsubscribe", may=ANYONE, names=STOP),
    *(
        get(f"public.case.{one}_{version}", may=ANYONE, answers=answers, names=names, reveals="body code")
        for version in ("v1p0", "v1p1")
        for one, answers, names in (
            ("documents", {}, {}),
            *(
                (one, dict.fromkeys(EVERYWHERE.split(), 404), {"identifier": "candidacy_id"})
                for one in ("document", "package", "item", "item_associations")
            ),
        )
    ),
    get("public.certificate.verify", may=ANYONE),
    get("public.certificate.public", may=ANYONE, shows="name number", reveals="name number body place", names=NUMBER),
    get("public.certificate.credential", may=ANYONE, answers=NOT_SIGNED, names=CREDENTIAL),
    get("public.certificate.file_form", may=ANYONE),
    post("public.certificate.verify_file", may=ANYONE),
    *(
        get(f"public.certificate.{one}", may=ANYONE, answers=NOT_SIGNED, names={"token": "stop_token"})
        for one in ("shared", "preview")
    ),
    get("public.certificate.qr_code", may=ANYONE, reveals="number", names=NUMBER),
)

OWN = (
    get(
        "certifier.home.dossiers",
        may=CONNECTED,
        answers={"candidate": 303, "candidate beside": 303, "candidate south": 303},
    ),
    get("advisor.dossier.board", may=CONNECTED),
    get("advisor.dossier.several_form", may=CONNECTED),
    post("advisor.dossier.send_to_several", may=CONNECTED),
    get("candidate.search.advised", may=CONNECTED),
    get("juror.hearing.home", may=CONNECTED),
    get("juror.fees.own_fees", may=CONNECTED),
    get("candidate.groups.by_link", may=CONNECTED, names={"code": "summons_token"}),
    get(
        "certifier.jurors.statement",
        may="certifier",
        names={"person_id": "candidacy_id"},
        answers=dict.fromkeys(EVERYWHERE.split(), 404),
    ),
    get(
        "juror.fees.own_statement",
        may=CONNECTED,
        names={"body_id": "candidacy_id"},
        answers=dict.fromkeys(EVERYWHERE.split(), 404),
    ),
    get("account.own_data.own_data", may=CONNECTED),
    get("account.own_data.archive", may=CONNECTED),
    get("account.complaints.complaints", may=CONNECTED),
    get("account.admissibility.overview", may=CONNECTED),
    get("account.admissibility.dossier", may=CONNECTED, names=REQUEST, answers=dict.fromkeys(EVERYWHERE.split(), 404)),
    *(post(f"account.admissibility.{act}", may=CONNECTED, names=REQUEST) for act in ("save", "appeal", "again")),
    get(
        "account.admissibility.file", may=CONNECTED, names=REQUEST_FILE, answers=dict.fromkeys(EVERYWHERE.split(), 404)
    ),
    post("account.admissibility.remove", may=CONNECTED, names=REQUEST_FILE),
    post("account.complaints.complain", may=CONNECTED),
    get("account.own_data.erasure_form", may="candidate"),
    post("account.own_data.ask_erasure", may="candidate"),
    get("account.notifications.notifications", may=CONNECTED),
    post("account.notifications.save_notifications", may=CONNECTED),
    *(
        get(f"account.security.{page}", may=CONNECTED)
        for page in ("account", "email_form", "password_form", "second_factor")
    ),
    get("account.security.email_change_form", may=CONNECTED, names=STOP),
    post("account.security.confirm_email_change", may=CONNECTED, names=STOP),
    *(
        post(f"account.security.{act}", may=CONNECTED)
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
    for one in ("certifier.home.certifier", "certifier.home.checks", "certifier.home.deadlines", "certifier.home.workload", "certifier.candidacies.candidacies", "certifier.candidacies.bulk_form", "certifier.body.team", "certifier.certifications.index", "certifier.certifications.import_form", "certifier.certifications.import_progress", "certifier.certifications.creating", "certifier.candidacies.open_form", "certifier.sessions.sessions",
                "certifier.sessions.plan_form", "certifier.letters.outbox", "certifier.body.settings_form", "certifier.body.pages", "certifier.notifications.unsigned_certificates", "certifier.certificates.certificates", "certifier.candidacies.order_form")
    for line in (get(one, may="certifier"),)
) + tuple(
    post(one, may="certifier")
    for one in ("certifier.certifications.import_entry", "certifier.certifications.create_one", "certifier.candidacies.open_candidacy", "certifier.sessions.plan_session", "certifier.body.save_settings", "certifier.notifications.sign_certificates",
                "certifier.home.act_for")
) + (
    *(get(f"certifier.retention.{one}", may="certifier") for one in ("preview", "erasures", "periods_form")),
    post("certifier.retention.save_periods", may="certifier"),
    get("certifier.admissibility.overview", may="certifier"),
    post("certifier.admissibility.invite", may="certifier"),
    get("certifier.admissibility.dossier", may="certifier", names=REQUEST, answers=dict.fromkeys(EVERYWHERE.split(), 404)),
    get("certifier.admissibility.file", may="certifier", names=REQUEST_FILE, answers=dict.fromkeys(EVERYWHERE.split(), 404)),
    *(post(f"certifier.admissibility.{act}", may="certifier", names=REQUEST) for act in ("complete", "question", "decide")),
    *(get(f"certifier.complaints.{one}", may="certifier") for one in ("complaints", "received_form")),
    post("certifier.complaints.record", may="certifier"),
    get("certifier.body.page_form", may="certifier"),
    post("certifier.body.save_page", may="certifier"),
    get("certifier.body.page", may="certifier"),
    # No body of this story has a logo: tests/account/test_look.py gives one and takes it back.
    get("certifier.body.logo", may="certifier", answers={"": 404}),
    get("certifier.body.preview", may="certifier"),
    *(post(f"certifier.body.{one}", may="certifier") for one in ("save_logo", "remove_logo", "save_accent")),
    post("certifier.letters.hand_over", may="certifier", names=LETTER),
    post("certifier.letters.hand_over_many", may="certifier"),
    get("certifier.letters.print_letters", may="certifier"),
    # Its form stands in another list of the page: tests/email sends it.
    post("certifier.letters.undo_hand_over", may="certifier", names=LETTER),
    get("certifier.letters.attachment", may="certifier", names={"attachment_id": "letter_file_id"}),
    post("certifier.certifications.dismiss", may="certifier"),
    get("certifier.certifications.sites", may="certifier"),
    post("certifier.certifications.add_site", may="certifier"),
    get("certifier.certifications.site", may="certifier"),
    post("certifier.certifications.correct_site", may="certifier"),
)  # fmt: skip

VERSION = (
    get("certifier.certifications.version", may="certifier"),
    get("certifier.certifications.spreadsheet", may="certifier"),
    get("certifier.certifications.case_package", may="certifier"),
    get("certifier.certifications.case_item", may="certifier"),
    post("certifier.certifications.open_correction", may="certifier"),
    post("certifier.certifications.name_successor", may="certifier"),
    get("certifier.certificates.equivalences", may="certifier"),
    post("certifier.certificates.save_equivalence", may="certifier"),
    get("certifier.certificates.identical", may="certifier"),
    post("certifier.certificates.confirm_identical", may="certifier"),
    get("certifier.certificates.groups", may="certifier"),
    post("certifier.certificates.save_group", may="certifier"),
    get("certifier.certificates.taking_back_page", may="certifier", answers=dict.fromkeys(EVERYWHERE.split(), 404)),
    *(post(f"certifier.certificates.{one}", may="certifier") for one in ("confirm_taking_back", "drop_taking_back")),
    get("certifier.certificates.proposed", may="certifier"),
    get("certifier.certificates.confirming", may="certifier"),
    post("certifier.certificates.confirm_proposal", may="certifier"),
    post("certifier.certificates.dismiss", may="certifier"),
    get("certifier.certifications.partners", may="certifier"),
    post("certifier.certifications.add_registration", may="certifier"),
    post("certifier.certifications.correct_registration", may="certifier"),
    get("certifier.certifications.adding", may="certifier"),
    get("certifier.certifications.partner", may="certifier"),
    *(
        get(f"certifier.certifications.{one}", may="certifier", names=NEXT)
        for one in ("draft", "publication", "confirm_discard")
    ),
    *(
        post(f"certifier.certifications.{one}", may="certifier", names=NEXT)
        for one in ("correct", "publish", "discard")
    ),
    get("certifier.certifications.frame", may="certifier", names=NEXT),
    post("certifier.certifications.save_frame", may="certifier", names=NEXT),
    get("certifier.certifications.page", may="certifier"),
    get("certifier.certifications.example", may="certifier"),
    # No version of this story has a template.
    get("certifier.certifications.download", may="certifier", answers={"": 404}),
    *(post(f"certifier.certifications.{one}", may="certifier") for one in ("save", "remove")),
    *(get(f"certifier.certifications.{one}", may="certifier", names=NEXT) for one in ("rules", "rule")),
    *(
        post(f"certifier.certifications.{one}", may="certifier", names=NEXT)
        for one in ("save_blocks", "save_rule", "share_rule")
    ),
)

CANDIDACY = (
    get("certifier.candidacies.candidacy", may="certifier", shows="name email birthplace"),
    get("certifier.candidacies.birth_form", may="candidate certifier", knows="advisor", shows="birthplace"),
    post("certifier.candidacies.record_birth", may="candidate certifier", knows="advisor"),
    get("certifier.si_cpf.identity", may="candidate certifier", knows="advisor"),
    post("certifier.si_cpf.record_identity", may="candidate certifier", knows="advisor"),
    *(get(f"certifier.follow_up.{one}", may="certifier") for one in ("rates", "table")),
    post("certifier.follow_up.turn", may="certifier"),
    get("certifier.follow_up.call", may="certifier", names={"follow_up_id": "candidacy_id"}, answers=NOT_PLAYED),
    post("certifier.follow_up.record", may="certifier", names={"follow_up_id": "candidacy_id"}),
    get("public.survey.questions", may=ANYONE, names={"follow_up_id": "candidacy_id", "mark": "stop_token"}, answers=NOT_PLAYED),
    *(post(f"public.survey.{one}", may=ANYONE, names={"follow_up_id": "candidacy_id", "mark": "stop_token"}) for one in ("answer", "refuse")),
    get("certifier.si_cpf.overview", may="certifier"),
    get("certifier.si_cpf.facts", may="certifier"),
    post("certifier.si_cpf.save_settings", may="certifier"),
    *(post(f"certifier.si_cpf.{one}", may="certifier") for one in ("prepare", "ask", "read_receipt")),
    *(post(f"certifier.si_cpf.{one}", may="certifier", names={"flow_id": "candidacy_id"}) for one in ("download", "deposit", "drop")),
    post("certifier.si_cpf.remove", may="certifier", names={"passage_id": "candidacy_id"}),
    post("certifier.candidacies.record_address", may="candidate certifier", knows="advisor"),
    get("certifier.candidacies.accommodation_list", may="candidate certifier", knows="advisor"),
    post("certifier.candidacies.ask_accommodation", may="candidate certifier", knows="advisor"),
    post("certifier.candidacies.decide_accommodation", may="certifier", names={"accommodation_id": "candidacy_id"}),
    post("certifier.candidacies.assign_advisor", may="certifier"),
    get("certifier.candidacies.correction_form", may="certifier", shows="name"),
    post("certifier.candidacies.correct", may="certifier"),
    get("certifier.candidacies.closure_form", may="certifier", shows="name"),
    get("certifier.funding.appointments", may="certifier candidate advisor", shows="name"),
    post("certifier.funding.add_appointment", may="certifier advisor", knows="candidate"),
    get("certifier.funding.appointment", may="certifier advisor", knows="candidate", names={"appointment_id": "candidacy_id"}, answers=dict.fromkeys(EVERYWHERE.split(), 404)),
    *(post(f"certifier.funding.{one}", may="certifier advisor", knows="candidate", names={"appointment_id": "candidacy_id"}) for one in ("change_appointment", "remove_appointment")),
    post("certifier.funding.sign", may="candidate", knows="certifier advisor", names={"appointment_id": "candidacy_id"}),
    get("certifier.funding.fundings", may="certifier", shows="name"),
    get("candidate.groups.own_group", may="candidate", knows="certifier advisor"),
    post("candidate.groups.read_group", may="candidate", knows="certifier advisor"),
    post("candidate.groups.leave", may="candidate", knows="certifier advisor", names={"group_id": "candidacy_id"}),
    post("certifier.funding.add_funding", may="certifier"),
    get("certifier.funding.funding", may="certifier", names={"funding_id": "candidacy_id"}, answers=dict.fromkeys(EVERYWHERE.split(), 404)),
    *(post(f"certifier.funding.{one}", may="certifier", names={"funding_id": "candidacy_id"}) for one in ("change_funding", "open_link", "close_link", "add_paper")),
    get("certifier.funding.papers", may="certifier", names={"funding_id": "candidacy_id"}, answers=dict.fromkeys(EVERYWHERE.split(), 404)),
    get("certifier.funding.paper", may="certifier", names={"paper_id": "candidacy_id"}, answers=dict.fromkeys(EVERYWHERE.split(), 404)),
    get("certifier.funding.leave_requests", may="certifier candidate advisor"),
    post("certifier.funding.add_leave", may="certifier candidate advisor"),
    get("certifier.funding.leave", may="certifier candidate advisor", names={"leave_id": "candidacy_id"}, answers=dict.fromkeys(EVERYWHERE.split(), 404)),
    post("certifier.funding.change_leave", may="certifier candidate advisor", names={"leave_id": "candidacy_id"}),
    post("certifier.funding.certify", may="certifier"),
    get("certifier.funding.certificate", may="certifier candidate advisor", answers=dict.fromkeys(EVERYWHERE.split(), 404)),
    get("certifier.funding.pack", may="certifier"),
    get("certifier.complaints.complaint", may="certifier", names={"complaint_id": "candidacy_id"}, answers=dict.fromkeys(EVERYWHERE.split(), 404)),
    *(post(f"certifier.complaints.{one}", may="certifier", names={"complaint_id": "candidacy_id"}) for one in ("answer", "close")),
    get("certifier.retention.dossier", may="certifier", shows="name"),
    post("certifier.retention.place_hold", may="certifier"),
    post("certifier.retention.end_hold", may="certifier", names={"hold_id": "candidacy_id"}),
    get("certifier.retention.answer_form", may="certifier", shows="name"),
    post("certifier.retention.answer", may="certifier"),
    post("certifier.candidacies.close_candidacy", may="certifier"),
    get("certifier.candidacies.return_form", may="certifier", shows="name"),
    *(post(f"certifier.candidacies.{one}", may="certifier") for one in ("return_dossier", "extend_return", "lift_return")),
    post("certifier.candidacies.open_many", may="certifier"),
    post("certifier.candidacies.order", may="certifier"),
    # Nobody of the world ordered one: tests/candidacy/test_bulk_opening.py opens it.
    get("certifier.candidacies.bulk_result", may="certifier", names={"opening_id": "candidacy_id"}, answers=dict.fromkeys(EVERYWHERE.split(), 404)),
    # Nobody of the world ordered one: tests/candidacy/test_group_acts.py opens it.
    get("certifier.candidacies.result", may="certifier", names={"act_id": "candidacy_id"}, answers=dict.fromkeys(EVERYWHERE.split(), 404)),
    get("certifier.api_tokens.tokens", may="certifier"),
    post("certifier.api_tokens.make", may="certifier"),
    get("certifier.api_tokens.token", may="certifier", names={"token_id": "candidacy_id"}, answers=dict.fromkeys(EVERYWHERE.split(), 404)),
    *(post(f"certifier.api_tokens.{one}", may="certifier", names={"token_id": "candidacy_id"}) for one in ("renew", "revoke")),
    get("api.exports.list_file", may="certifier"),
    get("certifier.webhooks.all_webhooks", may="certifier"),
    post("certifier.webhooks.make", may="certifier"),
    get("certifier.webhooks.webhook", may="certifier", names=WEBHOOK, answers=dict.fromkeys(EVERYWHERE.split(), 404)),
    *(post(f"certifier.webhooks.{one}", may="certifier", names=WEBHOOK) for one in WEBHOOK_ACTS),
    get("certifier.france_vae.overview", may="certifier"),
    *(post(f"certifier.france_vae.{one}", may="certifier") for one in ("set_key", "remove_key")),
    get("certifier.france_vae.candidacy", may="certifier", names=FRANCE_VAE, answers=dict.fromkeys(EVERYWHERE.split(), 404)),
    *(post(f"certifier.france_vae.{one}", may="certifier", names=FRANCE_VAE) for one in ("take", "refuse", "check_file", "send", "done_there")),
    post("certifier.body.invite", may="certifier"),
    get("certifier.body.tasks_form", may="certifier", names={"person_id": "candidacy_id"}, answers=dict.fromkeys(EVERYWHERE.split(), 404)),
    post("certifier.body.change_right", may="certifier", names={"person_id": "candidacy_id"}),
    post("certifier.body.remove", may="certifier", names={"person_id": "candidacy_id"}),
    get("account.audit_log.of_candidacy", may="candidate certifier"),
    get("certifier.candidacies.choosing", may="certifier"),
    post("certifier.candidacies.choose", may="certifier"),
    post("certifier.candidacies.invite_again", may="certifier"),
    get("certifier.candidacies.deadlines", may="certifier"),
    post("certifier.candidacies.rule_on_deadline", may="certifier"),
    get("certifier.certificates.acquisitions", may="certifier"),
    post("certifier.certificates.save_acquisition", may="certifier"),
    get("certifier.certificates.acquisition_proof", may="certifier", shows="proof prooffile"),
    get("certifier.certificates.certificate", may="certifier", shows="number"),
    post("certifier.certificates.save_status_change", may="certifier"),
    # No later act stands in these dossiers.
    get("certifier.certificates.status_change_proof", may="certifier", names={"act_id": "candidacy_id"}, answers=dict.fromkeys(EVERYWHERE.split(), 404)),
    get("certifier.certificates.identity", may="certifier"),
    post("certifier.certificates.correct_identity", may="certifier"),
    get("certifier.notifications.notification_form", may="certifier", answers={
        "draft": 404, "sealed": 404, "called": 404, "heard": 404, "past": 303, "reopened": 303, "erased": 303}, shows="finding"),
    post("certifier.notifications.send_notification", may="certifier"),
    post("certifier.notifications.record_receipt", may="certifier"),
)  # fmt: skip

DOSSIER = (
    get("candidate.dossier.home", may="candidate advisor"),
    get("candidate.dossier.claims_grid", may="candidate advisor"),
    get("candidate.dossier.competency", may="candidate advisor", shows="narrative"),
    post("candidate.dossier.save_narrative", may="candidate", only=OPEN, knows="candidate advisor"),
    post("candidate.dossier.assess_competency", may="candidate", only=OPEN, knows="candidate advisor"),
    *_both("candidate.dossier.choose_evidence", may="candidate", only=OPEN, knows="candidate advisor"),
    get("candidate.dossier.experiences", may="candidate advisor", shows="post"),
    *(
        get(f"candidate.dossier.{one}", may="candidate", only=OPEN, knows="candidate advisor")
        for one in ("add_experience", "experience", "confirm_remove_experience", "confirm_remove_claim")
    ),
    *(
        post(f"candidate.dossier.{one}", may="candidate", only=OPEN, knows="candidate advisor")
        for one in ("save_new_experience", "change_experience", "remove_experience", "remove_claim", "save_texts")
    ),
    *_both("candidate.dossier.change_claim", may="candidate", only=OPEN, knows="candidate advisor", shows="comment"),
    *_both(
        "candidate.dossier.choose_competencies", may="candidate", only=OPEN, knows="candidate advisor", answers=GONE
    ),
    *(
        get(f"candidate.dossier.{one}", may="candidate", only=OPEN, knows="candidate advisor")
        for one in ("pace", "steps_calendar")
    ),
    *(
        post(f"candidate.dossier.{one}", may="candidate", only=OPEN, knows="candidate advisor")
        for one in ("save_pace", "stop", "resume")
    ),
    get("candidate.dossier.general_texts", may="candidate advisor", shows="career motivation conclusion"),
)

EVIDENCE = (
    get("candidate.evidence.pieces", may="candidate advisor"),
    get("candidate.search.draft", may="candidate advisor"),
    get("candidate.evidence.piece", may="candidate advisor", shows="role filename", answers=GONE),
    *_both(
        "candidate.evidence.describe", may="candidate", only=OPEN, knows="candidate advisor", shows="role", answers=GONE
    ),
    *_both("candidate.evidence.replace", may="candidate", only=OPEN, knows="candidate advisor", answers=GONE),
    get("candidate.evidence.download", may="candidate advisor", shows="filename file", answers=GONE, names=VERSION_OF),
    get("candidate.evidence.read", may="candidate advisor", shows="comment", answers=GONE, names=VERSION_OF),
    get("candidate.evidence.page_image", may="candidate advisor", shows="page", answers=GONE, names=VERSION_OF),
    get("candidate.evidence.recording", may="candidate advisor", answers=NOT_PLAYED, names=VERSION_OF),
    post("candidate.evidence.assess_in_viewer", may="advisor", knows="candidate", names=VERSION_OF),
    post("candidate.evidence.comment_in_viewer", may="advisor", knows="candidate", names=VERSION_OF),
    post("candidate.evidence.claim_place", may="candidate", only=OPEN, knows="candidate advisor", names=VERSION_OF),
    post("candidate.evidence.remove_place", may="candidate", only=OPEN, knows="candidate advisor", names=VERSION_OF),
    get("candidate.evidence.confirm_remove", may="candidate", only=OPEN, knows="candidate advisor", answers=GONE),
    post("candidate.evidence.remove", may="candidate", only=OPEN, knows="candidate advisor"),
    post("candidate.evidence.change_pieces", may="candidate", only=OPEN, knows="candidate advisor"),
    # Nothing is left to answer in these dossiers: it leads on.
    *_both(
        "candidate.evidence.answer_several",
        may="candidate",
        only=OPEN,
        knows="candidate advisor",
        answers=dict.fromkeys(EVERYWHERE.split(), 303),
    ),
    post("candidate.evidence.refuse", may="candidate", only=OPEN, knows="candidate advisor"),
    get("candidate.evidence.mask_form", may="candidate", only=OPEN, knows="candidate advisor", answers=GONE),
    post("candidate.evidence.mask", may="candidate", only=OPEN, knows="candidate advisor"),
    post("candidate.evidence.mask_word", may="candidate", only=OPEN, knows="candidate advisor"),
    post(
        "candidate.evidence.unmask",
        may="candidate",
        only=OPEN,
        knows="candidate advisor",
        names={"mask_id": "candidacy_id"},
    ),
    post("candidate.evidence.flatten_file", may="candidate", only=OPEN, knows="candidate advisor"),
    get("candidate.evidence.removed", may="candidate", only=OPEN, knows="candidate advisor"),
    post("candidate.evidence.restore", may="candidate", only=OPEN, knows="candidate advisor"),
    post("candidate.evidence.join", may="candidate", only=OPEN, knows="candidate advisor"),
    get("candidate.evidence.upload_form", may="candidate", only=OPEN, knows="candidate advisor"),
    post("candidate.evidence.upload", may="candidate", only=OPEN, knows="candidate advisor"),
    post("candidate.evidence.dismiss", may="candidate", only=OPEN, knows="candidate advisor"),
    post("candidate.evidence.take_back", may="candidate", only=OPEN, knows="candidate advisor"),
    get("candidate.evidence.same_file", may="candidate", only=OPEN, knows="candidate advisor"),
    *_both("candidate.evidence.describe_step", may="candidate", only=OPEN, knows="candidate advisor", answers=GONE),
    get("candidate.evidence.reuse_form", may="candidate", only=OPEN, knows="candidate advisor"),
    post("candidate.evidence.reuse", may="candidate", only=OPEN, knows="candidate advisor"),
    post("candidate.evidence.start", may="candidate", only=OPEN, knows="candidate advisor"),
    post("candidate.evidence.append", may="candidate", only=OPEN, knows="candidate advisor"),
    # Without the digest of a part there is no address to give.
    get(
        "candidate.evidence.direct_address",
        may="candidate",
        only=OPEN,
        knows="candidate advisor",
        answers={"": 404},
        method="POST",
    ),
    post("candidate.evidence.cancel", may="candidate", only=OPEN, knows="candidate advisor"),
)

REVIEW = (
    get("advisor.dossier.dossier", may="advisor", knows="candidate", shows="name"),
    get(
        "advisor.dossier.competency",
        may="advisor",
        knows="candidate",
        shows="narrative comment mark remark reply private",
    ),
    post("advisor.dossier.save_assessment", may="advisor", knows="candidate"),
    post("advisor.dossier.send_message", may="advisor", knows="candidate"),
    get("advisor.dossier.answer_form", may="candidate", knows="advisor", shows="remark reply"),
    post("advisor.dossier.send_answer", may="candidate", knows="advisor"),
    post("advisor.dossier.mark_read", may="candidate advisor"),
    post("advisor.dossier.save_private_note", may="advisor", knows="candidate"),
    get("candidate.dossier.rehearsal", may="candidate advisor", shows="rehearsed"),
    get("candidate.dossier.answer_sound", may="candidate advisor"),
    # No model is here: tests/files/test_dictation.py puts a voice in writing, and asks who may.
    post(
        "candidate.dossier.transcribe",
        may="candidate",
        only=OPEN,
        knows="candidate advisor",
        answers=dict.fromkeys(EVERYWHERE.split(), 404),
    ),
    post("candidate.dossier.answer_question", may="candidate", knows="advisor"),
    post("candidate.dossier.change_answer", may="candidate", knows="advisor"),
    # The message is the advisor's: the candidate reads it, and may not change it.
    get("advisor.dossier.message_form", may="advisor", knows="candidate", shows="remark"),
    post("advisor.dossier.save_message", may="advisor", knows="candidate"),
    post("advisor.dossier.withdraw_own_message", may="advisor", knows="candidate"),
)

SUBMISSION = (
    get("candidate.submission.checklist", may="candidate", knows="advisor", answers={
        "sealed": 303, "called": 303, "heard": 303, "closed": 303, "past": 303}),
    get("candidate.submission.read_draft", may="candidate", knows="advisor", answers={
        "sealed": 303, "called": 303, "heard": 303, "closed": 303, "past": 303}),
    get("candidate.submission.signature", may="candidate", knows="advisor", answers={
        "sealed": 303, "called": 303, "heard": 303, "closed": 303, "past": 303}),
    post("candidate.submission.submit", may="candidate", knows="advisor"),
    post("candidate.submission.prepare_next", may="candidate", knows="advisor"),
    # What was written and taken out again is its author's.
    get("candidate.dossier.narrative_versions", may="candidate", knows="advisor"),
    get("candidate.dossier.texts_versions", may="candidate", knows="advisor"),
    post("candidate.dossier.restore_version", may="candidate", only=OPEN, knows="candidate advisor", names={"version_id": "candidacy_id"}),
    get("candidate.submission.receipt", may=f"candidate advisor {READERS}", shows="name filename"),
    # Without a notified result, or without anything left to present, it leads home.
    get("candidate.submission.next_dossier", may="candidate advisor", answers=dict.fromkeys(["draft", "sealed", "called", "heard", "closed", "erased"], 303)),
    post("candidate.submission.postpone_block", may="candidate", only=OPEN, knows="candidate advisor"),
    post("candidate.submission.tick_recommendation", may="candidate", only=OPEN, knows="candidate advisor",
         names={"minutes": "certificate_number", "label": "certificate_number"}),
    post("candidate.submission.note_meeting", may="candidate advisor"),
    # Members of a jury have a page of their own, for what they read.
    get("candidate.submission.changes", may="candidate advisor"),
    # Nothing is asked in these dossiers: it leads home.
    get("candidate.submission.returned", may="candidate advisor", answers=dict.fromkeys(EVERYWHERE.split(), 303)),
    post("candidate.submission.tick_request", may="candidate", only=OPEN, knows="candidate advisor", names={"request_id": "candidacy_id"}),
    get("candidate.submission.sealed", may=f"candidate advisor {READERS}", shows="career conclusion"),
    get("candidate.submission.sealed_block", may=f"candidate advisor {READERS}", shows="narrative comment", names={"number": "block_number"}),
    get("candidate.submission.exhibit", may=f"candidate advisor {READERS}", shows="filename file"),
    get("candidate.submission.exhibit_reader", may=f"candidate advisor {READERS}", shows="comment"),
    get("candidate.submission.exhibit_page", may=f"candidate advisor {READERS}", shows="page"),
    get("candidate.submission.exhibit_recording", may=f"candidate advisor {READERS}", answers=NOT_PLAYED),
    get("candidate.submission.manifest", may=f"candidate advisor {READERS}", shows="narrative filename"),
    get("account.downloads.receipt", may=f"candidate advisor {READERS}", shows="name"),
    get("candidate.submission.inclusion_proof", may=f"candidate advisor {READERS}", shows="filename"),
    # The certifying body keeps the documents made of what was sealed; it does not read the dossier on these
    # screens.
    get("candidate.submission.book", may=f"candidate advisor certifier {READERS}", shows="name"),
    post("candidate.submission.request_edition", may=f"candidate advisor certifier {READERS}"),
    post("candidate.submission.cancel_edition", may=f"candidate advisor certifier {READERS}"),
    # Nothing is made in this story: tests/submission/test_editions.py takes what is.
    get("candidate.submission.download_edition", may=f"candidate advisor certifier {READERS}", answers=NOT_MADE),
    get("candidate.submission.download_zip", may="candidate certifier", knows=f"advisor {READERS}", answers=NOT_MADE),
    get("candidate.submission.draft_book", may="candidate advisor", shows="name"),
    post("candidate.submission.request_draft", may="candidate advisor"),
    post("candidate.submission.cancel_draft", may="candidate advisor"),
    get("candidate.submission.download_draft", may="candidate advisor", answers=NOT_MADE),
    *(post(f"candidate.submission.{one}", may="candidate advisor") for one in ("request_word_draft", "cancel_word_draft")),
    get("candidate.submission.download_word_draft", may="candidate advisor", answers=NOT_MADE),
)  # fmt: skip

JUROR = {"juror_id": "pool_juror_id", "conflict_id": "pool_juror_id"}
CARD = {"token": "card_token"}
SUMMONS = {"token": "summons_token"}

POOL = (
    get("certifier.holders.holders", may="certifier"),
    get("certifier.holders.template", may="certifier"),
    get("certifier.holders.import_form", may="certifier"),
    post("certifier.holders.read_list", may="certifier"),
    get("certifier.holders.preview", may="certifier"),
    post("certifier.holders.confirm", may="certifier"),
    post("certifier.holders.drop", may="certifier"),
    get("certifier.holders.lines", may="certifier"),
    get("certifier.holders.holding", may="certifier"),
    post("certifier.holders.rectify", may="certifier"),
    *(post(f"certifier.holders.{one}", may="certifier") for one in ("confirm_rectification", "drop_rectification")),
    get("certifier.holders.rectification_proof", may="certifier", answers=dict.fromkeys(EVERYWHERE.split(), 404)),
    get("certifier.holders.proof", may="certifier"),
    get("certifier.jurors.jurors", may="certifier"),
    get("certifier.jurors.new_juror", may="certifier"),
    post("certifier.jurors.add_juror", may="certifier"),
    get("certifier.jurors.sheet_form", may="certifier"),
    post("certifier.jurors.add_many", may="certifier"),
    get("certifier.funding.presence_form", may="certifier"),
    get("certifier.groups.groups", may="certifier"),
    post("certifier.groups.create_group", may="certifier"),
    # No group is in this story: tests/funding/test_groups.py makes one.
    get(
        "certifier.groups.group",
        may="certifier",
        names={"group_id": "candidacy_id"},
        answers=dict.fromkeys(EVERYWHERE.split(), 404),
    ),
    *(
        post(f"certifier.groups.{one}", may="certifier", names={"group_id": "candidacy_id"})
        for one in ("renew_code", "withdraw_code", "open_link", "close_link")
    ),
    post("certifier.funding.add_presence", may="certifier"),
    get("certifier.jurors.juror", may="certifier", names=JUROR),
    *(
        post(f"certifier.jurors.{one}", may="certifier", names=JUROR)
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
    get("certifier.jurors.lift_form", may="certifier", names=JUROR, answers=dict.fromkeys(EVERYWHERE.split(), 404)),
    post("certifier.jurors.import_former_members", may="certifier"),
    get("certifier.jurors.fees", may="certifier"),
    post("certifier.jurors.save_fees", may="certifier"),
    get("certifier.jurors.sheet", may="certifier"),
    # The link of a letter is all the proof it wants; it shows the card of its reader, and nobody else.
    # No funder has a link in this story: tests/funding opens one.
    *(
        get(f"respondent.funder.{one}", may=ANYONE, names=SUMMONS, answers=dict.fromkeys(EVERYWHERE.split(), 404))
        for one in ("presence", "certificate")
    ),
    get("respondent.group.presence", may=ANYONE, names=SUMMONS, answers=dict.fromkeys(EVERYWHERE.split(), 404)),
    # No session is of today in this story: tests/jury/test_presence_signed.py opens the page of one.
    get(
        "respondent.presence.sign_form",
        may=ANYONE,
        names={"code": "summons_token"},
        answers=dict.fromkeys(EVERYWHERE.split(), 404),
    ),
    post("respondent.presence.sign", may=ANYONE, names={"code": "summons_token"}),
    get("respondent.summons.summoned", may=ANYONE, reveals="body place", names=SUMMONS),
    get("respondent.summons.calendar", may=ANYONE, reveals="body place substitute", names=SUMMONS),
    post("respondent.summons.answer", may=ANYONE, names=SUMMONS),
    get("respondent.juror_card.card", may=ANYONE, reveals="body", names=CARD),
    post("respondent.juror_card.save_card", may=ANYONE, names=CARD),
)

SESSION = (
    get("certifier.sessions.session", may="certifier", shows="name"),
    get("account.audit_log.of_session", may="certifier"),
    get("certifier.sessions.schedule", may="certifier"),
    get("certifier.sessions.cancel_form", may="certifier"),
    *(
        post(f"certifier.sessions.{one}", may="certifier")
        for one in ("save_schedule", "order_passage", "cancel_session", "write_summons", "record_answer")
    ),
    get("certifier.sessions.compose", may="certifier"),
    post("certifier.sessions.name_composition", may="certifier"),
    get("certifier.sessions.replacement", may="certifier"),
    post("certifier.sessions.replace_member", may="certifier"),
    get("certifier.sessions.former_jury", may="certifier"),
    post("certifier.sessions.name_former_jury", may="certifier"),
    get("certifier.sessions.site", may="certifier"),
    post("certifier.sessions.record_site", may="certifier"),
    *(get(f"certifier.sessions.{one}", may="certifier") for one in ("seat", "substitute", "list_form")),
    get("certifier.sessions.appointment_document", may="certifier", names=ACT),
    get("certifier.sessions.presences", may="certifier", shows="name"),
    get("certifier.sessions.blank_sheet", may="certifier", shows="name"),
    *(post(f"certifier.sessions.{one}", may="certifier") for one in ("open_signing", "close_signing", "record_sheet")),
    *(
        post(f"certifier.sessions.{one}", may="certifier")
        for one in (
            "justify_parity",
            "name_member",
            "name_substitute",
            "remove_member",
            "add_hearings",
            "remove_hearing",
            "write_resumption",
            "write_absence",
        )
    ),
)

HEARING = (
    get("certifier.sessions.appeal_list", may="certifier", knows=JURY, answers={"called": 303, "heard": 303}),
    post("certifier.sessions.register_appeal", may="certifier", knows=JURY),
    post("certifier.sessions.answer_appeal", may="certifier", knows=JURY),
    post("certifier.sessions.confirm_appeal", may="certifier", knows=JURY),
    post("certifier.sessions.drop_appeal_grant", may="certifier", knows=JURY),
    # No file came with them: tests/control and tests/holdings send one, and read it again.
    get("certifier.sessions.appeal_file", may="certifier", knows=JURY, answers=dict.fromkeys(EVERYWHERE.split(), 404)),
    get("certifier.sessions.appeal_file_archive", may="certifier", knows=JURY, answers={"called": 404, "heard": 404}, reveals="file filename title erased"),
    get("certifier.control.pack_form", may="certifier"),
    get("certifier.control.sample", may="certifier"),
    get("certifier.control.review", may="certifier", knows=JURY, answers={"called": 303, "heard": 303}),
    post("certifier.control.record_review", may="certifier", knows=JURY),
    get("certifier.figures.figures", may="certifier"),
    get("certifier.figures.figures_csv", may="certifier"),
    get("certifier.control.pack", may="certifier", answers=dict.fromkeys(EVERYWHERE.split(), 422)),
    *(post(f"certifier.control.{one}", may="certifier") for one in ("request_pack", "cancel_pack")),
    *(post(f"certifier.control.{one}", may="certifier") for one in ("request_session_pack", "cancel_session_pack")),
    get("certifier.control.session_pack_page", may="certifier"),
    get("certifier.control.session_pack", may="certifier", answers=dict.fromkeys(EVERYWHERE.split(), 409)),
    get("certifier.certificates.stage", may="certifier"),
    post("certifier.certificates.invite", may="certifier"),
    *(post(one, may="certifier") for one in ("certifier.certificates.record_observation", "certifier.certificates.confirm_contest", "certifier.certificates.drop")),
    *(
        get(f"certifier.certificates.{one}", may="certifier", answers=dict.fromkeys(EVERYWHERE.split(), 404))
        for one in ("proposal_proof", "observation_file")
    ),
    get("juror.hearing.hearing", may=JURY, shows="name", answers={"recused": 303, "silent": 303}),
    get("juror.hearing.declaration_form", may=JURY, shows="name"),
    post("juror.hearing.save_declaration", may=JURY),
    get("juror.hearing.recusal_form", may=JURY, shows="name"),
    *(post(f"juror.hearing.{one}", may=JURY) for one in ("recuse", "withdraw_recusal")),
    *(
        get(f"juror.hearing.{one}", may=READERS, knows="recused silent", shows=shows)
        for one, shows in (
            ("texts", "career post"), ("exhibits", "title"), ("exhibit", "filename role"), ("exhibit_page", "page"),
            ("exhibit_file", "filename file"), ("competency", "narrative comment"), ("block", ""),
        )
    ),
    # A member whose opinions are not given sees no draft of the presidency.
    get("juror.hearing.preview", may=READERS, knows="recused silent", answers={"juror called": 303, "juror heard": 303}),
    get("juror.hearing.search", may=READERS, knows="recused silent"),
    get("juror.hearing.experiences", may=READERS, knows="recused silent", shows="post title"),
    get("juror.hearing.notes", may=READERS, knows="recused silent"),
    post("juror.hearing.write_note", may=READERS, knows="recused silent"),
    # A note is of one member: for the president, who wrote none, it does not exist.
    get("juror.hearing.note_page", may="juror", only="heard closed reopened", knows="recused silent", shows="jurornote"),
    *(post(f"juror.hearing.{one}", may="juror", only="heard closed reopened", knows="recused silent") for one in ("change_note", "delete_note")),
    *(get(f"juror.hearing.{one}", may=READERS, knows="recused silent") for one in ("own_opinions", "interview_sheet", "deliberation", "deliberation_state")),
    *(post(f"juror.hearing.{one}", may=READERS, knows="recused silent") for one in ("record_opinion", "give_opinions", "write_interview_entry")),
    get("juror.hearing.interview_entry", may=READERS, only="heard closed reopened", knows="recused silent", shows="heardline"),
    post("juror.hearing.change_interview_entry", may=READERS, only="heard closed reopened", knows="recused silent"),
    post("juror.hearing.cast_vote", may=READERS, knows="recused silent"),
    get("juror.hearing.adjournment_form", may="president", knows="juror recused silent"),
    get("juror.hearing.findings_grid", may="president", knows="juror recused silent"),
    post("juror.hearing.record_findings", may="president", knows="juror recused silent"),
    *(
        post(f"juror.hearing.{one}", may="president", knows="juror recused silent")
        for one in ("open_opinions", "open_ballot", "close_ballot", "adjourn", "change_resumption", "resume")
    ),
    get("juror.hearing.exhibit_recording", may=READERS, knows="recused silent", answers=NOT_PLAYED),
    post("juror.hearing.attest", may=READERS, knows="recused silent"),
    get("juror.hearing.changes", may=READERS, knows="recused silent"),
    post("juror.hearing.record_finding", may="president", knows="juror recused silent"),
    post("juror.hearing.record_decision", may="president", knows="juror recused silent"),
    get("juror.hearing.closing_form", may="president", knows="juror recused silent", answers={"closed": 303, "reopened": 303, "erased": 303}),
    post("juror.hearing.close_minutes", may="president", knows="juror recused silent"),
    *_both("juror.hearing.presence", may="president certifier", knows="juror recused silent", shows="name")[:1],
    post("juror.hearing.check_presence", may="president certifier", knows="juror recused silent"),
    get("juror.hearing.signed_document_form", may="certifier", knows=JURY),
    post("juror.hearing.record_signed_document", may="certifier", knows=JURY),
    get("certifier.sessions.void_form", may="certifier", knows=JURY, answers={"closed": 303, "past": 303, "reopened": 303, "erased": 303}),
    post("certifier.sessions.void_hearing", may="certifier", knows=JURY),
    get("certifier.sessions.move_form", may="certifier", knows=JURY, answers={"closed": 303, "past": 303, "reopened": 303, "erased": 303}),
    post("certifier.sessions.move_hearing", may="certifier", knows=JURY),
    get("juror.hearing.download_signed_document", may="certifier", knows=JURY, shows="paper paperfile"),
    get("juror.hearing.minutes", may=f"{READERS} certifier", knows="recused silent", shows="reason", answers={"called": 303, "heard": 303}),
    get("juror.hearing.minutes_file", may=f"{READERS} certifier", knows="recused silent", shows="reason", answers={"called": 409, "heard": 409}),
    get("juror.hearing.signatures_file", may=f"{READERS} certifier", knows="recused silent", answers={"called": 409, "heard": 409}),
    post("juror.hearing.sign_minutes", may=f"{READERS} certifier", knows="recused silent"),
    post("juror.hearing.signature_options", may=f"{READERS} certifier", knows="recused silent"),
    get("juror.hearing.rectification_form", may="president certifier", knows="juror recused silent", answers={"called": 409, "heard": 409}),
    post("juror.hearing.rectify", may="president certifier", knows="juror recused silent"),
    get("account.downloads.minutes", may=f"{READERS} certifier", knows="recused silent", shows="name reason finding", answers={"called": 404, "heard": 404}),
)  # fmt: skip

RESULTS = (
    get("public.certificate.results", may="candidate advisor certifier"),
    # A holder shares what was given to them: `closed` is not notified.
    post("public.certificate.share", may="candidate", answers={"candidate closed": 404}),
    # The setting is off.
    post("public.wallet.offer", may="candidate", answers={"candidate": 404, "candidate closed": 404}),
    get("certifier.notifications.notification", may="candidate advisor certifier", shows="missing", answers={
        "draft": 404, "sealed": 404, "called": 404, "heard": 404, "closed": 404}),
    get("account.downloads.letter", may="candidate advisor certifier", shows="missing", answers={
        "draft": 404, "sealed": 404, "called": 404, "heard": 404, "closed": 404}),
    get("account.downloads.appeal_receipt", may="candidate certifier", answers=dict.fromkeys(["draft", "sealed", "called", "heard"], 404)),
    # Nobody answered: tests/holdings reads the answer.
    get("account.downloads.appeal_letter", may="candidate certifier", answers=dict.fromkeys(EVERYWHERE.split(), 404)),
    # No absence: tests/jury/test_suspension_pages.py reads the letter of one.
    get("account.downloads.absence_letter", may="candidate certifier", answers=dict.fromkeys(EVERYWHERE.split(), 404)),
    # Its holder reads it once the result is notified: `closed` is not.
    get("account.downloads.certificate", may="candidate certifier", shows="name number birthplace", answers={"candidate closed": 404}),
    *(
        get(f"account.downloads.{one}", may="candidate certifier", answers=NOT_SIGNED)
        for one in ("holder_proof", "certificate_bundle")
    ),
)  # fmt: skip

ANSWERED = {"token": "attestation_token"}
COPIED = {"token": "copy_token"}
# A person who holds the link sees what is asked, and what they wrote; nothing else of the dossier.
BEHIND_LINK = "name post body contact attester wanted unsigned"

ATTESTATION = (
    get("candidate.attestations.requests", may="candidate advisor", shows="attester"),
    get("candidate.attestations.request_form", may="candidate", only=OPEN, knows="candidate advisor"),
    post("candidate.attestations.send_request", may="candidate", only=OPEN, knows="candidate advisor"),
    get("candidate.attestations.request_page", may="candidate advisor", shows="attester wanted"),
    get("candidate.attestations.confirm_withdraw", may="candidate", knows="advisor", shows="attester"),
    *(post(f"candidate.attestations.{one}", may="candidate", knows="advisor") for one in ("remind", "withdraw")),
    get("candidate.attestations.requests_status", may="certifier", shows="attester"),
    get(
        "candidate.attestations.download_evidence_signature",
        may="candidate advisor",
        names={"evidence_id": "attested_id"},
    ),
    get(
        "candidate.attestations.download_sealed_signature",
        may=f"candidate advisor {READERS}",
        names={"label": "attested_label"},
    ),
    get(
        "candidate.attestations.download_exhibit_signature",
        may=READERS,
        knows="recused silent",
        names={"label": "attested_label"},
    ),
    get(
        "respondent.attestation.request_details",
        may=ANYONE,
        shows="name wanted attester",
        reveals=BEHIND_LINK,
        names=ANSWERED,
    ),
    *(
        get(f"respondent.attestation.{one}", may=ANYONE, shows=shows, reveals=BEHIND_LINK, names=ANSWERED)
        for one, shows in (
            ("statement_form", "unsigned"),
            ("review", "unsigned"),
            ("attachment_form", "name"),
            ("decline", "name"),
        )
    ),
    *(
        post(f"respondent.attestation.{one}", may=ANYONE, names=ANSWERED)
        for one in ("start_answer", "save_statement", "attach", "detach", "decline", "request_code", "sign")
    ),
    get("respondent.attestation.attestation_copy", may=ANYONE, shows="name", reveals="name body", names=COPIED),
    get(
        "respondent.attestation.download_copy",
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
    get("certifier.assessments.plan", may="certifier"),
    get("certifier.assessments.planned", may="certifier", names=PLANNED),
    *(post(f"certifier.assessments.{one}", may="certifier", names=PLANNED) for one in ("change_planned", "remove_planned")),
    *(post(f"certifier.assessments.{one}", may="certifier") for one in ("plan_from_entry", "add_planned", "set_plan")),
    get("certifier.assessments.cohort_list", may="certifier"),
    post("certifier.assessments.create_cohort", may="certifier"),
    get("certifier.assessments.cohort", may="certifier", names=COHORT),
    post("certifier.assessments.change_cohort", may="certifier", names=COHORT),
    get("certifier.assessments.cohort_results", may="certifier", names=COHORT),
    post("certifier.assessments.record_cohort_results", may="certifier", names=COHORT),
    post("certifier.assessments.read_cohort_results", may="certifier", names=COHORT),
    get("certifier.assessments.cohort_jury", may="certifier", names=COHORT),
    post("certifier.assessments.bring_cohort", may="certifier", names=COHORT),
    post("certifier.assessments.move_failed", may="certifier", names=COHORT),
    get("certifier.assessments.download_cohort_results", may="certifier", names=COHORT),
    *(get(f"certifier.assessments.{one}", may="certifier", names=PATH) for one in ("record", "new_result", "correction", "result_file")),
    *(
        post(f"certifier.assessments.{one}", may="certifier", names=PATH)
        for one in ("record_result", "correct_result", "seal_record", "assign_cohort")
    ),
    # A candidate by VAE and their advisor are led to the livret 2.
    get("candidate.results.path", may="candidate advisor", answers=ELSEWHERE),
    get("candidate.results.path_file", may="candidate advisor", names={"result_id": "path_result_id"},
        answers=dict.fromkeys(EVERYWHERE.split(), 404)),
    # These juries read a livret 2.
    get("juror.hearing.assessments", may=READERS, knows="recused silent", answers=dict.fromkeys(EVERYWHERE.split(), 404)),
    post("juror.hearing.record_defence", may="president certifier", knows="juror recused silent"),
)  # fmt: skip

TABLE = (
    *ASSESSMENT,
    *PUBLIC, *OWN, *BODY, *VERSION, *CANDIDACY, *DOSSIER, *EVIDENCE, *ATTESTATION, *REVIEW, *SUBMISSION, *POOL, *SESSION, *HEARING, *RESULTS,
)  # fmt: skip
