"""Sentences on a setting, a port or a folder with which the product cannot start, and what to do."""

from __future__ import annotations

import errno
import os
import pwd
from pathlib import Path

from config import SettingError, SettingFault

_OTHER_FOLDER = "make run DATA=~/acquis"
_REASONS = {
    errno.ENOENT: "ce dossier n’existe pas",
    errno.EISDIR: "c’est un dossier, pas un fichier",
    errno.EEXIST: "c’est un fichier, pas un dossier",
    errno.ENOTDIR: "une partie de ce chemin est un fichier, pas un dossier",
    errno.EACCES: "ce compte n’en a pas le droit",
    errno.EPERM: "ce compte n’en a pas le droit",
    errno.EROFS: "ce disque est en lecture seule",
    errno.ENOSPC: "ce disque est plein",
    errno.ENAMETOOLONG: "ce nom est trop long",
}


def setting_message(error: SettingError) -> str:
    """Return the French sentence of a setting that cannot be used."""
    name, facts = error.name, error.facts
    match error.code:
        case SettingFault.NO_NUMBER:
            return f"{name} : « {facts['value']} » n’est pas un nombre entier. Corrigez ce réglage."
        case SettingFault.OUT_OF_RANGE:
            most = f" et {facts['most']} au plus" if facts["most"] is not None else ""
            return f"{name} : « {facts['value']} » ne va pas. Donnez {facts['least']} au moins{most}."
        case SettingFault.NO_CHOICE:
            return f"{name} : « {facts['value']} » ne va pas. Choisissez {' ou '.join(facts['choices'])}."
        case SettingFault.NO_NAME:
            return (
                f"{name} : « {facts['value']} » ne va pas. Un nom a 30 lettres, chiffres ou "
                "traits d’union au plus."
            )
        case SettingFault.MISSING:
            return f"Il manque {name}. Donnez ce qui manque, ou retirez ce fournisseur de OPENID_PROVIDERS."
        case SettingFault.NO_FOLDER:
            return (
                f"Le dossier des données « {facts['path']} » ne peut pas être créé : "
                f"{_reason(facts['error'])}. Choisissez-en un autre : {_OTHER_FOLDER}."
            )
        case _:
            ours, owner = _account(os.geteuid()), _account(facts["path"].stat().st_uid)
            return (
                f"Le compte « {ours} » ne peut pas écrire dans « {facts['path']} », qui est à « {owner} ». "
                f"Lancez Acquis avec ce compte, ou choisissez un autre dossier : {_OTHER_FOLDER}."
            )


def port_message(host: str, port: int, error: OSError) -> str:
    """Return the French sentence of a port on which the server cannot listen."""
    match error.errno:
        case errno.EADDRINUSE:
            other = port + 1 if port < 65_535 else port - 1
            return f"Le port {port} est déjà pris. Choisissez-en un autre : make run PORT={other}."
        case errno.EACCES | errno.EPERM:
            return (
                f"Le port {port} est réservé à l’administrateur de la machine. Choisissez un port à "
                "partir de 1024 : make run PORT=8000."
            )
        case _:
            return (
                f"Acquis ne peut pas écouter sur l’adresse « {host} » : elle n’est pas celle de cette "
                "machine. Corrigez HOST, ou retirez ce réglage."
            )


def log_file_message(path: Path, error: OSError) -> str:
    """Return the French sentence of a log that cannot be written."""
    return f"Le journal « {path} » ne peut pas être écrit : {_reason(error)}. Corrigez LOG_FILE."


def _reason(error: BaseException) -> str:
    number = error.errno if isinstance(error, OSError) else None
    return _REASONS.get(number or 0, "le système l’a refusé")


def _account(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)
