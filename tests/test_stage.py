"""The stage step: what raw bytes become, and what is set aside. Answers were computed by hand on the miniature world."""

import dataclasses
import gzip
import json
import random
from collections import Counter
from decimal import Decimal

import pytest
from miniature import held_file, held_files, open_miniature

from listgen import stage
from listgen.base.errors import DataError, UsageError
from listgen.base.models import Table
from listgen.base.warehouse import Warehouse, connect
from listgen.stage.reading import stage_files
from listgen.stage.tables import clean_area, map_areas

JAPAN_OF_101 = Decimal("0.666666666667")  # authors JP, JP, US: 0.333333333334 (takes the rest) + 0.333333333333


@pytest.fixture(scope="module")
def mini(tmp_path_factory):
    return open_miniature(tmp_path_factory.mktemp("mini") / "workspace")


@pytest.fixture(scope="module")
def staged(mini):
    with Warehouse() as warehouse:
        stage.run(warehouse, mini.config, held_files(mini), mini.stage_cache)
        yield warehouse


def build(workspace, holdings=None, config=None):
    """Return a staged build in memory."""
    warehouse = Warehouse()
    stage.run(warehouse, config or workspace.config, held_files(workspace) if holdings is None else holdings, workspace.stage_cache)
    return warehouse


def offer(workspace, tmp_path, content, form="openalex_work", source="mini_openalex", name="given.jsonl"):
    """Return the miniature's holdings with all files of a form replaced by one file of these bytes."""
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    kept = [f for f in held_files(workspace) if f.form_id not in (form, "manifest")]
    return [*kept, held_file(path, source, form)]


def lines_of(workspace, part="updated_date=2025-06-01"):
    return (workspace.root / "raw" / "openalex" / part / "part_0000.jsonl").read_text().splitlines()


def changed(line, **fields):
    return json.dumps(json.loads(line) | fields)


def quarantine(warehouse):
    return warehouse.rows("SELECT raw_line, field, reason, excerpt FROM prov.quarantine WHERE source_id = 'mini_openalex' ORDER BY ALL")


# ---- works ------------------------------------------------------------------------------------------------------------


def test_a_work_is_shared_among_authors_and_their_affiliations(staged):
    rows = staged.rows(
        "SELECT work_id, author_seq, institution_id, country_code, weight FROM core.authorship WHERE work_id < 106 ORDER BY ALL"
    )
    third, rest = Decimal("0.333333333333"), Decimal("0.333333333334")
    assert [r for r in rows if r[0] == 101] == [(101, 1, 1, "JP", rest), (101, 2, 1, "JP", third), (101, 3, 2, "US", third)]
    # Two authors; the first has two affiliations: 1/2 x 1/2 each.
    assert [r[2:] for r in rows if r[0] == 102] == [(1, "JP", Decimal("0.25")), (2, "US", Decimal("0.25")), (4, "DE", Decimal("0.5"))]
    # No institution: the authorship's own countries speak; neither: unknown; an institution without country: unknown too.
    assert [r[2:] for r in rows if r[0] == 103] == [(None, "CN", 1)]
    assert [r[2:] for r in rows if r[0] == 104] == [(2, "US", Decimal("0.5")), (None, None, Decimal("0.5"))]
    assert [r[2:] for r in rows if r[0] == 105] == [(5, None, 1)]


def test_the_shares_of_every_work_sum_to_exactly_one(staged):
    assert staged.rows("SELECT work_id FROM core.authorship GROUP BY 1 HAVING sum(weight) <> 1") == []


def test_shares_that_do_not_divide_still_sum_to_one(mini, tmp_path):
    author = json.loads(lines_of(mini)[0])["authorships"][0]
    place = author["institutions"][0]
    sizes, lines = {7: 1, 8: 3, 9: 7, 10: 13, 11: 97}, ""
    for work_id, n_authors in sizes.items():
        crowd = [
            author | {"institutions": [place | {"id": f"https://openalex.org/I{k}"} for k in range(1 + i % 3)]} for i in range(n_authors)
        ]
        lines += changed(lines_of(mini)[0], id=f"https://openalex.org/W{work_id}", authorships=crowd) + "\n"
    with build(mini, offer(mini, tmp_path, lines)) as warehouse:
        rows = warehouse.rows("SELECT work_id, sum(weight), count(DISTINCT author_seq) FROM core.authorship GROUP BY 1 ORDER BY 1")
        assert rows == [(work_id, 1, n_authors) for work_id, n_authors in sizes.items()]


def test_an_unknown_country_carries_no_credit_and_no_zero(staged):
    assert staged.rows("SELECT country_code, weight FROM core.work_country WHERE work_id = 101") == [
        ("JP", JAPAN_OF_101),
        ("US", Decimal("0.333333333333")),
    ]
    assert staged.rows("SELECT country_code, weight FROM core.work_country WHERE work_id IN (104, 105)") == [("US", Decimal("0.5"))]


def test_work_ids_survive_and_carry_what_the_provider_says(staged):
    ids = [101, 102, 103, 104, 105, 106, *range(201, 212), 301, 302, 303, 401]
    assert [row[0] for row in staged.rows("SELECT work_id FROM core.work ORDER BY 1")] == ids
    shown = staged.rows(
        "SELECT publication_year, primary_topic_id, field_id, cited_by_count, field_percentile, is_field_top10, n_authors, n_countries, "
        "n_references, is_author_list_capped, raw_line FROM core.work WHERE work_id = 101"
    )
    assert shown == [(2022, "T10001", 22, 7, 0.95, True, 3, 2, 3, False, 1)]


def test_the_top_tenth_is_exactly_a_tenth_of_each_cell_and_ties_share_it(staged):
    rows = dict(staged.rows("SELECT work_id, top10_weight FROM core.technology_work WHERE technology_id = 'photon_chips'"))
    # 2022: five works count (106 is retracted); 0.5 is shared by three works with 7 citations, the rest of rounding on the first.
    assert (rows[101], rows[102], rows[103]) == (Decimal("0.166666666668"), Decimal("0.166666666666"), Decimal("0.166666666666"))
    assert rows[104] == rows[105] == 0
    # 2023: twelve works, 303 by its second topic: 1.2 = the one with 20 citations, and 0.1 for each of the two with 9.
    assert (rows[201], rows[202], rows[203], rows[204]) == (1, Decimal("0.1"), Decimal("0.1"), 0)
    cells = staged.rows("SELECT sum(top10_weight), count(*) FROM core.technology_work GROUP BY technology_id, publication_year")
    assert all(total * 10 == n for total, n in cells)


def test_retracted_works_stay_visible_but_count_for_no_technology(staged):
    assert staged.scalar("SELECT is_retracted FROM core.work WHERE work_id = 106")
    assert staged.scalar("SELECT count(*) FROM core.technology_work WHERE work_id = 106") == 0


def test_works_of_a_frame_that_cannot_compare_get_no_top_weight_and_no_flow(mini):
    source = mini.config.sources["mini_openalex"]
    sampled = source.model_copy(update={"frame": source.frame.model_copy(update={"comparable": False}), "grade": "records_sampled"})
    config = dataclasses.replace(mini.config, sources=mini.config.sources | {source.id: sampled})
    with build(mini, config=config) as warehouse:
        assert warehouse.scalar("SELECT count(top10_weight) FROM core.technology_work") == 0
        assert warehouse.scalar("SELECT count(*) FROM core.citation_flow WHERE basis = 'works'") == 0
        evidence = warehouse.rows(
            "SELECT n_items, n_comparable FROM core.technology_evidence WHERE technology_id = 'photon_chips' AND basis = 'works'"
        )
        assert evidence == [(17, 0)]


def test_references_are_kept_once_each_held_or_not(staged):
    assert staged.rows("SELECT cited_work_id FROM core.work_reference WHERE citing_work_id = 203") == [(999,)]
    assert staged.rows("SELECT cited_work_id FROM core.work_reference WHERE citing_work_id = 101 ORDER BY 1") == [(105,), (401,), (999,)]


# ---- patents ----------------------------------------------------------------------------------------------------------


def test_families_say_how_far_they_reach(staged):
    rows = staged.rows(
        "SELECT family_id, family_kind, priority_year, n_publications, n_offices, is_international, is_ip5, is_triadic, is_pct, n_npl_citations "
        "FROM core.patent_family ORDER BY 1"
    )
    assert rows == [
        ("1001", "docdb", 2021, 3, 3, True, True, True, False, 3),
        ("1002", "docdb", 2021, 1, 1, False, False, False, False, 0),
        ("1003", "docdb", 2021, 1, 1, True, False, False, True, 2),  # PCT alone is international
        ("1004", "docdb", 2022, 1, 1, False, False, False, False, 0),
        ("DE-102021000001-A1", "single_document", 2021, 1, 1, False, False, False, False, 0),  # family_id -1
        ("US-11000003", "single_document", 2021, 1, 1, False, False, False, False, None),  # PatentsView gives no non-patent references
        ("US-11000004", "single_document", 2022, 1, 1, False, False, False, False, None),
        ("US-D900001", "single_document", 2021, 1, 1, False, False, False, False, None),
    ]


def test_a_grant_held_by_two_providers_is_one_publication(staged):
    assert staged.rows("SELECT publication_number, source_id FROM core.patent_publication WHERE us_grant_number = '11000001'") == [
        ("US-11000001-B2", "mini_google")
    ]
    assert staged.rows("SELECT publication_number, source_id FROM core.patent_publication WHERE us_grant_number = '11000003'") == [
        ("US-11000003-B2", "mini_patentsview")
    ]


def test_inventors_fill_families_whose_own_record_is_blank(staged):
    rows = staged.rows("SELECT family_id, country_code, weight FROM core.patent_family_country WHERE role = 'inventor' ORDER BY ALL")
    shares = {}
    for family, country, weight in rows:
        shares.setdefault(family, {})[country] = weight
    assert shares["1001"] == {"JP": JAPAN_OF_101, "US": Decimal("0.333333333333")}  # the EP record; US inventor of PatentsView not added
    assert shares["1002"] == {"DE": Decimal("0.5"), "US": Decimal("0.5")}  # from PatentsView
    assert shares["1004"] == {"CN": Decimal("0.333333333334"), "DE": Decimal("0.333333333333"), "US": Decimal("0.333333333333")}
    assert shares["US-11000003"] == {"DE": 1}  # the second inventor has no place
    assert shares["US-11000004"] == {"US": 1}  # KR is no country of this workspace
    assert all(sum(by_country.values()) == 1 for by_country in shares.values())
    assert staged.rows("SELECT area_text FROM prov.unmapped WHERE field = 'person'") == [("KR",)]


def test_citations_lead_to_families_and_never_to_their_own(staged):
    rows = staged.rows("SELECT * FROM core.patent_citation ORDER BY ALL")
    assert ("1003", "1001", "US-11000001-B2") in rows
    assert ("US-11000004", "US-D900001", "US-D900001-S1") in rows  # the number alone, no kind
    assert ("US-11000003", None, "US-5000000") in rows
    assert [row for row in rows if row[0] == "1002"] == []  # cites only itself
    assert Counter(row[0] for row in rows)["US-11000003"] == 2  # stated by two providers, counted once


def test_a_main_group_stands_for_its_subgroups_and_for_no_longer_number(staged):
    rows = staged.rows("SELECT technology_id, family_id FROM core.technology_family ORDER BY ALL")
    assert [f for t, f in rows if t == "solid_cells"] == ["1002", "US-11000003"]  # H01M10/00 takes H01M10/0525, not H01M100/00
    assert [f for t, f in rows if t == "photon_chips"] == ["1001", "1003"]
    assert [f for t, f in rows if t == "deep_drones"] == ["1004", "US-11000004", "US-D900001"]


# ---- flows ------------------------------------------------------------------------------------------------------------


def test_citations_flow_by_the_shares_of_both_sides(staged):
    flow = {tuple(r[:4]): (r[4], r[5]) for r in staged.rows("SELECT * FROM core.citation_flow")}
    works = {k[2:]: v for k, v in flow.items() if k[:2] == ("photon_chips", "works")}
    # 201 (CN) cites 101 (JP 2/3, US 1/3), 102 (JP 1/4, US 1/4, DE 1/2) and 401 (JP).
    assert works["CN", "JP"] == (Decimal("1.916666666667"), 3)
    assert works["CN", "US"] == (Decimal("0.583333333333"), 2)
    assert works["CN", "DE"] == (Decimal("0.5"), 1)
    # 101 cites 401 (JP), 999 (not held) and 105 (no known country).
    assert works["JP", "JP"] == (JAPAN_OF_101, 1)
    assert works["US", "JP"] == (Decimal("0.333333333333"), 1)
    # 303 (DE, JP) belongs to both technologies and cites 301 (DE).
    assert works["JP", "DE"] == works["DE", "DE"] == (Decimal("0.5"), 1)
    families = {k[2:]: v for k, v in flow.items() if k[:2] == ("photon_chips", "families")}
    assert families == {("CN", "JP"): (JAPAN_OF_101, 1), ("CN", "US"): (Decimal("0.333333333333"), 1)}
    # 1004 cites two publications of family 1001: one pair. 1/3 x 2/3, cut to 12 digits.
    assert flow["deep_drones", "families", "DE", "JP"] == (Decimal("0.222222222222"), 1)


def test_reference_coverage_counts_what_leads_to_a_known_country(staged):
    rows = {tuple(r[:2]): tuple(r[2:]) for r in staged.rows("SELECT * FROM core.reference_coverage")}
    assert rows["photon_chips", "works"] == (9, 6, 6 / 9)
    assert rows["deep_drones", "families"] == (4, 3, 0.75)
    assert rows["deep_drones", "works"] == (0, 0, None)


def test_windows_end_with_the_last_complete_year_before_the_lag(staged):
    assert staged.rows("SELECT * FROM core.period ORDER BY 1") == [
        ("families", 2021, 2022),
        ("families_previous", 2019, 2020),
        ("statistics", 2021, 2022),
        ("works", 2022, 2023),
        ("works_previous", 2020, 2021),
    ]


# ---- tables -----------------------------------------------------------------------------------------------------------


def test_a_published_table_is_read_by_its_declaration(staged):
    rows = {
        (r[0], r[1]): r[2] for r in staged.rows("SELECT area_code, period_year, value FROM core.statistic WHERE series_id = 'mini_cells'")
    }
    assert rows["WORLD", 2022] == 1200
    assert rows["US", 2021] == 150  # printed twice under two names with one value
    assert rows["CN", 2021] is None  # na
    assert rows["DE", 2022] is None  # ne
    assert rows["DE", 2021] == 50
    assert {area for area, _ in rows} == {"WORLD", "JP", "US", "CN", "DE"}  # Asia is a region
    assert staged.scalar("SELECT count(*) FROM core.statistic WHERE series_id NOT IN ('mini_cells', 'mini_all')") == 0


def test_a_cell_printed_with_two_values_is_taken_from_neither(mini, tmp_path):
    text = (
        (mini.root / "raw/statistics/families.csv")
        .read_text()
        .replace("cells,Germany,2021,50\n", "cells,Germany,2021,50\ncells,Germany [2],2021,60\n")
    )
    with build(mini, offer_table(mini, tmp_path, text)) as warehouse:
        assert warehouse.rows("SELECT value FROM core.statistic WHERE series_id = 'mini_cells' AND area_code = 'DE'") == [(None,)]  # 2022
        wrong = "SELECT field, raw_line, excerpt FROM prov.quarantine WHERE source_id = 'mini_statistics' ORDER BY 2"
        assert warehouse.rows(wrong) == [("value", 11, "mini_cells DE 2021 50.0"), ("value", 12, "mini_cells DE 2021 60.0")]


def test_raw_line_of_a_table_counts_the_rows_under_its_header(staged):
    assert (
        staged.scalar("SELECT raw_line FROM core.statistic WHERE series_id = 'mini_cells' AND area_code = 'JP' AND period_year = 2022") == 5
    )


def test_a_supply_table_keeps_quantities_withheld_cells_and_the_world_row(staged):
    assert staged.rows("SELECT commodity_id, stage_id, country_code, quantity, unit FROM core.supply ORDER BY ALL") == [
        ("cobalt_ore", "mine", "CN", None, "t"),
        ("cobalt_ore", "mine", "DE", 10.5, "t"),
        ("cobalt_ore", "mine", "WORLD", 1000, "t"),
        ("gallium", "refined", "CN", 400, "kg"),
        ("gallium", "refined", "JP", 60, "kg"),
        ("gallium", "refined", "WORLD", 500, "kg"),
    ]


def with_table(mini, **fields):
    source = mini.config.sources["mini_statistics"]
    table = Table.model_validate(source.table.model_dump() | fields)
    return dataclasses.replace(mini.config, sources=mini.config.sources | {source.id: source.model_copy(update={"table": table})})


def offer_table(mini, tmp_path, content):
    return offer(mini, tmp_path, content, "statistic_table", "mini_statistics", "families.csv")


WIDE = 'Title, with comma\n"A note ""quoted"""\nSeries;Area;Unit;FY2021;FY2022 (p)\ncells;World;n;1000;1200\ncells;日本;n;300;330\nall;World;n;9;x\nNote\n'


def test_a_wide_table_is_unfolded_by_its_year_columns(mini, tmp_path):
    columns = {"series": "Series", "area": "Area", "unit": "Unit"}
    config = with_table(mini, layout="wide", header_row=3, header_contains=[], delimiter=";", columns=columns, year_columns=r"^FY(\d{4})")
    with build(mini, offer_table(mini, tmp_path, WIDE), config) as warehouse:
        rows = warehouse.rows("SELECT series_id, area_code, period_year, value FROM core.statistic ORDER BY ALL")
        assert rows == [
            ("mini_all", "WORLD", 2021, 9),
            ("mini_cells", "JP", 2021, 300),
            ("mini_cells", "JP", 2022, 330),
            ("mini_cells", "WORLD", 2021, 1000),
            ("mini_cells", "WORLD", 2022, 1200),
        ]
        wrong = "SELECT raw_line, field, reason, excerpt FROM prov.quarantine WHERE source_id = 'mini_statistics'"
        assert warehouse.rows(wrong) == [(3, "value", "not a number and not a declared null value", "x")]


def test_a_column_per_series_is_a_long_table_too(mini, tmp_path):
    config = with_table(mini, columns={"area": "country", "year": "year"}, header_contains=[])
    text = "country,year,cells,all\nJP,2021,3,30\nWorld,2021,10,100\n"
    with build(mini, offer_table(mini, tmp_path, text), config) as warehouse:
        rows = warehouse.rows("SELECT series_id, area_code, value FROM core.statistic ORDER BY ALL")
        assert rows == [("mini_all", "JP", 30), ("mini_all", "WORLD", 100), ("mini_cells", "JP", 3), ("mini_cells", "WORLD", 10)]


def test_a_table_in_another_encoding_is_read_by_the_declared_one(mini, tmp_path):
    columns = {"series": "系列", "area": "国", "year": "年", "value": "件数"}
    text = "系列,国,年,件数\ncells,日本,2021年,300\nall,世界,2021年,1000\n"
    config = with_table(mini, columns=columns, header_contains=["系列"], encoding="cp932")
    with build(mini, offer_table(mini, tmp_path, text.encode("cp932")), config) as warehouse:
        assert warehouse.rows("SELECT area_code, value FROM core.statistic ORDER BY 2") == [("JP", 300), ("WORLD", 1000)]
    with pytest.raises(DataError, match=r"families\.csv is not utf-8 from line 1 on"):
        build(mini, offer_table(mini, tmp_path, text.encode("cp932")), with_table(mini, columns=columns, header_contains=["系列"]))


def test_a_declared_series_that_is_not_in_the_table_is_an_error(mini, tmp_path):
    with pytest.raises(DataError, match='series mini_all is declared with the key "all"'):
        build(mini, offer_table(mini, tmp_path, 'Series,"Region, country, or economy",Year,Count\ncells,Japan,2021,3\n'))


@pytest.mark.parametrize(
    ("printed", "code"),
    [
        ("Japan", "JP"),
        ("Japan<sup>b</sup>", "JP"),
        (" Japan [3]", "JP"),
        ("Ｊａｐａｎ", "JP"),
        ("United States (1)", "US"),
        ("C&#104;ina", "CN"),
        ("USA*", "US"),
        ("DE", "DE"),
        ("World", "WORLD"),
        ("世界", "WORLD"),
        ("Asia", None),
        ("EU-27<sup>b</sup>", None),
        ("Japan and Korea", None),
        ("World -> Asia -> Japan", None),
    ],
)
def test_an_area_is_a_country_only_if_its_cleaned_name_is_one(mini, printed, code):
    assert map_areas([printed], mini.config.countries).get(printed) == code, clean_area(printed)


# ---- duplicates -------------------------------------------------------------------------------------------------------


def test_the_newest_state_of_a_record_stands_and_copies_are_counted(staged):
    # 301 stands twice, byte for byte; 302 is older with 2 citations in the first part and newer with 5 in the second.
    assert staged.rows("SELECT * FROM prov.duplicate") == [("mini_openalex", "openalex_work", 1, 1)]
    assert staged.scalar("SELECT cited_by_count FROM core.work WHERE work_id = 302") == 5
    assert staged.scalar("SELECT count(*) FROM core.authorship WHERE work_id IN (301, 302)") == 2


def test_one_id_with_two_contents_of_one_date_is_set_aside(mini, tmp_path):
    first = lines_of(mini)[0]
    with build(mini, offer(mini, tmp_path, f"{first}\n{changed(first, cited_by_count=8)}\n")) as warehouse:
        assert warehouse.rows("SELECT cited_by_count, raw_line FROM core.work") == [(7, 1)]
        assert quarantine(warehouse) == [(2, "work_id", "duplicate id with different content", "101")]


# ---- bad input --------------------------------------------------------------------------------------------------------


def test_bad_records_are_set_aside_with_line_field_and_excerpt_and_the_rest_counts(mini, tmp_path):
    good = lines_of(mini)
    bad = [
        changed(good[0], publication_year=2999),
        changed(good[1], cited_by_count=-5),
        "",
        '{"id": "https://openalex.org/W5", "title": "torn\u202e',
        changed(good[2], id="https://openalex.org/A12"),
        changed(good[3], publication_year="2022"),
        changed(good[3], cited_by_count=1.6),
        changed(good[3], authorships={"a": 1}),
        "[1, 2]",
        good[4],
    ]
    with build(mini, offer(mini, tmp_path, "\n".join(bad) + "\n")) as warehouse:
        rows = quarantine(warehouse)
        assert [(line, field) for line, field, _, _ in rows] == [  # the blank line is no record
            (1, "publication_year"),
            (2, "cited_by_count"),
            (3, ""),
            (4, "id"),
            (5, "publication_year"),
            (6, "cited_by_count"),
            (7, "authorships"),
            (8, ""),
        ]
        assert rows[0][2:] == ("outside 1000 .. 2026", rows[0][3]) and rows[0][3].startswith('"publication_year": 2999')
        assert rows[1][2] == "negative" and rows[1][3].startswith('"cited_by_count": -5')
        assert rows[2][3] == '{"id": "https://openalex.org/W5", "title": "torn\\u202e'
        assert all(len(row[3]) <= 80 for row in rows)
        assert warehouse.rows("SELECT work_id, raw_line FROM core.work") == [(105, 9)]


def test_bytes_that_are_not_utf8_spoil_their_line_only(mini, tmp_path):
    good = lines_of(mini)
    content = good[0].encode() + b"\n" + good[1].encode().replace(b"Work", "題".encode("cp932")) + b"\n" + good[2].encode()
    with build(mini, offer(mini, tmp_path, content)) as warehouse:
        assert [row[:2] for row in quarantine(warehouse)] == [(2, "")]
        assert warehouse.rows("SELECT work_id FROM core.work ORDER BY 1") == [(101,), (103,)]


def fails(mini, holdings, *parts, config=None):
    with pytest.raises(DataError) as caught:
        build(mini, holdings, config)
    assert caught.value.next_step or caught.value.expected
    for part in parts:
        assert part in str(caught.value)
    assert str(mini.stage_cache) not in str(caught.value)


@pytest.mark.parametrize("share", [0.02, 0.5, 0.98])
def test_a_torn_gzip_file_is_refused_whole(mini, tmp_path, share):
    whole = gzip.compress("\n".join(lines_of(mini) * 50).encode())
    holdings = offer(mini, tmp_path, whole[: int(len(whole) * share)], name="part_0000.gz")
    fails(mini, holdings, "Source mini_openalex: part_0000.gz is a torn gzip file", "Run: listgen acquire mini_openalex")


def test_a_gzip_file_with_a_flipped_bit_is_refused(mini, tmp_path):
    whole = bytearray(gzip.compress("\n".join(lines_of(mini) * 50).encode()))
    whole[len(whole) // 2] ^= 1
    fails(mini, offer(mini, tmp_path, bytes(whole), name="part_0000.gz"), "part_0000.gz is a torn gzip file")


def test_a_source_may_allow_the_beginning_of_a_torn_file(mini, tmp_path):
    source = mini.config.sources["mini_openalex"].model_copy(update={"partial": "allowed"})
    config = dataclasses.replace(mini.config, sources=mini.config.sources | {source.id: source})
    # Stored, not squeezed, so that the cut falls inside the third record.
    whole = gzip.compress("\n".join(lines_of(mini)).encode(), compresslevel=0)
    cut = len(lines_of(mini)[0]) + len(lines_of(mini)[1]) + 100
    with build(mini, offer(mini, tmp_path, whole[:cut], name="part_0000.gz"), config) as warehouse:
        assert warehouse.rows("SELECT work_id FROM core.work ORDER BY 1") == [(101,), (102,)]
        assert [row[:2] for row in quarantine(warehouse)] == [(3, "")]


@pytest.mark.parametrize("content", [b"", b"\n\n", gzip.compress(b"", mtime=0)], ids=["nothing", "blank-lines", "gzip-of-nothing"])
def test_an_empty_file_is_named(mini, tmp_path, content):
    fails(mini, offer(mini, tmp_path, content), "given.jsonl is empty")


def test_a_file_without_a_usable_record_is_refused(mini, tmp_path):
    fails(mini, offer(mini, tmp_path, "\n".join(lines_of(mini)).encode("utf-16")), "has not one usable record", "not UTF-8")
    fails(mini, offer(mini, tmp_path, "<html>Sign in</html>\n"), "has not one usable record")


def test_a_renamed_field_of_a_provider_is_noticed(mini, tmp_path):
    text = (mini.root / "raw/google/publications.jsonl").read_text().replace('"cpc"', '"cpc_codes"')
    fails(mini, offer(mini, tmp_path, text, "google_patent", "mini_google"), "no record with cpc_codes")


def test_an_archive_and_changed_bytes_are_refused(mini, tmp_path):
    fails(mini, offer(mini, tmp_path, b"PK\x03\x04rest", name="g_patent.tsv.zip"), "is a ZIP archive")
    holdings = offer(mini, tmp_path, "\n".join(lines_of(mini)))
    (tmp_path / "given.jsonl").write_text("something else")
    fails(mini, holdings, "given.jsonl has changed since it was acquired")


def test_all_broken_files_are_named_at_once(mini, tmp_path):
    holdings = [f for f in offer(mini, tmp_path, b"") if f.form_id != "google_patent"]
    other = tmp_path / "publications.jsonl"
    other.write_bytes(b"")
    fails(mini, [*holdings, held_file(other, "mini_google", "google_patent")], "given.jsonl is empty", "publications.jsonl is empty")


def test_a_missing_column_is_named_with_the_nearest_present_one(mini, tmp_path):
    text = (mini.root / "raw/patentsview/g_patent.tsv").read_text().replace('"patent_date"', '"patent_dates"', 1)
    holdings = offer(mini, tmp_path, text, "patentsview_g_patent", "mini_patentsview", "g_patent.tsv")
    fails(mini, holdings, 'g_patent.tsv has no column "patent_date"', 'Did you mean "patent_dates"?')
    text = 'Series,"Region, country, or economy",Years,Count\ncells,Japan,2021,3\n'
    fails(mini, offer_table(mini, tmp_path, text), 'families.csv has no column "Year"', 'Did you mean "Years"?')


def test_a_tsv_in_another_encoding_is_refused_with_its_line(mini, tmp_path):
    lines = (mini.root / "raw/patentsview/g_patent.tsv").read_text().splitlines()
    lines[3] = lines[3].replace("Cell stack", "電池")
    content = "\n".join(lines).encode("cp932")
    fails(mini, offer(mini, tmp_path, content, "patentsview_g_patent", "mini_patentsview", "g_patent.tsv"), "g_patent.tsv is not", "line 4")


def test_torn_rows_of_a_tsv_are_set_aside_and_later_rows_keep_their_numbers(mini, tmp_path):
    lines = (mini.root / "raw/patentsview/g_patent.tsv").read_text().splitlines()
    lines[2:2] = ['"11000009"\t"utility"']
    lines.append(lines[-1].replace("D900001", "1.2E+07").replace("2022-10-04", "2022-10-05"))
    holdings = offer(mini, tmp_path, "\n".join(lines) + "\n", "patentsview_g_patent", "mini_patentsview", "g_patent.tsv")
    with build(mini, holdings) as warehouse:
        rows = warehouse.rows("SELECT raw_line, field, excerpt FROM prov.quarantine WHERE source_id = 'mini_patentsview' ORDER BY 1")
        assert [row[0] for row in rows] == [2, 6]
        assert rows[0][2].startswith('"11000009"') and rows[1][1:] == ("patent_id", "1.2E+07")
        # Held from PatentsView alone: the grant that stood third in the file, now fourth.
        assert warehouse.scalar("SELECT raw_line FROM core.patent_publication WHERE us_grant_number = '11000003'") == 4


def test_a_manifest_names_the_part_that_is_short_or_missing(mini, tmp_path):
    manifest = next(f for f in held_files(mini) if f.form_id == "manifest")
    document = json.loads(manifest.path.read_text())
    document["files"][0]["meta"]["record_count"] += 1
    document["files"].append({"url": "s3://openalex/data/jsonl/works/updated_date=2025-06-29/part_0000.jsonl", "meta": {}})
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(document))
    holdings = [held_file(path, "mini_openalex", "manifest") if f == manifest else f for f in held_files(mini)]
    fails(
        mini,
        holdings,
        "updated_date=2025-06-01/part_0000.jsonl has record_count 8, listed 9",
        "updated_date=2025-06-29/part_0000.jsonl is listed",
    )


def test_a_form_nothing_reads_is_a_mistake_of_the_configuration(mini):
    file = held_files(mini)[0]
    with pytest.raises(UsageError, match='nothing reads the form "openalex_works".* Did you mean "openalex_work"'):
        build(mini, [dataclasses.replace(file, form_id="openalex_works")])


def test_no_damage_to_a_file_ends_in_anything_but_a_clear_error(mini, tmp_path):
    """Forty mutants: cut, flipped, doubled and filled with what parsers dislike. Each is read, set aside by row, or refused."""
    dice = random.Random(20250701)
    files = [f for f in held_files(mini) if f.form_id != "manifest"]
    poison = [
        b"\x00",
        b'"',
        b"\n",
        b"\r",
        b"\t",
        b"{",
        b"]",
        b"\xff\xfe",
        b"\\",
        b"NaN",
        b"1e999",
        b"9" * 30,
        "\u202e".encode(),
        b"[" * 300,
    ]
    for number in range(40):
        file = files[number % len(files)]
        content = bytearray(file.path.read_bytes())
        for _ in range(dice.choice([1, 1, 2, 5])):
            place = dice.randrange(len(content) + 1)
            kind = dice.randrange(4)
            if kind == 0:
                content[place:place] = dice.choice(poison)
            elif kind == 1:
                del content[place : place + dice.randrange(1, 40)]
            elif kind == 2 and place < len(content):
                content[place] ^= 1 << dice.randrange(8)
            else:
                content[place:place] = content[: dice.randrange(100)]
        path = tmp_path / f"mutant_{number}"
        path.write_bytes(bytes(content))
        try:
            found = stage_files(stage.load_readers(), mini.config, [held_file(path, file.source_id, file.form_id)], tmp_path / "cache")
        except DataError as error:
            assert path.name in str(error)
        else:
            assert found[0].n_rejected < found[0].n_records


# ---- cache and repetition ---------------------------------------------------------------------------------------------


def contents(warehouse):
    tables = warehouse.tables("core") + ["prov.quarantine", "prov.duplicate", "prov.unmapped"]
    return {table: warehouse.rows(f"SELECT * FROM {table}") for table in tables}


def test_unchanged_input_is_never_parsed_twice(mini, staged):
    before = {path: path.stat().st_mtime_ns for path in mini.stage_cache.rglob("*.parquet")}
    with build(mini) as again:
        assert contents(again) == contents(staged)
    assert {path: path.stat().st_mtime_ns for path in mini.stage_cache.rglob("*.parquet") if path in before} == before


def test_a_damaged_cache_file_is_made_again_and_the_numbers_stay(tmp_path):
    mini = open_miniature(tmp_path / "workspace")
    with build(mini) as first:
        before = contents(first)
    for path in mini.stage_cache.rglob("*.parquet"):
        content = bytearray(path.read_bytes())
        content[len(content) // 3] ^= 4
        path.write_bytes(bytes(content))
    with build(mini) as second:
        assert contents(second) == before


def test_one_thread_and_an_empty_cache_give_the_same_rows_in_the_same_order(tmp_path, staged, monkeypatch):
    monkeypatch.setenv("LISTGEN_THREADS", "1")
    mini = open_miniature(tmp_path / "workspace")
    with build(mini) as alone:
        assert alone.scalar("SELECT current_setting('threads')") == 1
        assert contents(alone) == contents(staged)


def test_forms_nothing_is_held_of_leave_empty_tables_not_errors(mini):
    with build(mini, [f for f in held_files(mini) if f.form_id == "google_patent"]) as warehouse:
        assert warehouse.scalar("SELECT count(*) FROM core.work") == 0
        assert warehouse.scalar("SELECT count(*) FROM core.statistic") == 0
        assert warehouse.scalar("SELECT count(*) FROM core.patent_family") == 5
        assert warehouse.rows("SELECT DISTINCT n_items FROM core.technology_evidence WHERE basis = 'works'") == [(0,)]


def test_every_core_table_and_column_is_described_in_both_languages(staged):
    tables = staged.rows("SELECT schema_name || '.' || table_name, comment FROM duckdb_tables() WHERE schema_name = 'core'")
    assert len(tables) == 30
    assert [name for name, comment in tables if not (comment or "").startswith("Each row ") or " / " not in comment] == []
    columns = "SELECT table_name || '.' || column_name FROM duckdb_columns() WHERE schema_name = 'core' AND coalesce(comment, '') NOT LIKE '% / %'"
    assert staged.rows(columns) == []


def test_nothing_of_the_raw_records_is_left_open_to_later_steps(staged):
    names = [
        row[0]
        for row in staged.rows(
            "SELECT table_name FROM duckdb_tables() WHERE temporary UNION SELECT view_name FROM duckdb_views() WHERE temporary AND NOT internal"
        )
    ]
    assert names == []


def test_a_hundred_files_are_read_in_the_memory_of_two(mini, tmp_path, monkeypatch):
    seen = []

    def watched(*arguments, **options):
        seen.append(options)
        return connect(*arguments, **options)

    monkeypatch.setattr("listgen.stage.reading.connect", watched)
    holdings = []
    for number in range(100):
        path = tmp_path / f"part_{number:04d}.jsonl"
        path.write_text(changed(lines_of(mini)[0], id=f"https://openalex.org/W{number + 1}") + "\n")
        holdings.append(held_file(path, "mini_openalex", "openalex_work"))
    files = stage_files(stage.load_readers(), mini.config, holdings, mini.stage_cache)
    assert [file.n_records for file in files] == [1] * 100
    assert len(seen) == 1 and seen[0]["memory_limit"] == "700MB"  # one small engine for all of them
