"""One spelling for every patent number.

The SQL macro against numbers spelled from their parts, where the answer is known by construction.
"""

import csv
import gzip
import io
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listgen.store.patentnumber import PATENT_MACROS
from listgen.store.warehouse import connect

PATENTS = Path(__file__).resolve().parents[2] / "shared" / "data" / "patents"
needs_data = pytest.mark.skipif(not PATENTS.is_dir(), reason="../shared/data/patents is not here")


@pytest.fixture(scope="module")
def normalise():
    """A function from texts to their one spelling, by the macro."""
    con = connect()
    con.execute(PATENT_MACROS)

    def ask(texts, macro="patent_number"):
        rows = con.execute(
            f"SELECT {macro}(text) FROM (SELECT unnest($texts) AS text)", {"texts": texts}
        ).fetchall()
        return [row[0] for row in rows]

    yield ask
    con.close()


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        # The five spellings of the sources.
        ("US-7994462-B2", "US-7994462-B2"),
        ("US 2011/0185700 A1", "US-2011185700-A1"),
        ("US 9833479 B2", "US-9833479-B2"),
        ("US9807726B1", "US-9807726-B1"),
        # Designs, plants, reissues, and the zeros the office pads them with.
        ("USD801224S1", "US-D801224-S1"),
        ("US D0345393 S", "US-D345393-S"),
        ("US RE035312 E", "US-RE35312-E"),
        ("US PP28,532 P3", "US-PP28532-P3"),
        ("US H12 H", "US-H12-H"),
        ("US D001", "US-D1"),
        ("US 07994462", "US-7994462"),
        # Other offices.
        ("EP 123456 A1", "EP-0123456-A1"),
        ("WO 99/12345 A1", "WO-1999012345-A1"),
        ("WO02012345A1", "WO-2002012345-A1"),
        ("WO 2009/12345 A1", "WO-2009012345-A1"),
        ("JP H05-012345 A", "JP-H0512345-A"),
        ("JP05012345A", "JP-H0512345-A"),
        ("JP62012345A", "JP-S6212345-A"),
        ("JP 2001-12345 A", "JP-2001012345-A"),
        ("JP 7012345 B2", "JP-7012345-B2"),
        ("JP 2001234 B2", "JP-2001234-B2"),  # a grant, not a year
        ("KR 10-2011-0012345 A", "KR-20110012345-A"),
        ("KR 10-1234567 B1", "KR-101234567-B1"),
        ("IN 1234/DEL/2010 A", "IN-1234DEL2010-A"),
        ("BR PI0901234 A2", "BR-PI0901234-A2"),
        # As printed in Japan.
        ("特開平5-12345", "JP-H0512345-A"),
        ("特開平05-012345号公報", "JP-H0512345-A"),
        ("特開２００１－１２３４５", "JP-2001012345-A"),
        ("特開昭62-12345号", "JP-S6212345-A"),
        ("特表2019-500123", "JP-2019500123-A"),
        ("特公平7-12345", "JP-H0712345"),
        ("特許第7012345号", "JP-7012345"),
        ("実開平5-1234", "JP-H051234"),
        ("実登3012345", "JP-3012345"),
        ("特願2017-231456", None),  # of an application
        ("特許庁", None),
        # No patent numbers.
        ("", None),
        (None, None),
        ("US", None),
        ("US-B2", None),
        ("Smith et al. 2010", None),
        ("1234567", None),
    ],
)
def test_known_numbers(normalise, printed, expected):
    assert normalise([printed]) == [expected]


def test_the_usptos_own_numbers_leave_the_office_out(normalise):
    ids = [
        "10815015",
        "D345393",
        "20110185700",
        "RE35312",
        "PP28532",
        "H1234",
        "T100001",
        "07994462",
        "H12",
        "D0000009",
    ]
    assert normalise(ids, "us_patent_number") == [
        "US-10815015",
        "US-D345393",
        "US-2011185700",
        "US-RE35312",
        "US-PP28532",
        "US-H1234",
        "US-T100001",
        "US-7994462",
        "US-H12",
        "US-D9",
    ]


# ---- any number, in any spelling -----------------------------------------------------------------

SERIAL = st.integers(1, 999_999)


@st.composite
def numbers(draw):  # noqa: C901 - one branch for each way an office writes numbers
    """One document as (the one spelling without kind, ways its number is printed, kind)."""
    serial, kind = draw(SERIAL), draw(st.sampled_from(["A", "A1", "A2", "B1", "B2", "C", "U", "Y1"]))
    year = draw(st.integers(2001, 2029))
    choice = draw(
        st.sampled_from(
            ["us grant", "us application", "us letter", "ep", "wo", "wo old", "jp", "jp era", "kr", "cn"]
        )
    )
    if choice == "us grant":
        number = draw(st.integers(1_000, 99_999_999))
        return f"US-{number}", [str(number), f"{number:,}", f"{number:08d}"], kind
    if choice == "us application":
        return (
            f"US-{year}{serial:06d}",
            [f"{year}/{serial:07d}", f"{year}{serial:07d}", f"{year}{serial:06d}"],
            kind,
        )
    if choice == "us letter":
        letter = draw(st.sampled_from(["D", "RE", "PP", "H", "T"]))
        serial += 999  # no kind is mistaken for a number
        return f"US-{letter}{serial}", [f"{letter}{serial}", f"{letter}{serial:07d}"], kind
    if choice == "ep":
        return f"EP-{serial:07d}", [str(serial), f"{serial:07d}"], kind
    if choice == "wo":
        return f"WO-{year}{serial:06d}", [f"{year}/{serial:06d}", f"{year}{serial:06d}"], kind
    if choice == "wo old":
        short, old = draw(st.integers(1, 99_999)), draw(st.integers(1978, 2003))
        return (
            f"WO-{old}{short:06d}",
            [f"{old % 100:02d}/{short:05d}", f"{old % 100:02d}{short:05d}", f"{old}/{short:06d}"],
            kind,
        )
    if choice == "jp":
        return f"JP-{year}{serial:06d}", [f"{year}-{serial:06d}", f"{year}{serial:06d}"], kind
    if choice == "jp era":
        era, of_era = draw(
            st.sampled_from([("H", y) for y in range(1, 13)] + [("S", y) for y in range(46, 65)])
        )
        return (
            f"JP-{era}{of_era:02d}{serial}",
            [f"{era}{of_era:02d}-{serial:06d}", f"{era}{of_era:02d}{serial}"],
            kind,
        )
    if choice == "kr":
        long = draw(st.integers(1, 9_999_999))
        return f"KR-{year}{long:07d}", [f"10-{year}-{long:07d}", f"{year}{long:07d}"], kind
    return f"CN-1{serial:08d}", [f"1{serial:08d}"], kind


@st.composite
def spelled(draw):
    """One document and a way to print it: joined by hyphens, by blanks, or by nothing."""
    expected, ways, kind = draw(numbers())
    office, number = expected[:2], draw(st.sampled_from(ways))
    has_kind, joint = draw(st.booleans()), draw(st.sampled_from(["-", " ", ""]))
    parts = [office, number, kind] if has_kind else [office, number]
    text = joint.join(parts)
    return draw(st.sampled_from([text, text.lower(), f" {text} "])), expected + (
        f"-{kind}" if has_kind else ""
    )


@settings(max_examples=25, deadline=None)
@given(st.lists(spelled(), min_size=1, max_size=40))
def test_every_spelling_of_a_document_becomes_one(normalise, documents):
    texts, expected = [text for text, _ in documents], [answer for _, answer in documents]
    found = normalise(texts)
    assert found == expected
    assert normalise(found) == expected, "the one spelling stands for itself"


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(alphabet="USEPJWO0123456789ABHDR -/.,'\"\n\0", max_size=18), min_size=1, max_size=40))
def test_any_text_gives_a_number_or_nothing_and_settles_at_once(normalise, texts):
    found = normalise(texts)
    assert normalise(found) == found
    assert all(
        number is None or re.fullmatch(r"[A-Z]{2}-[A-Z0-9]+(-[A-Z][0-9]{0,2})?", number) for number in found
    )


# ---- real numbers --------------------------------------------------------------------------------


def column(name, column_name):
    with gzip.open(PATENTS / name) as stream:
        return [row[column_name] for row in csv.DictReader(io.TextIOWrapper(stream, "utf-8-sig", newline=""))]


@needs_data
def test_the_same_documents_of_derwent_and_lens_meet(normalise):
    """Every number of the three drone sets is read.

    What two of them hold in their own spellings becomes the same text.
    """
    derwent = [
        number
        for cell in column("derwent_drones_numbers_15776.csv.gz", "publication_number")
        for number in cell.split("; ")
        if number
    ]
    lens = column("lens_drones_2017_families_9071.csv.gz", "publication_number")
    lens_2016 = column("lens_drones_2016_fulltext_families_5884.csv.gz", "Publication Number")
    found = {
        name: normalise(texts)
        for name, texts in (("derwent", derwent), ("lens", lens), ("lens_2016", lens_2016))
    }
    assert {name: sum(number is None for number in numbers) for name, numbers in found.items()} == {
        "derwent": 0,
        "lens": 0,
        "lens_2016": 0,
    }
    assert len(set(found["lens"])) == len(set(lens)) == 9_071
    assert set(derwent).isdisjoint(lens), "not one is spelled alike"
    assert len(set(found["derwent"]) & set(found["lens"])) > 1_000
