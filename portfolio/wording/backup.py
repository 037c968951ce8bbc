"""French sentences of the commands of backup and restore."""

from collections.abc import Iterator, Sequence

from portfolio.backup.consistency import Comparison
from portfolio.backup.create import BackupReport
from portfolio.backup.errors import BackupError, BackupFailure
from portfolio.backup.migration import BusyDatabaseError, ForeignTablesError, UnknownRevisionError, UnknownRoleError
from portfolio.backup.repository import Backup
from portfolio.backup.restore import RestoreReport
from portfolio.backup.scheduled import Removed
from portfolio.french_text import count, size

_NB = "\u00a0"
SHOWN = 5
_FAILURES = {
    BackupFailure.BUSY: (
        "Une autre sauvegarde est en cours dans « {detail} ». Attendez qu’elle finisse, puis recommencez."
    ),
    BackupFailure.FOLDER: (
        "Le dossier « {detail} » ne peut pas être utilisé. Vérifiez qu’il existe et que le compte d’Acquis "
        "peut y écrire."
    ),
    BackupFailure.RECIPIENT: (
        "La clé donnée pour chiffrer n’est pas une clé publique age. Donnez la ligne « age1… » écrite par age-keygen."
    ),
    BackupFailure.IDENTITY: (
        "La clé privée donnée n’ouvre pas « {detail} ». "
        "Donnez le fichier écrit par age-keygen avec la clé publique de cette sauvegarde."
    ),
    BackupFailure.NO_IDENTITY: ("Cette sauvegarde est chiffrée. Donnez le fichier de la clé privée avec --identity."),
    BackupFailure.NO_PROGRAM: (
        "Le programme « {detail} » est introuvable. Installez les outils de PostgreSQL de la même version "
        "que le serveur, ou donnez leur dossier par POSTGRESQL_BIN."
    ),
    BackupFailure.PROGRAM_FAILED: "PostgreSQL a refusé. Corrigez ce qu’il dit, puis recommencez. {detail}",
    BackupFailure.NO_BACKUP: ("Il n’y a pas de sauvegarde finie dans « {detail} ». Vérifiez le dossier et le nom."),
    BackupFailure.UNREADABLE: (
        "La sauvegarde « {detail} » ne peut pas être lue. Choisissez-en une autre avec --backup."
    ),
    BackupFailure.DAMAGED: (
        "« {detail} » est abîmé ou absent dans cette sauvegarde. La base n’a pas été restaurée. "
        "Choisissez une autre sauvegarde avec --backup."
    ),
    BackupFailure.DAMAGED_DATABASE: (
        "La base est abîmée : aucune sauvegarde n’en est faite, et celles d’avant sont gardées. Vérifiez "
        "le disque, puis restaurez la dernière sauvegarde saine. La base dit : {detail}"
    ),
    BackupFailure.UNSIGNED: (
        "La sauvegarde « {detail} » n’est pas signée : rien ne prouve qui l’a faite. Si elle date d’avant "
        "les sauvegardes signées et que son dossier est sûr, recommencez avec --unsigned."
    ),
    BackupFailure.NOT_OURS: (
        "La sauvegarde « {detail} » n’est pas signée par cette clé, ou elle a été modifiée. Rien n’a été "
        "restauré. Choisissez une autre sauvegarde avec --backup, ou donnez la bonne clé avec --signed-by."
    ),
    BackupFailure.NO_PUBLIC_KEY: (
        "Donnez avec --signed-by la clé publique des sauvegardes, que « flask backup » écrit à chaque fois. "
        "Sans elle, --unsigned restaure une sauvegarde sans vérifier qui l’a faite."
    ),
    BackupFailure.BAD_PUBLIC_KEY: (
        "La clé donnée avec --signed-by n’est pas une clé publique de sauvegardes. Copiez la ligne "
        "que « flask backup » a écrite."
    ),
    BackupFailure.OTHER_ENGINE: ("Cette sauvegarde vient d’une base {detail}. Donnez une DATABASE_URL du même type."),
    BackupFailure.NOT_EMPTY: (
        "Cette installation n’est pas vide : rien n’a été remplacé. Restaurez dans un nouveau dossier DATA "
        "et une base vide."
    ),
}


def failure_message(error: BackupError) -> str:
    """Say why a backup or a restore stopped, and what to do."""
    return _FAILURES[error.failure].format(detail=error.detail)


MigrationError = BackupError | BusyDatabaseError | ForeignTablesError | UnknownRevisionError | UnknownRoleError
MIGRATION_ERRORS = (BackupError, BusyDatabaseError, ForeignTablesError, UnknownRevisionError, UnknownRoleError)
_NAMED_TABLES = 3


def migration_refused(error: MigrationError) -> str:
    """Say that the database was not migrated: no copy of it could be made first, it stayed in use, it is another
    program's, or its revision or the role of the application is not known.
    """
    if isinstance(error, ForeignTablesError):
        names = ", ".join(error.tables[:_NAMED_TABLES]) + (", …" if len(error.tables) > _NAMED_TABLES else "")
        return (
            f"La base que donne DATABASE_URL est celle d’un autre programme (tables {names}). Donnez une base vide, "
            f"ou retirez ce réglage{_NB}: «{_NB}unset DATABASE_URL{_NB}». Rien n’a été changé."
        )
    if isinstance(error, UnknownRoleError):
        return (
            f"Le rôle PostgreSQL «{_NB}{error}{_NB}» de DATABASE_URL n’existe pas. Créez-le (CREATE ROLE … LOGIN), "
            "puis recommencez."
        )
    if isinstance(error, BackupError):
        return f"La base n’est pas migrée{_NB}: elle n’a pas pu être copiée avant. {failure_message(error)}"
    if isinstance(error, BusyDatabaseError):
        return (
            f"La base n’est pas migrée jusqu’au bout{_NB}: une table reste occupée, par une sauvegarde ou une longue "
            "lecture. Les étapes faites le restent, et les anciens processus travaillent. Attendez sa fin, puis "
            "recommencez."
        )
    if error.is_older:
        return (
            f"La base n’est pas migrée{_NB}: elle est à la révision {error.revision}, que cette version ne "
            "sait plus faire avancer. Installez d’abord la dernière version qui contient "
            "migrations/versions/0001_account.py, lancez « flask --app wsgi migrate », puis revenez à "
            "celle-ci. Rien n’a été changé."
        )
    return (
        f"La base n’est pas migrée{_NB}: une version plus récente du programme l’a faite (révision "
        f"{error.revision}). Installez cette version, ou restaurez une sauvegarde d’avant. Rien n’a été "
        "changé."
    )


def stopped_message(reason: str) -> str:
    """Say that the disk or a folder stopped a backup."""
    return (
        f"La sauvegarde s’est arrêtée{_NB}: {reason}. Les sauvegardes d’avant sont entières. "
        "Libérez de la place ou corrigez les droits, puis recommencez."
    )


def backup_messages(report: BackupReport, folder: str) -> Iterator[str]:
    """Say what a backup holds, then what it could not hold."""
    yield f"Sauvegarde {report.name} faite dans {folder} en {seconds(report.seconds)}."
    state = "intact" if report.ledger_intact else "ALTÉRÉ"
    yield f"Registre{_NB}: {count(report.entries, 'acte')}, {state}."
    yield (
        f"Fichiers{_NB}: {count(report.files, 'fichier')}, {size(report.size)}, "
        f"dont {count(report.added, 'nouveau', 'nouveaux')} ({size(report.added_size)})."
    )
    yield (
        "La sauvegarde est chiffrée."
        if report.encrypted
        else "La sauvegarde n’est pas chiffrée. Elle contient des clés privées."
    )
    yield f"Clé publique des sauvegardes{_NB}: {report.public_key}"
    yield f"La sauvegarde est signée. Gardez cette clé hors de ce serveur{_NB}: la restauration la demande."
    if report.keys_outside:
        yield (
            f"Clés données par l’environnement, absentes de la sauvegarde{_NB}: "
            f"{names(report.keys_outside)}. Gardez-les."
        )
    if not report.ledger_intact:
        yield (
            "Le registre ne correspond plus à ses empreintes. Lancez flask check-ledger. Gardez les "
            "sauvegardes d’avant."
        )
    for keys, says in (
        (report.missing, "absents du stockage"),
        (report.changed, "différents de ce que la base en dit"),
        (report.misread, "mal relus après la copie"),
    ):
        if keys:
            yield f"{count(len(keys), 'fichier')} {says}{_NB}: {names(keys)}. Lancez flask check-files."


def removed_message(removed: Removed) -> str:
    """Say how many old backups were removed."""
    return f"Anciennes sauvegardes supprimées{_NB}: {removed.backups} ({count(removed.files, 'fichier')})."


def restore_messages(report: RestoreReport, name: str) -> Iterator[str]:
    """Say what was put back, from when, in how long, and what the checks found."""
    yield (
        f"Sauvegarde {name} restaurée en {seconds(report.seconds)}. Elle date du {report.made_at:%d/%m/%Y à %H:%M} UTC."
    )
    if not report.authenticated:
        yield (
            "Elle n’a pas été authentifiée (--unsigned). Qui peut écrire dans son dossier a pu la modifier : "
            "comparez les têtes du registre avec celles gardées ailleurs (flask check-ledger --head)."
        )
    yield f"Fichiers{_NB}: {count(report.files, 'fichier')}, {size(report.size)}."
    if report.damaged:
        yield f"Fichiers abîmés dans la sauvegarde, donc absents{_NB}: {names(report.damaged)}."
    yield f"Registre{_NB}: {'intact' if report.ledger_intact else 'ALTÉRÉ (flask check-ledger)'}."
    yield (
        f"Attributions{_NB}: {'identiques' if report.grants_agree else 'DIFFÉRENTES (flask recompute-grants --check)'}."
    )
    yield f"Fichiers relus{_NB}: {'identiques' if report.files_agree else 'DIFFÉRENTS (flask check-files)'}."
    if report.lost_entries:
        yield (
            f"Les têtes gardées ailleurs prouvent {count(report.lost_entries, 'acte')} de plus que la "
            f"sauvegarde{_NB}: ces actes sont à refaire. Les anciennes têtes sont dans "
            "heads.log.before-restore."
        )


def list_messages(backups: list[Backup]) -> Iterator[str]:
    """Say which backups a folder holds, oldest first."""
    for backup in backups:
        report = backup.manifest["report"]
        state = "complète" if not (report["missing"] or report["changed"] or report["misread"]) else "INCOMPLÈTE"
        files = f"{count(report['files'], 'fichier')}, {size(report['size'])}"
        yield f"{backup.name}  {backup.manifest['engine']}  {files}  {state}"
    if not backups:
        yield "Il n’y a pas de sauvegarde finie dans ce dossier."


def names(keys: Sequence[str]) -> str:
    """Write the first keys of a list, and how many follow."""
    more = f" et {len(keys) - SHOWN} de plus" if len(keys) > SHOWN else ""
    return ", ".join(keys[:SHOWN]) + more


def seconds(duration: float) -> str:
    """Write a duration in seconds."""
    return f"{duration:.1f}".replace(".", ",") + f"{_NB}s"


def stop_message(seconds: float) -> str:
    """Say how long nobody could write while a SQLite database was brought up to date."""
    said = "moins d’une seconde" if seconds < 1 else f"{seconds:.0f}{_NB}s"
    return f"Arrêt{_NB}: {said}, pendant lesquelles personne n’a pu écrire (copie, tables, comptage)."


MANIFEST_NOT_OURS = "Ce manifeste n’est pas signé par cette installation, ou a été changé."


def manifest_message(file: str, public: str) -> str:
    """Say where the manifest is, and with what it is checked."""
    return f"Manifeste écrit{_NB}: {file}. Clé publique à garder ailleurs{_NB}: {public}"


def comparison_messages(found: Comparison) -> list[str]:
    """Say whether a restored installation holds all that a manifest names."""
    lines = [
        f"Registre{_NB}: "
        + (
            "il contient tout ce que le manifeste nomme."
            if found.ledger_agrees
            else "des actes du manifeste manquent ou ont changé."
        )
    ]
    if found.entries > 0:
        lines.append(f"Actes d’après le manifeste{_NB}: {found.entries}.")
    elif found.entries < 0:
        lines.append(f"Actes perdus{_NB}: {-found.entries}.")
    lines.append(
        f"Fichiers{_NB}: "
        + (
            "tous ceux que la base nomme sont là, inchangés."
            if found.files_agree
            else "il en manque, ou certains ont changé. Lancez flask check-files."
        )
    )
    if found.same_files is False:
        lines.append("La liste des fichiers n’est pas celle du manifeste.")
    return lines
