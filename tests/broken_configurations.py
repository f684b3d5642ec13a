"""Two hundred ways to break the miniature's configuration, with file, line and words of each error."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

SETTINGS, COUNTRIES, DOMAINS, COMMODITIES = (
    "settings.yaml",
    "countries.yaml",
    "domains.yaml",
    "commodities.yaml",
)
TECHNOLOGY, SOURCE, LIST = (
    "technologies/photon_chips.yaml",
    "sources/mini_statistics.yaml",
    "reference_lists/MINI_2024.yaml",
)
SCORING, CAVEATS, TOPICS, CPC = "scoring.yaml", "caveats.yaml", "openalex_topics.csv", "cpc_subclasses.csv"
FILES = (SETTINGS, COUNTRIES, DOMAINS, COMMODITIES, TECHNOLOGY, SOURCE, LIST, SCORING, CAVEATS)


@dataclass(frozen=True)
class Broken:
    """One broken configuration.

    Attributes:
        name: What is broken.
        edit: Breaks it in a copy of the miniature.
        file: The file that the error must name, below config/.
        cause: A pattern of the cause.
        near: The name that the error must propose, if any.
        has_line: The error must name a line.
    """

    name: str
    edit: Callable[[Path], object]
    file: str
    cause: str
    near: str = ""
    has_line: bool = True


def every_broken() -> list[Broken]:
    """Return all broken configurations, in the same order every time."""
    makers = (
        keys,
        types,
        names,
        doubled_keys,
        encodings,
        nesting,
        aliases_and_tags,
        missing,
        lineage,
        syntax,
        twice,
        large,
        places,
    )
    return [broken for maker in makers for broken in maker()]


def changed(file: str, old: str, new: str) -> Callable[[Path], None]:
    def edit(root: Path) -> None:
        path = root / "config" / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old} is not in {file}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return edit


def appended(file: str, text: str) -> Callable[[Path], None]:
    def edit(root: Path) -> None:
        path = root / "config" / file
        path.write_text(path.read_text(encoding="utf-8").rstrip("\n") + "\n" + text + "\n", encoding="utf-8")

    return edit


def written(file: str, content: bytes) -> Callable[[Path], object]:
    return lambda root: (root / "config" / file).write_bytes(content)


def swapped(word: str) -> str:
    """Return a word with two of its inner letters swapped: what a hand does."""
    place = next(n for n in range(len(word) // 2, len(word) - 1) if word[n] != word[n + 1])
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


KEYS = {
    SETTINGS: (
        "schema_version focal_country seed draws windows works families statistics lag_months sources"
        " schedule cron timezone"
    ),
    TECHNOLOGY: (
        "name definition scope status domain works topics patents supply commodity stage importance"
        " nomination crosswalk relation history change"
    ),
    SOURCE: (
        "title producer description licence class redistribution citation access grade frame comparable"
        " universe as_of files path form table header_contains layout columns series null_values measure unit"
        " counting"
    ),
    LIST: "name",
    DOMAINS: "domains",
    COUNTRIES: "countries",
    CAVEATS: "caveats",
    SCORING: "axes gates",
}


def keys() -> Iterator[Broken]:
    for file, words in KEYS.items():
        for key in words.split():
            wrong = swapped(key)
            yield Broken(
                f"{file}: key {wrong}",
                _renamed(file, key, wrong),
                file,
                rf'"{wrong}" is not a known key',
                key,
            )


def _renamed(file: str, key: str, wrong: str) -> Callable[[Path], None]:
    def edit(root: Path) -> None:
        path = root / "config" / file
        text, count = re.subn(
            rf"(?m)(^[ -]*|[{{,] ?){key}:", rf"\g<1>{wrong}:", path.read_text(encoding="utf-8"), count=1
        )
        assert count, f"{file} has no key {key}"
        path.write_text(text, encoding="utf-8")

    return edit


def types() -> Iterator[Broken]:
    wrong = (
        (SETTINGS, "seed: 1", "seed: one", "seed: must be a whole number"),
        (SETTINGS, "seed: 1", "seed: -1", "seed: must be at least 0"),
        (SETTINGS, "seed: 1", "seed: 1.5", "seed: must be a whole number"),
        (SETTINGS, "seed: 1", "seed: [1]", "seed: must be a whole number"),
        (SETTINGS, "draws: 100", "draws: 10", "draws: must be at least 100"),
        (SETTINGS, "draws: 100", "draws: {n: 100}", "draws: must be a whole number"),
        (SETTINGS, "focal_country: JP", "focal_country: [JP]", "focal_country: must be a text"),
        (SETTINGS, "focal_country: JP", "focal_country: 392", "focal_country: must be a text"),
        (SETTINGS, "focal_country: JP", 'focal_country: ""', "must not be empty"),
        (SETTINGS, "years: 2,", "years: 2000,", "must be at most"),
        (SETTINGS, '"0 6 1 1,4,7,10 *"', '"0 6 1"', "must be a cron line"),
        (SETTINGS, "Asia/Tokyo", "Asia/Tokio", "must be a time zone"),
        (SETTINGS, "schema_version: 1", "schema_version: 7", "schema_version: .*not one of"),
        (TECHNOLOGY, "topics: [T10001]", "topics: T10001", "must be a list"),
        (TECHNOLOGY, "topics: [T10001]", "topics: [[T10001]]", "must be a text"),
        (TECHNOLOGY, "importance: 1", "importance: much", "must be a number"),
        (TECHNOLOGY, "ja: フォトニックチップ", 'ja: " "', "must not be empty"),
        (
            TECHNOLOGY,
            "name: {en: Photonic chips, ja: フォトニックチップ}",
            "name: Photonic chips",
            "must be a text in both languages",
        ),
        (TECHNOLOGY, "date: 2026-11-23", "date: 23 November", "date"),
        (SOURCE, "as_of: 2025-07-01", "as_of: 2025-02-30", "day is out of range"),
        (SOURCE, "comparable: true", "comparable: perhaps", "must be true or false"),
        (SOURCE, "layout: long", "layout: tall", "is not one of long, wide"),
        (SOURCE, "id: mini_statistics", "id: other_statistics", "id must be the file's name"),
        (SOURCE, "null_values:", "header_row: 0\n  null_values:", "must be at least 1"),
        (DOMAINS, "domains:", "domains: 3\nother:", "domains: must be"),
        (COUNTRIES, "countries:", "countries: 3\nother:", "countries: must be"),
    )
    for file, old, new, cause in wrong:
        yield Broken(f"{file}: {new}", changed(file, old, new), file, cause)


def names() -> Iterator[Broken]:
    known = (
        (SETTINGS, "focal_country: JP", "focal_country: JX", "config/countries.yaml", ""),
        (SETTINGS, "mini_google,", "mini_gogle,", "config/sources/", "mini_google"),
        (SETTINGS, "draws: 100", "draws: 100\nlike_minded: [UX]", "config/countries.yaml", ""),
        (TECHNOLOGY, "domain: ict_data", "domain: ict_dta", "config/domains.yaml", "ict_data"),
        (TECHNOLOGY, "T10001", "T1000I", "config/openalex_topics.csv", "T10001"),
        (TECHNOLOGY, "G02B6", "G0ZB6", "CPC", ""),
        (TECHNOLOGY, "commodity: gallium", "commodity: galium", "config/commodities.yaml", "gallium"),
        (TECHNOLOGY, "stage: refined", "stage: refind", "config/commodities.yaml", "refined"),
        (TECHNOLOGY, "{list: MINI_2024,", "{list: MINI_2042,", "config/reference_lists/", "MINI_2024"),
        (TECHNOLOGY, "relation: exact", "relation: exakt", "is not one of", "exact"),
        (TECHNOLOGY, "status: active", "status: activ", "is not one of", "active"),
        (
            SOURCE,
            "form: statistic_table",
            "form: statistics_table",
            "nothing reads the form",
            "statistic_table",
        ),
        (SOURCE, "layout: long", "layout: long\n  encoding: shift-jsi", "is not an encoding", "shift_jis"),
        (SOURCE, "layout: long", "layout: long\n  encoding: utf-88", "is not an encoding", "utf_8"),
        (SOURCE, "layout: long", "layout: long\n  encoding: base64", "is not an encoding", ""),
        (SOURCE, "universe: mini_all", "universe: mini_al", "this source's series", "mini_all"),
        (SOURCE, "citation:", "caveats: [no_such_caveat]\ncitation:", "config/caveats.yaml", ""),
        (SOURCE, "measure: count", "measure: cuont", "is not one of", "count"),
        (SOURCE, "grade: statistics", "grade: statistcs", "is not one of", "statistics"),
        (SOURCE, "access: files", "access: flies", "is not one of", "files"),
        (SOURCE, "counting: fractional", "counting: fractionl", "is not one of", "fractional"),
        (SCORING, "s1_top10_share:", "s1_top10_shar:", "is not an indicator", "s1_top10_share"),
        (
            SCORING,
            "a7_supply_concentration:",
            "a7_suply_concentration:",
            "is not an indicator",
            "a7_supply_concentration",
        ),
    )
    known += ((CAVEATS, "  ties_shared:", "  ties_shraed:", "has no text for the caveat", "ties_shraed"),)
    for file, old, new, cause, near in known:
        yield Broken(f"{file}: name {new}", changed(file, old, new), file, cause, near)


def doubled_keys() -> Iterator[Broken]:
    for file in FILES:
        yield Broken(f"{file}: first key twice", _first_key_twice(file), file, "duplicate key")


def _first_key_twice(file: str) -> Callable[[Path], None]:
    def edit(root: Path) -> None:
        path = root / "config" / file
        text = path.read_text(encoding="utf-8")
        key = re.search(r"(?m)^(\w+):", text)[1]
        path.write_text(f"{text.rstrip()}\n{key}: 1\n", encoding="utf-8")

    return edit


def encodings() -> Iterator[Broken]:
    for file in FILES:
        yield Broken(f"{file}: Latin-1", _added_bytes(file, b"\n# caf\xe9\n"), file, "is not UTF-8")
        yield Broken(
            f"{file}: UTF-16",
            lambda root, file=file: _recoded(root, file),
            file,
            "is not UTF-8",
            has_line=False,
        )
        yield Broken(f"{file}: NUL", _added_bytes(file, b"\n# \x00\n"), file, "is not valid YAML")


def _added_bytes(file: str, content: bytes) -> Callable[[Path], None]:
    def edit(root: Path) -> None:
        path = root / "config" / file
        path.write_bytes(path.read_bytes() + content)

    return edit


def _recoded(root: Path, file: str) -> None:
    path = root / "config" / file
    path.write_bytes(path.read_text(encoding="utf-8").encode("utf-16"))


def nesting() -> Iterator[Broken]:
    deep = {
        "lists": lambda depth: "[" * depth + "]" * depth,
        "open lists": lambda depth: "[" * depth,
        "keys": lambda depth: "{a: " * depth + "}" * depth,
        "block lists": lambda depth: "\n  " + "- " * depth + "x",
    }
    for file in (SETTINGS, TECHNOLOGY):
        for kind, make in deep.items():
            for depth in (100, 1_500, 5_000, 50_000):
                yield Broken(
                    f"{file}: {depth} {kind}",
                    appended(file, "deep: " + make(depth)),
                    file,
                    "is nested too deeply",
                )


def aliases_and_tags() -> Iterator[Broken]:
    laughs = "a0: &a0 [x, x]\n" + "\n".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)
    )
    for file in (SETTINGS, TECHNOLOGY, SOURCE, SCORING):
        yield Broken(f"{file}: alias", appended(file, "one: &x 1\ntwo: *x"), file, "uses a YAML alias")
        yield Broken(f"{file}: aliases of aliases", appended(file, laughs), file, "uses a YAML alias")
        yield Broken(
            f"{file}: tag", appended(file, "one: !!python/name:os.system x"), file, "uses a YAML tag"
        )
        yield Broken(f"{file}: tag of a list", appended(file, "one: !!set {a, b}"), file, "uses a YAML tag")


def missing() -> Iterator[Broken]:
    for file in (COUNTRIES, DOMAINS, SCORING, CAVEATS, TOPICS, CPC):
        yield Broken(
            f"{file}: missing",
            lambda root, file=file: (root / "config" / file).unlink(),
            file,
            "is missing",
            has_line=False,
        )
    for file in (SETTINGS, COUNTRIES, DOMAINS, SCORING, CAVEATS, TECHNOLOGY, SOURCE, LIST):
        yield Broken(f"{file}: empty", written(file, b""), file, "must be keys with values", has_line=False)
        yield Broken(
            f"{file}: a list", written(file, b"- a\n- b\n"), file, "must be keys with values", has_line=False
        )
    for file in (TOPICS, CPC):
        yield Broken(
            f"{file}: other columns",
            written(file, b"a,b\n1,2\n"),
            file,
            "has no id in a column",
            has_line=False,
        )
        yield Broken(
            f"{file}: not UTF-8",
            written(file, b"topic_id\n\xff\xfe\n"),
            file,
            "cannot be read",
            has_line=False,
        )


def lineage() -> Iterator[Broken]:
    def circle(root: Path) -> None:
        other = root.parent / "other" / "config"
        other.mkdir(parents=True)
        (other / "settings.yaml").write_text(f"schema_version: 1\nextends: ../{root.name}\n")
        appended(SETTINGS, "extends: ../other")(root)

    # The circle closes in the other workspace's file.
    yield Broken("a circle of two", circle, "../../other/config/settings.yaml", "is no other workspace")
    for parent in (
        ".",
        "..",
        "nowhere",
        "/proc",
        "x" * 5_000,
        '"a\\0b"',
        "[a, b]",
        "{a: b}",
        "~/x",
        "../" * 40,
    ):
        yield Broken(
            f"extends {parent[:20]}",
            appended(SETTINGS, f"extends: {parent}"),
            SETTINGS,
            "extends .*is no other workspace|extends: ",
        )


def syntax() -> Iterator[Broken]:
    slips = {
        "an open bracket": "one: [a, b",
        "an open quote": 'one: "a',
        "a tab": "one:\n\t- a",
        "no colon": "one\ntwo: 1",
        "a colon too many": "one: two: three",
        "a wrong indent": "one:\n    a: 1\n  b: 2",
        "an unknown escape": 'one: "\\q"',
    }
    for file in (SETTINGS, TECHNOLOGY, SCORING):
        for kind, text in slips.items():
            yield Broken(
                f"{file}: {kind}", appended(file, text), file, "is not valid YAML|is not a known key"
            )


def twice() -> Iterator[Broken]:
    yield Broken(
        "a source twice",
        changed(SETTINGS, "mini_supply]", "mini_supply, mini_openalex]"),
        SETTINGS,
        "is listed twice",
    )
    yield Broken(
        "a country twice",
        changed(SETTINGS, "draws: 100", "draws: 100\nlike_minded: [US, US]"),
        SETTINGS,
        "is listed twice",
    )
    again = "  - {path: raw/statistics/families.csv, form: statistic_table}\n"
    yield Broken("a file twice", changed(SOURCE, "table:\n", again + "table:\n"), SOURCE, "is listed twice")
    yield Broken(
        "a series twice", changed(SOURCE, "id: mini_all", "id: mini_cells"), SOURCE, "is declared twice"
    )
    supply = "  - {commodity: gallium, stage: refined, importance: 1, why: {en: a, ja: あ}}\n"
    yield Broken(
        "a material twice",
        changed(TECHNOLOGY, "nomination:", supply + "nomination:"),
        TECHNOLOGY,
        "is linked twice",
    )


def large() -> Iterator[Broken]:
    topics = ", ".join(f"T{n}" for n in range(50_000, 55_000))
    yield Broken(
        "5,000 unknown topics",
        changed(TECHNOLOGY, "[T10001]", f"[{topics}]"),
        TECHNOLOGY,
        "config/openalex_topics.csv",
    )
    unknown = "\n".join(f"key_{n}: 1" for n in range(3_000))
    yield Broken("3,000 unknown keys", appended(TECHNOLOGY, unknown), TECHNOLOGY, "is not a known key")
    wrong = "\n".join(f"  - [{n}]" for n in range(3_000))
    yield Broken(
        "3,000 wrong items",
        changed(SETTINGS, "sources: [", f"sources:\n{wrong}\nother: ["),
        SETTINGS,
        "must be a text",
    )
    yield Broken(
        "two megabytes",
        appended(TECHNOLOGY, "# " + "x" * 2_000_000),
        TECHNOLOGY,
        "is larger than",
        has_line=False,
    )
    text = "a: " + "x" * 900_000
    yield Broken("a very long text", appended(TECHNOLOGY, text), TECHNOLOGY, "is not a known key")
    yield Broken(
        "a long list that never ends",
        appended(TECHNOLOGY, "a: [" + "x, " * 100_000),
        TECHNOLOGY,
        "is not valid YAML",
    )


def places() -> Iterator[Broken]:
    def replaced(file: str, make: Callable[[Path], object]) -> Callable[[Path], None]:
        def edit(root: Path) -> None:
            path = root / "config" / file
            path.unlink(missing_ok=True)
            make(path)

        return edit

    for file in (TECHNOLOGY, SOURCE, LIST):
        yield Broken(
            f"{file}: a pipe", replaced(file, os.mkfifo), file, "is not a regular file", has_line=False
        )
        yield Broken(
            f"{file}: a folder", replaced(file, Path.mkdir), file, "is not a regular file", has_line=False
        )
        nowhere = replaced(file, lambda path: path.symlink_to("nowhere"))
        yield Broken(f"{file}: a link to nowhere", nowhere, file, "cannot be read", has_line=False)
        endless = replaced(file, lambda path: path.symlink_to("/dev/zero"))
        yield Broken(f"{file}: a device", endless, file, "is not a regular file", has_line=False)
    for file in (COUNTRIES, SCORING):
        yield Broken(f"{file}: a pipe", replaced(file, os.mkfifo), file, "is missing", has_line=False)
    rules = "../expectations/core.work.json"
    yield Broken(
        "a suite that is a pipe", replaced(rules, os.mkfifo), rules, "is not a regular file", has_line=False
    )
    other = written("technologies/notes.txt", b"x")
    yield Broken(
        "a file of another kind",
        other,
        "technologies/notes.txt",
        "the name must end in .yaml",
        has_line=False,
    )
