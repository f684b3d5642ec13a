"""A seeded world of works in columns: what the OpenAlex double answers from.

Filters and groups are computed, nothing is canned.
"""

import csv
import datetime as dt
import functools
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

OPENALEX = "https://openalex.org/"
_ISO_CODES = (
    "CN US IN GB DE JP IT FR KR CA ES AU BR IR RU NL TR PL CH SE TW SA EG BE PK MY DK ID AT PT IL MX NO SG CZ"
    " FI GR ZA HK VN TH NZ UA IE RO CL AR CO NG HU IQ BD TN DZ MA QA AE JO KZ ET GH KE RS SK BG HR SI LT EE"
    " LV LU CY IS LB OM KW BH PS YE SY LY SD AF NP LK MM KH LA MN UZ TM TJ KG AZ AM GE BY MD AL MK BA ME XK"
    " MT AD SM MC LI VA GI FO GL AX GG JE IM SJ PE EC BO PY UY VE GY SR GF CR PA NI HN SV GT BZ CU DO HT JM"
    " TT BB LC VC GD AG DM KN BS TC KY BM VG VI PR AI MS GP MQ BL MF SX CW AW BQ FK GS AO MZ ZM ZW BW NA SZ"
    " LS MW MG MU SC KM RE YT TZ UG RW BI SO DJ ER SS CF TD CM GQ GA CG CD ST CV GM GN GW SL LR CI ML BF NE"
    " BJ TG SN MR EH FJ PG SB VU NC HM PF WS TO TV KI NR PW FM MH GU MP AS CK NU TK WF PN NF CC CX TL BN MV"
    " BT KP MO IO SH AQ TF UM"
)
ISO = tuple(_ISO_CODES.split())
TYPES = ("article", "preprint", "review", "book-chapter", "dataset")
LANGUAGES = ("en", "zh", "ja", "de", None)
_WORD_LIST = (
    "solid state battery electrolyte quantum error correction sensor graph network photon laser alloy polymer"
    " catalyst reactor plasma gene vaccine satellite radar antenna robot control learning vision language"
    " chip wafer etching memory rare earth magnet steel"
)
WORDS = tuple(_WORD_LIST.split())
FIRST_ID = 4_000_000_000
OUTSIDE_ID = 1_900_000_000
_MAX_AUTHORS = 130


class Corpus:
    """Works by position 0 .. n-1, older ones first.

    Args:
        topics_csv: The provider's topic table (topic_id, names, subfield, field, domain).
        seed: The same seed gives the same world.
        n_works: How many works.
        topic_ids: The topics in use; all of the table when empty.
        years: First and last year of publication.
        more_of: How many times as many works as by its place in the list a country has.
    """

    def __init__(
        self,
        topics_csv: Path,
        *,
        seed: int = 1,
        n_works: int = 3000,
        topic_ids: Sequence[str] = (),
        years: tuple[int, int] = (2015, 2026),
        more_of: Mapping[str, int] | None = None,
    ) -> None:
        self.seed, self.n, self.more_of = seed, n_works, more_of or {}
        with topics_csv.open(encoding="utf-8", newline="") as stream:
            rows = {row["topic_id"]: row for row in csv.DictReader(stream)}
        self.topics = [rows[topic] for topic in topic_ids or sorted(rows)]
        self.topic_number = {row["topic_id"]: number for number, row in enumerate(self.topics)}
        rng = np.random.default_rng(seed)
        span = np.arange(years[0], years[1] + 1)
        self.year = np.sort(rng.choice(span, self.n, p=_growing(len(span))).astype(np.int16))
        self._draw_topics(rng)
        self._draw_authors(rng)
        self._draw_references(rng)
        self.type = rng.choice(len(TYPES), self.n, p=[0.78, 0.1, 0.06, 0.05, 0.01])
        self.language = rng.choice(len(LANGUAGES), self.n, p=[0.85, 0.05, 0.03, 0.03, 0.04])
        self.is_retracted = rng.random(self.n) < 0.003
        self.is_xpac = rng.random(self.n) < 0.08
        self.has_abstract = rng.random(self.n) < 0.6
        self.updated = rng.integers(0, 12, self.n)  # which of twelve update days
        self.visible = np.ones(self.n, dtype=bool)
        self.merged = self._draw_merged(rng)

    def _draw_topics(self, rng: np.random.Generator) -> None:
        """One to three topics a work, the first of them primary; 1 % of the works have none."""
        n_topics = len(self.topics)
        popularity = 1 / np.arange(1, n_topics + 1) ** 0.6
        first = rng.choice(n_topics, self.n, p=popularity / popularity.sum())
        self.work_topics = np.full((self.n, 3), -1, dtype=np.int32)
        self.work_topics[:, 0] = first
        second, third = rng.integers(0, n_topics, (2, self.n))
        self.work_topics[:, 1] = np.where((rng.random(self.n) < 0.5) & (second != first), second, -1)
        self.work_topics[:, 2] = np.where(
            (rng.random(self.n) < 0.2) & (third != first) & (third != second), third, -1
        )
        self.work_topics[rng.random(self.n) < 0.01] = -1

    def _draw_authors(self, rng: np.random.Generator) -> None:
        """Authors as one long list with offsets; country -1 is unknown."""
        count = np.minimum(rng.geometric(0.25, self.n), _MAX_AUTHORS)
        count[rng.random(self.n) < 0.0015] = _MAX_AUTHORS
        self.author_start = np.concatenate([[0], np.cumsum(count)])
        total = int(self.author_start[-1])
        weight = np.array([self.more_of.get(code, 1) for code in ISO]) / np.arange(1, len(ISO) + 1) ** 1.1
        home = rng.choice(len(ISO), self.n, p=weight / weight.sum())
        away = rng.choice(len(ISO), total, p=weight / weight.sum())
        owner = np.repeat(np.arange(self.n), count)
        country = np.where(rng.random(total) < 0.8, home[owner], away)
        country[rng.random(total) < 0.05] = -1
        self.author_country = country.astype(np.int16)
        self.author_institution = rng.integers(0, 40, total).astype(np.int16)
        pairs = np.unique(owner * 1000 + country)
        pairs = pairs[country_of(pairs) < 999]
        self.pair_work, self.pair_country = pairs // 1000, pairs % 1000

    def _draw_references(self, rng: np.random.Generator) -> None:
        """References go to older works, a twentieth of them to works outside the corpus."""
        count = rng.poisson(8, self.n)
        self.reference_start = np.concatenate([[0], np.cumsum(count)])
        owner = np.repeat(np.arange(self.n), count)
        target = (owner * rng.random(len(owner)) ** 0.7).astype(np.int64)
        self.references = np.where(
            rng.random(len(owner)) < 0.05, -rng.integers(1, 50_000, len(owner)), target
        )
        inside = self.references[self.references >= 0]
        self.cited_by = np.bincount(inside, minlength=self.n) + rng.poisson(0.5, self.n)
        order = np.lexsort((self.cited_by, self.year))
        rank = np.empty(self.n)
        rank[order] = np.arange(self.n)
        first = np.searchsorted(self.year, self.year)  # years are sorted, so a year's works stand together
        size = np.searchsorted(self.year, self.year, side="right") - first
        self.percentile = np.round((rank - first + 0.5) / size, 6)

    def _draw_merged(self, rng: np.random.Generator) -> dict[int, tuple[str, int]]:
        """Some ids outside the corpus are old names of works in it (301 or 404), others are deleted."""
        kinds = ("redirect", "missing", "deleted")
        return {
            OUTSIDE_ID + n: (kinds[n % 3], FIRST_ID + int(rng.integers(0, self.n))) for n in range(1, 3000)
        }

    # ---- looking things up -----------------------------------------------------------------------

    def position(self, number: int) -> int | None:
        """Return where the work with this number stands, None when there is none."""
        place = number - FIRST_ID
        return place if 0 <= place < self.n else None

    @functools.cached_property
    def countries_known(self) -> np.ndarray:
        """Tell of every work whether it has any country."""
        known = np.zeros(self.n, dtype=bool)
        known[self.pair_work] = True
        return known

    @functools.cached_property
    def works_of_country(self) -> dict[str, np.ndarray]:
        """Return the positions of each country's works."""
        return {code: self.pair_work[self.pair_country == number] for number, code in enumerate(ISO)}

    @functools.cached_property
    def works_of_topic(self) -> dict[str, np.ndarray]:
        """Return the positions of each topic's works, whatever the topic's rank."""
        flat = self.work_topics.ravel()
        order = np.argsort(flat, kind="stable")
        bounds = np.searchsorted(flat[order], np.arange(len(self.topics) + 1))
        return {
            row["topic_id"]: np.sort(order[bounds[n] : bounds[n + 1]] // 3)
            for n, row in enumerate(self.topics)
        }

    @functools.cached_property
    def works_of_keyword(self) -> dict[str, list[int]]:
        """Return the positions of each keyword's works."""
        found: dict[str, list[int]] = {word: [] for word in WORDS}
        for place in range(self.n):
            for word in keywords_of(self._title_words(place)[1]):
                found[word].append(place)
        return found

    def updated_date(self, place: int) -> str:
        """Return the day a work was last changed."""
        return (dt.date(2026, 9, 1) + dt.timedelta(days=5 * int(self.updated[place]))).isoformat()

    # ---- records ---------------------------------------------------------------------------------

    def works(self, places: Sequence[int], *, author_cap: int | None = 100) -> Iterator[dict]:
        """Give the records at these positions, as the provider serves them."""
        for place in places:
            yield self.work(int(place), author_cap=author_cap)

    def work(self, place: int, *, author_cap: int | None = 100) -> dict:
        """Return one record; the list form stops at 100 authors."""
        rng, words = self._title_words(place)
        year, uri = int(self.year[place]), f"{OPENALEX}W{FIRST_ID + place}"
        title = " ".join(words).capitalize() + self._oddity(place)
        day = f"{year}-{1 + place % 12:02d}-{1 + place % 28:02d}"
        topics = [self._topic(int(number), rng) for number in self.work_topics[place] if number >= 0]
        authorships = self._authorships(place, author_cap)
        references = [
            self._reference(int(r))
            for r in self.references[self.reference_start[place] : self.reference_start[place + 1]]
        ]
        references = list(dict.fromkeys(references))
        countries = sorted({code for author in authorships for code in author["countries"]})
        cited_by, percentile = int(self.cited_by[place]), float(self.percentile[place])
        return {
            "id": uri,
            "doi": f"https://doi.org/10.99999/{place}",
            "title": title,
            "display_name": title,
            "publication_year": year,
            "publication_date": day,
            "ids": {"openalex": uri},
            "language": LANGUAGES[self.language[place]],
            "primary_location": None,
            "type": TYPES[self.type[place]],
            "indexed_in": ["crossref"],
            "open_access": {
                "is_oa": place % 3 == 0,
                "oa_status": "closed",
                "oa_url": None,
                "any_repository_has_fulltext": False,
            },
            "authorships": authorships,
            "corresponding_author_ids": [],
            "institutions": [],
            "countries_distinct_count": len(countries),
            "institutions_distinct_count": 0,
            "fwci": round(cited_by / 4, 3),
            "cited_by_count": cited_by,
            "citation_normalized_percentile": {
                "value": percentile,
                "is_in_top_1_percent": percentile > 0.99,
                "is_in_top_10_percent": percentile > 0.9,
            },
            "cited_by_percentile_year": {
                "min": int(percentile * 100),
                "max": min(100, int(percentile * 100) + 1),
            },
            "biblio": {"volume": None, "issue": None, "first_page": None, "last_page": None},
            "is_retracted": bool(self.is_retracted[place]),
            "is_xpac": bool(self.is_xpac[place]),
            "primary_topic": topics[0] if topics else None,
            "topics": topics,
            "keywords": [
                {"id": f"{OPENALEX}keywords/{word}", "display_name": word.capitalize(), "score": 0.5}
                for word in keywords_of(words)
            ],
            "locations": [],
            "referenced_works": references,
            "referenced_works_count": len(references),
            "related_works": [],
            "abstract_inverted_index": self._abstract(place, rng),
            "counts_by_year": [],
            "funders": [],
            "awards": [],
            "has_content": {"pdf": False, "grobid_xml": False},
            "updated_date": self.updated_date(place) + "T03:04:05.000000",
            "created_date": f"{year}-12-31",
        }

    def _title_words(self, place: int) -> tuple[random.Random, list[str]]:
        """Return the words of a title, and what all else about the work is drawn from after them."""
        rng = random.Random(self.seed * 1_000_003 + place)
        return rng, rng.choices(WORDS, k=6)

    def _oddity(self, place: int) -> str:
        odd = {3: " <i>in vivo</i>", 5: " =HYPERLINK(1)", 7: " 全固体電池𠮷"}
        return odd.get(place % 97, "")

    def _topic(self, number: int, rng: random.Random) -> dict:
        row = self.topics[number]
        return {
            "id": OPENALEX + row["topic_id"],
            "display_name": row["topic_name"],
            "score": round(0.4 + 0.6 * rng.random(), 4),
            "subfield": {
                "id": f"{OPENALEX}subfields/{row['subfield_id']}",
                "display_name": row["subfield_name"],
            },
            "field": {"id": f"{OPENALEX}fields/{row['field_id']}", "display_name": row["field_name"]},
            "domain": {"id": f"{OPENALEX}domains/3", "display_name": row["domain_name"]},
        }

    def _authorships(self, place: int, cap: int | None) -> list[dict]:
        start, stop = int(self.author_start[place]), int(self.author_start[place + 1])
        found = []
        for number in range(start, stop if cap is None else min(stop, start + cap)):
            country = int(self.author_country[number])
            code = ISO[country] if country >= 0 else None
            place_number = 100_000 + max(country, 0) * 100 + int(self.author_institution[number])
            institution = {
                "id": f"{OPENALEX}I{place_number}",
                "display_name": f"Institute {place_number}",
                "ror": None,
                "country_code": code,
                "type": "education",
                "lineage": [f"{OPENALEX}I{place_number}"],
            }
            author_id = "A9999999999" if number % 211 == 0 else f"A{5_000_000_000 + number}"
            found.append(
                {
                    "author_position": "first" if number == start else "middle",
                    "author": {"id": OPENALEX + author_id, "display_name": f"Author {number}", "orcid": None},
                    "institutions": [institution] if code else [],
                    "countries": [code] if code else [],
                    "is_corresponding": number == start,
                    "raw_author_name": f"Author {number}",
                    "raw_affiliation_strings": [],
                    "affiliations": [],
                }
            )
        return found

    def _reference(self, target: int) -> str:
        return f"{OPENALEX}W{FIRST_ID + target if target >= 0 else OUTSIDE_ID - target}"

    def _abstract(self, place: int, rng: random.Random) -> object:
        if not self.has_abstract[place]:
            return None
        index: dict[str, list[int]] = {}
        for spot, word in enumerate(rng.choices(WORDS, k=30)):
            index.setdefault(word, []).append(spot)
        if place % 53 == 0:
            return json.dumps(index)
        return {"IndexLength": 30, "InvertedIndex": index} if place % 59 == 0 else index


def keywords_of(words: Sequence[str]) -> list[str]:
    """Return the keywords of a title: its first two different words."""
    return list(dict.fromkeys(words))[:2]


def country_of(pair: np.ndarray) -> np.ndarray:
    """Return the country part of work * 1000 + country; an unknown country (-1) reads as 999."""
    return pair % 1000


def _growing(n: int) -> np.ndarray:
    weight = np.linspace(1, 2, n)
    return weight / weight.sum()
