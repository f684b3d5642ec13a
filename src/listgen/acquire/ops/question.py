"""Which publications are looked up.

Those a source names, and those of the declared technologies whose family nobody has told.

Reads: core.patent_publication and core.technology_family of the current build.
Writes: nothing.
"""

from __future__ import annotations

from contextlib import closing

import duckdb

from listgen.acquire.ops.access import PUBLICATION, OpsAccess
from listgen.base.errors import DataError
from listgen.base.text import t
from listgen.config.workspace import Workspace
from listgen.store.warehouse import connect

# One family of each technology after the other, so that a budget that does not reach for all is shared by
# all.
_LACKING = """
WITH lacking AS (
  SELECT technology_family.technology_id, family_id,
    list_sort(list(DISTINCT publication.publication_number)) AS numbers
  FROM core.patent_publication AS publication
  JOIN core.technology_family AS technology_family USING (family_id)
  JOIN core.source AS source ON source.source_id = publication.source_id
  WHERE publication.family_kind = 'single_document' AND NOT source.is_sample
  GROUP BY technology_family.technology_id, family_id
),
ordered AS (
  SELECT family_id, numbers, row_number() OVER (PARTITION BY technology_id ORDER BY numbers[1]) AS place
    FROM lacking
)
SELECT any_value(numbers) FROM ordered GROUP BY family_id ORDER BY min(place), family_id
"""


def families_to_look_up(workspace: Workspace, access: OpsAccess) -> list[tuple[str, ...]]:
    """Return what is to be looked up, one entry a family: its publications, any of which would do.

    Those named come first.

    Raises:
        DataError: The current build cannot be read.
    """
    found: list[tuple[str, ...]] = [(number,) for number in access.numbers]
    path = workspace.current / "listgen.duckdb"
    if access.fill_families and path.is_file():
        try:
            with closing(connect(path, read_only=True)) as con:
                found += [
                    tuple(filter(PUBLICATION.fullmatch, row[0])) for row in con.execute(_LACKING).fetchall()
                ]
        except duckdb.Error as error:
            raise DataError(
                t(
                    "data/current/listgen.duckdb cannot be read ({reason}).",
                    reason=str(error).split("\n")[0][:120],
                ),
                t("Expected the tables of the current build."),
                t("Run: listgen build"),
            ) from error
    return found
