"""Patents of all providers as one world.

The same invention in every spelling, what cannot be read, and the real files of Lens.
"""

import gzip
import zipfile
from decimal import Decimal
from pathlib import Path

import duckdb
import patent_world as world
import pytest
from miniature import held_file
from stage_world import build, fails

from listgen import stage
from listgen.stage.records.reading import stage_files
from listgen.store.warehouse import Warehouse

PATENTS = Path(__file__).resolve().parents[2] / "shared" / "data" / "patents"
needs_data = pytest.mark.skipif(not PATENTS.is_dir(), reason="../shared/data/patents is not here")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("patents")


@pytest.fixture(scope="module")
def everything(mini, folder):
    """All providers together, staged."""
    held = [*world.patentsview(folder), *world.patstat(folder), world.google(folder), *world.lens(folder)]
    with build(mini, [*held, world.works(folder)]) as warehouse:
        yield warehouse


def family_of(warehouse, *numbers):
    rows = dict(warehouse.rows("SELECT publication_number, family_id FROM core.patent_publication"))
    return [rows[number] for number in numbers]


# ---- families ------------------------------------------------------------------------------------


def test_one_invention_of_four_providers_is_one_family(everything):
    """PatentsView's 10815015, 20190185700, Google's US-10815015-B2, Lens's US 2019/0185700, CN 109860000."""
    numbers = ("US-10815015-B2", "US-2019185700-A1", "JP-2019099999-A", "CN-109860000-A")
    assert family_of(everything, *numbers) == ["555"] * 4
    row = everything.rows(
        "SELECT family_kind, priority_year, n_publications, n_offices, office_codes, is_ip5, is_triadic,"
        " is_pct, inventor_country_codes FROM core.patent_family WHERE family_id = '555'"
    )
    # EP is a listed member that nobody holds: an office, not a publication.
    assert row == [("docdb", 2017, 4, 4, ["CN", "EP", "JP", "US"], True, True, False, ["JP"])]


def test_providers_without_a_family_number_agree_too(mini, tmp_path):
    """PatentsView and the Lens of 2016 alone.

    The application number and the spelling of the publication make one family.
    """
    held = [*world.patentsview(tmp_path), *world.lens(tmp_path, generations=(2016,))]
    with build(mini, held) as warehouse:
        assert family_of(warehouse, "US-10815015-B2", "US-2019185700-A1") == ["US-10815015"] * 2
        kinds = warehouse.rows(
            "SELECT DISTINCT family_kind FROM core.patent_publication WHERE family_id = 'US-10815015'"
        )
        assert kinds == [("single_document",)]  # the family abroad is not known


def test_a_list_of_members_is_a_docdb_family_and_a_document_alone_says_so(everything):
    assert family_of(everything, "AU-2018300001-A1", "WO-2018123456-A1") == [
        "list-AU-2018300001-A1",
        "list-WO-2018123456-A1",
    ]
    rows = everything.rows(
        "SELECT family_kind, n_offices, is_pct FROM core.patent_family WHERE family_id ="
        " 'list-AU-2018300001-A1'"
    )
    assert rows == [("docdb", 2, True)]
    assert everything.rows("SELECT family_kind FROM core.patent_family WHERE family_id = 'US-10815016'") == [
        ("single_document",)
    ]
    assert family_of(everything, "US-10815016-B1", "US-2019000777-A1") == ["US-10815016"] * 2
    assert family_of(everything, "US-2021000001-A1") == ["US-application-17300001"]


def test_inpadoc_families_are_kept_and_nothing_is_counted_by_them(everything):
    assert family_of(everything, "FR-3093000-A1", "EP-3700001-A1", "EP-3700001-B1", "CN-111600001-A") == [
        "700",
        "700",
        "700",
        "701",
    ]
    wide = (
        "SELECT count(DISTINCT inpadoc_family_id), count(DISTINCT family_id) FROM core.patent_publication"
        " WHERE inpadoc_family_id = '9000'"
    )
    assert everything.rows(wide) == [(1, 2)]
    assert everything.scalar("SELECT count(*) FROM core.patent_family WHERE family_id = '9000'") == 0
    kinds = "SELECT family_id FROM core.patent_publication GROUP BY 1 HAVING count(DISTINCT family_kind) > 1"
    assert everything.rows(kinds) == []


def test_d58_designs_and_reissues_keep_their_letters(everything):
    rows = everything.rows(
        "SELECT publication_number, us_grant_number, filing_date FROM core.patent_publication WHERE"
        " us_grant_number ~ '[A-Z]'"
    )
    assert sorted(rows) == [
        ("US-D345393-S", "D345393", None),
        ("US-H12-H", "H12", None),
        ("US-RE35312-E1", "RE35312", None),
    ]
    cited = (
        "SELECT cited_publication_number FROM core.patent_citation WHERE cited_publication_number LIKE"
        " 'US-D%'"
    )
    assert everything.rows(cited) == [("US-D345393-S",)]


# ---- countries -----------------------------------------------------------------------------------


def test_inventors_applicants_and_offices_are_three_things(everything):
    rows = {}
    for family, role, country, weight, attribution in everything.rows(
        "SELECT family_id, role, country_code, weight, attribution FROM core.patent_family_country"
    ):
        rows.setdefault((family, role, attribution), {})[country] = weight
    third, rest = Decimal("0.333333333333"), Decimal("0.666666666667")
    assert rows["US-10815016", "inventor", "residence"] == {"JP": rest, "DE": third} or rows[
        "US-10815016", "inventor", "residence"
    ] == {
        "JP": Decimal("0.666666666666"),
        "DE": Decimal("0.333333333334"),
    }
    assert rows["US-10815016", "applicant", "residence"] == {"JP": Decimal("0.5"), "DE": Decimal("0.5")}
    assert rows["555", "inventor", "residence"] == {"JP": 1}
    assert rows["555", "first_filing", "office"] == {"JP": 1}
    assert rows["700", "applicant", "residence"] == {"DE": 1}  # sequence 0 is not in that role
    assert ("700", "first_filing", "office") not in rows  # FR is no country of this workspace
    assert ("list-WO-2018123456-A1", "first_filing", "office") not in rows  # EP is an office, no country
    assert rows["list-CA-3028001-A1", "inventor", "residence"] == {"CN": Decimal("0.5"), "US": Decimal("0.5")}
    assert all(sum(shares.values()) == 1 for shares in rows.values())


def test_offices_without_dates_and_countries_stay_unknown(everything):
    assert everything.rows(
        "SELECT priority_year, inventor_country_codes FROM core.patent_family WHERE family_id = '702'"
    ) == [(None, None)]


# ---- symbols and citations -----------------------------------------------------------------------


def test_symbols_lose_their_blanks(everything):
    rows = everything.rows(
        "SELECT family_id, cpc_code FROM core.patent_family_cpc WHERE family_id IN ('700', '701',"
        " 'list-CA-3028001-A1')"
    )
    assert sorted(rows) == [("700", "H01M10/0525"), ("701", "G02B6/12"), ("list-CA-3028001-A1", "G02B6/12")]


def test_citations_of_every_provider_lead_to_families(everything):
    rows = everything.rows(
        "SELECT citing_family_id, cited_family_id, cited_publication_number FROM core.patent_citation"
    )
    by_family = {}
    for citing, cited, number in rows:
        by_family.setdefault(citing, set()).add((cited, number))
    assert by_family["US-10815016"] == {
        ("555", "US-10815015-B2"),
        ("US-D345393", "US-D345393-S"),
        ("US-application-17300001", "US-2021000001-A1"),
        (None, "US-2003000009"),
        (None, "JP-2017123456"),
        (None, "WO-2015104376"),
    }
    # By publication where PATSTAT has it; between families only for a family nothing else speaks for.
    assert by_family["700"] == {("555", "US-10815015-B2"), ("701", "CN-111600001-A")}
    assert by_family["701"] == {("555", "CN-109860000-A"), (None, "family 888")}
    assert by_family["list-CA-3028001-A1"] == {("555", "US-10815015-B2")}


def test_references_that_are_no_patents_are_counted_where_a_source_gives_them(everything):
    rows = dict(everything.rows("SELECT family_id, n_npl_citations FROM core.patent_family"))
    assert rows["US-10815016"] == 6
    assert rows["700"] == 1
    assert rows["555"] == 2  # the most in one of its publications: Lens of 2016
    assert rows["list-WO-2018123456-A1"] is None or rows["list-WO-2018123456-A1"] == 0
    assert rows["US-application-17300001"] is None


def test_patents_are_linked_to_papers_by_number_or_by_title_year_and_first_author(everything):
    rows = everything.rows(
        "SELECT family_id, work_id, link_method, publication_number FROM core.patent_work_link ORDER BY ALL"
    )
    assert rows == [
        ("555", 901, "doi", "US-2019185700-A1"),  # resolved by Lens
        ("555", 902, "pmid", "JP-2019099999-A"),
        ("US-10815016", 901, "doi", "US-10815016-B1"),  # the DOI stands before the title
        ("US-10815016", 903, "reference", "US-10815016-B1"),
        ("list-CA-3028001-A1", 901, "doi", "CA-3028001-A1"),
    ]


# ---- what cannot be read -------------------------------------------------------------------------


def test_d49_impossible_records_are_set_aside_by_name(everything):
    rows = everything.rows("SELECT file_name, raw_line, field, excerpt FROM prov.quarantine ORDER BY ALL")
    assert rows == [
        ("g_application.tsv.zip", 2, "filing_date", "1074-12-29"),
        ("g_application.tsv.zip", 3, "filing_date", "9999-12-31"),
        ("g_cpc_current.tsv.zip", 3, "cpc_group", "nonsense"),
        ("g_foreign_citation.tsv.zip", 3, "citation_application_id", "none"),
        ("g_us_application_citation.tsv.zip", 3, "citation_document_number", "2019018"),
        ("tls201_appln_part01.csv", 5, "appln_filing_date", "1074-01-01"),
    ]


def one_table(mini, tmp_path, path):
    """Return holdings with this file as the table g_patent."""
    rest = [file for file in world.patentsview(tmp_path) if file.form_id != "patentsview_g_patent"]
    return [*rest, held_file(path, "mini_patentsview", "patentsview_g_patent", "g_patent.tsv.zip")]


def test_d53_archives_that_are_no_table_are_refused_by_name(mini, tmp_path):
    table = world.quoted(world.G_TABLES["g_patent"], "\t")
    header = '"patent_id"\t"patent_date"\t"wipo_kind"\n'
    inner = world.zipped(tmp_path / "inner.zip", ("g_patent.tsv", table)).read_bytes()
    cases = {
        "several": ([("a.tsv", table), ("b.tsv", table)], "holds 2 members (a.tsv, b.tsv)"),
        "nested": ([("g_patent.tsv.zip", inner)], "is an archive inside an archive"),
        "bomb": ([("g_patent.tsv", header.encode() + b" " * 80_000_000)], "would grow from"),
    }
    for name, (members, said) in cases.items():
        path = world.zipped(tmp_path / f"{name}.zip", *members)
        fails(mini, one_table(mini, tmp_path, path), f"g_patent.tsv.zip {said}")
    # A bomb that lies about its size, a flipped bit and a cut.
    whole = bytearray((tmp_path / "bomb.zip").read_bytes())
    for place in (whole.index(b"PK\x01\x02") + 24, 22):
        whole[place : place + 4] = (1_000).to_bytes(4, "little")
    (tmp_path / "liar.zip").write_bytes(bytes(whole))
    fails(
        mini, one_table(mini, tmp_path, tmp_path / "liar.zip"), "g_patent.tsv.zip is torn or no ZIP archive"
    )
    (tmp_path / "bomb.gz").write_bytes(gzip.compress(header.encode() + b" " * 80_000_000, compresslevel=1))
    fails(
        mini,
        one_table(mini, tmp_path, tmp_path / "bomb.gz"),
        "g_patent.tsv.zip unpacks to more than 200 times its size",
    )
    good = bytearray(world.zipped(tmp_path / "good.zip", ("g_patent.tsv", table * 50)).read_bytes())
    good[len(good) // 2] ^= 4
    (tmp_path / "bit.zip").write_bytes(bytes(good))
    fails(mini, one_table(mini, tmp_path, tmp_path / "bit.zip"), "g_patent.tsv.zip is a torn gzip file")
    (tmp_path / "cut.zip").write_bytes(bytes(good[:-30]))
    fails(mini, one_table(mini, tmp_path, tmp_path / "cut.zip"), "g_patent.tsv.zip is torn or no ZIP archive")


def test_macos_leftovers_in_an_archive_are_no_second_file(mini, tmp_path):
    table = world.quoted(world.G_TABLES["g_patent"], "\t")
    path = world.zipped(tmp_path / "mac.zip", ("g_patent.tsv", table), ("__MACOSX/._g_patent.tsv", b"x"))
    file = held_file(path, "mini_patentsview", "patentsview_g_patent")
    assert stage_files(stage.load_readers(), mini.config, [file], tmp_path / "cache")[0].n_records == 5


def test_the_parquet_of_google_says_what_its_json_says(mini, tmp_path):
    lines, parquet = world.google(tmp_path), tmp_path / "publications.parquet"
    duckdb.execute(
        f"COPY (SELECT * FROM read_json('{lines.path}', format = 'newline_delimited', columns ="
        " {publication_number: 'VARCHAR', family_id: 'VARCHAR', priority_date: 'BIGINT', filing_date:"
        " 'BIGINT', publication_date: 'BIGINT', grant_date: 'BIGINT', inventor_harmonized: 'STRUCT(name"
        " VARCHAR, country_code VARCHAR)[]', assignee_harmonized: 'STRUCT(name VARCHAR, country_code"
        " VARCHAR)[]', priority_claim: 'STRUCT(application_number VARCHAR, filing_date BIGINT)[]', cpc:"
        " 'STRUCT(code VARCHAR, inventive BOOLEAN, first BOOLEAN)[]', citation: 'STRUCT(publication_number"
        f" VARCHAR, npl_text VARCHAR)[]'}})) TO '{parquet}'"
    )
    # The layout of BigQuery's older exports: a repeated column is a record `list` of records `element`.
    older = tmp_path / "older.parquet"
    repeated = ("inventor_harmonized", "assignee_harmonized", "priority_claim", "cpc", "citation")
    wrapped = ", ".join(
        f"{{'list': [{{'element': item}} FOR item IN {name}]}} AS {name}" for name in repeated
    )
    duckdb.execute(f"COPY (SELECT * REPLACE ({wrapped}) FROM '{parquet}') TO '{older}'")
    files = [lines, *(held_file(path, "mini_google", "google_patent_parquet") for path in (parquet, older))]
    staged = stage_files(stage.load_readers(), mini.config, files, tmp_path / "cache")
    rows = [
        duckdb.sql(f"SELECT * EXCLUDE (raw_digest) FROM '{file.parquet}' ORDER BY raw_line").fetchall()
        for file in staged
    ]
    assert rows[0] == rows[1] == rows[2]
    assert len(rows[0]) == 2


# Two texts of different patents that quote the same title, name a common year, and of which one names the
# other's first author, are taken for one paper by the rule of core.patent_work_link. Lens resolved references
# to DOIs independently: if they are the same paper, the records share one. Only records with at most three
# DOIs tell anything, larger ones share some by chance.
AGREEMENT = """
WITH record AS (
  SELECT raw_line, npl_texts, [id FOR id IN npl_ids IF id LIKE '10.%'] AS dois FROM '{parquet}'
),
text AS (
  SELECT raw_line, dois, unnest(npl_texts) AS text FROM record WHERE len(dois) > 0
),
titled AS (
  SELECT raw_line, dois, text, unnest(reference_titles(text)) AS title,
    regexp_extract_all(text, '(?:19|20)[0-9]{{2}}') AS years,
    lower(strip_accents(regexp_extract(text, '^[^A-Za-z]*([A-Za-z-]{{3,}})', 1))) AS author,
    ' ' || regexp_replace(lower(strip_accents(text)), '[^a-z0-9]+', ' ', 'g') AS words
  FROM text
),
pair AS (
  SELECT DISTINCT a.text AS text_a, b.text AS text_b, len(list_intersect(a.dois, b.dois)) > 0 AS is_same
  FROM titled AS a JOIN titled AS b ON a.title = b.title AND a.raw_line < b.raw_line AND a.text <> b.text
  WHERE least(len(a.dois), len(b.dois)) <= 3 AND len(list_intersect(a.years, b.years)) > 0
    AND (contains(b.words, ' ' || a.author || ' ') OR contains(a.words, ' ' || b.author || ' '))
)
SELECT count(*), count(*) FILTER (is_same) FROM pair
"""


@needs_data
def test_the_rule_for_references_agrees_with_resolved_dois(mini, tmp_path):
    """The measured lower bound of its precision, as docs/decisions/0014 states it."""
    file = held_file(PATENTS / "lens_drones_2016_fulltext_families_5884.csv.gz", "mini_google", "lens_patent")
    staged = stage_files(stage.load_readers(), mini.config, [file], tmp_path / "cache")[0]
    with Warehouse() as warehouse:
        n_pairs, n_same = warehouse.rows(AGREEMENT.format(parquet=staged.parquet))[0]
    assert (n_pairs, n_same) == (86, 82)


# ---- the real files of Lens, which are read in tests only ----------------------------------------


@needs_data
def test_the_lens_exports_of_2016_and_2017_are_read_whole(mini, tmp_path):
    """Counts of the notes, years 1902-2016 and 1948-2017, 965 with non-patent references, 420 with DOI."""
    found = {}
    for name in ("lens_drones_2016_fulltext_families_5884", "lens_drones_2017_families_9071"):
        file = held_file(PATENTS / f"{name}.csv.gz", "mini_google", "lens_patent")
        staged = stage_files(stage.load_readers(), mini.config, [file], tmp_path / "cache")[0]
        found[staged.n_records, staged.n_rejected] = duckdb.sql(
            "SELECT min(year(publication_date)), max(year(publication_date)), count(*) FILTER"
            " (n_npl_citations > 0), count(*) FILTER (len([id FOR id IN npl_ids IF id LIKE '10.%']) > 0),"
            f" count(DISTINCT publication_number) FROM '{staged.parquet}'"
        ).fetchall()
    assert found == {(5_884, 0): [(1902, 2016, 965, 420, 5_884)], (9_071, 0): [(1948, 2017, 0, 0, 9_071)]}


def test_bytes_of_the_archive_and_of_the_text_give_the_same_records(mini, tmp_path):
    packed = next(file for file in world.patentsview(tmp_path) if file.form_id == "patentsview_g_patent")
    with zipfile.ZipFile(packed.path) as archive:
        (tmp_path / "g_patent.tsv").write_bytes(archive.read("g_patent.tsv"))
    plain = held_file(tmp_path / "g_patent.tsv", "mini_patentsview", "patentsview_g_patent")
    staged = stage_files(stage.load_readers(), mini.config, [packed, plain], tmp_path / "cache")
    rows = [
        duckdb.sql(f"SELECT * EXCLUDE (raw_digest) FROM '{file.parquet}' ORDER BY raw_line").fetchall()
        for file in staged
    ]
    assert rows[0] == rows[1]
    assert "unzip -p {raw}" in next(file for file in staged if file.held == packed).params_text


@needs_data
def test_tables_of_lens_ids_alone_hold_what_their_description_says_and_nothing_a_family_needs():
    """Neither has a number, a date or a country, and works go by Lens's own ids.

    They are held to their description and not read.
    """
    ipc, links = (
        f"read_csv('{PATENTS}/lens_cyanobacteria_{name}.tsv.gz', delim = '\t')"
        for name in ("ipc", "links_patent_work")
    )
    assert duckdb.sql(f'SELECT count(*), count(DISTINCT "lens.id") FROM {ipc}').fetchall() == [
        (171_265, 33_323)
    ]
    assert duckdb.sql(
        f"SELECT count(*), count(DISTINCT patent), count(DISTINCT work) FROM {links}"
    ).fetchall() == [(311_280, 15_100, 83_516)]
    columns = [row[0] for table in (ipc, links) for row in duckdb.sql(f"DESCRIBE FROM {table}").fetchall()]
    assert columns == ["lens.id", "ipc", "patent", "work"]
