"""The house keeps its shape: who may import what, what every route, template, code and migration must have."""

from __future__ import annotations

import ast
import builtins
import importlib
import re
import tomllib
from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from inspect import unwrap
from pathlib import Path

import pytest
from jinja2 import StrictUndefined, meta
from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import make_url

import portfolio
from portfolio.access.policy import POLICY, Permission
from portfolio.all_models import metadata
from portfolio.db.engine import make_engine

TOP = Path(portfolio.__file__).parents[1]
# Every room of the house, from the lowest: a noun of the domain, an audience of the screens, a folder of the
# files, any other folder or module of `portfolio/`. A room imports only from the rooms before it. The same order
# is drawn in docs/architecture.md.
ORDER = (
    "calendar",
    "french_text",
    "signing_key",
    "verifiable_credentials",
    "wallet_credentials",
    "time_stamps",
    "seals",
    "files.zip_stream",
    "files.storage",
    "files.uploads",
    "files.sandbox",
    "files.file_types",
    "files.filenames",
    "files.antivirus",
    "errors",
    "db",
    "tasks",
    "outgoing_http",
    "domain.audit_log",
    "domain.email",
    "domain.account",
    "domain.certification",
    "domain.ledger",
    "domain.candidacy",
    "domain.jury",
    "domain.certifying_body",
    "domain.api_access",
    "domain.holdings",
    "domain.dossier",
    "files.conversion",
    "domain.candidacy_listing",
    "domain.assessment",
    "domain.admissibility",
    "domain.group_acts",
    "domain.submission",
    "domain.jury_session",
    "domain.si_cpf",
    "domain.follow_up",
    "domain.search",
    "on_commit",
    "domain.notification",
    "domain.france_vae",
    "domain.review",
    "domain.retention",
    "domain.complaint",
    "domain.funding",
    "domain.presence",
    "domain.candidate_group",
    "domain.personal_data",
    "all_models",
    "domain.integrity_checks",
    "files.integrity",
    "files.renditions",
    "documents",
    "web",
    "domain.access_monitoring",
    "access",
    "backup",
    "wording",
    "screens.blueprints",
    "files.inspection",
    "screens.evidence_files",
    "screens.advisor",
    "screens.account",
    "screens.respondent",
    "screens.candidate",
    "screens.juror",
    "screens.certifier",
    "screens.public",
    "screens.api",
    "server",
    "run",
    "app",
)
DEEP = ("domain", "files", "screens")
NOUNS = [room.removeprefix("domain.") for room in ORDER if room.startswith("domain.")]
# The imports that look up, each with its reason. One may be taken away, none is added.
LOOKS_UP = {
    ("domain/email/use_cases.py", "wording"): "a letter names a seat of the jury as the screens do",
    ("domain/holdings/use_cases/status_changes.py", "domain.submission"): (
        "an annulment presents the sealed dossier again, in the same transaction"
    ),
    ("domain/submission/use_cases/submit.py", "domain.jury_session"): (
        "the jury that is named reads the version that answers a return, in the same transaction"
    ),
    ("run/bootstrap.py", "app"): "the process that serves builds the application, whose commands stand with it",
    ("web/errors.py", "wording"): "the page of a store that does not answer is that of any request",
    ("web/form_recovery.py", "screens.account"): "a page that needs a login shows its form, and keeps what was typed",
}
ROOMS = {"rules", "models", "use_cases", "readers"}
PYTHON = sorted((TOP / "portfolio").rglob("*.py"))
# Characters a line, of the code and of the templates.
CODE_WIDTH, TEMPLATE_WIDTH = 120, 140


@cache
def nodes_of(source: str) -> tuple[ast.AST, ...]:
    """Return every node of a source, the module first: many tests look through the same files."""
    return tuple(ast.walk(ast.parse(source)))


@cache
def named_in(source: str) -> set[str]:
    """Return every module that a source names in its imports, inside functions and for types alone included."""
    found = set()
    for node in nodes_of(source):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.module, "a relative import"
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@cache
def imports_of(path: Path) -> set[str]:
    """Return every module that a file names in its imports."""
    return named_in(path.read_text())


def place_of(parts: Sequence[str]) -> str:
    """Return the room of a module or of a name, from its path below `portfolio`."""
    if parts[0] in {"__init__", "create_app"}:  # the package itself opens on the application
        return "app"
    return ".".join(parts[:2]) if parts[0] in DEEP else parts[0]


def looks_up(name: str, source: str) -> set[str]:
    """Return the rooms above its own that the source of a module of `portfolio/` names."""
    own = ORDER.index(place_of(name.removesuffix(".py").split("/")))
    rooms = {
        place_of(parts[1:])
        for parts in (module.split(".") for module in named_in(source))
        if parts[1:] and parts[0] == "portfolio" and (parts[1] not in DEEP or parts[2:])
    }
    return {room for room in rooms if ORDER.index(room) > own}


def room_of(path: Path) -> str | None:
    """Return the room of a file of the domain (`rules`, `models`, `use_cases`, `readers`), or None."""
    parts = path.relative_to(TOP / "portfolio").with_suffix("").parts
    return parts[2] if len(parts) > 2 and parts[0] == "domain" and parts[2] in ROOMS else None


def files_of(room: str) -> list[Path]:
    return [path for path in PYTHON if room_of(path) == room]


def identify(path: object) -> str:
    return str(path.relative_to(TOP)) if isinstance(path, Path) else str(path)


def folders(path: Path) -> set[str]:
    return {found.name for found in path.iterdir() if found.is_dir() and found.name != "__pycache__"}


def test_every_room_has_its_place_in_the_order():
    found = {place_of(path.relative_to(TOP / "portfolio").with_suffix("").parts) for path in PYTHON}
    assert found == set(ORDER)
    assert len(set(ORDER)) == len(ORDER)
    for noun in NOUNS:
        assert folders(TOP / "portfolio" / "domain" / noun) <= ROOMS, noun


def test_every_room_imports_only_from_the_rooms_before_it():
    found = {
        (name, room)
        for path in PYTHON
        for name in [str(path.relative_to(TOP / "portfolio"))]
        for room in looks_up(name, path.read_text())
    }
    assert found == set(LOOKS_UP)
    assert len(LOOKS_UP) <= 6, "this number is only lowered"


IN_A_FUNCTION = "def late():\n    {}"
FOR_TYPES = "if TYPE_CHECKING:\n    {}"


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("calendar.py", "from portfolio.errors import Refusal"),
        ("files/storage/local.py", "from portfolio.files.uploads import partial"),
        ("files/file_types/types.py", IN_A_FUNCTION.format("from portfolio.files import inspection")),
        ("domain/ledger/recording.py", "from portfolio.domain.holdings.models.grants import Grant"),
        ("domain/candidacy/models.py", FOR_TYPES.format("from portfolio.domain.dossier.models.dossier import Dossier")),
        ("domain/jury/rules/quorum.py", IN_A_FUNCTION.format("import portfolio.domain.holdings.rules.granting")),
        ("domain/dossier/use_cases/claims.py", "from portfolio.domain import jury_session"),
        ("wording/submission.py", FOR_TYPES.format("from portfolio.screens.candidate.submission import queries")),
        ("web/forms.py", "from portfolio.access.policy import POLICY"),
        ("screens/account/navigation.py", "from portfolio.screens.certifier.home.counts import load_steps"),
    ],
)
def test_an_import_that_looks_up_is_refused(name, source):
    assert looks_up(name, source)
    assert not looks_up(name, (TOP / "portfolio" / name).read_text())


def test_the_order_is_drawn_in_the_architecture():
    drawn = re.search(r"```\n(calendar → .*?)\n```", (TOP / "docs" / "architecture.md").read_text(), re.S)
    assert drawn
    assert tuple(drawn[1].replace("\n", " ").split(" → ")) == ORDER


def test_no_package_exports_the_names_of_its_modules():
    kept = {"wording", "readers", "cncp_text", "france_competences", "spreadsheet"}
    for path in PYTHON:
        if path.name == "__init__.py" and path.parent.name != "portfolio" and not kept & set(path.parts):
            assert not imports_of(path), path


@pytest.mark.parametrize("path", files_of("rules"), ids=identify)
def test_rules_import_the_standard_library_and_rules_of_the_nouns_before(path):
    noun = path.relative_to(TOP / "portfolio" / "domain").parts[0]
    before = NOUNS[: NOUNS.index(noun) + 1]
    allowed = {"portfolio.calendar"} | {f"portfolio.domain.{name}.rules" for name in before}
    for module in imports_of(path):
        if module.split(".")[0] == "portfolio":
            reached = any(
                module == name or module.startswith(name + ".") or name.startswith(module + ".") for name in allowed
            )
            assert reached, module
        else:
            assert module.split(".")[0] not in {"flask", "sqlalchemy", "wtforms", "jinja2", "os", "pathlib", "time"}, (
                module
            )


def test_the_domain_does_not_know_flask():
    for path in PYTHON:
        name = identify(path).removeprefix("portfolio/")
        if not name.startswith("domain/"):
            continue
        for module in imports_of(path):
            assert module.split(".")[0] not in {"flask", "flask_login", "flask_wtf", "wtforms", "werkzeug"}, (
                name,
                module,
            )


FORBIDDEN = {"models": {"use_cases"}, "rules": {"use_cases", "models"}}


@pytest.mark.parametrize(
    ("room", "path"), [(room, path) for room in FORBIDDEN for path in files_of(room)], ids=identify
)
def test_each_room_imports_only_what_it_may(room, path):
    for module in imports_of(path):
        parts = module.split(".")
        if parts[:2] == ["portfolio", "domain"] and len(parts) > 3:
            assert parts[3] not in FORBIDDEN[room], module


def test_only_the_transaction_commits():
    for path in PYTHON:
        if "domain" in path.parts or "screens" in path.parts:
            assert ".commit()" not in path.read_text(), path


def test_what_a_commit_does_more_is_one_list():
    listens = re.compile(r"event\.listen(s_for)?\(\s*(Session|session)\b")
    there = [identify(path) for path in PYTHON if listens.search(path.read_text())]
    assert there == ["portfolio/db/engine.py"]


def test_nothing_below_the_screens_reads_the_clock():
    for path in PYTHON:
        if "domain" in path.parts or "wording" in path.parts:
            text = path.read_text()
            assert not re.search(r"datetime\.now\(|date\.today\(|utcnow\(|time\.time\(", text), path
            assert "portfolio.web.clock" not in text, path


def test_every_route_names_its_permission(app):
    known = {*Permission, "own", "public", "token"}
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        view = app.view_functions[rule.endpoint]
        assert getattr(view, "permission", None) in known, f"{rule.rule} names no permission"
        asks_token = view.permission == "token"
        assert not asks_token or rule.endpoint.startswith("api.v1."), f"{rule.rule} is no operation of the API"


def test_a_screen_has_one_name(app):
    """Its folder, its blueprint and the place of its templates."""
    template = re.compile(r"""["']([a-z_]+/[a-z_]+)/[\w/.-]+\.html["']""")
    for rule in app.url_map.iter_rules():
        view = unwrap(app.view_functions[rule.endpoint])
        if view.__module__.startswith("portfolio.screens."):
            audience, screen = view.__module__.split(".")[2:4]
            assert rule.endpoint.rpartition(".")[0] == f"{audience}.{screen}", rule.endpoint
    for path in sorted((TOP / "portfolio" / "screens").rglob("*.py")):
        home = "/".join(path.relative_to(TOP / "portfolio" / "screens").with_suffix("").parts[:2])
        for named in template.findall(path.read_text()):
            if (TOP / "templates" / named).is_dir():
                assert named == home, f"{path}: {named}"


def test_every_permission_has_its_line():
    assert set(POLICY) == set(Permission)


def test_every_template_compiles_and_names_only_what_exists(app):
    assert app.jinja_env.undefined is StrictUndefined
    for path in sorted((TOP / "templates").rglob("*.html")):
        name = str(path.relative_to(TOP / "templates"))
        app.jinja_env.get_template(name)
        tree = app.jinja_env.parse(path.read_text())
        for referred in meta.find_referenced_templates(tree):
            assert referred is None or (TOP / "templates" / referred).exists(), f"{name}: {referred}"


def test_templates_hold_no_inline_style_or_script():
    for path in sorted((TOP / "templates").rglob("*.html")):
        text = path.read_text()
        assert not re.search(r"<[^>]*\sstyle=", text), path
        assert not re.search(r"<script(?![^>]*\ssrc=)", text), path
        assert not re.search(r"\son[a-z]+=", text), path


def test_every_refusal_has_its_sentence():
    from portfolio.wording.refusal_messages import refusals

    table = refusals()
    raised = set()
    for path in PYTHON:
        raised |= set(re.findall(r"Refusal\(\s*([A-Z]\w+)\.([A-Z_]+)", path.read_text()))
    enums = _enumerations()
    for enum, member in raised:
        assert enum in enums, enum
        assert enums[enum][member] in table, f"{enum}.{member} has no sentence"


def _enumerations() -> dict[str, type[StrEnum]]:
    found = {}
    for path in PYTHON:
        module = ".".join(path.relative_to(TOP).with_suffix("").parts)
        if ".rules" in module:
            for name, value in vars(importlib.import_module(module)).items():
                if isinstance(value, type) and issubclass(value, StrEnum):
                    found[name] = value
    return found


def schema_of(url: str) -> dict[str, object]:
    """Tables, columns, constraints and indexes of a database, as it describes itself."""
    engine = make_engine(url)
    found = {}
    with engine.connect() as connection:
        seen = inspect(connection)
        for table in sorted(set(seen.get_table_names()) - {"alembic_version", "sqlite_sequence"}):
            found[table] = {
                "columns": {c["name"]: (str(c["type"]), c["nullable"]) for c in seen.get_columns(table)},
                "primary": seen.get_pk_constraint(table)["constrained_columns"],
                "foreign": sorted(
                    (str(k["constrained_columns"]), k["referred_table"]) for k in seen.get_foreign_keys(table)
                ),
                "unique": sorted(str(sorted(k["column_names"])) for k in seen.get_unique_constraints(table)),
                "checks": sorted(k["name"] for k in seen.get_check_constraints(table)),
                "indexes": sorted(str(k["name"]) for k in seen.get_indexes(table)),
            }
    engine.dispose()
    return found


def test_migrations_give_the_tables_of_the_models(database_url, tmp_path):
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        fresh = f"sqlite:///{tmp_path / 'models.db'}"
        engine = make_engine(fresh)
    else:
        name = "models_" + url.database
        admin = create_engine(url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
        admin.dispose()
        fresh = url.set(database=name).render_as_string(hide_password=False)
        engine = make_engine(fresh)
    metadata.create_all(engine)
    engine.dispose()
    migrated, modelled = schema_of(database_url), schema_of(fresh)
    assert set(migrated) == set(modelled)
    for table, described in modelled.items():
        assert migrated[table] == described, table


def test_one_module_imports_every_table():
    declares = re.compile(r"^    __tablename__ = |^\w+ = Table\(", re.MULTILINE)
    declaring = [path for path in PYTHON if declares.search(path.read_text())]
    modules = {".".join(path.relative_to(TOP).with_suffix("").parts) for path in declaring}
    imported = {
        f"portfolio.domain.{name}" for name in re.findall(r'"([\w.]+)",', (TOP / "portfolio/all_models.py").read_text())
    }
    assert modules - {"portfolio.tasks.models"} == imported


def test_migrations_are_numbered_in_one_line():
    files = sorted((TOP / "migrations" / "versions").glob("*.py"))
    assert [path.name[:4] for path in files] == [f"{n:04d}" for n in range(97, 97 + len(files))]


def test_no_file_names_a_registry_or_a_machine():
    hosts = "|".join(["py" + r"pi\.org", "python" + "hosted", "npm" + r"js\.org", r"deb\." + "debian"])
    for path in [*PYTHON, *(TOP / "tests").rglob("*.py"), *TOP.glob("*.*"), *(TOP / "templates").rglob("*.*")]:
        if path.is_file():
            assert not re.search(hosts, path.read_text(errors="ignore")), path


BANNED = {"utils", "helpers", "common", "manager"}
# Words of the former private vocabulary, in two halves so that a search does not find them here. The last two
# are allowed for the nodes of a Merkle tree.
FORMER_WORDS = [
    first + last
    for first, last in (
        ("mot", "her"), ("err", "and"), ("sort", "er"), ("land", "ing"), ("unlo", "cated"), ("le", "af"), ("le", "aves"),
    )
]  # fmt: skip
MERKLE = {
    "portfolio/domain/submission/rules/manifest.py",
    "tests/submission/test_rules.py",
    "tests/test_acquis_check.py",
}
TEXT = {".py", ".js", ".css", ".html", ".typ", ".txt", ".svg"}
# As parts of identifiers, a few more are refused.
FORMER_PARTS = {*FORMER_WORDS, *(f"{word}s" for word in FORMER_WORDS), "desk", "send" + "ings"}


def test_collecting_the_tests_makes_no_temporary_folder():
    """A folder made while a file is read is removed by nobody when its tests do not run."""
    for path in sorted((TOP / "tests").rglob("*.py")):
        source = path.read_text()
        if "tempfile" not in source:
            continue
        read = [node for node in ast.parse(source).body if not isinstance(node, ast.FunctionDef | ast.ClassDef)]
        made = [ast.unparse(node) for node in read if "tempfile." in ast.unparse(node)]
        assert not made, (str(path), made)


def test_names_say_what_things_are():
    for path in PYTHON:
        assert path.stem not in BANNED, path
        assert ast.get_docstring(nodes_of(path.read_text())[0]), f"{path} says nothing of itself"


def test_prose_uses_the_words_of_the_field():
    former = rf"\b({'|'.join(FORMER_WORDS)})\b"
    for top in ("portfolio", "static", "templates", "tests", "demo", "tools", "benchmarks"):
        for path in sorted((TOP / top).rglob("*")):
            name = str(path.relative_to(TOP))
            if path.suffix not in TEXT or name in MERKLE:
                continue
            found = re.search(former, path.read_text(errors="ignore"), re.IGNORECASE)
            assert found is None, f"{name}: {found}"


def identifiers_of(nodes: Sequence[ast.AST]) -> set[str]:
    """Return the names that a file gives: classes, functions, parameters, variables, members."""
    found = set()
    for node in nodes:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
    return found


def test_identifiers_and_columns_use_the_words_of_the_field():
    for path in PYTHON:
        for name in identifiers_of(nodes_of(path.read_text())):
            parts = re.findall(r"[a-z]+|[A-Z][a-z]*", name)
            assert not FORMER_PARTS & {part.lower() for part in parts}, f"{path}: {name}"
    for table in metadata.tables.values():
        for name in (table.name, *(column.name for column in table.columns)):
            assert not FORMER_PARTS & set(name.split("_")), f"{table.name}.{name}"


def test_each_decision_has_its_place():
    folder = TOP / "docs" / "decisions"
    index = (folder / "README.md").read_text()
    numbers = re.findall(r"^(?:\| |- \[)(\d{4})", index, re.MULTILINE)
    assert sorted(numbers) == [f"{number:04}" for number in range(1, len(numbers) + 1)]
    assert [link for link in re.findall(r"\]\(([^)#]+)", index) if not (folder / link).exists()] == []
    kept = re.findall(r"^- \[(\d{4})\]", index, re.MULTILINE)
    assert kept == sorted(path.name[:4] for path in folder.glob("0*.md"))
    rules = re.findall(r"^\| (\d{4}) .*domain\.md", index, re.MULTILINE)
    assert set(rules) <= set(re.findall(r"\d{4}", (TOP / "docs" / "domain.md").read_text()))


def test_a_search_finds_the_module_that_the_architecture_names():
    table = (TOP / "docs" / "architecture.md").read_text().split("| for | look in |")[1].split("\n\n")[0]
    lost = []
    for searched, places in re.findall(r"^\| ([^-|]+) \| (.+) \|$", table, re.MULTILINE):
        paths = [TOP / place for place in re.findall(r"`([^`]+)`", places)]
        files = [file for path in paths for file in ([path] if path.is_file() else path.rglob("*.py"))]
        said = " ".join(
            f"{file} {ast.get_docstring(ast.parse(file.read_text()))}" for file in files if file.suffix == ".py"
        )
        plain = re.sub(r"[\s_/-]+", " ", said).lower()
        lost += [word for word in searched.split(", ") if re.sub(r"[\s/-]+", " ", word).lower() not in plain]
    assert lost == []


# A docstring names its subject or begins with its verb: « Return… », « Raise… », « Tell whether… ».
NO_SUBJECT = re.compile(r"(What|How|Who|Whom|Whose|Whoever|Whatever|Whether|Which|Where|When|Why|Of)\b")


def test_docstrings_begin_with_a_subject_or_a_verb():
    odd = []
    for path in PYTHON:
        for node in nodes_of(path.read_text()):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                text = ast.get_docstring(node) or ""
                is_verbless = isinstance(node, ast.FunctionDef) and text.startswith("The ")
                if NO_SUBJECT.match(text) or is_verbless:
                    odd.append(f"{path.relative_to(TOP)}: {text[:60]}")
    assert odd == []


# A name in a docstring: « `load_path` », « `Progress.days` ».
NAMED = re.compile(r"`([A-Za-z_][\w.]*)`")
RAISED = re.compile(r"\b[Rr]aises? ((?:[A-Z]\w+(?:, or |, | or | and )?)+)")
OF_OTHERS = {"create_all", "tsvector"}  # of SQLAlchemy, of PostgreSQL


def test_docstrings_name_what_exists():
    sources = {path: nodes_of(path.read_text()) for path in PYTHON}
    known = {*dir(builtins), *OF_OTHERS, "or", "and"}.union(*map(_known_to, sources.values()))
    known.update(part for path in PYTHON for part in (path.stem, *path.relative_to(TOP).parts))
    stale = []
    for path, nodes in sources.items():
        for node in nodes:
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                text = ast.get_docstring(node) or ""
                names = [*NAMED.findall(text), *RAISED.findall(text)]
                words = re.findall(r"\w+", " ".join(names))
                stale += [f"{path.relative_to(TOP)}: {word}" for word in words if word not in known]
    assert stale == []


def _known_to(nodes: Sequence[ast.AST]) -> set[str]:
    """Return the names that a file uses: its identifiers, its imports, the words of its short texts."""
    known, docstrings = identifiers_of(nodes), set()
    for node in nodes:
        if isinstance(node, ast.Expr):
            docstrings.add(id(node.value))
        elif isinstance(node, ast.alias):
            known.update((node.asname or node.name).split("."))
        elif isinstance(node, ast.keyword) and node.arg:
            known.add(node.arg)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            known.update(re.findall(r"\w+", node.value) if len(node.value) < 60 else ())
    return known


# An expression of a template, and where it may be cut: after a comma or a bracket, before an operator or a text.
EXPRESSION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
CUT = re.compile(r"[,(\[{] *\n|\n *(?:[~|\"')\]}]|if |else |and |or )")


def test_an_expression_of_a_template_that_fits_on_a_line_is_on_one():
    cut = []
    for path in sorted((TOP / "templates").rglob("*.html")):
        text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
        for found in EXPRESSION.finditer(text):
            whole = re.sub(r"(?<=[(\[])\s+|\s+(?=[)\]])", "", " ".join(found[0].split()))
            line = text[text.rfind("\n", 0, found.start()) + 1 :]
            indent = len(line) - len(line.lstrip(" ")) + 2
            if "\n" in found[0] and (
                len(whole) + indent <= TEMPLATE_WIDTH or found[0].count("\n") != len(CUT.findall(found[0]))
            ):
                cut.append(f"{path.relative_to(TOP)}: {whole[:60]}")
    assert cut == []


def test_no_line_of_a_template_or_of_the_code_is_too_long():
    # ruff says it of the code (E501): here, that it is still asked, and of what it does not read.
    settings = tomllib.loads((TOP / "pyproject.toml").read_text())["tool"]["ruff"]
    assert settings["line-length"] == CODE_WIDTH
    long = [
        f"{path.relative_to(TOP)}:{number}"
        for path in sorted((TOP / "templates").rglob("*.html"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > TEMPLATE_WIDTH
    ]
    assert long == []
