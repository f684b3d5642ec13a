"""What broken bytes come to: a quarantined row with its place, or one clear error, never a traceback."""

import dataclasses
import gzip
import json
import random

import pytest
from miniature import held_file, held_files
from stage_world import build, changed, fails, lines_of, offer, offer_table, quarantine

from listgen import stage
from listgen.base.errors import DataError, UsageError
from listgen.stage.records.reading import stage_files


def test_d49_bad_records_are_set_aside_with_line_field_and_excerpt_and_the_rest_counts(mini, tmp_path):
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
        assert rows[0][2:] == ("outside 1000 .. 2026", rows[0][3]) and rows[0][3].startswith(
            '"publication_year": 2999'
        )
        assert rows[1][2] == "negative" and rows[1][3].startswith('"cited_by_count": -5')
        assert rows[2][3] == '{"id": "https://openalex.org/W5", "title": "torn\\u202e'
        assert all(len(row[3]) <= 80 for row in rows)
        assert warehouse.rows("SELECT work_id, raw_line FROM core.work") == [(105, 9)]


def test_d50_bytes_that_are_not_utf8_spoil_their_line_only(mini, tmp_path):
    good = lines_of(mini)
    content = (
        good[0].encode()
        + b"\n"
        + good[1].encode().replace(b"Work", "題".encode("cp932"))
        + b"\n"
        + good[2].encode()
    )
    with build(mini, offer(mini, tmp_path, content)) as warehouse:
        assert [row[:2] for row in quarantine(warehouse)] == [(2, "")]
        assert warehouse.rows("SELECT work_id FROM core.work ORDER BY 1") == [(101,), (103,)]


@pytest.mark.parametrize("share", [0.02, 0.5, 0.98])
def test_a_torn_gzip_file_is_refused_whole(mini, tmp_path, share):
    whole = gzip.compress("\n".join(lines_of(mini) * 50).encode())
    holdings = offer(mini, tmp_path, whole[: int(len(whole) * share)], name="part_0000.gz")
    fails(
        mini,
        holdings,
        "Source mini_openalex: part_0000.gz is a torn gzip file",
        "Run: listgen acquire mini_openalex",
    )


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


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", gzip.compress(b"", mtime=0)], ids=["nothing", "blank-lines", "gzip-of-nothing"]
)
def test_an_empty_file_is_named(mini, tmp_path, content):
    fails(mini, offer(mini, tmp_path, content), "given.jsonl is empty")


def test_n7_d50_a_file_without_a_usable_record_is_refused(mini, tmp_path):
    fails(
        mini,
        offer(mini, tmp_path, "\n".join(lines_of(mini)).encode("utf-16")),
        "has not one usable record",
        "not UTF-8",
    )
    fails(mini, offer(mini, tmp_path, "<html>Sign in</html>\n"), "has not one usable record")


def test_p23_a_renamed_field_of_a_provider_is_noticed(mini, tmp_path):
    text = (mini.root / "raw/google/publications.jsonl").read_text().replace('"cpc"', '"cpc_codes"')
    fails(mini, offer(mini, tmp_path, text, "google_patent", "mini_google"), "no record with cpc_codes")


def test_d53_f38_an_archive_and_changed_bytes_are_refused(mini, tmp_path):
    fails(
        mini, offer(mini, tmp_path, b"PK\x03\x04rest", name="g_patent.tsv.zip"), "is torn or no ZIP archive"
    )
    holdings = offer(mini, tmp_path, "\n".join(lines_of(mini)))
    (tmp_path / "given.jsonl").write_text("something else")
    fails(mini, holdings, "given.jsonl has changed since it was acquired")


def test_all_broken_files_are_named_at_once(mini, tmp_path):
    holdings = [f for f in offer(mini, tmp_path, b"") if f.form_id != "google_patent"]
    other = tmp_path / "publications.jsonl"
    other.write_bytes(b"")
    fails(
        mini,
        [*holdings, held_file(other, "mini_google", "google_patent")],
        "given.jsonl is empty",
        "publications.jsonl is empty",
    )


def test_p23_a_missing_column_is_named_with_the_nearest_present_one(mini, tmp_path):
    text = (
        (mini.root / "raw/patentsview/g_patent.tsv").read_text().replace('"patent_date"', '"patent_dates"', 1)
    )
    holdings = offer(mini, tmp_path, text, "patentsview_g_patent", "mini_patentsview", "g_patent.tsv")
    fails(mini, holdings, 'g_patent.tsv has no column "patent_date"', 'Did you mean "patent_dates"?')
    text = 'Series,"Region, country, or economy",Years,Count\ncells,Japan,2021,3\n'
    fails(
        mini, offer_table(mini, tmp_path, text), 'families.csv has no column "Year"', 'Did you mean "Years"?'
    )


def test_d50_a_tsv_in_another_encoding_is_refused_with_its_line(mini, tmp_path):
    lines = (mini.root / "raw/patentsview/g_patent.tsv").read_text().splitlines()
    lines[3] = lines[3].replace("Cell stack", "電池")
    content = "\n".join(lines).encode("cp932")
    fails(
        mini,
        offer(mini, tmp_path, content, "patentsview_g_patent", "mini_patentsview", "g_patent.tsv"),
        "g_patent.tsv is not",
        "line 4",
    )


def test_d49_d58_torn_rows_of_a_tsv_are_set_aside_and_later_rows_keep_their_numbers(mini, tmp_path):
    lines = (mini.root / "raw/patentsview/g_patent.tsv").read_text().splitlines()
    lines[2:2] = ['"11000009"\t"utility"']
    lines.append(lines[-1].replace("D900001", "1.2E+07").replace("2022-10-04", "2022-10-05"))
    holdings = offer(
        mini, tmp_path, "\n".join(lines) + "\n", "patentsview_g_patent", "mini_patentsview", "g_patent.tsv"
    )
    with build(mini, holdings) as warehouse:
        rows = warehouse.rows(
            "SELECT raw_line, field, excerpt FROM prov.quarantine WHERE source_id = 'mini_patentsview' ORDER"
            " BY 1"
        )
        assert [row[0] for row in rows] == [2, 6]
        assert rows[0][2].startswith('"11000009"') and rows[1][1:] == ("patent_id", "1.2E+07")
        # Held from PatentsView alone: the grant that stood third in the file, now fourth.
        assert (
            warehouse.scalar(
                "SELECT raw_line FROM core.patent_publication WHERE us_grant_number = '11000003'"
            )
            == 4
        )


def test_p30_a_manifest_names_the_part_that_is_short_or_missing(mini, tmp_path):
    manifest = next(f for f in held_files(mini) if f.form_id == "manifest")
    document = json.loads(manifest.path.read_text())
    document["files"][0]["meta"]["record_count"] += 1
    document["files"].append(
        {"url": "s3://openalex/data/jsonl/works/updated_date=2025-06-29/part_0000.jsonl", "meta": {}}
    )
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(document))
    holdings = [
        held_file(path, "mini_openalex", "manifest") if f == manifest else f for f in held_files(mini)
    ]
    fails(
        mini,
        holdings,
        "updated_date=2025-06-01/part_0000.jsonl has record_count 8, listed 9",
        "updated_date=2025-06-29/part_0000.jsonl is listed",
    )


def test_a_form_nothing_reads_is_a_mistake_of_the_configuration(mini):
    file = held_files(mini)[0]
    with pytest.raises(
        UsageError, match='nothing reads the form "openalex_works".* Did you mean "openalex_work"'
    ):
        build(mini, [dataclasses.replace(file, form_id="openalex_works")])


def test_d49_d51_no_damage_to_a_file_ends_in_anything_but_a_clear_error(mini, tmp_path):
    """Forty mutants: cut, flipped, doubled and filled with what parsers dislike.

    Each is read, set aside by row, or refused.
    """
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
            found = stage_files(
                stage.load_readers(),
                mini.config,
                [held_file(path, file.source_id, file.form_id)],
                tmp_path / "cache",
            )
        except DataError as error:
            assert path.name in str(error)
        else:
            assert found[0].n_rejected < found[0].n_records


# ---- cache and repetition ------------------------------------------------------------------------
