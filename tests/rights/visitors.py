"""The people who try every door: who they are, what they are to each candidate and body, a browser each."""

from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer

from tests.rights.fixtures_world import SAT, STATES, World

# What the table calls a person → who it is in the world; `{state}` is the dossier that is tried.
PEOPLE = {
    "anonymous": None,
    "candidate": "candidate {state}",
    "candidate beside": "candidate beside",
    "candidate south": "candidate far",
    "advisor": "advisor north",
    "advisor beside": "advisor beside",
    "advisor south": "advisor south",
    "president": "president north",
    "juror": "employee north",
    "recused": "teacher north",
    "silent": "silent north",
    "juror beside": "president beside",
    "juror south": "president south",
    "certifier": "certifier north",
    "certifier south": "certifier south",
    "suspended": "suspended north",
}
# « erased » is a piece taken out of the dossier « reopened ».
OWNER = {"erased": "reopened"}
SEATS = {"president", "juror", "recused", "silent"}
# The dossiers that a jury reads, or read until lately.
READ_NOW = tuple(tag for tag in SAT if tag != "past")


def who_is(person: str, state: str) -> str | None:
    """Return the name in the world of a person of the table, before one dossier."""
    name = PEOPLE[person]
    return name.format(state=OWNER.get(state, state)) if name else None


def roles_of(person: str, state: str) -> dict[str, set[str]]:
    """Return what this person is to each candidate and to each body (canaries' owners): owner → roles."""
    role, _, place = person.partition(" ")
    as_ = "president" if role == "juror" and place else role
    if place == "south":
        return {owner: {as_} for owner in ("far", "south")}
    if place == "beside":
        return {owner: {as_} for owner in ("beside", "north" if as_ == "candidate" else "annex")}
    if role == "candidate":
        return {owner: {role} for owner in (OWNER.get(state, state), "north")}
    if role in SEATS:
        called = {"called": {"juror" if role == "juror" else "silent"}, "listed": {"silent"}}
        return {owner: {role} for owner in (*READ_NOW, "north")} | called
    return {"advisor": {owner: {role} for owner in (*STATES, "listed", "north")},
            "certifier": {owner: {role} for owner in (*STATES, "listed", "beside", "annex", "north")}}.get(role, {})  # fmt: skip


def browser(app: Flask, world: World, name: str | None) -> FlaskClient:
    """A browser that holds the session of this person, and a token for its forms."""
    client = FlaskClient(app, app.response_class)
    with client.session_transaction() as kept:
        kept["csrf_token"] = "fixed"
        if name:
            kept["_user_id"], kept["_fresh"] = world.tokens[name], True
    return client


def token(app: Flask) -> str:
    """Return what the forms of such a browser carry."""
    return str(URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token").dumps("fixed"))
