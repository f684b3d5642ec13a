"""Counts of works by country, as OpenAlex gives them, with known true values, and what happens to an answer.

The figures are the number of works of each country and of the world in two years. A note of the requests says
what each answer is about; it holds the digest of the answer as it was received.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable

from mutants import Change, Truth

COUNTRIES = ("JP", "US", "CN", "DE", "FR", "KR", "GB")
YEARS = (2021, 2022)
SOURCE = "@source@"  # where the note names the source; whoever reads the files puts it in
SERIES = "all_works"
Pages = dict[int, dict]


def make(chance: random.Random) -> tuple[Pages, Truth]:
    """Return the answer of each year and its true figures."""
    pages: Pages = {}
    truth: Truth = {}
    for year in YEARS:
        counts = {code: chance.randint(100, 9000) for code in COUNTRIES}
        n_unknown = chance.randint(1, 90)
        n_world = (
            sum(counts.values()) + n_unknown - chance.randint(1, 90)
        )  # works of two countries count in both
        groups = [{"key": f"https://openalex.org/countries/{code}", "count": n} for code, n in counts.items()]
        groups.append({"key": "unknown", "count": n_unknown})
        pages[year] = {"meta": {"count": n_world}, "group_by": groups}
        truth |= {(SERIES, code, year): float(n) for code, n in counts.items()}
        truth[SERIES, "WORLD", year] = float(n_world)
    return pages, truth


def _files(texts: dict[int, str | bytes], *, visible: bool = True) -> Change:
    files, notes = {}, []
    for year, text in texts.items():
        content = text.encode() if isinstance(text, str) else text
        files[f"groups_{year}.json"] = content
        notes.append(
            {"unit": f"{SERIES}/{year}", "page": 1, "status": 200, "count": 1,
                "series_id": f"{SOURCE}:{SERIES}",
             "publication_year": year, "sha256": hashlib.sha256(content).hexdigest()}
        )  # fmt: skip
    files["requests.jsonl"] = "".join(json.dumps(note) + "\n" for note in notes).encode()
    return Change(files, visible)


def _texts(pages: Pages) -> dict[int, str | bytes]:
    return {year: json.dumps(page) for year, page in pages.items()}


def _pages(pages: Pages, *, visible: bool = True) -> Change:
    return _files(_texts(pages), visible=visible)


def _group(pages: Pages, chance: random.Random) -> dict:
    return chance.choice(pages[chance.choice(YEARS)]["group_by"][:-1])


def _one_text(pages: Pages, chance: random.Random, change: Callable[[str], str | bytes]) -> Change:
    texts, year = _texts(pages), chance.choice(YEARS)
    texts[year] = change(str(texts[year]))
    return _files(texts)


def group_doubled(pages: Pages, chance: random.Random) -> Change:
    """List one country twice with the same count."""
    groups = pages[chance.choice(YEARS)]["group_by"]
    groups.append(dict(chance.choice(groups[:-1])))
    return _pages(pages)


def group_of_two_counts(pages: Pages, chance: random.Random) -> Change:
    """List one country twice with other counts."""
    groups = pages[chance.choice(YEARS)]["group_by"]
    groups.append(chance.choice(groups[:-1]) | {"count": 55})
    return _pages(pages)


def count_of_other_kind(pages: Pages, chance: random.Random) -> Change:
    """Make a count something else."""
    _group(pages, chance)["count"] = chance.choice(["many", -3, 1.5, None, True, [4], "1,204"])
    return _pages(pages)


def key_of_other_kind(pages: Pages, chance: random.Random) -> Change:
    """Make a country something that is none."""
    _group(pages, chance)["key"] = chance.choice(
        ["", None, 7, "https://openalex.org/countries/XX", "JPN", "Japan"]
    )
    return _pages(pages)


def key_padded(pages: Pages, chance: random.Random) -> Change:
    """Write a country with blanks, in small letters, or without its address."""
    group = _group(pages, chance)
    code = group["key"][-2:]
    group["key"] = chance.choice([f" {code} ", f"{group['key']} ", code.lower(), code, f"{group['key']}/"])
    return _pages(pages)


def fields_swapped(pages: Pages, chance: random.Random) -> Change:
    """Exchange country and count of one group."""
    group = _group(pages, chance)
    group["key"], group["count"] = group["count"], group["key"]
    return _pages(pages)


def count_above_the_world(pages: Pages, chance: random.Random) -> Change:
    """Make a country larger than the world."""
    _group(pages, chance)["count"] = 10**6
    return _pages(pages)


def world_of_other_kind(pages: Pages, chance: random.Random) -> Change:
    """Make the count of the world something else."""
    pages[chance.choice(YEARS)]["meta"] = chance.choice(
        [{}, {"count": None}, {"count": "many"}, {"count": 3}, None]
    )
    return _pages(pages)


def field_renamed(pages: Pages, chance: random.Random) -> Change:
    """Call a field otherwise in one answer."""
    name = chance.choice(["key", "count", "group_by", "meta"])
    return _one_text(pages, chance, lambda text: text.replace(f'"{name}"', f'"{name}_new"'))


def field_twice(pages: Pages, chance: random.Random) -> Change:
    """Give a field twice, with two values."""
    name = chance.choice(["key", "count"])
    value = '"DE"' if name == "key" else "17"
    return _one_text(
        pages, chance, lambda text: text.replace(f'"{name}": ', f'"{name}": {value}, "{name}": ', 1)
    )


def answer_cut(pages: Pages, chance: random.Random) -> Change:
    """End one answer before its end."""
    return _one_text(pages, chance, lambda text: text[: -chance.randint(1, 300)])


def quote_lost(pages: Pages, chance: random.Random) -> Change:
    """Take one quote mark away."""

    def change(text: str) -> str:
        place = chance.choice([i for i, sign in enumerate(text) if sign == '"'])
        return text[:place] + text[place + 1 :]

    return _one_text(pages, chance, change)


def bytes_broken(pages: Pages, chance: random.Random) -> Change:
    """Put a byte into an answer that is not UTF-8."""
    return _one_text(pages, chance, lambda text: text.encode().replace(b"countries", b"count\xffries", 1))


def group_lost(pages: Pages, chance: random.Random) -> Change:
    """Leave one country out: an answer that lists a country not is one that found no work of it."""
    groups = pages[chance.choice(YEARS)]["group_by"]
    groups.pop(chance.randrange(len(groups) - 1))
    return _pages(pages, visible=False)


def other_unit(pages: Pages, chance: random.Random) -> Change:
    """Give whole thousands in one answer, the world's count too."""
    page = pages[chance.choice(YEARS)]
    for one in (page["meta"], *page["group_by"]):
        one["count"] = max(1, one["count"] // 1000)
    return _pages(pages, visible=False)


def years_swapped(pages: Pages, chance: random.Random) -> Change:
    """Answer each year with the other year's counts."""
    first, last = YEARS
    return _pages({first: pages[last], last: pages[first]}, visible=False)


def changed_count(pages: Pages, chance: random.Random) -> Change:
    """Change one count: nothing in the answer shows it."""
    _group(pages, chance)["count"] += 7
    return _pages(pages, visible=False)


CHANGES = {
    change.__name__: change
    for change in (
        group_doubled, group_of_two_counts, count_of_other_kind, key_of_other_kind, key_padded,
        fields_swapped,
        count_above_the_world, world_of_other_kind, field_renamed, field_twice, answer_cut, quote_lost,
        bytes_broken,
        group_lost, other_unit, years_swapped, changed_count,
    )
}  # fmt: skip
