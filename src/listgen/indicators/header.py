"""What the head of an indicator's file must say, and whether its SQL can run.

Told with file and line before anything is measured.

Reads: nothing; the columns of a finished build where one is given
Writes: nothing
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Literal

import duckdb
from pydantic import Field, ValidationError

from listgen.base.errors import Problem, nearest
from listgen.base.text import t
from listgen.config.models import Model, Text
from listgen.config.problems import explain_validation
from listgen.config.scoring import Basis, Gates
from listgen.config.shapes import Filled, Slug
from listgen.config.yamlfile import place_of, plain, text_places
from listgen.store.sqlfile import SqlFile, parameter_names
from listgen.store.warehouse import Warehouse, connect

_Location = tuple[int | str, ...]
_Complaint = tuple[_Location, str]
NEEDED = ("technology_id", "country_code", "value", "n")
_GIVEN = {"first_year": 2000, "last_year": 2001, "technology_id": "", "country_code": "", "indicator_id": ""}


class IndicatorHeader(Model):
    """The YAML at the head of `indicators/<id>.sql`."""

    id: Slug
    name: Text
    definition: Text
    unit: Filled
    grain: Filled
    period: Filled
    basis: Basis
    variants: dict[str, dict[str, Any]] = {}
    variant_names: dict[str, Text] = {}
    counting: Literal["full", "fractional", "none"]
    inputs: list[Filled] = Field(min_length=1)
    params: dict[str, Any]
    min_n: int | str
    min_national: int | str
    interval: Literal[
        "wilson", "log_ratio", "delta", "half_unit", "mirror", "resampled", "resampled_centred", "none"
    ]
    contribution: Filled
    caveats: list[Slug]
    value_caveats: list[Slug] = []
    references: list[Filled]
    since: Filled


def header_problems(file: SqlFile, caveats: Collection[str] | None = None) -> Iterator[Problem]:
    """Yield what is wrong with one head: its keys, its id, the gates and caveats it names.

    Args:
        file: The file.
        caveats: The keys of config/caveats.yaml, None where they are not at hand.
    """
    # The YAML begins in the second line of the file.
    text = file.path.read_text(encoding="utf-8").split("---*/")[0].partition("\n")[2]
    places = text_places(text, file.path.name)
    for location, message in _complaints(file, caveats):
        line, column = place_of(places, location)
        yield Problem(f"indicators/{file.path.name}", line + 1, column, message)


def _complaints(file: SqlFile, caveats: Collection[str] | None) -> Iterator[_Complaint]:
    """Yield the place in the head and the message of what is wrong with it."""
    try:
        header = IndicatorHeader.model_validate(plain(file.header))
    except ValidationError as error:
        yield from explain_validation(error, IndicatorHeader)
        return
    if header.id != file.id:
        yield ("id",), t('id must be the file\'s name, "{stem}"', stem=file.id)
    gates = set(Gates.model_fields) - {"why"}
    named = [(("min_n",), header.min_n), (("min_national",), header.min_national)]
    texts = [(place, bar) for place, bar in named if isinstance(bar, str)]
    yield from _unknown(texts, gates, "config/scoring.yaml (gates)")
    if caveats is not None:
        given = {"caveats": header.caveats, "value_caveats": header.value_caveats}
        listed = [((key, index), name) for key, names in given.items() for index, name in enumerate(names)]
        yield from _unknown(listed, caveats, "config/caveats.yaml")


def _unknown(
    named: Iterable[tuple[_Location, str]], known: Collection[str], where: str
) -> Iterator[_Complaint]:
    """Yield the names that are not known."""
    for location, name in named:
        if name not in known:
            yield location, t('"{value}" is not in {where}.', value=name, where=where) + nearest(name, known)


def sql_problems(
    file: SqlFile, params: Mapping[str, Any], columns: Collection[str], warehouse: Warehouse | None = None
) -> Iterator[Problem]:
    """Yield why the two statements of a file would not run.

    Their grammar always, tables and columns where a build is given.

    Args:
        file: The file.
        params: What the statement is given beside window and keys.
        columns: The columns a statement may return.
        warehouse: A finished build of this version, opened for reading.
    """
    first = file.path.read_text(encoding="utf-8").split("---*/")[0].count("\n") + 2
    for sql, is_value in ((file.sql, True), (file.evidence_sql, False)):
        try:
            returned = _columns(sql, _GIVEN | dict(params), warehouse) if sql else []
        except duckdb.Error as error:
            reason = " ".join(str(error).split())
            yield Problem(
                f"indicators/{file.path.name}", first, 0, t("the SQL does not run: {reason}", reason=reason)
            )
            continue
        wrong = [name for name in NEEDED if name not in returned] + [
            name for name in returned if name not in columns
        ]
        if warehouse is not None and is_value and wrong:
            message = t(
                "the SELECT must return {needed}; missing or unknown: {names}",
                needed=", ".join(NEEDED),
                names=", ".join(wrong),
            )
            yield Problem(f"indicators/{file.path.name}", first, 0, message)


def _columns(sql: str, given: Mapping[str, Any], warehouse: Warehouse | None) -> list[str]:
    """Return the columns a statement gives; without a build only its grammar is read and there are none."""
    if warehouse is None:
        connect().extract_statements(sql)
        return []
    used = {name: given[name] for name in parameter_names(sql) if name in given}
    cursor = warehouse.con.execute(f"SELECT * FROM ({sql.rstrip().rstrip(';')}\n) LIMIT 0", used)
    return [column[0] for column in cursor.description or []]
