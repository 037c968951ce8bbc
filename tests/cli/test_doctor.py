"""`flask doctor` names what is wrong with an installation, and says what to do."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from config import Config, Smtp, SmtpSecurity
from portfolio import create_app
from portfolio.domain.integrity_checks.rules import State
from portfolio.files.conversion.machine import Walls
from portfolio.run.doctor import examine
from portfolio.run.supervisor import tell_of_walls
from portfolio.tasks.heartbeat import record_heartbeat
from portfolio.web.clock import now
from portfolio.wording.doctor import finding_message

TOP = Path(__file__).parents[2]


def findings(app) -> dict:
    return {finding.check: finding for finding in examine(app, now())}


def test_a_sound_installation_on_one_machine_has_nothing_to_correct_but_its_worker(app):
    found = findings(app)
    assert {name for name, finding in found.items() if finding.state is State.WRONG} == {"worker"}
    assert all(finding_message(finding) for finding in found.values())


def test_a_worker_that_beats_is_well(app, store):
    with store.transaction() as session:
        record_heartbeat(session, at=now())
    assert findings(app)["worker"].state is State.OK


@pytest.mark.parametrize(
    ("changes", "check", "reason"),
    [
        ({"address": "http://acquis.exemple.fr"}, "address", "clear"),
        ({"address": "https://acquis.exemple.fr"}, "address", "proxies"),
        ({"address": "https://acquis.exemple.fr", "proxies": 1, "demo": True}, "address", "demo"),
        ({"smtp": Smtp("127.0.0.1", port=1, security=SmtpSecurity.NONE)}, "mail", "refused"),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_do(config, changes, check, reason):
    app = create_app(config.with_changes(**changes))
    finding = findings(app)[check]
    assert (finding.state, finding.reason) == (State.WRONG, reason)
    assert "À CORRIGER" in finding_message(finding)
    app.extensions["database"].engine.dispose()


def test_keys_that_others_may_read_are_named(app, config):
    (config.data / "ledger.key").chmod(0o644)
    assert findings(app)["permissions"].state is State.OK, "a closed folder closes them"
    config.data.chmod(0o755)
    finding = findings(app)["permissions"]
    assert finding.state is State.WRONG
    assert "ledger.key" in finding.detail


def test_a_folder_without_a_recent_backup_is_named_until_one_is_made(config, tmp_path):
    app = create_app(config.with_changes(backup_folder=tmp_path / "backups"))
    assert findings(app)["backup"].reason == "never"
    made = app.test_cli_runner().invoke(args=["backup", str(tmp_path / "backups")])
    assert made.exit_code == 0, made.output
    assert findings(app)["backup"].state is State.OK
    old = {finding.check: finding for finding in examine(app, now() + timedelta(days=2))}
    assert old["backup"].reason == "late"
    app.extensions["database"].engine.dispose()


def test_the_nightly_backup_is_made_and_the_old_ones_are_removed(config, tmp_path):
    from portfolio.backup.repository import Repository
    from portfolio.run.worker import periodic_tasks

    app = create_app(config.with_changes(backup_folder=tmp_path / "backups", backup_days=30))
    [task] = [task for task in periodic_tasks(app) if task.name == "back_up"]
    task.run()
    assert len(Repository(tmp_path / "backups").backups()) == 1
    app.extensions["database"].engine.dispose()


@pytest.mark.parametrize(
    ("accepted", "state", "says"),
    [(False, State.WRONG, "ne sont pas lisibles"), (True, State.WARNING, "sans isolement")],
)
def test_a_machine_without_walls_is_named(config, monkeypatch, accepted, state, says):
    monkeypatch.setattr("portfolio.run.doctor.walls_of_machine", Walls)
    app = create_app(config.with_changes(unconfined_conversion=accepted))
    finding = findings(app)["walls"]
    assert finding.state is state
    assert says in finding_message(finding)
    app.extensions["database"].engine.dispose()


def test_the_start_says_once_that_walls_are_missing(config, monkeypatch, capsys):
    monkeypatch.setattr("portfolio.files.conversion.machine.walls_of_machine", Walls)
    tell_of_walls(config)
    assert "pas encore lisibles ici" in capsys.readouterr().err
    tell_of_walls(config.with_changes(unconfined_conversion=True))
    assert "ouverts quand même" in capsys.readouterr().err
    monkeypatch.setattr("portfolio.files.conversion.machine.walls_of_machine", lambda: Walls(True, True, True))
    tell_of_walls(config)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("settings", "accepted"),
    [
        ({}, False),
        ({"DEMO": "1"}, True),
        ({"DEMO": "1", "UNCONFINED_CONVERSION": "0"}, False),
        ({"DEMO": "1", "ADDRESS": "https://acquis.exemple.fr"}, False),
        ({"UNCONFINED_CONVERSION": "1"}, True),
    ],
)
def test_only_a_demonstration_on_this_machine_accepts_the_risk_by_default(settings, accepted, tmp_path):
    assert Config.from_env({"DATA": str(tmp_path), **settings}).unconfined_conversion is accepted


SECRETS = """
import os
from portfolio.run.supervisor import hide_secrets
hide_secrets()
print(open("/proc/self/environ").read().replace(chr(0), " "), os.environ["SECRET_KEY"], os.environ["PORT"])
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="Linux shows the environment")
def test_the_kernel_shows_no_secret_of_a_server_which_keeps_them(tmp_path):
    kept = {"SMTP_PASSWORD": "canary-1", "OPENID_X_CLIENT_SECRET": "canary-2", "DATABASE_URL": "canary-3"}
    env = {**os.environ, **kept, "SECRET_KEY": "canary-4", "PORT": "8123"}
    ran = subprocess.run([sys.executable, "-c", SECRETS], cwd=TOP, env=env, capture_output=True, text=True, check=True)
    assert "PORT=8123" in ran.stdout
    assert ran.stdout.count("canary") == 1
    assert ran.stdout.endswith("canary-4 8123\n")
