"""A text is a table when its lines are cut alike from its header on; prose, code and logs are texts."""

import pytest

from portfolio.files.file_types.formats.delimited import is_table

PROSE = (
    "Je soussignée, Mme Léonie Lefèvre, gérante, atteste que M. Béranger a exercé, du 3 février 2014 au "
    "31 août 2022, les fonctions d’aide-soignant puis de responsable d’équipe au sein de l’établissement, "
    "et qu’il a assuré l’accompagnement des résidents.\n"
)
YEARS = "".join(f"{year}\tEHPAD Les Glycines\tAide-soignante\t1 607\n" for year in range(2000, 2040))
PAY = "".join(f"{month:02}/2023;151,67;« à l’heure »;1 895,88\n" for month in range(1, 13))

TABLES = {
    "a table of Excel": "Mois;Heures;Remarque;Total\n" + PAY,
    "a table of two lines": "Mois;Heures\n01/2023;151,67\n",
    "a table with tabs": "Année\tEmployeur\tPoste\tHeures\n" + YEARS,
    "a table with commas": "mois,visites\n1,300\n2,450\n3,500\n",
    "a table with commas and spaces": "mois, visites\n1, 300\n2, 450\n3, 500\n",
    "names with commas and spaces": "Nom, Prénom, Ville\nBéranger, Aurélien, Foix\nLefèvre, Léonie, Pamiers\n",
    "a cell of several lines": 'Date;Action;Bilan\n1er mars;Accueil;"Bien ;\nà revoir,\nplus tard"\n2 mars;Repas;-\n',
    "the titles of a bank": (
        "Compte courant\nTitulaire;Mme Lefèvre\n\nDate;Libellé;Débit;Crédit;Solde\n"
        + "".join(f"{day}/03/2024;CARTE;12,{day};;1 000\n" for day in range(10, 30))
    ),
    "empty cells left out at the end of rows": (
        "Nom;Prénom;Poste;Note\nA;B;C;D\nE;F\nG;H;I;J\nK;L;M;N\nO;P;Q\nR;S;T;U\nV;W;X;Y\n"
    ),
    "a total and a note after the rows": "Mois;Heures;Remarque;Total\n" + PAY + "Total;1820\nÉdité le 3 mars\n",
    "brackets in some cells": "Poste,Lieu\nAide,Foix (09)\nCadre (remplaçante),Pamiers\nAide,Foix\n",
    "its separator in the first line": "sep=|\nmois|visites\n1|300\n",
}
TEXTS = {
    "instructions of a database": (
        20 * "INSERT INTO salarie (nom, prenom, poste) VALUES ('Béranger','Aurélien','aide');\n"
    ),
    "the log of a web server": (
        20 * '10.0.0.1 - - [12/Mar/2024:10:00:00] "GET /vae" "Mozilla/5.0 (X11; Linux) (KHTML, like Gecko)"\n'
    ),
    "a log with thousandths of seconds": "".join(
        f"2024-01-01 10:00:{second},123 INFO service démarré\n" for second in range(10, 40)
    ),
    "prose before a table": "Mon parcours\n" + 3 * PROSE + "Période\tEmployeur\tPoste\tHeures\n" + YEARS,
    "a sentence between lines with tabs": (
        3 * "Lundi\t9h\tAccueil\nMardi\t10h\tRéunion\n\nLe programme peut évoluer selon les besoins.\n"
    ),
    "a semicolon of French in each line": "Accueil ; orientation\nStocks ; commandes\nCaisse ; clôture\n",
    "the items of a list": 3 * "- accueil, écoute, orientation\n- rédaction, classement, archivage\n",
    "a comma in each line of a letter": "Bonjour Madame, merci\nDepuis mars, je travaille\nBien à vous, Léa\n",
    "decimals": "12,50\n13,20\n8,75\n9,10\n",
    "a style sheet": "p {\n" + 10 * "  color: red;\n" + "}\n",
    "a program with tabs": "def f():\n" + 5 * "\tif x:\n\t\treturn\n",
    "one column": "Compétence\nÉcoute\nRigueur\n",
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_stays_a_table(name: str) -> None:
    assert is_table(TABLES[name])
    assert is_table(TABLES[name].replace("\n", "\r\n"))


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_with_separators_is_no_table(name: str) -> None:
    assert not is_table(TEXTS[name])


def test_the_last_line_of_a_beginning_is_not_counted() -> None:
    assert is_table("mois,visites\n1,300\n2,450\n3", is_whole=False)
    assert not is_table("mois,visites\n1,300", is_whole=False)
