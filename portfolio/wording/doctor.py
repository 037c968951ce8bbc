"""French sentences of `flask doctor`: one sentence for each check, with what to do when something is wrong."""

from portfolio.domain.integrity_checks.rules import Finding, State
from portfolio.french_text import NBSP, size

_NAMES = {
    "database": "Base de données",
    "clock": "Horloge",
    "worker": "Ouvrier",
    "checks": "Vérifications de la nuit",
    "files": "Stockage des fichiers",
    "antivirus": "Antivirus",
    "walls": "Ouverture des fichiers",
    "reading": "Lecture des photos",
    "readers": "Lecteurs des livrets",
    "voice": "Voix mise par écrit",
    "room": "Place sur le disque",
    "permissions": "Droits des fichiers",
    "secrets": "Secrets chiffrés",
    "heads": "Têtes du registre",
    "witness": "Horodatage du registre",
    "address": "Adresse",
    "credentials": "Certificats numériques",
    "seal": "Cachet électronique",
    "mail": "Courrier",
    "webhooks": "Webhooks",
    "france_vae": "France VAE",
    "openid": "Connexion par un fournisseur",
    "contact": "Contact",
    "backup": "Sauvegarde",
}
_MARKS = {State.OK: "bien", State.WARNING: "à savoir", State.WRONG: "À CORRIGER", State.UNKNOWN: "non vérifié"}
_SAYS = {
    ("database", "away"): "la base ne répond pas ({detail}). Vérifiez DATABASE_URL et que le serveur tourne.",
    ("database", "rights"): (
        "le rôle de DATABASE_URL n’a pas ses droits sur les tables. Lancez flask migrate avec "
        "DATABASE_OWNER_URL : la migration les lui donne."
    ),
    ("database", "revision"): "la base n’est pas à la version du programme ({detail}). Lancez flask migrate.",
    ("database", "owner"): (
        "le rôle de DATABASE_OWNER_URL n’entre pas ({detail}). Ni mise à jour ni sauvegarde ne se feront : vérifiez "
        "son mot de passe et ses droits."
    ),
    ("clock", "past"): "l’horloge de la machine dit {detail}. Réglez-la par NTP : les délais légaux en dépendent.",
    ("clock", "drift"): "l’horloge diffère de {detail} s de celle de PostgreSQL. Réglez les deux machines par NTP.",
    (
        "worker",
        "never",
    ): "aucun ouvrier n’a jamais travaillé. Lancez flask work : sans lui, ni courrier ni images de pages.",
    ("worker", "stopped"): "l’ouvrier est arrêté depuis le {detail} UTC. Relancez flask work.",
    (
        "checks",
        "failed",
    ): "la dernière vérification a trouvé une différence. Lancez flask check-all et lisez ce qu’elle nomme.",
    ("checks", "late"): (
        "aucune vérification depuis deux jours. Lancez flask check-all, et gardez un ouvrier en marche la nuit."
    ),
    ("files", "away"): "le stockage ne répond pas ({detail}). Vérifiez FILES_URL, S3_ENDPOINT, les clés et les droits.",
    (
        "files",
        "changed",
    ): "le stockage ne rend pas ce qui lui est confié. N’acceptez plus d’envoi, et vérifiez le disque.",
    ("antivirus", "away"): (
        "clamd ne répond pas. Vérifiez CLAMD et que clamd tourne : les fichiers reçus attendent, et ceux "
        "d’avant ne sont plus donnés."
    ),
    ("antivirus", "none"): "les fichiers reçus ne sont pas analysés. Donnez CLAMD, la prise de clamd.",
    ("antivirus", "waiting"): (
        "des fichiers attendent leur analyse depuis plus d’une heure ({detail}). Vérifiez que l’ouvrier travaille."
    ),
    ("walls", "missing"): (
        "cette machine n’isole pas les programmes qui ouvrent les fichiers reçus : documents, sons et vidéos "
        "ne sont pas lisibles. Mettez le noyau à jour, ou acceptez le risque : UNCONFINED_CONVERSION=1."
    ),
    ("walls", "accepted"): (
        "les fichiers reçus sont ouverts sans isolement (UNCONFINED_CONVERSION). Un fichier piégé pourrait "
        "lire ou changer les données."
    ),
    ("reading", "missing"): (
        "les mots des photos et des pages numérisées ne sont pas lus. Pour les trouver par la recherche, installez "
        "tesseract-ocr et tesseract-ocr-fra."
    ),
    ("readers", "missing"): (
        "les livrets sont ouverts par PDFium et qpdf avant d’être donnés, mais pas par Poppler, que beaucoup de "
        "lecteurs utilisent. Installez poppler-utils."
    ),
    ("voice", "missing"): (
        "le modèle de {detail} ne peut pas servir. Vérifiez WHISPER_MODEL (model.bin), et lancez pip install "
        "--require-hashes -r requirements-voice.lock."
    ),
    ("room", "low"): "il ne reste que {detail}. Libérez de la place : les envois vont être refusés.",
    ("permissions", "open"): "d’autres comptes de la machine peuvent lire {detail}. Lancez chmod go= sur ces fichiers.",
    ("permissions", "foreign"): (
        "un autre compte que celui du dossier DATA possède {detail}. Lancez chown -R avec le compte d’Acquis, et les "
        "commandes sous ce compte, jamais sous root."
    ),
    ("secrets", "changed"): (
        "SECRET_KEY n’est plus la clé qui les a chiffrés ({detail}) : doubles authentifications, webhooks, France VAE "
        "et numéros pour la Caisse des Dépôts ne s’ouvrent plus. Remettez l’ancienne, ou DATA/secret.key d’une "
        "sauvegarde."
    ),
    ("heads", "closed"): (
        "rien ne peut être écrit dans leur dossier ({detail}). Vérifiez LEDGER_HEADS, ses droits et ReadWritePaths."
    ),
    (
        "heads",
        "same_place",
    ): "les têtes sont sur le même disque que la base. Donnez LEDGER_HEADS, sur une autre machine.",
    ("witness", "none"): (
        "aucune autorité ne date le registre : sa date ne repose que sur cette machine. Donnez TSA_URL et TSA_CA_FILE."
    ),
    ("witness", "refused"): (
        "l’autorité d’horodatage ne répond pas comme il faut ({detail}). Vérifiez TSA_URL et TSA_CA_FILE, ses "
        "certificats racines."
    ),
    (
        "credentials",
        "lost",
    ): "leur clé a disparu (DATA/credential.key). Remettez-la depuis une sauvegarde, ou donnez-leur une nouvelle "
    "clé par « flask rotate-credential-key ».",
    (
        "credentials",
        "no_site",
    ): "l’adresse n’est pas publique en HTTPS : ils nomment leur clé seule, sans dire à qui elle est.",
    (
        "address",
        "loopback",
    ): "Acquis répond seulement sur cette machine ({detail}). Donnez ADDRESS pour l’ouvrir à d’autres.",
    (
        "address",
        "clear",
    ): "{detail} n’est pas en https : les mots de passe passeraient en clair. Placez nginx devant, avec TLS.",
    (
        "address",
        "proxies",
    ): "PROXIES vaut 0 derrière {detail} : toutes les personnes ont la même adresse. Donnez PROXIES=1.",
    ("address", "demo"): "DEMO=1 sur {detail} : les mots de passe de la démonstration sont publics. Retirez DEMO.",
    ("seal", "none"): (
        "les certificats en PDF ne sont pas cachetés. Donnez SEAL_FILE, le certificat de cachet de l’organisme "
        "(PKCS#12)."
    ),
    ("seal", "unusable"): (
        "le certificat de cachet ne peut pas servir ({detail}). Vérifiez SEAL_FILE, SEAL_PASSWORD_FILE et leurs "
        "droits ; son usage doit comprendre la non-répudiation."
    ),
    ("seal", "ended"): (
        "le certificat de cachet a pris fin le {detail} : plus rien n’est cacheté. Donnez le nouveau par SEAL_FILE, "
        "puis lancez flask reseal-certificates."
    ),
    ("seal", "ends"): (
        "le certificat de cachet prend fin le {detail}. Demandez le suivant ; donnez-le par SEAL_FILE, puis lancez "
        "flask reseal-certificates."
    ),
    ("seal", "no_time"): (
        "les cachets n’ont pas de date extérieure (PAdES B-B). Donnez TSA_URL, une autorité d’horodatage, pour le "
        "niveau B-T. Le certificat de cachet prend fin le {detail}."
    ),
    ("mail", "none"): "aucun serveur de courrier. Rien ne part : donnez SMTP_HOST.",
    (
        "mail",
        "refused",
    ): "le serveur de courrier refuse ({detail}). Vérifiez SMTP_HOST, SMTP_PORT, SMTP_USER et SMTP_PASSWORD.",
    ("mail", "authority"): "le certificat {detail} ne peut pas être lu. Vérifiez SMTP_CA_FILE et ses droits.",
    ("mail", "sender"): "l’expéditeur est {detail}. Donnez MAIL_FROM, une adresse de votre domaine.",
    ("webhooks", "failing"): (
        "des adresses de logiciels ne répondent pas ({detail}). Les événements attendent, et partiront dans l’ordre."
    ),
    ("webhooks", "stopped"): (
        "des webhooks sont arrêtés ({detail}) : leur adresse n’a rien pris pendant cinq jours. L’organisme les remet "
        "en service sur la page « Webhooks »."
    ),
    ("france_vae", "key"): (
        "la clé d’un organisme y est refusée. L’organisme en donne une autre sur la page « France VAE »."
    ),
    ("france_vae", "away"): (
        "l’API ne répond pas. Vérifiez FRANCE_VAE_URL, et que cette machine peut la joindre. La lecture reprendra "
        "seule."
    ),
    ("openid", "clear"): "{detail} : l’adresse du fournisseur et celle d’Acquis (ADDRESS) doivent être en https.",
    ("openid", "away"): (
        "le fournisseur ne répond pas ({detail}). Vérifiez OPENID_…_ISSUER, et que cette machine peut le joindre."
    ),
    (
        "openid",
        "settings",
    ): "le fournisseur se nomme autrement que dans les réglages, ou n’est pas en https ({detail}). Recopiez "
    "son « issuer » dans OPENID_…_ISSUER, au caractère près.",
    ("openid", "no_logout"): "{detail} n’a pas de page de déconnexion : se déconnecter d’Acquis n’y ferme rien.",
    ("contact", "none"): "personne n’est nommé pour aider. Donnez CONTACT, l’adresse de qui gère cette installation.",
    ("backup", "none"): "aucune sauvegarde prévue. Donnez BACKUP_FOLDER, ou planifiez flask backup.",
    (
        "backup",
        "late",
    ): "la dernière sauvegarde date du {detail}. Lancez flask backup et regardez les journaux de l’ouvrier.",
    ("backup", "never"): "aucune sauvegarde n’a été faite. Lancez flask backup et regardez les journaux de l’ouvrier.",
    ("backup", "closed"): (
        "rien ne peut être écrit dans le dossier des sauvegardes ({detail}). Vérifiez BACKUP_FOLDER, ses droits et "
        "ReadWritePaths."
    ),
    ("backup", "recipient"): "BACKUP_RECIPIENT n’est pas une clé publique age (age1…) : rien n’est sauvegardé.",
    ("backup", "old_program"): (
        "pg_dump est plus ancien que le serveur ({detail}). Installez les outils de PostgreSQL de la même version, ou "
        "donnez POSTGRESQL_BIN."
    ),
    (
        "backup",
        "unreadable",
    ): "le dossier des sauvegardes ne peut pas être lu ({detail}). Vérifiez BACKUP_FOLDER et ses droits.",
    ("backup", "no_program"): "pg_dump est introuvable. Installez les outils de PostgreSQL, ou donnez POSTGRESQL_BIN.",
}

_OF_ANY_CHECK = {
    "database": "la base n’a pas répondu. Réparez-la d’abord, puis relancez flask doctor.",
    "failed": "cette vérification s’est arrêtée ({detail}). Les journaux disent pourquoi.",
}


def finding_message(finding: Finding) -> str:
    """Say how one check ended, and what to do when it did not end well."""
    head = f"{_NAMES[finding.check]}{NBSP}: {_MARKS[finding.state]}"
    if finding.state is State.OK:
        return f"{head}."
    if finding.reason in _OF_ANY_CHECK:
        return f"{head}, {_OF_ANY_CHECK[finding.reason].format(detail=finding.detail)}"
    detail = size(int(finding.detail)) if finding.check == "room" else finding.detail
    says = _SAYS[finding.check, finding.reason].format(detail=detail)
    return f"{head}, {says}"
