"""Records that contradict themselves in a way of their own.

Each is set aside and named, none is read as another.
"""

import json
import random
from dataclasses import replace

import patent_world as world
import pytest
from miniature import held_file
from mutants import Mutant, counts
from stage_world import build
from test_mutants import counts_source, held_files, open_mini

from listgen.stage.records.endings import is_cut

SET_ASIDE = "SELECT raw_line, field, reason FROM prov.quarantine WHERE source_id = $source ORDER BY ALL"


def set_aside(mini, tmp_path, text, form):
    path = tmp_path / form
    path.write_text(text)
    with build(mini, [held_file(path, "mini_google", form)]) as warehouse:
        return warehouse.rows(SET_ASIDE, {"source": "mini_google"})


def test_an_office_of_more_than_two_letters_is_not_taken_for_a_part_of_the_number(mini, tmp_path):
    lines = [json.dumps(world.LENS_JSON | {"jurisdiction": "USA1"}), json.dumps(world.LENS_JSON)]
    assert set_aside(mini, tmp_path, "\n".join(lines), "lens_patent_json") == [
        (1, "publication_number", "missing or not a patent number")
    ]


def test_an_answer_of_the_epo_without_a_number_is_not_read_from_the_office(mini, tmp_path):
    member = (
        '<family-member family-id="7"><publication-reference><document-id '
        'document-id-type="docdb"><country>USA</country>'
        "<doc-number/></document-id></publication-reference></family-member>"
    )
    text = f"<world-patent-data><patent-family>{member}</patent-family></world-patent-data>"
    assert set_aside(mini, tmp_path, text, "epo_ops") == [
        (1, "doc-number", "missing or not a number of the EPO")
    ]


@pytest.mark.parametrize("table", ["g_inventor", "g_assignee", "pg_inventor", "pg_assignee"])
def test_a_person_at_a_place_with_a_lone_quote_mark_is_set_aside(mini, tmp_path, table):
    key, sequence = ("patent_id", "7") if table[0] == "g" else ("pgpub_id", "20190000001")
    place = table.rsplit("_", 1)[1] + "_sequence"
    text = f'{key}\t{place}\tlocation_id\n"{sequence}"\t"0"\tjp"\n"{sequence}"\t"1"\t"jp"\n'
    assert set_aside(mini, tmp_path, text, f"patentsview_{table}_disambiguated") == [
        (1, "location_id", "has a lone quote mark")
    ]


def test_two_counts_of_one_country_are_both_set_aside_and_the_field_is_named(tmp_path):
    mini = open_mini(tmp_path / "mini")
    change = counts.group_of_two_counts(counts.make(random.Random(1))[0], random.Random(1))
    mutant = Mutant(1, "", change.files, {}, is_visible=True)
    settings = mini.config.settings.model_copy(update={"sources": ["m1"]})
    config = replace(mini.config, sources={"m1": counts_source(mutant, mini)}, settings=settings)
    with build(mini, list(held_files(mutant, "openalex_groups", tmp_path)), config) as warehouse:
        assert [row[1] for row in warehouse.rows(SET_ASIDE, {"source": "m1"})] == ["count", "count"]


@pytest.mark.parametrize(
    ("end", "is_cut_there"), [("\t", True), (";", True), ("1", True), ("\n", False), ("x", False)]
)
def test_a_file_that_ends_behind_a_delimiter_may_be_cut(tmp_path, end, is_cut_there):
    (tmp_path / "t.tsv").write_text(f"a\tb\n1\t2\n3{end}")
    assert is_cut(tmp_path / "t.tsv", "none") is is_cut_there
