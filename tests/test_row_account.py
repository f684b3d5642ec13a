"""Where the rows of every raw file went.

Each form adds up, and a repeat, a broken row and an excluded one are counted as such.
"""

import gzip
import json
from contextlib import closing
from dataclasses import replace

import duckdb
import patent_world as world
import pytest
from miniature import held_file, held_files
from stage_world import build, changed, lines_of, offer

from listgen import stage
from listgen.stage.records.endings import RowCount
from listgen.stage.records.inflating import LineCount
from listgen.store.warehouse import MACROS
from listgen.trace.recompute import record_scripts

ACCOUNT = (
    "SELECT n_rows, n_used, n_merged, n_set_aside, n_excluded FROM prov.row_account WHERE form_id = $form"
    " ORDER BY file_name"
)
WRONG = "SELECT form_id, * FROM prov.row_account WHERE n_rows <> n_used + n_merged + n_set_aside + n_excluded"


def account(warehouse, form):
    assert warehouse.rows(WRONG) == []
    return warehouse.rows(ACCOUNT, {"form": form})


def given(mini, tmp_path, form, *texts, source="mini_google"):
    """Return the account of files of a form with these texts, and nothing else of the form."""
    held = []
    for number, text in enumerate(texts):
        path = tmp_path / f"{form}_{number}"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        held.append(held_file(path, source, form))
    with build(mini, held) as warehouse:
        return account(warehouse, form)


# ---- every form ----------------------------------------------------------------------------------


def test_the_rows_of_every_file_of_the_miniature_add_up(staged, mini):
    forms = {file.form_id for file in held_files(mini)} - {"manifest"}
    assert {row[0] for row in staged.rows("SELECT form_id FROM prov.row_account")} == forms
    assert staged.rows(WRONG) == []
    assert sum(row[2] for row in account(staged, "openalex_work")) == 2, "301 twice, an older 302"


def test_the_rows_of_every_table_of_patents_add_up(mini, tmp_path):
    held = [
        *world.patentsview(tmp_path),
        *world.patstat(tmp_path),
        world.google(tmp_path),
        *world.lens(tmp_path),
    ]
    with build(mini, [*held, world.works(tmp_path)]) as warehouse:
        assert warehouse.rows(WRONG) == []
        counted = dict(warehouse.rows("SELECT form_id, sum(n_rows) FROM prov.row_account GROUP BY ALL"))
    for name, rows in world.G_TABLES.items():
        assert counted[f"patentsview_{name}"] == len(rows) - 1
    for name, rows in world.PATSTAT.items():
        assert counted[f"patstat_{name}"] == len(rows) - 1
    assert counted["google_patent"] == len(world.GOOGLE)
    assert counted["lens_patent_json"] == 1


# ---- works ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_packed", [False, True])
def test_lines_of_works_are_used_merged_or_set_aside(mini, tmp_path, is_packed):
    first, second = lines_of(mini)[:2]
    text = (
        f"{first}\n\n{first}\n \t\n{{broken\n{second}".encode()
    )  # a repeat, a broken line, and lines of white space alone
    with build(mini, offer(mini, tmp_path, gzip.compress(text) if is_packed else text)) as warehouse:
        assert account(warehouse, "openalex_work") == [(4, 2, 1, 1, 0)]


def test_works_in_two_forms_are_used_once_and_deleted_ones_are_excluded(mini, tmp_path):
    first, second, third = lines_of(mini)[:3]
    page, gone = tmp_path / "page.json", tmp_path / "deleted_ids.csv"
    page.write_text(json.dumps({"results": [json.loads(first), json.loads(third), json.loads(third), 7]}))
    number = json.loads(second)["id"].rsplit("/", 1)[-1]
    gone.write_text(f"work_id,deleted_date\n{number},2025-01-01\nX,2025-01-01\n{number},2025-01-01\n")
    held = offer(mini, tmp_path, f"{first}\n{second}\n")
    held += [
        held_file(page, "mini_openalex", "openalex_page"),
        held_file(gone, "mini_openalex", "openalex_deleted"),
    ]
    with build(mini, held) as warehouse:
        assert account(warehouse, "openalex_work") == [(2, 1, 0, 0, 1)]
        assert account(warehouse, "openalex_page") == [(4, 1, 2, 1, 0)]
        assert account(warehouse, "openalex_deleted") == [(3, 2, 0, 1, 0)]


def test_groups_and_requests_are_counted(mini, tmp_path):
    groups = [{"key": "https://openalex.org/countries/JP", "count": 3}, {"key": "", "count": 1}]
    text = json.dumps({"meta": {"count": 9}, "group_by": groups})
    assert given(mini, tmp_path, "openalex_groups", text, source="mini_openalex") == [(2, 1, 0, 1, 0)]
    lines = '{"unit": "a", "page": 1}\n[1]\n{"unit": "b", "page": 2}\n'
    assert given(mini, tmp_path, "openalex_request", lines, source="mini_openalex") == [(3, 2, 0, 1, 0)]


# ---- decisions -----------------------------------------------------------------------------------


def test_decisions_are_counted(mini, tmp_path):
    decided = json.dumps({"technology_id": "alpha", "review_id": "r", "run_id": "b", "machine_status": "listed", "round": 1,
        "panel": {"n": 3, "n_with_conflicted": 3, "n_conflict": 0, "outcome": "agreed", "is_bimodal": False},
        "event_digest": "e", "log_digest": "l"})  # fmt: skip
    text = f'{decided}\n{decided}\n{{"technology_id": 7}}\n'
    assert given(mini, tmp_path, "review_decision", text) == [(3, 1, 1, 1, 0)]


# ---- patents -------------------------------------------------------------------------------------


def test_counter_examples_of_a_classification_set_are_excluded(mini, tmp_path):
    head = "publication_number,publication_date,family_id,cpc_code,refs,valid\n"
    good = "US-{n}-B2,20200101,{n},\"['H01L29/00']\",\"['US-9-A']\",{valid}\n"
    rows = [
        good.format(n=n, valid=valid)
        for n, valid in ((1, "True"), (2, "False"), (1, "True"), (3, ""), (4, "true "), (5, "False"))
    ]
    text = (
        head
        + "".join(rows)
        + "nonsense,20200101,6,[],[],True\nnonsense,20200101,7,[],[],False\nUS-8-B2,torn\n"
    )
    assert given(mini, tmp_path, "google_patent_row", text) == [(9, 2, 1, 2, 4)]


def test_lines_of_patents_are_used_merged_or_set_aside(mini, tmp_path):
    text = "".join(
        json.dumps(row) + "\n" for row in [*world.GOOGLE, world.GOOGLE[0], {"publication_number": "x"}]
    )
    n = len(world.GOOGLE)
    assert given(mini, tmp_path, "google_patent", text) == [(n + 2, n, 1, 1, 0)]
    lens = json.dumps(world.LENS_JSON) + "\n"
    assert given(mini, tmp_path, "lens_patent_json", lens + lens + "{}\n") == [(3, 1, 1, 1, 0)]


def test_rows_of_tables_are_used_merged_or_set_aside(mini, tmp_path):
    """Unquoted tables are counted by their line ends, quoted ones by the parse.

    Both see the repeat, the broken and the torn row.
    """
    rows = ["1,JP", "2,US", "1,JP", "x,JP", "3", "4,"]
    text = "person_id,person_ctry_code\n" + "".join(f"{row}\n" for row in rows)
    quoted = "person_id,person_ctry_code\n" + "".join(
        ",".join(f'"{cell}"' for cell in row.split(",")) + "\n" for row in rows
    )
    for one in (text, quoted, text.replace("\n", "\r\n"), text + "\n", text[:-1]):
        assert given(mini, tmp_path, "patstat_tls206_person", one) == [(6, 3, 1, 2, 0)]


def test_a_document_of_patents_is_counted_by_its_list(mini, tmp_path):
    patent = {"patent_number": "10815015", "patent_date": "2020-10-27", "inventors": [], "assignees": [], "applications": [],
              "cited_patents": [], "cpcs": []}  # fmt: skip
    text = json.dumps({"patents": [patent, patent, patent | {"patent_date": "never"}], "count": 3})
    assert given(mini, tmp_path, "patentsview_api", text) == [(3, 1, 1, 1, 0)]


def test_published_applications_are_counted(mini, tmp_path):
    row = "20190185700,G06N10/00,15/1,2018-01-01,2019-06-20,A1,JP\n"
    text = f"pgpub_id,cpc_group,application_id,filing_date,published_date,wipo_kind,disambig_country\n{row}{row}x{row}"
    assert given(mini, tmp_path, "patentsview_pgpub", text) == [(3, 1, 1, 1, 0)]


def test_parquet_is_counted_by_its_own_note(mini, tmp_path):
    path = tmp_path / "works.parquet"
    lines = tmp_path / "works.jsonl"
    lines.write_text("\n".join([*lines_of(mini)[:2], lines_of(mini)[0], changed(lines_of(mini)[1], id=None)]))
    columns = (
        "{id: 'VARCHAR', doi: 'VARCHAR', title: 'VARCHAR', type: 'VARCHAR', publication_year: 'BIGINT',"
        " cited_by_count: 'BIGINT', is_retracted: 'BOOLEAN', updated_date: 'VARCHAR',"
        " citation_normalized_percentile: 'STRUCT(value DOUBLE, is_in_top_10_percent BOOLEAN)',"
        " primary_topic: 'STRUCT(id VARCHAR, field STRUCT(id VARCHAR))', topics: 'STRUCT(id VARCHAR, score"
        " DOUBLE)[]', authorships: 'STRUCT(author STRUCT(display_name VARCHAR), institutions STRUCT(id"
        " VARCHAR, display_name VARCHAR, country_code VARCHAR)[], countries VARCHAR[])[]', referenced_works:"
        " 'VARCHAR[]'}"
    )
    duckdb.sql(f"COPY (FROM read_json('{lines}', columns = {columns})) TO '{path}'")
    with build(mini, [held_file(path, "mini_openalex", "openalex_parquet")]) as warehouse:
        assert account(warehouse, "openalex_parquet") == [(4, 2, 1, 1, 0)]


def test_an_answer_of_the_epo_is_counted_by_its_publications(mini, tmp_path):
    member = (
        '<ops:family-member family-id="{family}"><publication-reference><document-id'
        ' document-id-type="docdb"><country>US</country>'
        "<doc-number>{number}</doc-number><kind>A1</kind></document-id></publication-reference></ops:family-member>"
    )
    members = (
        member.format(family="1", number="1")
        + member.format(family="", number="2")
        + member.format(family="1", number="3")
    )
    text = (
        "<ops:world-patent-data"
        ' xmlns:ops="http://ops.epo.org"><ops:patent-family><ops:publication-reference><document-id '
        'document-id-type="docdb"><country>US</country><doc-number>1</doc-number></document-id></ops:publication-reference>'
        f"{members}</ops:patent-family></ops:world-patent-data>"
    )
    assert given(mini, tmp_path, "epo_ops", text) == [(3, 2, 0, 1, 0)]


# ---- a row that is lost is found -----------------------------------------------------------------


def test_a_reader_that_loses_rows_does_not_add_up(mini, tmp_path, monkeypatch):
    readers = dict(stage.load_readers())
    for form in ("patstat_tls206_person", "openalex_request", "patentsview_api"):
        readers[form] = replace(
            readers[form], sql=f"SELECT * FROM (\n{readers[form].sql}\n) WHERE raw_line <> 2"
        )
    monkeypatch.setattr(stage, "load_readers", lambda: readers)
    patent = {
        "patent_number": "10815015",
        "patent_date": "2020-10-27",
        "inventors": [],
        "cited_patents": [],
        "cpcs": [],
    }
    texts = {
        "patstat_tls206_person": "person_id,person_ctry_code\n1,JP\n2,JP\n3,JP\n",
        "openalex_request": '{"unit": "a"}\n{"unit": "b"}\n',
        "patentsview_api": json.dumps({"patents": [patent, patent | {"patent_number": "2"}]}),
    }
    held = []
    for form, text in texts.items():
        (tmp_path / form).write_text(text)
        held.append(held_file(tmp_path / form, "mini_google", form))
    with build(mini, held) as warehouse:
        assert sorted(row[0] for row in warehouse.rows(WRONG)) == sorted(texts)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_lines_are_counted_whatever_the_pieces(size):
    text = b"a\n\n \t\r\nb b\n  c\r\nd"
    count = LineCount()
    for start in range(0, len(text), size):
        count.add(text[start : start + size])
    assert count.n == 4
    texts = {
        b"a,b\r\n1,2\r\n3,4": 3,
        b"a\n1\n": 2,
        b"a\n\n1\n": None,
        b"a\r\n\r\n1": None,
        b"a\r1\r": None,
        b'"a"\n': None,
    }
    for plain, expected in texts.items():
        rows = RowCount()
        for start in range(0, len(plain), size):
            rows.add(plain[start : start + size])
        assert rows.n == expected, plain


def test_the_records_that_a_build_used_are_those_that_trace_reads_again(mini, tmp_path, monkeypatch):
    """Repeats, rejected and left-out records included: one statement chooses them, and both run it."""
    good = "US-{n}-B2,20200101,{n},\"['H01L29/00']\",\"['US-9-A']\",{valid}\n"
    text = "publication_number,publication_date,family_id,cpc_code,refs,valid\n" + "".join(
        good.format(n=n, valid=valid) for n, valid in ((1, "True"), (2, "False"), (1, "True"), (3, "True"))
    )
    path = tmp_path / "rows.csv"
    path.write_text(text + "nonsense,20200101,6,[],[],True\n")
    held = held_file(path, "mini_google", "google_patent_row")
    with build(mini, [held]) as warehouse:
        script = "\n".join(record_scripts(warehouse, ["google_patent_row"]))
        used = warehouse.rows("SELECT publication_number FROM core.patent_publication ORDER BY 1")
    raw = tmp_path / "data" / "raw" / "sha256" / held.raw_digest[:2] / held.raw_digest
    raw.parent.mkdir(parents=True)
    raw.write_bytes(path.read_bytes())
    monkeypatch.chdir(tmp_path)
    with closing(duckdb.connect()) as con:
        con.execute(MACROS + script)
        columns = [row[0] for row in con.execute("DESCRIBE read_google_patent_row").fetchall()]
        again = con.execute("SELECT publication_number FROM read_google_patent_row ORDER BY 1").fetchall()
    assert "is_counterexample" not in columns
    assert again == used == [("US-1-B2",), ("US-3-B2",)]
