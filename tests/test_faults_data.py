"""Hostile data.

Numbers and nesting no parser likes, odd encodings, injected SQL, paths that lead elsewhere, lookalike names.

Every test bears the name of the fault it is about.
"""

import itertools
import json
from decimal import Decimal

import pytest
from miniature import held_file, open_miniature
from stage_world import build, changed, fails, lines_of, offer, offer_table, quarantine

from listgen import pipeline, stage, trace
from listgen.acquire.answer import parse_json
from listgen.acquire.http import AskAgainError
from listgen.base.errors import ConfigError, DataError, ListgenError, UsageError
from listgen.config.yamlfile import load_places, load_yaml
from listgen.stage.records.reading import stage_files
from listgen.store.raw import newest_snapshot
from listgen.workspace.loading import load_workspace

# ---- records -------------------------------------------------------------------------------------

UNFIT = {
    "deep": '{"id": ' + "[" * 200_000 + "]" * 200_000 + "}",
    "huge-int": '{"id": "https://openalex.org/W7", "cited_by_count": ' + "9" * 5_000 + "}",
    "nan": '{"id": "https://openalex.org/W7", "cited_by_count": NaN}',
    "infinity": '{"id": "https://openalex.org/W7", "cited_by_count": -Infinity}',
    "too-large": '{"id": "https://openalex.org/W7", "cited_by_count": 1e999}',
}
TWICE = '{"id": "https://openalex.org/W7", "id": "https://openalex.org/W8"}'


@pytest.mark.parametrize("name", UNFIT)
def test_d51_what_json_does_not_allow_is_set_aside_with_its_line(mini, tmp_path, name):
    good = lines_of(mini)
    whole = changed(good[0], id="https://openalex.org/W7")
    cited = UNFIT[name].partition('"cited_by_count": ')[2].removesuffix("}")
    known = f'"cited_by_count": {json.loads(whole)["cited_by_count"]}'
    line = whole.replace(known, f'"cited_by_count": {cited}') if cited else UNFIT[name]
    assert line != whole
    with build(mini, offer(mini, tmp_path, "\n".join([*good[1:4], line]) + "\n")) as warehouse:
        aside = quarantine(warehouse)
        assert [row[0] for row in aside] == [4], aside
        assert aside[0][2] and len(aside[0][3]) <= 80
        assert warehouse.scalar("SELECT count(*) FROM core.work") == 3
        assert (
            warehouse.scalar("SELECT count(*) FROM core.work WHERE work_id IN (7, 8) OR work_id IS NULL") == 0
        )


@pytest.mark.parametrize("text", [*UNFIT.values(), TWICE], ids=[*UNFIT, "twice"])
def test_d51_an_answer_json_does_not_allow_is_asked_for_again(text):
    with pytest.raises(AskAgainError, match="no whole JSON text"):
        parse_json(text.encode())


ENCODED = {  # bytes of a file whose second record alone is Japanese -> the records that can be used
    "cp932": (lambda text: text.encode("cp932"), [101, 103]),
    "euc_jp": (lambda text: text.encode("euc_jp"), [101, 103]),
    "utf-16": (lambda text: text.encode("utf-16"), None),
    "utf-16-le": (lambda text: text.encode("utf-16-le"), None),
    "bom": (lambda text: text.encode("utf-8-sig"), [101, 102, 103]),
    "lone-surrogate": (lambda text: text.replace("量子", "\\ud800").encode(), [101, 103]),
    "nul": (lambda text: text.replace("量子", "\0").encode(), [101, 103]),
}


@pytest.mark.parametrize("name", ENCODED)
def test_d50_a_file_in_another_encoding_is_told_or_read_whole(mini, tmp_path, name):
    encode, expected = ENCODED[name]
    good = lines_of(mini)[:3]
    title = json.loads(good[1])["title"]
    good[1] = good[1].replace(json.dumps(title), '"量子"')
    content = encode("\n".join(good) + "\n")
    if expected is None:
        fails(mini, offer(mini, tmp_path, content), "given.jsonl has not one usable record", "not UTF-8")
        return
    with build(mini, offer(mini, tmp_path, content)) as warehouse:
        assert [row[0] for row in warehouse.rows("SELECT work_id FROM core.work ORDER BY 1")] == expected
        assert [row[0] for row in quarantine(warehouse)] == ([] if 102 in expected else [2])
        if 102 in expected:
            assert warehouse.scalar("SELECT title FROM core.work WHERE work_id = 102") == "量子"


def test_d60_a_work_of_five_thousand_authors_is_shared_to_the_last_part(mini, tmp_path):
    line = json.loads(lines_of(mini)[0])
    line["authorships"] = (line["authorships"] * 5_000)[:5_000]
    with build(mini, offer(mini, tmp_path, json.dumps(line) + "\n")) as warehouse:
        assert quarantine(warehouse) == []
        assert warehouse.rows("SELECT n_authors, is_author_list_capped FROM core.work") == [(5_000, False)]
        assert warehouse.scalar("SELECT sum(weight) FROM core.work_country") == Decimal(1)


LOOKALIKES = ("\u0408apan", "J\u0430pan", "Ｊapan\u200b", "Japan\u0301", "\u202enapaJ", "Jap\u00adan")


def test_d63_a_name_that_only_looks_like_a_country_stops_the_build(mini, tmp_path):
    rows = "".join(f"cells,{name},2021,{n}\n" for n, name in enumerate(LOOKALIKES, 1))
    text = f'Series,"Region, country, or economy",Year,Count\nall,World,2021,90\ncells,World,2021,9\n{rows}'
    with pytest.raises(DataError) as caught:
        build(mini, offer_table(mini, tmp_path, text))
    assert str(caught.value).count("is no country of config/countries.yaml") == len(LOOKALIKES)
    assert all(f"row {n} below the header" in str(caught.value) for n in range(3, 3 + len(LOOKALIKES)))


# ---- SQL -----------------------------------------------------------------------------------------

CANARY = "core.technology"
ENDS = (
    "'",
    '"',
    "';",
    '";',
    "')",
    '")',
    "'))",
    "$$",
    "\\'",
    "*/",
    "--",
    "\x00'",
    "’",
    "`",
    "]",
    "}}",
    "$path",
    "%s",
    "{0}",
    "' || '",
)
SQL = (
    f"DROP TABLE {CANARY}",
    f"DELETE FROM {CANARY}",
    f"UPDATE {CANARY} SET name_en = 'x'",
    "ATTACH '/etc/passwd'",
    "COPY (SELECT 1) TO '/tmp/x'",
    "SELECT * FROM read_text('/etc/passwd')",
    "SET memory_limit='1KB'",
    "OR 1=1",
    "UNION SELECT 1",
    "INSTALL httpfs",
    "PRAGMA database_list",
    "ROLLBACK",
    "CALL pragma_version()",
)
PAYLOADS = [f"{end} {sql} {tail}".strip() for end, sql, tail in itertools.product(ENDS, SQL, ("--", ";"))]


def test_d55_five_hundred_payloads_in_records_stay_text(mini, tmp_path):
    assert len(PAYLOADS) >= 500
    first = lines_of(mini)[0]
    records = [
        changed(first, id=f"https://openalex.org/W{9000 + n}", title=text) for n, text in enumerate(PAYLOADS)
    ]
    records += [changed(first, id=text) for text in PAYLOADS]
    for name in ("o'brien\"; DROP TABLE core.work; --.jsonl", "'); {path} $path.jsonl"):
        with build(mini, offer(mini, tmp_path, "\n".join(records) + "\n", name=name)) as warehouse:
            held = [
                row[0]
                for row in warehouse.rows(
                    "SELECT title FROM core.work WHERE work_id >= 9000 ORDER BY work_id"
                )
            ]
            assert held == PAYLOADS
            assert {row[1] for row in quarantine(warehouse)} == {"id"} and len(quarantine(warehouse)) == len(
                PAYLOADS
            )
            technologies = {row[0] for row in warehouse.rows(f"SELECT technology_id FROM {CANARY}")}
            assert technologies == set(mini.config.technologies)


def test_d55_d56_no_name_on_the_command_line_is_sql_or_a_path(small_built, tmp_path):
    outside = tmp_path / "outside.yaml"
    folder = small_built.current.resolve()
    whole = folder.joinpath("listgen.duckdb").read_bytes()
    for text in (*PAYLOADS[::40], *LEADING_ELSEWHERE):
        for ask in (
            lambda text=text: trace.explain(small_built, folder, text),
            lambda text=text: trace.trace(small_built, folder, f"s1_top10_share/{text}/JP"),
            lambda text=text: trace.trace(small_built, folder, f"{text}/photon_chips/JP"),
            lambda text=text: pipeline.find_build(small_built, text),
            lambda text=text: pipeline.acquire(small_built, [text]),
        ):
            with pytest.raises(UsageError):
                ask()
    assert folder.joinpath("listgen.duckdb").read_bytes() == whole
    assert not outside.exists()


# ---- configuration -------------------------------------------------------------------------------

LEADING_ELSEWHERE = (
    "../../etc/passwd", "..", "/etc/passwd", "..\\..\\x", "%2e%2e%2fx", "a/b", "a\\b", "x\x00y", "．．／x",
    "~root", "C:x", "con\n", ".hidden", "a b",
)  # fmt: skip


@pytest.mark.parametrize("name", [name for name in LEADING_ELSEWHERE if name != "con\n"])
def test_d56_an_id_that_leads_elsewhere_is_no_id(tmp_path, name):
    mini = open_miniature(tmp_path / "w")
    path = mini.root / "config" / "technologies" / "photon_chips.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("id: photon_chips", f"id: {json.dumps(name)}", 1),
        encoding="utf-8",
    )
    with pytest.raises(ConfigError) as error:
        load_workspace(mini.root)
    assert any(
        problem.file == "config/technologies/photon_chips.yaml" and problem.line
        for problem in error.value.problems
    )


CUNNING = {
    "tag": ("a: !!python/object/apply:os.system ['touch HERE']\n", 1),
    "own-tag": ("a: 1\nb: !include /etc/passwd\n", 2),
    "merge": ("a: &a {x: 1}\nb:\n  <<: *a\n", 3),
    "duplicate": ("a: 1\nb: {c: 1, c: 2}\n", 2),
    "tab": ("a:\n\tb: 1\n", 2),
    "two documents": ("a: 1\n---\nb: 2\n", 2),
    "control": ("a: 1\nb: \x07\n", 2),
}


@pytest.mark.parametrize("name", CUNNING)
def test_d52_yaml_that_would_do_more_than_tell_is_refused_with_its_line(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    text, line = CUNNING[name]
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    for load in (load_yaml, load_places):
        try:
            load(path, "a.yaml")
        except ConfigError as error:
            problem = error.problems[0]
            assert problem.file == "a.yaml" and abs(problem.line - line) <= 1, problem
        else:
            assert (
                load is load_places
            )  # which tells where the parts of a refused file stand, and gives no value
    assert [file.name for file in tmp_path.iterdir()] == ["a.yaml"]


def test_d52_dates_sexagesimals_and_numbers_are_what_they_look_like(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("a: 12:30:45\nb: NO\nc: on\nd: 2024-02-28\ne: 0123\nf: y\n", encoding="utf-8")
    found = load_yaml(path, "a.yaml")
    assert [found[key] for key in "abcf"] == ["12:30:45", "NO", "on", "y"]
    path.write_text("a: 1\nd: 2024-02-30\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"a\.yaml:2:4: .*day is out of range"):
        load_yaml(path, "a.yaml")


def test_d52_a_value_nested_beyond_reason_is_told(tmp_path):
    mini = open_miniature(tmp_path / "w")
    path = mini.root / "config" / "technologies" / "photon_chips.yaml"
    path.write_text(
        f"{path.read_text(encoding='utf-8')}\nodd: {'[' * 5_000}{']' * 5_000}\n", encoding="utf-8"
    )
    with pytest.raises(ConfigError, match=r"config/technologies/photon_chips\.yaml"):
        load_workspace(mini.root)


# ---- the raw store -------------------------------------------------------------------------------


def test_f38_every_flipped_byte_of_a_small_raw_file_is_noticed(small):
    """A file of the store whose bytes are not those it is named after is read by nobody."""
    snapshot = newest_snapshot(small.raw, "mini_statistics")
    held = snapshot.files[0]
    whole = held.path.read_bytes()
    held.path.chmod(0o644)
    noticed = 0
    for place in range(0, len(whole), max(1, len(whole) // 40)):
        held.path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(ListgenError, match="has changed since it was acquired"):
            stage_files(stage.load_readers(), small.config, [held], small.stage_cache)
        noticed += 1
    assert noticed >= 40
    assert held_file(held.path, held.source_id, held.form_id).raw_digest != held.raw_digest
