"""`flask doctor` names what is wrong with an installation, and says what to do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from config import Smtp, SmtpSecurity
from portfolio import create_app
from portfolio.run.doctor import State, examine
from portfolio.tasks.heartbeat import record_heartbeat
from portfolio.web.clock import now
from portfolio.wording.doctor import finding_message


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
    assert findings(app)["backup"].reason == "late"
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
