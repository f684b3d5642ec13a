"""A record with a field given twice has two values: it is set aside with its line, in every JSON form."""

import gzip
import json

import pytest
from stage_world import build, lines_of, offer

TWICE = "a field is given twice"


def set_aside(warehouse, name):
    sql = "SELECT raw_line, reason FROM prov.quarantine WHERE file_name = $name ORDER BY ALL"
    return warehouse.rows(sql, {"name": name})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"publication_year": ', '"publication_year": 1999, "publication_year": '),
        ('"country_code": ', '"country_code": "CN", "country_code": '),
    ],
    ids=["at the top", "of an institution"],
)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
def test_a_work_in_lines(mini, tmp_path, old, new, packed):
    lines = [json.dumps(json.loads(line)) for line in lines_of(mini)]
    place = next(i for i, line in enumerate(lines) if old in line)
    lines[place] = lines[place].replace(old, new, 1)
    content = "\n".join(lines).encode() + b"\n"
    name = "given.jsonl.gz" if packed else "given.jsonl"
    holdings = offer(mini, tmp_path, gzip.compress(content) if packed else content, name=name)
    with build(mini, holdings) as warehouse:
        assert set_aside(warehouse, name) == [(place + 1, TWICE)]
        (kept,) = warehouse.rows(
            "SELECT count(DISTINCT raw_line) FROM core.work WHERE raw_digest = $d",
            {"d": holdings[-1].raw_digest},
        )[0]
        assert kept == len(lines) - 1


def test_a_work_in_a_page(mini, tmp_path):
    works = [json.dumps(json.loads(line)) for line in lines_of(mini)]
    works[1] = works[1].replace('"cited_by_count": ', '"cited_by_count": 9999, "cited_by_count": ', 1)
    page = '{"meta": {}, "results": [' + ",".join(works) + "]}"
    with build(mini, offer(mini, tmp_path, page, "openalex_page", name="page.json")) as warehouse:
        assert set_aside(warehouse, "page.json") == [(2, TWICE)]


@pytest.mark.parametrize(
    ("old", "new"),
    [('"family_id": ', '"family_id": "77", "family_id": '), ('"code": ', '"code": "X", "code": ')],
    ids=["at the top", "of a symbol"],
)
def test_a_publication_of_google_patents(mini, tmp_path, old, new):
    lines = (mini.root / "raw/google/publications.jsonl").read_text().splitlines()
    lines = [json.dumps(json.loads(line)) for line in lines]
    lines[0] = lines[0].replace(old, new, 1)
    given = offer(mini, tmp_path, "\n".join(lines), "google_patent", "mini_google")
    with build(mini, given) as warehouse:
        assert set_aside(warehouse, "given.jsonl") == [(1, TWICE)]


def test_a_grant_of_the_patentsview_api(mini, tmp_path):
    text = (mini.root / "raw/patentsview_api/grants.json").read_text()
    document = json.dumps(json.loads(text)).replace(
        '"patent_date": ', '"patent_date": "1999-01-01", "patent_date": ', 1
    )
    given = offer(mini, tmp_path, document, "patentsview_api", "mini_patentsview_api", "given.json")
    with build(mini, given) as warehouse:
        assert set_aside(warehouse, "given.json") == [(1, TWICE)]
