"""Compiled templates are kept beside their source, and never stand for another source or another filter."""

import os
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import Environment, FileSystemLoader, nodes
from jinja2.nodes import EvalContext

from portfolio.web.templates import compiled_templates

# Filters of Jinja whose answer for a constant does not change.
OF_JINJA = {"safe"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "page.html").write_text("Bonjour {{ name }}")
    return tmp_path


def shown(folder: Path) -> str:
    """Return the page as a new process shows it."""
    environment = Environment(loader=FileSystemLoader(folder), bytecode_cache=compiled_templates(folder))
    return environment.get_template("page.html").render(name="Samia")


def kept(folder: Path) -> list[Path]:
    return list((folder / "__pycache__").glob("*.pyc"))


def test_a_template_is_compiled_once(folder: Path, monkeypatch: pytest.MonkeyPatch):
    assert shown(folder) == "Bonjour Samia"
    assert len(kept(folder)) == 1
    monkeypatch.setattr(Environment, "compile", None)
    assert shown(folder) == "Bonjour Samia"


def test_a_template_that_has_changed_is_compiled_again(folder: Path):
    shown(folder)
    (folder / "page.html").write_text("Bonsoir {{ name }}")
    assert shown(folder) == "Bonsoir Samia"


@pytest.mark.parametrize("length", [0, 10, 20, -40, -1])
def test_one_that_was_cut_short_is_compiled_again(folder: Path, length: int):
    shown(folder)
    [file] = kept(folder)
    file.write_bytes(file.read_bytes()[:length])
    assert shown(folder) == "Bonjour Samia"


def test_a_place_that_cannot_be_written_keeps_none(folder: Path):
    (folder / "__pycache__").write_text("a file stands there")
    assert shown(folder) == "Bonjour Samia"


def test_one_that_was_replaced_by_a_folder_is_compiled_each_time(folder: Path):
    shown(folder)
    [file] = kept(folder)
    file.unlink()
    os.mkdir(file)
    assert shown(folder) == "Bonjour Samia"


def test_no_template_keeps_the_answer_of_a_filter_of_ours(app: Flask):
    environment, found = app.jinja_env, set()
    for name in environment.list_templates(extensions=["html", "txt"]):
        source, _, _ = environment.loader.get_source(environment, name)
        for node in environment.parse(source).find_all((nodes.Filter, nodes.Test)):
            try:
                node.as_const(EvalContext(environment, name))
            except nodes.Impossible:
                continue
            found.add(node.name)
    assert found <= OF_JINJA
