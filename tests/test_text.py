"""Every text of the code has its Japanese, the catalogue has nothing else, and values agree."""

import ast
import json
import re
import string
from pathlib import Path

import pytest

from listgen.base import text
from listgen.cli import cli
from listgen.cli import help as clickhelp

ROOT = Path(__file__).resolve().parents[1]
CATALOGUES = {
    path: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "src").rglob("catalogue.ja.json"))
}
TEXTS = {template: japanese for texts in CATALOGUES.values() for template, japanese in texts.items()}
MODULES = sorted([*(ROOT / "src" / "listgen").rglob("*.py"), *(ROOT / "flows").glob("*.py")])
SPEAKERS = ("t", "bilingual")
# Calls whose template is no constant, and why that is right.
OPEN_CALLS = {
    "src/listgen/base/text.py": "the catalogue itself",
    "src/listgen/cli/help.py": "paragraphs of the help pages, collected by writing every page",
    "src/listgen/report/document.py": "an unknown reason is shown as its key",
}
# Commands, files and options are the same in both languages.
_COMMAND, _PATH, _FILE = (
    r"listgen [a-z]+(?: [A-Z]+\b| \{\w+\})*",
    r"(?:[\w{}-]+/)+[\w{}.-]*\w",
    r"[\w{}]+\.(?:yaml|json|sql)\b",
)
NAMES = re.compile("|".join((_COMMAND, _PATH, _FILE, r"--[a-z]+", r"\b[A-Z]+_[A-Z_]+")), re.ASCII)
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


# ---- what the code says --------------------------------------------------------------------------


def spoken_by(tree: ast.Module) -> set[str]:
    """Return the names under which a module knows `t` and `bilingual`."""
    imports = (
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "listgen.base.text"
    )
    return {alias.asname or alias.name for node in imports for alias in node.names if alias.name in SPEAKERS}


def assigned(scope: ast.AST, name: str) -> list[ast.expr]:
    """Return everything a name is set to inside a function or module.

    A loop variable is each item of its literal.
    """
    found: list[ast.expr] = []
    for node in ast.walk(scope):
        targets = (
            node.targets
            if isinstance(node, ast.Assign)
            else [node.target]
            if isinstance(node, ast.AnnAssign | ast.For)
            else []
        )
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            value = node.iter if isinstance(node, ast.For) else node.value
            found += (
                value.elts
                if isinstance(node, ast.For) and isinstance(value, ast.Tuple | ast.List)
                else [value]
            )
    return found


def constants(node: ast.expr | None, scopes: list[ast.AST]) -> set[str] | None:
    """Return the texts an expression can be, None when they cannot be told."""
    parts: list[ast.expr] = []
    if isinstance(node, ast.Constant):
        return {node.value} if isinstance(node.value, str) else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = constants(node.left, scopes), constants(node.right, scopes)
        return {first + second for first in left for second in right} if left and right else None
    if isinstance(node, ast.IfExp):
        parts = [node.body, node.orelse]
    elif isinstance(node, ast.Dict):
        parts = node.values
    elif isinstance(node, ast.Tuple | ast.List):
        parts = node.elts
    elif isinstance(node, ast.Subscript):
        parts = [node.value]
    elif isinstance(node, ast.Name):
        parts = next(filter(None, (assigned(scope, node.id) for scope in scopes)), [])
    found = [constants(part, scopes) for part in parts]
    return set().union(*found) if found and all(found) else None


def calls(tree: ast.Module) -> list[tuple[ast.Call, list[ast.AST]]]:
    """Return every call that speaks, with the functions around it, innermost first, and the module."""
    names = spoken_by(tree)
    found: list[tuple[ast.Call, list[ast.AST]]] = []

    def visit(node: ast.AST, scopes: list[ast.AST]) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            scopes = [node, *scopes]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            found.append((node, scopes))
        for child in ast.iter_child_nodes(node):
            visit(child, scopes)

    visit(tree, [tree])
    return found


def collect() -> tuple[dict[str, str], list[str]]:
    """Return template -> first place of all texts in the code, and places with an unknown template."""
    found: dict[str, str] = {}
    unknown: list[str] = []
    for path in MODULES:
        name = path.relative_to(ROOT).as_posix()
        for call, scopes in calls(ast.parse(path.read_text(encoding="utf-8"))):
            templates = constants(call.args[0] if call.args else None, scopes)
            for template in templates or ():
                found.setdefault(template, f"{name}:{call.lineno}")
            if templates is None and name not in OPEN_CALLS:
                unknown.append(f"{name}:{call.lineno}: {ast.unparse(call)}")
    return found, unknown


def help_pages() -> dict[str, str]:
    """Return the help page of the group ("") and of every verb, in the language of `t`."""
    top = cli.context_class(cli, info_name="listgen", **cli.context_settings)
    verbs = {
        name: command.context_class(command, info_name=name, parent=top)
        for name, command in cli.commands.items()
    }
    pages = {name: context.get_help() for name, context in {"": top, **verbs}.items()}
    group = cli.commands["review"]
    return pages | {
        f"review {name}": command.context_class(command, info_name=name, parent=verbs["review"]).get_help()
        for name, command in group.commands.items()
    }


@pytest.fixture
def used(monkeypatch) -> dict[str, str]:
    """Return template -> place of everything a user can be told, help pages included."""
    found, _ = collect()

    def remember(template: str, **values: object) -> str:
        found.setdefault(template, "help")
        return text.t(template, **values)

    monkeypatch.setattr(clickhelp, "t", remember)
    help_pages()
    return found


# ---- the catalogue -------------------------------------------------------------------------------


def test_every_template_can_be_told_from_the_code():
    assert collect()[1] == []


def test_every_text_has_its_japanese(used):
    missing = {template: place for template, place in used.items() if template not in TEXTS}
    assert not missing, "add to catalogue.ja.json:\n" + "\n".join(
        f"{place}: {json.dumps(key)}" for key, place in sorted(missing.items())
    )


def test_the_catalogue_holds_no_text_that_nobody_says(used):
    assert sorted(TEXTS.keys() - used.keys()) == []


def fields(template: str) -> list[tuple[str, str | None, str | None]]:
    return sorted(
        (name, spec, conversion)
        for _, name, spec, conversion in string.Formatter().parse(template)
        if name is not None
    )


def faults(template: str, japanese: str) -> list[str]:
    """Return what a translation changed that it must not, or left out."""
    found = {
        "placeholders or formats": fields(japanese) != fields(template),
        "commands, files or options": sorted(NAMES.findall(japanese)) != sorted(NAMES.findall(template)),
        "not Japanese": not JAPANESE.search(japanese) and bool(re.sub(r"\{[^}]*\}|\W", "", template)),
        "last line break": japanese.endswith("\n") != template.endswith("\n"),
        "half-width kana": bool(re.search(r"[｡-ﾟ]", japanese)),
    }
    return [fault for fault, is_so in found.items() if is_so]


def test_both_languages_say_the_same():
    found = {template: faults(template, japanese) for template, japanese in TEXTS.items()}
    assert {template: fault for template, fault in found.items() if fault} == {}


@pytest.mark.parametrize(
    ("template", "japanese", "fault"),
    [
        ("{n:,} rows", "{n}行", "placeholders or formats"),
        ("{a} of {b}", "{a}件", "placeholders or formats"),
        ("Run: listgen check", "次を実行してください：listgen build", "commands, files or options"),
        ("see config/caveats.yaml", "config/注意.yamlを参照", "commands, files or options"),
        ("rules", "rules", "not Japanese"),
        ("rules\n", "規則", "last line break"),
    ],
)
def test_a_bad_translation_is_found(template, japanese, fault):
    assert faults(template, japanese) == [fault]


def test_the_collection_sees_every_way_a_template_is_given():
    code = """
from listgen.base.text import bilingual, t as say
LABELS = {"a": "first", "b": "second"}
def speak(flag, key, given):
    template = "third " "part"
    for word in ("fourth", "fifth"):
        say(word)
    return say(template), say("sixth" if flag else "se" + "venth"), bilingual(LABELS[key], n=1), say(given),
    other.say("no"), t("no")
"""
    found = [constants(call.args[0], scopes) for call, scopes in calls(ast.parse(code))]
    assert sorted(set().union(*filter(None, found))) == [
        "fifth",
        "first",
        "fourth",
        "second",
        "seventh",
        "sixth",
        "third part",
    ]
    assert found.count(None) == 1, "a template handed in from elsewhere cannot be told"


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parent.name)
def test_a_catalogue_is_written_in_one_way(path):
    assert (
        path.read_text(encoding="utf-8")
        == json.dumps(CATALOGUES[path], ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    )


def test_a_text_is_in_one_catalogue():
    assert sum(map(len, CATALOGUES.values())) == len(TEXTS)


def test_a_catalogue_of_a_folder_holds_only_what_its_folder_says(used):
    """Templates a provider shares with other modules belong to the common catalogue."""
    for path, texts in CATALOGUES.items():
        folder = path.parent.relative_to(ROOT).as_posix()
        if folder != "src/listgen/base":
            assert {
                used[template] for template in texts if not used[template].startswith(f"{folder}/")
            } == set()


# ---- languages -----------------------------------------------------------------------------------


def test_an_unknown_template_is_shown_in_english():
    assert text.render("nobody wrote {this} down", "ja", this=1) == "nobody wrote 1 down"
    assert text.bilingual("nobody wrote {this} down", this=1) == {
        "en": "nobody wrote 1 down",
        "ja": "nobody wrote 1 down",
    }


def test_language_comes_from_the_option_then_the_environment(monkeypatch):
    for name in ("LISTGEN_LANG", "LC_ALL", "LANG"):
        monkeypatch.delenv(name, raising=False)
    assert text.set_language(None) == "en"
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    assert text.set_language(None) == "ja"
    assert text.t("free at least {n}", n=2) == "free at least 2"
    assert text.t("raw files") == TEXTS["raw files"]
    monkeypatch.setenv("LISTGEN_LANG", "en")
    assert text.set_language(None) == "en"
    assert text.set_language("ja") == "ja"
    assert text.set_language("fr") == "en"


# ---- help pages ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["", *sorted(cli.commands), *(f"review {name}" for name in sorted(cli.commands["review"].commands))],
)
def test_help_pages_are_japanese_and_fit_the_page(name):
    text.set_language("ja")
    page = help_pages()[name]
    assert page.startswith("使い方：")
    for line in page.splitlines()[1:]:
        said = line[2:].split("  ")[-1].strip()
        assert JAPANESE.search(line) or re.fullmatch(r"\[.*\]|(-\S+ ?)+( [A-Z ]+)?|", said), (
            f"English: {line}"
        )
        assert sum(2 if JAPANESE.match(c) or c in "、。：；（）「」・" else 1 for c in line) <= 84, line


def test_help_pages_in_english_are_whole():
    page = help_pages()[""]
    assert page.startswith("Usage: listgen")
    assert "..." not in page.split("Commands:")[1], "a cut sentence"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--lang", "ja", "--help"],
        ["--help", "--lang=ja"],
        ["--lang", "ja", "trace", "-h"],
        ["--lang", "ja", "review", "close", "-h"],
        ["-h"],
    ],
)
def test_help_speaks_the_language_asked_for_wherever_the_option_stands(arguments, monkeypatch, capsys):
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.setenv("LISTGEN_LANG", "ja" if arguments == ["-h"] else "en")
    cli(arguments, prog_name="listgen", standalone_mode=False)
    assert capsys.readouterr().out.startswith("使い方：listgen")


def test_every_reason_for_setting_a_record_aside_is_told_in_japanese():
    from listgen.base.setaside import set_aside_words

    stage = ROOT / "src" / "listgen" / "stage"
    sql = "\n".join(path.read_text(encoding="utf-8") for path in stage.rglob("*.sql"))
    # A refusal is a list of field, reason and what stands there; a year may end the reason.
    reasons = set(re.findall(r"\['?[\w ]+'?(?: \|\| [^,\]]+)?, '([^']+)'", sql)) | set(
        re.findall(r"'([^']+)' END AS reject_reason", sql)
    )
    kept = (stage / "core" / "quarantine.sql").read_text(encoding="utf-8").partition("INSERT INTO")[2]
    reasons |= set(re.findall(r"'([a-z]+ [a-z][^'\\]+)'", kept))
    assert len(reasons) > 25 and "duplicate id with different content" in reasons
    untold = {
        reason
        for reason in reasons
        if not JAPANESE.search(set_aside_words(re.sub(r"\.\. $", ".. 2026", reason))["ja"])
    }
    assert untold == set()
