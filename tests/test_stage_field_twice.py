"""A record with a field given twice has two values.

It is set aside with its line and the field, in every JSON form, in whatever object that is read.
"""

import copy
import gzip
import json

import patent_world as world
import pytest
from miniature import held_file
from stage_world import build, lines_of, offer

from listgen.base.errors import DataError

TWICE = "a field is given twice"
# Places of objects, as the way from the record to them, and a field of each.
WORK = [
    ((), "publication_year"), ((), "authorships"), (("primary_topic",), "id"),
    (("primary_topic", "field"), "id"),
    (("primary_topic",), "field"), (("citation_normalized_percentile",), "value"), (("topics", 0), "id"),
    (("authorships", 0), "institutions"), (("authorships", 0, "author"), "display_name"),
    (("authorships", 0, "institutions", 0), "country_code"), (("ids",), "pmid"),
]  # fmt: skip
GOOGLE = [
    ((), "family_id"), ((), "citation"), (("cpc", 0), "code"), (("citation", 0), "publication_number"),
    (("citation", 0), "npl_text"), (("inventor_harmonized", 1), "country_code"),
    (("assignee_harmonized", 0), "country_code"),
    (("priority_claim", 0), "filing_date"),
]  # fmt: skip
_CITED = ("biblio", "references_cited", "citations")
LENS = [
    ((), "date_published"), ((), "biblio"), (("families",), "simple_family"),
    (("families", "simple_family"), "size"),
    (("families", "simple_family", "members", 0), "document_id"),
    (("families", "simple_family", "members", 0, "document_id"), "kind"), (("biblio",), "parties"),
    (("biblio", "application_reference"), "date"), (("biblio", "priority_claims"), "earliest_claim"),
    (("biblio", "priority_claims", "earliest_claim"), "date"),
    (("biblio", "priority_claims", "claims", 0), "date"),
    (("biblio", "parties"), "inventors"), (("biblio", "parties", "inventors", 1), "residence"),
    (("biblio", "parties", "applicants", 0), "residence"),
    (("biblio", "classifications_cpc", "classifications", 0), "symbol"),
    (("biblio", "references_cited"), "npl_count"),
    ((*_CITED, 0), "patcit"), ((*_CITED, 0, "patcit", "document_id"), "doc_number"),
    ((*_CITED, 1, "nplcit"), "text"),
]  # fmt: skip
GRANT = [
    ((), "patent_date"), (("inventors", 0), "inventor_country"), (("assignees", 0), "assignee_country"),
    (("applications", 0), "app_date"), (("cited_patents", 0), "cited_patent_number"),
    (("cpcs", 0), "cpc_subgroup_id"),
]  # fmt: skip


def twice(record, place, name):
    """Return a record as text, in which an object has a field again behind all others, with another value."""
    record = copy.deepcopy(record)
    found = record
    for step in place:
        found = found[step]
    found[f"{name}~again"] = (
        [{}] if isinstance(found[name], list) else {} if isinstance(found[name], dict) else 1999
    )
    return json.dumps(record).replace("~again", "")


def set_aside(warehouse, name):
    sql = "SELECT raw_line, field, reason FROM prov.quarantine WHERE file_name = $name ORDER BY ALL"
    return warehouse.rows(sql, {"name": name})


def expected(places):
    return [(line, name, TWICE) for line, (_, name) in enumerate(places, start=1)]


@pytest.fixture
def work(mini):
    record = json.loads(lines_of(mini)[0])
    record["authorships"][0]["author"] = {"display_name": "A"}
    return record | {"ids": {"pmid": "7"}}


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
def test_a_work_in_lines(mini, tmp_path, work, packed):
    lines = [twice(work, *place) for place in WORK] + lines_of(mini)[1:]
    content = "\n".join(lines).encode() + b"\n"
    name = "given.jsonl.gz" if packed else "given.jsonl"
    holdings = offer(mini, tmp_path, gzip.compress(content) if packed else content, name=name)
    with build(mini, holdings) as warehouse:
        assert set_aside(warehouse, name) == expected(WORK)
        used = warehouse.rows(
            "SELECT n_used + n_merged FROM prov.row_account WHERE raw_digest = $d",
            {"d": holdings[-1].raw_digest},
        )
        assert used == [(len(lines) - len(WORK),)]


def test_a_work_in_a_page(mini, tmp_path, work):
    works = [twice(work, *place) for place in WORK] + lines_of(mini)[1:2]
    page = '{"meta": {}, "results": [' + ",".join(works) + "]}"
    with build(mini, offer(mini, tmp_path, page, "openalex_page", name="page.json")) as warehouse:
        assert set_aside(warehouse, "page.json") == expected(WORK)


def test_a_group_in_a_count(mini, tmp_path):
    groups = ['{"key": "JP", "count": 3, "count": 4}', '{"key": "US", "count": 3}']
    for meta, lines in (('{"count": 9}', [(1, "count", TWICE)]),
                        ('{"count": 9, "count": 8}', [(1, "count", TWICE), (2, "count",
                            TWICE)])):  # fmt: skip
        page = f'{{"meta": {meta}, "group_by": [{", ".join(groups)}]}}'
        given = offer(mini, tmp_path, page, "openalex_groups", name="groups.json")
        with build(mini, given) as warehouse:
            assert set_aside(warehouse, "groups.json") == lines


def test_a_publication_of_google_patents(mini, tmp_path):
    record = json.loads((mini.root / "raw/google/publications.jsonl").read_text().splitlines()[0])
    record["priority_claim"] = [{"application_number": "JP-1-A", "filing_date": 20210110}]
    lines = [twice(record, *place) for place in GOOGLE] + [json.dumps(record)]
    given = offer(mini, tmp_path, "\n".join(lines), "google_patent", "mini_google")
    with build(mini, given) as warehouse:
        assert set_aside(warehouse, "given.jsonl") == expected(GOOGLE)


def test_a_document_of_the_lens(mini, tmp_path):
    lines = [twice(world.LENS_JSON, *place) for place in LENS] + [json.dumps(world.LENS_JSON)]
    (tmp_path / "lens.jsonl").write_text("\n".join(lines))
    with build(mini, [held_file(tmp_path / "lens.jsonl", "mini_google", "lens_patent_json")]) as warehouse:
        assert set_aside(warehouse, "lens.jsonl") == expected(LENS)
        assert warehouse.rows("SELECT n_rows, n_used FROM prov.row_account") == [(len(lines), 1)]


def test_a_grant_of_the_patentsview_api(mini, tmp_path):
    grants = json.loads((mini.root / "raw/patentsview_api/grants.json").read_text())["patents"]
    texts = [twice(grants[0], *place) for place in GRANT] + [json.dumps(grant) for grant in grants]
    document = '{"patents": [' + ",".join(texts) + "]}"
    given = offer(mini, tmp_path, document, "patentsview_api", "mini_patentsview_api", "given.json")
    with build(mini, given) as warehouse:
        assert set_aside(warehouse, "given.json") == expected(GRANT)


@pytest.mark.parametrize("form", ["answer_index", "openalex_request"])
def test_a_note_of_a_request(mini, tmp_path, form):
    (tmp_path / "notes.jsonl").write_text('{"unit": "a", "unit": "b"}\n{"unit": "c"}\n')
    with build(mini, [held_file(tmp_path / "notes.jsonl", "mini_google", form)]) as warehouse:
        assert set_aside(warehouse, "notes.jsonl") == [(1, "unit", TWICE)]


def test_a_decision_of_the_review(mini, tmp_path):
    (tmp_path / "decided.jsonl").write_text('{"technology_id": "a", "technology_id": "b"}\n')
    with pytest.raises(DataError, match=f"1: technology_id {TWICE}"):
        build(mini, [held_file(tmp_path / "decided.jsonl", "mini_google", "review_decision")])
