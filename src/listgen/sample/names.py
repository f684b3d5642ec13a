"""Names and words of the sample world, recognisably made up, as ready JSON fragments.

Reads: the world.
Writes: nothing.
"""

from __future__ import annotations

import json

import numpy as np

from listgen.sample.draw import shuffle
from listgen.sample.profiles import COUNTRIES
from listgen.sample.world import Topic, World

_ONSETS = ("b", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z")
_VOWELS = ("a", "e", "i", "o", "u", "ai", "ei")
_CODAS = ("", "n", "r", "l", "m")
_TYPES = ("education", "education", "education", "facility", "government", "company")
_KINDS = (
    "University",
    "Institute of Technology",
    "Polytechnic",
    "Research Centre",
    "National Laboratory",
    "Industrial Research",
)
_OPENERS = (
    "Scalable",
    "Robust",
    "Low-cost",
    "In situ",
    "Data-driven",
    "Adaptive",
    "Long-term",
    "Multi-scale",
    "Comparative",
    "Fast",
)
_ACTS = (
    "analysis",
    "design",
    "modelling",
    "control",
    "synthesis",
    "evaluation",
    "optimisation",
    "measurement",
    "review",
    "test",
)
_ENDS = (
    "a case study",
    "theory and experiment",
    "a benchmark",
    "new evidence",
    "limits and outlook",
    "an open data set",
    "first results",
)
_WORDS = 420
_ABSTRACT_HALF, _N_HALVES = 30, 64

INSTITUTION_BASE = 9_900_000_000
AUTHOR_BASE = 9_500_000_000


def make_words(count: int) -> list[str]:
    """Return distinct made-up words, the same in every world."""
    words = [onset + vowel + coda for onset in _ONSETS for vowel in _VOWELS for coda in _CODAS]
    longer = [first + second for first in words[::7] for second in words[3::11]]
    return list(dict.fromkeys(longer))[:count]


def describe_institutions(world: World) -> list[tuple[str, str]]:
    """Return for each institution its JSON object and its name."""
    described = []
    for country_number, country in enumerate(COUNTRIES):
        for rank in range(country.institutions):
            number = int(world.first_institution[country_number]) + rank
            kind = (number * 5 + rank) % len(_KINDS)
            name = f"{country.adjective} Sample {_KINDS[kind]} {rank + 1:02d}"
            institution_id = f"https://openalex.org/I{INSTITUTION_BASE + number}"
            record = {
                "id": institution_id,
                "display_name": name,
                "ror": f"https://ror.org/0zz{number:04d}{number % 97:02d}",
                "country_code": country.code,
                "type": _TYPES[kind],
                "lineage": [institution_id],
            }
            described.append((json.dumps(record), name))
    return described


def describe_authors(world: World, per_institution: int) -> list[str]:
    """Return the rest of an authorship object after its position, by institution and author.

    The last group is for works without a country: most of its authors have no institution, a quarter one
    whose country the provider does not know.
    """
    words = [word.capitalize() for word in make_words(_WORDS)]
    fragments = []
    for number, (institution, name) in enumerate(describe_institutions(world)):
        country = json.dumps([json.loads(institution)["country_code"]])
        raw = json.dumps([f"Department of Sample Studies, {name}"])
        affiliations = (
            f'[{{"raw_affiliation_string":{raw[1:-1]},'
            f'"institution_ids":["https://openalex.org/I{INSTITUTION_BASE + number}"]}}]'
        )
        for member in range(per_institution):
            author = number * per_institution + member
            fragments.append(_authorship(author, words, f"[{institution}]", country, raw, affiliations))
    start = len(fragments)
    for member in range(per_institution):
        institutions = "[]" if member % 4 else f"[{_unplaced_institution(member)}]"
        fragments.append(_authorship(start + member, words, institutions, "[]", "[]", "[]"))
    return fragments


def _unplaced_institution(number: int) -> str:
    """Return an institution without a country.

    There are several, so that together they do not look like one large one.
    """
    name = f"Sample Institute of Unknown Place {number:02d}"
    record = {"id": f"https://openalex.org/I{INSTITUTION_BASE - 1 - number}", "display_name": name}
    return json.dumps(record | {"ror": None, "country_code": None, "type": "other", "lineage": []})


def _authorship(
    author: int, words: list[str], institutions: str, countries: str, raw: str, affiliations: str
) -> str:
    name = f"{words[author % len(words)]} {words[(author // 7 + 31) % len(words)]}"
    return (
        f'"author":{{"id":"https://openalex.org/A{AUTHOR_BASE + author}","display_name":"{name}",'
        f'"orcid":null}},'
        f'"institutions":{institutions},"countries":{countries},"is_corresponding":false,"raw_author_name":"{name}",'
        f'"raw_affiliation_strings":{raw},"affiliations":{affiliations}}}'
    )


def describe_topic(topic: Topic) -> tuple[str, str]:
    """Return a topic's JSON object, cut where its score goes."""
    head = f'{{"id":"https://openalex.org/{topic.topic_id}","display_name":{json.dumps(topic.name)},"score":'
    places = {
        "subfield": {
            "id": f"https://openalex.org/subfields/{topic.subfield[0]}",
            "display_name": topic.subfield[1],
        },
        "field": {"id": f"https://openalex.org/fields/{topic.field[0]}", "display_name": topic.field[1]},
        "domain": {"id": f"https://openalex.org/domains/{topic.domain[0]}", "display_name": topic.domain[1]},
    }
    return head, "," + json.dumps(places)[1:]


def describe_keywords(topic: Topic) -> str:
    """Return up to five keywords of a topic as JSON, made from the words of its name."""
    words = [word.strip("(),").lower() for word in topic.name.replace("/", " ").split() if len(word) > 3][:5]
    keys = [
        {"id": f"https://openalex.org/keywords/{word}", "display_name": word.capitalize(), "score": 0.5}
        for word in words
    ]
    return json.dumps(keys)


def make_titles(topic: Topic) -> list[str]:
    """Return forty titles on a topic; a few carry markup and quotation marks, as titles from elsewhere do."""
    subject = topic.name
    titles = []
    for number in range(40):
        opener, act, end = (
            _OPENERS[number % 10],
            _ACTS[(number * 3 + number // 10) % 10],
            _ENDS[(number * 5) % 7],
        )
        title = f"{opener} {act} in {subject.lower()}: {end}"
        if number == 17:
            title = f"{opener} {act} of <i>{subject}</i>"
        if number == 29:
            title = f"“{subject}” – {end}"
        titles.append(title)
    return titles


def make_abstract_halves(world: World) -> tuple[list[str], list[str]]:
    """Return first and second halves of inverted abstracts as inner JSON; any first half fits any second."""
    words = make_words(2 * _WORDS)
    rng = world.stream("abstracts")
    halves: tuple[list[str], list[str]] = ([], [])
    for half, vocabulary in enumerate((words[:_WORDS], words[_WORDS:])):
        for _ in range(_N_HALVES):
            chosen = shuffle(rng, len(vocabulary))[:_ABSTRACT_HALF].tolist()
            text = np.floor(rng.random(_ABSTRACT_HALF + 10) * _ABSTRACT_HALF).astype(int).tolist()
            places: dict[str, list[int]] = {}
            for position, index in enumerate([*range(_ABSTRACT_HALF), *text]):
                places.setdefault(vocabulary[chosen[index]], []).append(
                    position + half * (_ABSTRACT_HALF + len(text))
                )
            halves[half].append(json.dumps(places, separators=(",", ":"))[1:-1])
    return halves
