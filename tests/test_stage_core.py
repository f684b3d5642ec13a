"""What raw records become: the core tables, their shares, windows and flows.

Answers were computed by hand on the miniature world.
"""

import dataclasses
import json
from collections import Counter
from decimal import Decimal

from miniature import held_files
from stage_world import build, changed, lines_of, offer

from listgen import stage
from listgen.store.warehouse import Warehouse

JAPAN_OF_101 = Decimal(
    "0.666666666667"
)  # authors JP, JP, US: 0.333333333334 (takes the rest) + 0.333333333333


def test_a_work_is_shared_among_authors_and_their_affiliations(staged):
    rows = staged.rows(
        "SELECT work_id, author_seq, institution_id, country_code, weight FROM core.authorship WHERE work_id"
        " < 106 ORDER BY ALL"
    )
    third, rest = Decimal("0.333333333333"), Decimal("0.333333333334")
    assert [r for r in rows if r[0] == 101] == [
        (101, 1, 1, "JP", rest),
        (101, 2, 1, "JP", third),
        (101, 3, 2, "US", third),
    ]
    # Two authors; the first has two affiliations: 1/2 x 1/2 each.
    assert [r[2:] for r in rows if r[0] == 102] == [
        (1, "JP", Decimal("0.25")),
        (2, "US", Decimal("0.25")),
        (4, "DE", Decimal("0.5")),
    ]
    # No institution: the authorship's own countries speak; neither: unknown; an institution without country:
    # unknown too.
    assert [r[2:] for r in rows if r[0] == 103] == [(None, "CN", 1)]
    assert [r[2:] for r in rows if r[0] == 104] == [(2, "US", Decimal("0.5")), (None, None, Decimal("0.5"))]
    assert [r[2:] for r in rows if r[0] == 105] == [(5, None, 1)]


def test_a_work_of_no_declared_technology_has_a_thin_row_and_the_same_shares(staged, mini):
    thin = staged.rows(
        "SELECT title, n_references, n_authors, primary_topic_id, cited_by_count, n_countries FROM core.work"
        " WHERE work_id = 401"
    )
    assert thin == [(None, None, 1, "T10004", 50, 1)]
    assert staged.rows("SELECT title, n_references FROM core.work WHERE work_id = 105") == [("Work 105", 0)]
    for table, key in (
        ("authorship", "work_id"),
        ("work_topic", "work_id"),
        ("work_reference", "citing_work_id"),
    ):
        assert staged.scalar(f"SELECT count(*) FROM core.{table} WHERE {key} = 401") == 0
    shares = "SELECT * FROM core.work_country ORDER BY ALL"
    bare = {
        i: t.model_copy(update={"works": t.works.model_copy(update={"topics": []})})
        for i, t in mini.config.technologies.items()
    }
    with build(mini, config=dataclasses.replace(mini.config, technologies=bare)) as warehouse:
        assert warehouse.scalar("SELECT count(title) FROM core.work") == 0
        assert warehouse.rows(shares) == staged.rows(shares)


def test_the_shares_of_every_work_sum_to_exactly_one(staged):
    assert staged.rows("SELECT work_id FROM core.authorship GROUP BY 1 HAVING sum(weight) <> 1") == []


def test_shares_that_do_not_divide_still_sum_to_one(mini, tmp_path):
    author = json.loads(lines_of(mini)[0])["authorships"][0]
    place = author["institutions"][0]
    sizes, lines = {7: 1, 8: 3, 9: 7, 10: 13, 11: 97}, ""
    for work_id, n_authors in sizes.items():
        crowd = [
            author
            | {"institutions": [place | {"id": f"https://openalex.org/I{k}"} for k in range(1 + i % 3)]}
            for i in range(n_authors)
        ]
        lines += changed(lines_of(mini)[0], id=f"https://openalex.org/W{work_id}", authorships=crowd) + "\n"
    with build(mini, offer(mini, tmp_path, lines)) as warehouse:
        rows = warehouse.rows(
            "SELECT work_id, sum(weight), count(DISTINCT author_seq) FROM core.authorship GROUP BY 1 ORDER"
            " BY 1"
        )
        assert rows == [(work_id, 1, n_authors) for work_id, n_authors in sizes.items()]


def test_an_unknown_country_carries_no_credit_and_no_zero(staged):
    assert staged.rows("SELECT country_code, weight FROM core.work_country WHERE work_id = 101") == [
        ("JP", JAPAN_OF_101),
        ("US", Decimal("0.333333333333")),
    ]
    assert staged.rows("SELECT country_code, weight FROM core.work_country WHERE work_id IN (104, 105)") == [
        ("US", Decimal("0.5"))
    ]


def test_work_ids_survive_and_carry_what_the_provider_says(staged):
    ids = [101, 102, 103, 104, 105, 106, *range(201, 212), 301, 302, 303, 401]
    assert [row[0] for row in staged.rows("SELECT work_id FROM core.work ORDER BY 1")] == ids
    shown = staged.rows(
        "SELECT publication_year, primary_topic_id, field_id, cited_by_count, field_percentile,"
        " is_field_top10, n_authors, n_countries, n_references, is_author_list_capped, raw_line FROM"
        " core.work WHERE work_id = 101"
    )
    assert shown == [(2022, "T10001", 22, 7, 0.95, True, 3, 2, 3, False, 1)]


def test_the_top_tenth_is_exactly_a_tenth_of_each_cell_and_ties_share_it(staged):
    rows = dict(
        staged.rows(
            "SELECT work_id, top10_weight FROM core.technology_work WHERE technology_id = 'photon_chips'"
        )
    )
    # 2022: five works count (106 is retracted); 0.5 is shared by three works with 7 citations, the rest of
    # rounding on the first.
    assert (rows[101], rows[102], rows[103]) == (
        Decimal("0.166666666668"),
        Decimal("0.166666666666"),
        Decimal("0.166666666666"),
    )
    assert rows[104] == rows[105] == 0
    # 2023: eleven works: 1.1 = the one with 20 citations, and 0.05 for each of the two with 9.
    assert (rows[201], rows[202], rows[203], rows[204]) == (1, Decimal("0.05"), Decimal("0.05"), 0)
    assert 303 not in rows, "this is only its second topic"
    cells = staged.rows(
        "SELECT sum(top10_weight), count(*) FROM core.technology_work GROUP BY technology_id,"
        " publication_year"
    )
    assert all(total * 10 == n for total, n in cells)


def test_d63_retracted_works_stay_visible_but_count_for_no_technology(staged):
    assert staged.scalar("SELECT is_retracted FROM core.work WHERE work_id = 106")
    assert staged.scalar("SELECT count(*) FROM core.technology_work WHERE work_id = 106") == 0


def test_works_of_a_frame_that_cannot_compare_get_no_top_weight_and_no_flow(mini):
    source = mini.config.sources["mini_openalex"]
    sampled = source.model_copy(
        update={"frame": source.frame.model_copy(update={"comparable": False}), "grade": "records_sampled"}
    )
    config = dataclasses.replace(mini.config, sources=mini.config.sources | {source.id: sampled})
    with build(mini, config=config) as warehouse:
        assert warehouse.scalar("SELECT count(top10_weight) FROM core.technology_work") == 0
        assert warehouse.scalar("SELECT count(*) FROM core.citation_flow WHERE basis = 'works'") == 0
        evidence = warehouse.rows(
            "SELECT n_items, n_comparable FROM core.technology_evidence WHERE technology_id = 'photon_chips'"
            " AND basis = 'works'"
        )
        assert evidence == [(16, 0)]


def test_references_are_kept_once_each_held_or_not(staged):
    assert staged.rows("SELECT cited_work_id FROM core.work_reference WHERE citing_work_id = 203") == [(999,)]
    assert staged.rows(
        "SELECT cited_work_id FROM core.work_reference WHERE citing_work_id = 101 ORDER BY 1"
    ) == [(105,), (401,), (999,)]


def test_a_work_listed_again_under_any_spelling_is_one_reference(mini, tmp_path):
    address = "https://openalex.org/W"
    listed = [
        f"{address}7",
        f"{address}5",
        "W7",
        f"{address}12",
        f"{address}7",
        "no work",
        f"{address}5",
        None,
        "W12",
    ]
    lines = [
        changed(line, referenced_works=listed) if json.loads(line)["id"].endswith("/W101") else line
        for line in lines_of(mini)
    ]
    with build(mini, offer(mini, tmp_path, "\n".join(lines))) as warehouse:
        assert warehouse.rows(
            "SELECT cited_work_id FROM core.work_reference WHERE citing_work_id = 101 ORDER BY ALL"
        ) == [
            (5,),
            (7,),
            (12,),
        ]
        assert warehouse.scalar("SELECT n_references FROM core.work WHERE work_id = 101") == 3


def test_a_work_that_cites_nothing_has_no_reference_and_one_read_in_part_has_none_known(mini, tmp_path):
    lines = [
        changed(line, referenced_works=[]) if json.loads(line)["id"].endswith("/W101") else line
        for line in lines_of(mini)
    ]
    with build(mini, offer(mini, tmp_path, "\n".join(lines))) as warehouse:
        assert warehouse.rows("SELECT n_references FROM core.work WHERE work_id = 101") == [(0,)]
        assert (
            warehouse.scalar(
                "SELECT count(*) FROM core.work WHERE n_references IS NULL AND title IS NOT NULL"
            )
            == 0
        )


# ---- patents -------------------------------------------------------------------------------------


def test_families_say_how_far_they_reach(staged):
    rows = staged.rows(
        "SELECT family_id, family_kind, priority_year, n_publications, n_offices, is_international, is_ip5,"
        " is_triadic, is_pct, n_npl_citations FROM core.patent_family ORDER BY 1"
    )
    assert rows == [
        ("1001", "docdb", 2021, 3, 3, True, True, True, False, 3),
        ("1002", "docdb", 2021, 1, 1, False, False, False, False, 0),
        ("1003", "docdb", 2021, 1, 1, True, False, False, True, 2),  # PCT alone is international
        ("1004", "docdb", 2022, 1, 1, False, False, False, False, 0),
        ("DE-102021000001-A1", "single_document", 2021, 1, 1, False, False, False, False, 0),  # family_id -1
        (
            "US-11000003",
            "single_document",
            2021,
            1,
            1,
            False,
            False,
            False,
            False,
            None,
        ),  # PatentsView gives no non-patent references
        ("US-11000004", "single_document", 2022, 1, 1, False, False, False, False, None),
        ("US-D900001", "single_document", 2021, 1, 1, False, False, False, False, None),
    ]


def test_a_grant_held_by_two_providers_is_one_publication(staged):
    assert staged.rows(
        "SELECT publication_number, source_id FROM core.patent_publication WHERE us_grant_number = '11000001'"
    ) == [("US-11000001-B2", "mini_google")]
    assert staged.rows(
        "SELECT publication_number, source_id FROM core.patent_publication WHERE us_grant_number = '11000003'"
    ) == [("US-11000003-B2", "mini_patentsview")]


def test_inventors_fill_families_whose_own_record_is_blank(staged):
    rows = staged.rows(
        "SELECT family_id, country_code, weight FROM core.patent_family_country WHERE role = 'inventor' ORDER"
        " BY ALL"
    )
    shares = {}
    for family, country, weight in rows:
        shares.setdefault(family, {})[country] = weight
    assert shares["1001"] == {
        "JP": JAPAN_OF_101,
        "US": Decimal("0.333333333333"),
    }  # the EP record; US inventor of PatentsView not added
    assert shares["1002"] == {"DE": Decimal("0.5"), "US": Decimal("0.5")}  # from PatentsView
    assert shares["1004"] == {
        "CN": Decimal("0.333333333334"),
        "DE": Decimal("0.333333333333"),
        "US": Decimal("0.333333333333"),
    }
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


def test_what_families_of_no_declared_technology_cite_is_not_kept(mini):
    others = {
        id_: technology for id_, technology in mini.config.technologies.items() if id_ != "photon_chips"
    }
    with build(mini, config=dataclasses.replace(mini.config, technologies=others)) as warehouse:
        citing = {row[0] for row in warehouse.rows("SELECT citing_family_id FROM core.patent_citation")}
        held = {row[0] for row in warehouse.rows("SELECT family_id FROM core.patent_family")}
    assert citing == {"1004", "US-11000003", "US-11000004"} and {"1001", "1003"} <= held


def test_a_main_group_stands_for_its_subgroups_and_for_no_longer_number(staged):
    rows = staged.rows("SELECT technology_id, family_id FROM core.technology_family ORDER BY ALL")
    assert [f for t, f in rows if t == "solid_cells"] == [
        "1002",
        "US-11000003",
    ]  # H01M10/00 takes H01M10/0525, not H01M100/00
    assert [f for t, f in rows if t == "photon_chips"] == ["1001", "1003"]
    assert [f for t, f in rows if t == "deep_drones"] == ["1004", "US-11000004", "US-D900001"]


# ---- flows ---------------------------------------------------------------------------------------


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
    # 303 (DE, JP) counts by its first topic and cites 301 (DE).
    assert (
        flow["solid_cells", "works", "JP", "DE"]
        == flow["solid_cells", "works", "DE", "DE"]
        == (Decimal("0.5"), 1)
    )
    assert ("JP", "DE") not in works
    families = {k[2:]: v for k, v in flow.items() if k[:2] == ("photon_chips", "families")}
    assert families == {("CN", "JP"): (JAPAN_OF_101, 1), ("CN", "US"): (Decimal("0.333333333333"), 1)}
    # 1004 cites two publications of family 1001: one pair. 1/3 x 2/3, cut to 12 digits.
    assert flow["deep_drones", "families", "DE", "JP"] == (Decimal("0.222222222222"), 1)


def test_reference_coverage_counts_what_leads_to_a_known_country(staged):
    rows = {tuple(r[:2]): tuple(r[2:]) for r in staged.rows("SELECT * FROM core.reference_coverage")}
    assert rows["photon_chips", "works"] == (8, 5, 5 / 8)
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


# ---- tables --------------------------------------------------------------------------------------


def test_every_core_table_and_column_is_described_in_both_languages(staged):
    tables = staged.rows(
        "SELECT schema_name || '.' || table_name, comment FROM duckdb_tables() WHERE schema_name = 'core'"
    )
    assert len(tables) == 40
    assert [
        name
        for name, comment in tables
        if not (comment or "").startswith("Each row ") or " / " not in comment
    ] == []
    columns = (
        "SELECT table_name || '.' || column_name FROM duckdb_columns() WHERE schema_name = 'core' AND"
        " coalesce(comment, '') NOT LIKE '% / %'"
    )
    assert staged.rows(columns) == []


def test_nothing_of_the_raw_records_is_left_open_to_later_steps(staged):
    names = [
        row[0]
        for row in staged.rows(
            "SELECT table_name FROM duckdb_tables() WHERE temporary UNION SELECT view_name FROM"
            " duckdb_views() WHERE temporary AND NOT internal"
        )
    ]
    assert names == []


def test_each_table_is_committed_before_the_next_is_made_from_it(mini, monkeypatch):
    known: list[set[str]] = []
    make = Warehouse.run_sql

    def watched(warehouse, step, file, *arguments, **named):
        others_see = "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'core'"
        known.append({row[0] for row in warehouse.con.cursor().execute(others_see).fetchall()})
        return make(warehouse, step, file, *arguments, **named)

    monkeypatch.setattr(Warehouse, "run_sql", watched)
    with Warehouse() as warehouse, warehouse.transaction():
        stage.run(warehouse, mini.config, held_files(mini), mini.stage_cache)
    sizes = [len(names) for names in known]
    assert sizes == sorted(sizes) and sizes[-1] > len(sizes) / 2
