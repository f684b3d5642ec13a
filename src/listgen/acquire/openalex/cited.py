"""The works that the fetched works cite.

Asked for by id, most cited first, as far as the declared credits reach.

A citation says whom a country builds on only when the cited work's country is known. Old names of merged
works are followed, deleted ones are noted.

Reads: data/raw/pending, the network.
Writes: data/raw/pending.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from listgen.acquire.openalex.fetch import Fetcher
from listgen.acquire.openalex.question import Question, Unit, chunks, select_fields
from listgen.base.text import t
from listgen.store.warehouse import connect

SINGLES_PER_CREDIT = 3  # asking for one work is free, but takes as long as asking for a hundred

_CITED = """
WITH work AS (
  SELECT unnest(from_json(json, '{"results": [{"id": "VARCHAR", "referenced_works": ["VARCHAR"]}]}').results)
    AS work
  FROM read_json_objects($paths, format = 'unstructured', maximum_object_size = $n_bytes)
),
reference AS (
  SELECT DISTINCT work.id AS citing, unnest(work.referenced_works) AS cited FROM work
)
SELECT TRY_CAST(regexp_extract(cited, 'W([0-9]+)$', 1) AS BIGINT) AS number
FROM reference
WHERE cited NOT IN (SELECT work.id FROM work)
GROUP BY number
HAVING number IS NOT NULL
ORDER BY count(*) DESC, number
LIMIT $wanted
"""


def fetch_cited(fetcher: Fetcher) -> list[Unit]:
    """Fetch the works cited by the works held, within the declared credits, and return the units asked.

    Args:
        fetcher: With every unit of its question fetched.
    """
    question = fetcher.question
    if not question.access.cited_works_credits:
        return []
    units = [
        _unit(question, number, chunk)
        for number, chunk in enumerate(chunks(_most_cited(fetcher), question.n_cited), start=1)
    ]
    fetcher.say(t("{count} works that others cite", count=sum(int(unit.about["n_asked"]) for unit in units)))
    fetcher.fetch_all(units)
    singles = [single for unit in units for single in _missing(fetcher, unit)][
        : SINGLES_PER_CREDIT * len(units)
    ]
    for single in singles:
        fetcher.fetch_one(single)
    return [*units, *singles]


def _most_cited(fetcher: Fetcher) -> list[str]:
    """Return the ids cited most and not held.

    The pages are read by DuckDB, so their number does not matter.
    """
    pages = fetcher.pending.every(unit.name for unit in fetcher.question.units)
    sizes = {str(page.body): int(page.note["n_bytes"]) for page in pages}
    if not sizes:
        return []
    values = {
        "paths": list(sizes),
        "n_bytes": max(sizes.values()) + 1024,
        "wanted": fetcher.question.access.cited_works_credits * fetcher.question.n_cited,
    }
    with closing(connect()) as con:
        return [f"W{row[0]}" for row in con.execute(_CITED, values).fetchall()]


def _unit(question: Question, number: int, ids: Sequence[str]) -> Unit:
    params = {"filter": "ids.openalex:" + "|".join(ids), "select": select_fields(question.access)}
    return Unit(f"cited/{number:05d}", params, {"n_asked": len(ids)})


def _missing(fetcher: Fetcher, unit: Unit) -> list[Unit]:
    """Return a unit for every id the provider left out of its answer: it has another name now, or none."""
    asked = unit.params["filter"].removeprefix("ids.openalex:").split("|")
    held = {_tail(work["id"]) for page in fetcher.pending.pages(unit.name) for work in _results(page.body)}
    params = {"select": unit.params["select"]}
    return [
        Unit(f"merged/{name}", params, {"asked": name}, f"/works/{name}", 0)
        for name in asked
        if name not in held
    ]


def _results(body: Path) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(body.read_bytes())["results"]
    return found


def _tail(work_id: str) -> str:
    return work_id.rsplit("/", 1)[-1]
