"""What the OpenAlex double answers to a works query.

Filters, groups, pages and selections, computed from the corpus.
"""

import base64
import json
import re
from collections.abc import Sequence

import numpy as np

from doubles.corpus import FIRST_ID, ISO, LANGUAGES, OPENALEX, TYPES, Corpus

GATED = ("from_updated_date", "to_updated_date", "from_created_date", "to_created_date")
_FIELD_NAMES = (
    "id doi title display_name relevance_score publication_year publication_date ids language"
    " primary_location type indexed_in open_access authorships corresponding_author_ids institutions"
    " countries_distinct_count institutions_distinct_count fwci cited_by_count citation_normalized_percentile"
    " cited_by_percentile_year biblio is_retracted is_xpac primary_topic topics keywords locations"
    " referenced_works referenced_works_count related_works abstract_inverted_index counts_by_year funders"
    " awards has_content updated_date created_date"
)
FIELDS = tuple(_FIELD_NAMES.split())


class RefusedError(Exception):
    """A request the provider answers with an error of its own."""

    def __init__(self, status: int, error: str, message: str, **more: object) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": error, "message": message, **more}


def bad(message: str, error: str = "Invalid query parameters error.") -> RefusedError:
    return RefusedError(400, error, message)


# ---- filters -------------------------------------------------------------------------------------


class Query:
    """One works query.

    Args:
        corpus: The world.
        parameters: The request's parameters, one value each.
        scope: Which part of the works: core, expansion or all.
    """

    def __init__(self, corpus: Corpus, parameters: dict[str, str], scope: str) -> None:
        self.corpus, self.parameters, self.scope = corpus, parameters, scope

    def places(self) -> np.ndarray:
        """Return the positions of the works that match, in order."""
        mask = self.corpus.visible.copy()
        if self.scope != "all":
            mask &= self.corpus.is_xpac == (self.scope == "expansion")
        for part in self.parameters.get("filter", "").split(",") if self.parameters.get("filter") else []:
            name, colon, value = part.partition(":")
            if not colon or not value:
                raise bad(f"Invalid filter: {part}")
            mask &= self._matching(name.strip(), value)
        if self.parameters.get("search"):
            mask &= self._text(self.parameters["search"])
        return np.flatnonzero(mask)

    def _matching(self, name: str, value: str) -> np.ndarray:
        if name in GATED:
            raise RefusedError(429, "Plan upgrade required", f'The "{name}" filter requires a paid plan.')
        finder = FILTERS.get(name)
        if finder is None:
            raise bad(f"{name} is not a valid field. Valid fields are: {', '.join(sorted(FILTERS))}.")
        values = value.split("|")
        if len(values) > 100:
            raise bad(f"Maximum number of values exceeded for {name}. Decrease values to 100 or below.")
        if value.startswith("!"):
            return ~finder(self.corpus, value[1:])
        mask = np.zeros(self.corpus.n, dtype=bool)
        for one in values:
            mask |= finder(self.corpus, one)
        return mask

    def _text(self, words: str) -> np.ndarray:
        """Return the works with all words, or the quoted phrase, of one of the alternatives between OR."""
        wanted = [
            [part.strip('"')] if part.startswith('"') else part.split()
            for part in words.lower().split(" or ")
        ]
        titles = (self.corpus.work(place)["title"].lower() for place in range(self.corpus.n))
        return np.array([any(all(word in title for word in part) for part in wanted) for title in titles])


def _tail(value: str, letter: str) -> str:
    found = re.fullmatch(rf"(?:https://openalex\.org/)?({letter}\d+)", value, re.IGNORECASE)
    if found is None:
        raise bad(f"'{value}' is not a valid OpenAlex ID.")
    return found[1].upper()


def _number(column, corpus: Corpus, value: str) -> np.ndarray:
    numbers = column(corpus)
    try:
        if value[:1] == ">":
            return numbers > float(value[1:])
        if value[:1] == "<":
            return numbers < float(value[1:])
        low, dash, high = value.partition("-")
        if dash:
            return (numbers >= (float(low) if low else -np.inf)) & (
                numbers <= (float(high) if high else np.inf)
            )
        return numbers == float(value)
    except ValueError:
        raise bad(f"Value for param must be a number: {value}") from None


def _flag(column, corpus: Corpus, value: str) -> np.ndarray:
    if value not in ("true", "false"):
        raise bad(f"Value must be true or false, not {value}")
    return column(corpus) == (value == "true")


def _listed(places: Sequence[int], corpus: Corpus) -> np.ndarray:
    mask = np.zeros(corpus.n, dtype=bool)
    mask[np.asarray(places, dtype=np.int64)] = True
    return mask


def _of_topic(corpus: Corpus, value: str) -> np.ndarray:
    return _listed(corpus.works_of_topic.get(_tail(value, "T"), []), corpus)


def _of_primary_topic(corpus: Corpus, value: str) -> np.ndarray:
    return corpus.work_topics[:, 0] == corpus.topic_number.get(_tail(value, "T"), -2)


def _of_field(corpus: Corpus, value: str) -> np.ndarray:
    wanted = [n for n, row in enumerate(corpus.topics) if row["field_id"] == value.rsplit("/", 1)[-1]]
    return np.isin(corpus.work_topics[:, 0], wanted)


def _of_keyword(corpus: Corpus, value: str) -> np.ndarray:
    return _listed(corpus.works_of_keyword.get(value.rsplit("/", 1)[-1].lower(), []), corpus)


def _of_country(corpus: Corpus, value: str) -> np.ndarray:
    return _listed(corpus.works_of_country.get(value.rsplit("/", 1)[-1].upper(), []), corpus)


def _of_id(corpus: Corpus, value: str) -> np.ndarray:
    place = corpus.position(int(_tail(value, "W")[1:]))
    return _listed([] if place is None else [place], corpus)


def _citing(corpus: Corpus, value: str) -> np.ndarray:
    place = corpus.position(int(_tail(value, "W")[1:]))
    hits = np.flatnonzero(corpus.references == (place if place is not None else corpus.n))
    return _listed(np.searchsorted(corpus.reference_start, hits, side="right") - 1, corpus)


def _titled(corpus: Corpus, value: str) -> np.ndarray:
    return Query(corpus, {}, "all")._text(value)


FILTERS = {
    "topics.id": _of_topic,
    "primary_topic.id": _of_primary_topic,
    "primary_topic.field.id": _of_field,
    "keywords.id": _of_keyword,
    "authorships.countries": _of_country,
    "authorships.institutions.country_code": _of_country,
    "ids.openalex": _of_id,
    "openalex": _of_id,
    "openalex_id": _of_id,
    "cites": _citing,
    "title_and_abstract.search": _titled,
    "publication_year": lambda corpus, value: _number(lambda c: c.year, corpus, value),
    "cited_by_count": lambda corpus, value: _number(lambda c: c.cited_by, corpus, value),
    "citation_normalized_percentile.value": lambda corpus, value: _number(
        lambda c: c.percentile, corpus, value
    ),
    "type": lambda corpus, value: corpus.type == (TYPES.index(value) if value in TYPES else -1),
    "language": lambda corpus, value: (
        corpus.language == (LANGUAGES.index(value) if value in LANGUAGES else -1)
    ),
    "is_retracted": lambda corpus, value: _flag(lambda c: c.is_retracted, corpus, value),
    "has_abstract": lambda corpus, value: _flag(lambda c: c.has_abstract, corpus, value),
    **dict.fromkeys(GATED),
}


# ---- groups --------------------------------------------------------------------------------------


def group(corpus: Corpus, places: np.ndarray, key: str) -> list[dict]:
    """Return the groups of a query by one field, largest first."""
    name, _, option = key.partition(":")
    if option not in ("", "include_unknown"):
        raise bad(f"{option} is not a valid group_by option.")
    counted = GROUPS.get(name)
    if counted is None:
        raise bad(f"{name} is not a valid field for group_by.")
    counts, n_unknown = counted(corpus, places)
    found = [
        {"key": full, "key_display_name": shown, "count": count} for full, shown, count in counts if count
    ]
    if option and n_unknown:
        found.append({"key": "unknown", "key_display_name": "unknown", "count": n_unknown})
    return sorted(found, key=lambda row: (-row["count"], row["key"]))


def _by_country(corpus: Corpus, places: np.ndarray):
    inside = np.zeros(corpus.n, dtype=bool)
    inside[places] = True
    counts = np.bincount(corpus.pair_country[inside[corpus.pair_work]], minlength=len(ISO))
    unknown = int((~corpus.countries_known[places]).sum())
    return [
        (f"{OPENALEX}countries/{code}", code, int(count)) for code, count in zip(ISO, counts, strict=True)
    ], unknown


def _by_year(corpus: Corpus, places: np.ndarray):
    years, counts = np.unique(corpus.year[places], return_counts=True)
    return [(str(year), str(year), int(count)) for year, count in zip(years, counts, strict=True)], 0


def _by_primary_topic(corpus: Corpus, places: np.ndarray):
    primary = corpus.work_topics[places, 0]
    counts = np.bincount(primary[primary >= 0], minlength=len(corpus.topics))
    named = [
        (OPENALEX + row["topic_id"], row["topic_name"], int(n))
        for row, n in zip(corpus.topics, counts, strict=True)
    ]
    return named, int((primary < 0).sum())


def _by_topic(corpus: Corpus, places: np.ndarray):
    every = corpus.work_topics[places]
    counts = np.bincount(every[every >= 0], minlength=len(corpus.topics))
    named = [
        (OPENALEX + row["topic_id"], row["topic_name"], int(n))
        for row, n in zip(corpus.topics, counts, strict=True)
    ]
    return named, int((every[:, 0] < 0).sum())


def _by_type(corpus: Corpus, places: np.ndarray):
    counts = np.bincount(corpus.type[places], minlength=len(TYPES))
    return [(f"{OPENALEX}types/{name}", name, int(n)) for name, n in zip(TYPES, counts, strict=True)], 0


GROUPS = {
    "authorships.countries": _by_country,
    "authorships.institutions.country_code": _by_country,
    "publication_year": _by_year,
    "primary_topic.id": _by_primary_topic,
    "topics.id": _by_topic,
    "type": _by_type,
}


# ---- pages ---------------------------------------------------------------------------------------


def encode_cursor(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps([value]).encode()).decode()


def decode_cursor(cursor: str) -> object:
    """Return what a cursor points behind; None at the start."""
    if cursor == "*":
        return None
    if cursor.lower() in ("null", "none", ""):
        raise bad("Cursor is null. Likely reached end of results.", "Pagination error.")
    try:
        return json.loads(base64.urlsafe_b64decode(cursor.encode()))[0]
    except (ValueError, IndexError, TypeError):
        raise bad("Cursor value is invalid.", "Pagination error.") from None


def page_size(parameters: dict[str, str], default: int) -> int:
    text = parameters.get("per_page") or parameters.get("per-page") or str(default)
    if not text.isdigit() or not 1 <= int(text) <= 200:
        raise bad("per-page parameter must be between 1 and 200", "Pagination error.")
    return int(text)


def slice_page(places: np.ndarray, parameters: dict[str, str]) -> tuple[np.ndarray, dict]:
    """Return the works of one page and what its meta says about paging."""
    size = page_size(parameters, 25)
    if "cursor" in parameters:
        if "page" in parameters:
            raise bad("Cannot use page parameter with cursor.", "Pagination error.")
        after = decode_cursor(parameters["cursor"])
        if after is not None and not isinstance(after, int):
            raise bad("Cursor value is invalid.", "Pagination error.")
        start = 0 if after is None else int(np.searchsorted(places, after, side="right"))
        chosen = places[start : start + size]
        following = encode_cursor(int(chosen[-1])) if len(chosen) == size else None
        return chosen, {"page": None, "per_page": size, "next_cursor": following}
    page = int(parameters.get("page", "1"))
    if page * size > 10_000:
        raise bad(
            "Maximum results size of 10,000 records is exceeded. Cursor pagination is required.",
            "Pagination error.",
        )
    return places[(page - 1) * size : page * size], {"page": page, "per_page": size}


def slice_groups(groups: list[dict], parameters: dict[str, str]) -> tuple[list[dict], dict]:
    """Return the groups of one page: by count without a cursor (at most 200), by key with one."""
    size = page_size(parameters, 200)
    if "cursor" not in parameters:
        if int(parameters.get("page", "1")) > 1:
            raise bad(
                "Unable to paginate beyond page 1 with group_by. Use cursor pagination.", "Pagination error."
            )
        return groups[:size], {"page": 1, "per_page": size}
    after = decode_cursor(parameters["cursor"])
    ordered = sorted(groups, key=lambda row: row["key"])
    rest = [row for row in ordered if after is None or row["key"] > after]
    chosen = rest[:size]
    return chosen, {
        "page": None,
        "per_page": size,
        "next_cursor": encode_cursor(chosen[-1]["key"]) if len(chosen) == size else None,
    }


def select(record: dict, fields: Sequence[str]) -> dict:
    return {name: record[name] for name in fields if name in record} if fields else record


def check_fields(text: str) -> list[str]:
    fields = [name for name in text.split(",") if name]
    for name in fields:
        if name not in FIELDS:
            raise bad(
                f"{name} is not a valid select field. Valid fields for select are: {', '.join(FIELDS)}."
            )
    return fields


def work_number(text: str) -> int | None:
    """Return the number in a work's id or address, None when it is none."""
    found = re.fullmatch(r"(?:https://openalex\.org/)?W(\d{1,12})", text, re.IGNORECASE)
    return int(found[1]) if found else None


def first_number() -> int:
    return FIRST_ID
