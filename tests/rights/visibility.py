"""Which canaries a person may see, wherever they stand: one line a kind of thing, from domain.md §1 and §8.

A kind that has no line here is seen by nobody but those who `everywhere` says.
"""

from tests.rights.leak_markers import KIND_OF, Canary

JURY = "president juror recused silent"
READERS = "president juror"

# What belongs to a candidate: kind → who sees it, by what they are to that candidate.
OF_A_CANDIDATE = {
    "identity": f"candidate advisor certifier {JURY}",
    "address": "candidate advisor certifier",
    "birth": "candidate certifier",
    "told": f"candidate advisor {READERS}",
    "later": "candidate advisor",
    "former": "candidate advisor",
    "review": "candidate advisor",
    "noted": "advisor",
    "attester": "candidate advisor certifier",
    "asked": "candidate advisor",
    "decided": f"candidate advisor certifier {READERS}",
    "recusal": "certifier recused",
    "jurornote": "juror",
    "opinion": "juror",
    "heardline": READERS,
    "paper": "certifier",
    "proof": "certifier",
    "obtained": "candidate advisor certifier",
    "rectified": f"certifier {READERS}",
    "letter": "candidate advisor certifier",
    "link": "certifier",
    "number": f"candidate advisor certifier {READERS}",
}
# What belongs to a body, or to its people: kind → who sees it, by what they are to that body.
OF_A_BODY = {
    "advisor": "candidate advisor certifier",
    "jurors": f"certifier {JURY}",
    "sitting": f"candidate advisor certifier {JURY}",
    "appointment": "certifier",
    "house": f"candidate advisor certifier {JURY}",
    "address": "certifier",
}
BODIES = {"north", "annex", "south"}
# Not before the minutes are closed, for those who did not deliberate, and for a member who gave no opinion yet.
AFTER_CLOSING = {"decided": {"candidate", "advisor", "juror"}}
UNDECIDED = {"draft", "sealed", "called", "listed", "heard", "beside"}


def kind_of(canary: Canary) -> str:
    """Return what sort of thing a canary stands in."""
    return "address" if canary.field.endswith("email") else KIND_OF[canary.field]


def may_see(canary: Canary, roles: dict[str, set[str]]) -> bool:
    """Say whether someone who is `roles[owner]` to each owner may see this."""
    own = roles.get(canary.owner, set())
    kind = kind_of(canary)
    allowed = set((OF_A_BODY if canary.owner in BODIES else OF_A_CANDIDATE).get(kind, "").split())
    if kind in AFTER_CLOSING and canary.owner in UNDECIDED:
        allowed -= AFTER_CLOSING[kind]
    return bool(own & allowed)
