"""Where the rows of every raw file went.

Each form adds up, and a repeat, a broken row and an excluded one are counted as such.
"""

import gzip
import json
from contextlib import closing
from dataclasses import replace
from functools import partial

import duckdb
import patent_world as world
import pytest
from miniature import held_file, held_files
from stage_world import build, changed, lines_of, offer
from table_reading import CELLS, LONG, Tables, open_mini

from listgen import stage
from listgen.stage.records.inflating import LineCount
from listgen.stage.records.quotes import RowLines
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


@pytest.fixture(scope="module")
def with_countries(tmp_path_factory):
    return open_mini(tmp_path_factory.mktemp("account"))


@pytest.fixture
def read(with_countries, tmp_path):
    return Tables(with_countries, tmp_path)


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


DECIDED = json.dumps({
    "technology_id": "alpha", "review_id": "r", "run_id": "b", "machine_status": "listed", "round": 1,
    "panel": {"n": 3, "n_with_conflicted": 3, "n_conflict": 0, "outcome": "agreed", "is_bimodal": False},
    "event_digest": "e", "log_digest": "l",
})  # fmt: skip


def test_decisions_are_counted(mini, tmp_path):
    text = f'{DECIDED}\n{DECIDED}\n{{"technology_id": 7}}\n'
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
    patent = {"patent_number": "10815015", "patent_date": "2020-10-27", "inventors": [], "assignees": [],
        "applications": [],
              "cited_patents": [], "cpcs": []}  # fmt: skip
    text = json.dumps({"patents": [patent, patent, patent | {"patent_date": "never"}], "count": 3})
    assert given(mini, tmp_path, "patentsview_api", text) == [(3, 1, 1, 1, 0)]


def test_published_applications_are_counted(mini, tmp_path):
    row = "20190185700,G06N10/00,15/1,2018-01-01,2019-06-20,A1,JP\n"
    text = (
        "pgpub_id,cpc_group,application_id,filing_date,published_date,wipo_kind,disambig_country\n"
        f"{row}{row}x{row}"
    )
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


# ---- trade ---------------------------------------------------------------------------------------


def test_a_refused_sum_of_all_goods_is_not_a_row(mini, tmp_path):
    """The sum names the first of its rows, and that row counts once, for what it is."""
    text = "t,i,j,k,v,q\n2024,156,392,010101,7,1\n2024,156,392,010101,8,1\n2024,276,392,010101,8,1\n"
    assert given(mini, tmp_path, "baci", text) == [(3, 0, 0, 0, 3)]


def test_a_page_of_trade_is_counted_by_its_list(mini, tmp_path):
    rows = [FLOW | {"partnerCode": 0}, FLOW | {"partnerCode": 0}, FLOW | {"partnerCode": 899}, FLOW]
    page = json.dumps({"count": 9, "data": [*rows, FLOW | {"partnerCode": 0, "cmdCode": "010101"}]})
    assert given(mini, tmp_path, "comtrade_page", page) == [(5, 1, 1, 1, 2)], (
        "records that are missing are no rows"
    )


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


def broken(form, old, new):
    """Return all readers, of which that of one form has other text in its statement."""
    readers = dict(stage.load_readers())
    assert old in readers[form].sql
    readers[form] = replace(readers[form], sql=readers[form].sql.replace(old, new))
    return readers


def lost_forms(mini, monkeypatch, held, readers):
    """Return the forms of the files that do not add up, where every file is read by these readers."""
    monkeypatch.setattr(stage, "load_readers", lambda: readers)
    with build(mini, held) as warehouse:
        return {row[0] for row in warehouse.rows(WRONG)}


def without_line(readers, number):
    """Return the readers, each of which loses the records of one line."""
    return {
        form: replace(
            reader, sql=f"SELECT * FROM (\n{reader.sql}\n) WHERE raw_line IS DISTINCT FROM {number}"
        )
        for form, reader in readers.items()
        if reader.header["layout"] != "declared"
    } | {form: reader for form, reader in readers.items() if reader.header["layout"] == "declared"}


def test_every_reader_of_patents_and_works_that_loses_a_record_does_not_add_up(mini, tmp_path, monkeypatch):
    lines = [json.dumps(row) for row in (world.LENS_JSON, world.LENS_JSON | {"doc_number": "7"})]
    (tmp_path / "two.jsonl").write_text("\n".join(lines))
    held = [
        *world.patentsview(tmp_path),
        *world.patstat(tmp_path),
        world.google(tmp_path),
        world.works(tmp_path),
    ]
    held += [held_file(tmp_path / "two.jsonl", "mini_google", "lens_patent_json")]
    with build(mini, held) as warehouse:
        assert warehouse.rows(WRONG) == []
        long_ones = {
            row[0] for row in warehouse.rows("SELECT form_id FROM prov.row_account WHERE n_rows > 1")
        }
    assert len(long_ones) > 20
    assert lost_forms(mini, monkeypatch, held, without_line(stage.load_readers(), 2)) == long_ones


@pytest.mark.parametrize(
    ("form", "source", "text"),
    [
        ("openalex_page", "mini_openalex", '{"results": [%s, %s]}'),
        ("openalex_groups", "mini_openalex", '{"meta": {"count": 9}, "group_by": [%s, %s]}'),
        ("openalex_deleted", "mini_openalex", "work_id,deleted_date\n7,2025-01-01\n8,2025-01-01\n"),
        ("answer_index", "mini_openalex", '{"unit": "a"}\n{"unit": "b"}\n'),
        ("review_decision", "mini_openalex", "%s\n%s\n"),
        ("google_patent_row", "mini_google",
         "publication_number,publication_date,family_id,cpc_code,refs,valid\nUS-1-B2,20200101,1,\"['A01B1/00']\",\"['US-9-A']\",True\n"
         "US-2-B2,20200101,2,[],[],False\n"),
        ("patstat_tls206_person", "mini_google", 'person_id,person_ctry_code\n"1","JP"\n"2","a\nb"\n'),
        ("comtrade_page", "mini_google", '{"count": 2, "data": [%s, %s]}'),
        ("baci", "mini_google", "t,i,j,k,v,q\n2024,156,392,850760,60,1\n2024,276,392,850761,15,1\n"),
    ],
)  # fmt: skip
def test_a_reader_of_another_form_that_loses_a_record_does_not_add_up(
    mini, tmp_path, monkeypatch, form, source, text
):
    rows = {
        "openalex_page": lines_of(mini)[:2],
        "openalex_groups": ['{"key": "JP", "count": 3}', '{"key": "US", "count": 1}'],
        "review_decision": [DECIDED, '{"technology_id": 7}'],
        "comtrade_page": [json.dumps(FLOW | {"partnerCode": code}) for code in (156, 276)],
    }  # fmt: skip
    path = tmp_path / "BACI_HS22_Y2024_V202601.csv"
    path.write_text(text % tuple(rows[form]) if form in rows else text)
    held = [held_file(path, source, form)]
    with build(mini, held) as warehouse:
        assert warehouse.rows(WRONG) == []
    sql = stage.load_readers()[form].sql
    inside = next((old for old in ("FROM record\n", "FROM listed\n", "FROM parsed\n") if old in sql), sql)
    lost = (
        inside.replace("\n", " WHERE raw_line <> 2\n")
        if inside != sql
        else f"FROM (\n{sql}\n) WHERE raw_line <> 2"
    )
    assert lost_forms(mini, monkeypatch, held, broken(form, inside, lost)) == {form}


FLOW = {
    "period": "2024", "flowCode": "M", "reporterCode": 392, "cmdCode": "TOTAL", "classificationCode": "H6",
    "partner2Code": 0,
    "motCode": 0, "customsCode": "C00", "primaryValue": 5.0, "netWgt": 1.0,
}  # fmt: skip


@pytest.mark.parametrize("form", ["statistic_table", "supply_table"])
@pytest.mark.parametrize(
    ("old", "new"),
    [("FROM judged", "FROM judged WHERE raw_line <> 3"),
        ("count(*) AS n_excluded", "count(*) - 1 AS n_excluded")],
    ids=["a row", "a row that a rule leaves out"],
)  # fmt: skip
def test_a_reader_of_a_table_that_loses_a_row_does_not_add_up(read, monkeypatch, form, old, new):
    text = "country,year,n\nWorld,2020,9\nChina,2020,6\nJapan,2020,5\nnote,,\n,,\n"
    stated = (
        {"constants": {"commodity": "gallium", "stage": "refined", "unit": "t"}}
        if form == "supply_table"
        else {}
    )
    read(text, form=form, **stated, **LONG)
    assert read.accounts == [(5, 3, 0, 0, 2, False)]
    monkeypatch.setattr(stage, "load_readers", partial(dict, broken(form, old, new)))
    read(text, form=form, **stated, **LONG)
    ((n_rows, *parts, _),) = read.accounts
    assert n_rows == 5
    assert sum(parts) == 4


@pytest.mark.parametrize(
    ("table", "old", "new"),
    [
        ("core.statistic", "WHERE position = 1", "WHERE position = 1 AND area_code <> 'JP'"),
        ("statistic_cell", "FROM cell\n", "FROM cell WHERE area_code <> 'JP'\n"),
    ],
)
def test_a_table_that_loses_rows_of_its_file_does_not_add_up(read, monkeypatch, table, old, new):
    made = [
        replace(file, sql=file.sql.replace(old, new)) if file.header["table"] == table else file
        for file in stage._load_tables()
    ]
    monkeypatch.setattr(stage, "_load_tables", lambda: made)
    read("country,year,n\nWorld,2020,9\nJapan,2020,5\nJapan,2020,5\n", **LONG)
    assert read.accounts == [(3, 1, 0, 0, 0, False)]


def test_the_rules_that_leave_rows_out_are_named(read):
    series = [CELLS | {"key": "a"}]
    columns = {"area": "country", "year": "year", "value": "n", "series": "item"}
    text = (
        "item,country,year,n\na,World,2020,9\na,Japan,2020,5\nb,Japan,2020,5\nb,China,2020,5\n"
        "a,Asia,2020,3\nnote,,,\na,note,,\n"
    )
    read(text, series=series, columns=columns, other_areas=["Asia"])
    assert read.accounts == [(7, 2, 0, 0, 5, False)]
    assert read.rules == {
        "a series that is not declared": 3,
        "an area that is not a country": 1,
        "a note, or empty": 1,
    }


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
        b"a\n\n1\n": 2,
        b"a\r\n\r\n1": 2,
        b"\n\n\na": 1,
        b"a\n\r\n": 1,
        b"a\r1\r": None,
        b'"a"\n\n"b ""c"" d",1\n': 2,
        b'"a"\r\n\r\n"b"\r\n': 2,
        b'"a\nb"\n': None,
        b'a "b" c\n': None,
    }
    for plain, expected in texts.items():
        rows = RowLines(",")
        for start in range(0, len(plain), size):
            rows.add(plain[start : start + size])
        assert rows.end() == expected, plain


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
    assert not {"excluded_by", "n_excluded"} & set(columns)
    assert again == used == [("US-1-B2",), ("US-3-B2",)]
