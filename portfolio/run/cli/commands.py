"""Commands: they read their arguments, call services, and say in French what happened."""

from flask import Flask

from portfolio.run.cli.backups import backup_command, check_consistency, consistency_manifest, restore_command
from portfolio.run.cli.editions import export_livret, import_livret, list_submissions
from portfolio.run.cli.entries import import_certification, watch_register
from portfolio.run.cli.files import check_files_command, doctor, inspect_file_command, sweep_files_command
from portfolio.run.cli.grants import audit_decisions, explain_grants, recompute_grants
from portfolio.run.cli.ledger import check_all, check_ledger
from portfolio.run.cli.letters import outbox, send_digests, send_mail
from portfolio.run.cli.lists import recompute_lists
from portfolio.run.cli.people import create_certifier_command, reinstate_person, remove_second_factor, suspend_person
from portfolio.run.cli.retention import retention
from portfolio.run.cli.running import migrate, serve, work


def init_app(app: Flask) -> None:
    """Give the application its commands."""
    for command in (
        migrate,
        serve,
        work,
        create_certifier_command,
        suspend_person,
        reinstate_person,
        remove_second_factor,
        recompute_lists,
        outbox,
        import_certification,
        watch_register,
        explain_grants,
        check_ledger,
        check_all,
        recompute_grants,
        audit_decisions,
        send_digests,
        send_mail,
        check_files_command,
        sweep_files_command,
        inspect_file_command,
        backup_command,
        restore_command,
        consistency_manifest,
        check_consistency,
        retention,
        doctor,
        list_submissions,
        export_livret,
        import_livret,
    ):
        app.cli.add_command(command)
