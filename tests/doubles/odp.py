"""The USPTO Open Data Portal's bulk products.

A list of files behind a key, a yearly allowance a file, and a store on another host.

Tables of PatentsView are made from a seeded world of patents; another quarter has more of them and
disambiguates anew.
"""

import csv
import datetime as dt
import functools
import hashlib
import io
import json
import random
import re
import zipfile
from collections import defaultdict
from urllib.parse import parse_qs, urlsplit

from doubles.provider import Provider, serve
from doubles.wire import Answer

YEAR = 31_536_000
_PRODUCTS = "/api/v1/datasets/products"
TABLES = {
    "PVGPATDIS": (
        "g_patent", "g_application", "g_assignee_disambiguated", "g_inventor_disambiguated",
        "g_location_disambiguated", "g_cpc_current",
        "g_us_patent_citation", "g_us_application_citation", "g_foreign_citation", "g_other_reference",
    ),
    "PVPGPUBDIS": (
        "pg_published_application", "pg_assignee_disambiguated", "pg_inventor_disambiguated",
        "pg_location_disambiguated", "pg_cpc_current",
        "pg_granted_pgpubs_crosswalk",
    ),
}  # fmt: skip
RELEASED = {"2025-09-30": "2026-01-12", "2025-12-31": "2026-04-10", "2026-03-31": "2026-07-09"}
_PLACES = (
    ("US", 40.7, -74.0),
    ("JP", 35.7, 139.7),
    ("DE", 48.1, 11.6),
    ("KR", 37.6, 127.0),
    ("CN", 39.9, 116.4),
)


class Patents:
    """A seeded world of patents, one a day, as the provider's tables of an edition.

    Args:
        seed: The same seed gives the same world.
        n: How many patents the first edition holds.
    """

    def __init__(self, seed: int = 1, n: int = 300) -> None:
        self.seed, self.n = seed, n

    def rows(self, table: str, edition: str) -> list[list[str]]:
        """Return a table with its header: text, as the provider prints it."""
        made = getattr(self, f"_{table}")
        header, one = made(None, edition)
        count = self.n + 10 * sorted(RELEASED).index(edition)
        if table.endswith("g_location_disambiguated"):
            count = len(_PLACES)
        return [header, *(row for place in range(count) for row in one(place))]

    def _number(self, place: int) -> str:
        return (
            f"D{900_000 + place}"
            if place % 50 == 7
            else f"RE{49_000 + place}"
            if place % 50 == 9
            else str(11_000_000 + place)
        )

    def _random(self, place: int, what: str) -> random.Random:
        return random.Random(f"{self.seed}|{what}|{place}")

    def _g_patent(self, place: object, edition: str):
        def one(place: int) -> list[list[str]]:
            number = self._number(place)
            day = dt.date(2021, 1, 5) + dt.timedelta(days=place)
            kind = {"D": "design", "R": "reissue"}.get(number[0], "utility")
            title = '"Quoted" cell\tof two lines' if place % 40 == 3 else f"Cell {place}"
            return [
                [
                    number,
                    kind,
                    day.isoformat(),
                    title,
                    "S1" if kind == "design" else "B2",
                    str(place % 20),
                    "0",
                    f"ipg{day:%y%m%d}.xml",
                ]
            ]

        return [
            "patent_id",
            "patent_type",
            "patent_date",
            "patent_title",
            "wipo_kind",
            "num_claims",
            "withdrawn",
            "filename",
        ], one

    def _g_application(self, place: object, edition: str):
        def one(place: int) -> list[list[str]]:
            filed = (
                "1074-08-15"
                if place % 97 == 5
                else (dt.date(2019, 3, 1) + dt.timedelta(days=place)).isoformat()
            )
            return [[f"16{place:06d}", self._number(place), "16", filed, "16", ""]]

        return [
            "application_id",
            "patent_id",
            "patent_application_type",
            "filing_date",
            "series_code",
            "rule_47_flag",
        ], one

    def _g_assignee_disambiguated(self, place: object, edition: str):
        def one(place: int) -> list[list[str]]:
            rng = self._random(place, "assignee")
            name, kind = (f"Maker {rng.randrange(30)}", "2") if rng.random() < 0.9 else ("", "\\N")
            # Disambiguated anew each time: the ids of two editions have nothing to do with each other.
            identity = hashlib.md5(f"{edition}|{name}".encode()).hexdigest()
            return [
                [self._number(place), "0", identity, "", "", name, kind, f"loc{rng.randrange(len(_PLACES))}"]
            ]

        header = ["patent_id", "assignee_sequence", "assignee_id", "disambig_assignee_individual_name_first"]
        header += [
            "disambig_assignee_individual_name_last",
            "disambig_assignee_organization",
            "assignee_type",
            "location_id",
        ]
        return header, one

    def _g_inventor_disambiguated(self, place: object, edition: str):
        def one(place: int) -> list[list[str]]:
            rng = self._random(place, "inventor")
            return [
                [
                    self._number(place),
                    str(at),
                    f"fl:i{rng.randrange(999)}",
                    "Ada",
                    f"Person {place}-{at}",
                    "",
                    f"loc{rng.randrange(len(_PLACES))}",
                ]
                for at in range(1 + rng.randrange(3))
            ]

        header = [
            "patent_id",
            "inventor_sequence",
            "inventor_id",
            "disambig_inventor_name_first",
            "disambig_inventor_name_last",
        ]
        return [*header, "gender_code", "location_id"], one

    def _g_location_disambiguated(self, place: object, edition: str):
        def one(place: int) -> list[list[str]]:
            country, latitude, longitude = _PLACES[place]
            return [[f"loc{place}", f"Town {place}", "", country, str(latitude), str(longitude), "", "", ""]]

        header = [
            "location_id",
            "disambig_city",
            "disambig_state",
            "disambig_country",
            "latitude",
            "longitude",
        ]
        return [*header, "county", "state_fips", "county_fips"], one

    def _g_cpc_current(self, place: object, edition: str):
        def one(place: int) -> list[list[str]]:
            group = ("H01M10/0562", "G02B6/12", "G06N10/20")[place % 3]
            return [[self._number(place), "0", group[0], group[:3], group[:4], group, "inventional"]]

        return [
            "patent_id",
            "cpc_sequence",
            "cpc_section",
            "cpc_class",
            "cpc_subclass",
            "cpc_group",
            "cpc_type",
        ], one

    def _g_us_patent_citation(self, place: object, edition: str):
        def one(place: int) -> list[list[str]]:
            return [
                [
                    self._number(place),
                    str(at),
                    self._number(cited),
                    "2020-01-01",
                    "Person",
                    "B2",
                    "cited by examiner",
                ]
                for at, cited in enumerate(range(max(0, place - 3), place))
            ]

        header = [
            "patent_id",
            "citation_sequence",
            "citation_patent_id",
            "citation_date",
            "record_name",
            "wipo_kind",
        ]
        return [*header, "citation_category"], one

    def _g_us_application_citation(self, place: object, edition: str):
        def one(place: int) -> list[list[str]]:
            return (
                [
                    [
                        self._number(place),
                        "0",
                        self._pending(place - 5),
                        "2021-01-01",
                        "Person",
                        "A1",
                        "cited by examiner",
                    ]
                ]
                if place >= 5
                else []
            )

        header = [
            "patent_id",
            "citation_sequence",
            "citation_document_number",
            "citation_date",
            "record_name",
            "wipo_kind",
        ]
        return [*header, "citation_category"], one

    def _g_foreign_citation(self, place: object, edition: str):
        def one(place: int) -> list[list[str]]:
            return (
                [[self._number(place), "0", f"{2_000_000 + place}", "2018-05-00", "cited by applicant", "EP"]]
                if place % 3 == 0
                else []
            )

        header = [
            "patent_id",
            "citation_sequence",
            "citation_application_id",
            "citation_date",
            "citation_category",
            "citation_country",
        ]
        return header, one

    def _g_other_reference(self, place: object, edition: str):
        def one(place: int) -> list[list[str]]:
            return (
                [[self._number(place), "0", f'Ada, "Cells", J. Cells {place} (2018), doi:10.1234/c.{place}']]
                if place % 4 == 0
                else []
            )

        return ["patent_id", "other_reference_sequence", "other_reference_text"], one

    def _pending(self, place: int) -> str:
        return f"20210{place:06d}"

    def _pg_published_application(self, place: object, edition: str):
        def one(place: int) -> list[list[str]]:
            day = (dt.date(2021, 1, 7) + dt.timedelta(days=place)).isoformat()
            return [
                [
                    self._pending(place),
                    f"16{place:06d}",
                    "2019-03-01",
                    "utility",
                    "",
                    day,
                    "A1",
                    "16",
                    f"Cell {place}",
                    "",
                    "",
                    "ipa.xml",
                ]
            ]

        header = [
            "pgpub_id",
            "application_id",
            "filing_date",
            "patent_type",
            "filing_type",
            "published_date",
            "wipo_kind",
            "series_code",
        ]
        return [*header, "application_title", "application_abstract", "rule_47_flag", "filename"], one

    def _pg_assignee_disambiguated(self, place: object, edition: str):
        header, granted = self._g_assignee_disambiguated(place, edition)
        return ["pgpub_id", *header[1:]], lambda place: [
            [self._pending(place), *row[1:]] for row in granted(place)
        ]

    def _pg_inventor_disambiguated(self, place: object, edition: str):
        header, granted = self._g_inventor_disambiguated(place, edition)
        return ["pgpub_id", *header[1:]], lambda place: [
            [self._pending(place), *row[1:]] for row in granted(place)
        ]

    def _pg_location_disambiguated(self, place: object, edition: str):
        return self._g_location_disambiguated(place, edition)

    def _pg_cpc_current(self, place: object, edition: str):
        header, granted = self._g_cpc_current(place, edition)
        return ["pgpub_id", *header[1:]], lambda place: [
            [self._pending(place), *row[1:]] for row in granted(place)
        ]

    def _pg_granted_pgpubs_crosswalk(self, place: object, edition: str):
        def one(place: int) -> list[list[str]]:
            return [
                [
                    self._pending(place),
                    self._number(place) if place % 2 == 0 else "\\N",
                    f"16{place:06d}",
                    "TRUE",
                    "TRUE",
                ]
            ]

        return [
            "pgpub_id",
            "patent_id",
            "application_id",
            "current_pgpub_id_flag",
            "current_patent_id_flag",
        ], one

    @functools.cache  # noqa: B019 - one world a module of tests
    def archive(self, table: str, edition: str) -> bytes:
        """Return a table as the provider packs it.

        Every field quoted, tabs between, one member, always the same bytes.
        """
        text = io.StringIO(newline="")
        csv.writer(text, delimiter="\t", quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(
            self.rows(table, edition)
        )
        return pack({f"{table}.tsv": text.getvalue().encode()})


def pack(members: dict[str, bytes], *, changes: dict[str, object] | None = None) -> bytes:
    """Return a ZIP archive; `changes` sets fields of every member's entry (a link, for example)."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, body in members.items():
            entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            for field, value in (changes or {}).items():
                setattr(entry, field, value)
            archive.writestr(entry, body)
    return packed.getvalue()


class Store(Provider):
    """The host the portal sends a client on to: short-lived permits in the address, ranges, ETags.

    It wants no key and notes who brings one.

    Args:
        permit_seconds: How long a permit lasts.
        ranges: False for a store that always sends the whole file.
    """

    def __init__(self, *, permit_seconds: float = 300, ranges: bool = True, **provider) -> None:
        super().__init__(**provider)
        self.permit_seconds, self.ranges = permit_seconds, ranges
        self.files: dict[str, bytes] = {}

    def permit(self, name: str) -> str:
        """Return an address under which a file is to be had for a while."""
        until = self.clock.now() + self.permit_seconds
        return f"{self.url}/bulk/{name}?X-Amz-Expires={until:.3f}&X-Amz-Signature={self._sign(name, until)}"

    def _sign(self, name: str, until: float) -> str:
        return hashlib.sha256(f"store-secret|{name}|{until:.3f}".encode()).hexdigest()

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        parts, query = urlsplit(target), parse_qs(urlsplit(target).query)
        name = parts.path.removeprefix("/bulk/")
        until = float(query.get("X-Amz-Expires", ["0"])[0])
        if (
            name not in self.files
            or query.get("X-Amz-Signature") != [self._sign(name, until)]
            or until < self.clock.now()
        ):
            return Answer(
                403, b"<Error><Code>AccessDenied</Code></Error>", {"Content-Type": "application/xml"}
            )
        whole = self.files[name]
        tag = f'"{hashlib.md5(whole).hexdigest()}"'
        about = {
            "Content-Type": "application/zip",
            "ETag": tag,
            "Accept-Ranges": "bytes",
            "Last-Modified": "Fri, 10 Apr 2026 12:00:00 GMT",
        }
        asked = re.fullmatch(r"bytes=(\d+)-", headers.get("range", ""))
        if not asked or not self.ranges or headers.get("if-range", tag) != tag:
            return Answer(200, whole, about)
        start = int(asked[1])
        if start >= len(whole):
            return Answer(416, b"", about | {"Content-Range": f"bytes */{len(whole)}"})
        return Answer(
            206, whole[start:], about | {"Content-Range": f"bytes {start}-{len(whole) - 1}/{len(whole)}"}
        )


class OdpDouble(Provider):
    """The portal.

    Args:
        store: Where it sends clients for the bytes.
        patents: What its tables are made of.
        editions: Last days of the data that are listed.
        allowance: Downloads of one file one key is given in a year.
        keys: Keys it accepts, in the header X-API-KEY only.
        unposted: Tables that are listed and not there yet.
        probes_a_minute: Requests for lists it bears.
    """

    def __init__(
        self,
        store: Store,
        *,
        patents: Patents | None = None,
        editions: tuple[str, ...] = ("2025-12-31",),
        allowance: int = 20,
        keys: tuple[str, ...] = ("test-key",),
        unposted: tuple[str, ...] = (),
        probes_a_minute: int = 60,
        **provider,
    ) -> None:
        super().__init__(**provider)
        self.store, self.patents, self.editions = store, patents or Patents(), list(editions)
        self.allowance, self.keys, self.unposted, self.probes_a_minute = (
            allowance,
            set(keys),
            unposted,
            probes_a_minute,
        )
        self.downloads: dict[tuple[str, str], list[float]] = defaultdict(list)
        self.changed: dict[str, bytes] = {}
        self.listed_sizes: dict[str, int] = {}

    def body_of(self, product: str, edition: str, name: str) -> bytes:
        found = self.changed.get(f"{product}/{edition}/{name}")
        return found if found is not None else self.patents.archive(name.removesuffix(".tsv.zip"), edition)

    def n_downloads(self) -> int:
        return sum(len(times) for times in self.downloads.values())

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        parts = urlsplit(target)
        key = headers.get("x-api-key", "")
        if key not in self.keys:
            return _json(
                403 if not key else 401,
                {"code": 403, "message": "Forbidden", "detailedMessage": "Missing or invalid API key"},
            )
        file = re.fullmatch(rf"{_PRODUCTS}/files/(\w+)/([\d-]+)/([\w.]+)", parts.path)
        if file:
            return self._let_out(key, file[1], file[2], file[3])
        product = re.fullmatch(rf"{_PRODUCTS}/(\w+)", parts.path)
        if not product or product[1] not in TABLES:
            return _json(
                404,
                {
                    "code": 404,
                    "message": "Not Found",
                    "detailedMessage": "No matching records found, refine your search criteria",
                },
            )
        recent = [seen.at for seen in self.log if seen.status == 200 and seen.at > self.clock.now() - 60]
        if len(recent) >= self.probes_a_minute:
            answer = _json(429, {"code": 429, "message": "Too Many Requests"})
            answer.headers["Retry-After"] = str(int(recent[0] + 61 - self.clock.now()))
            return answer
        return self._list(product[1], parse_qs(parts.query))

    def _list(self, product: str, query: dict[str, list[str]]) -> Answer:
        editions = self.editions[-1:] if query.get("latest") == ["true"] else self.editions
        files = [
            self._entry(product, edition, f"{table}.tsv.zip")
            for edition in editions
            for table in TABLES[product]
        ]
        bag: dict = {
            "productIdentifier": product,
            "productTitleText": f"PatentsView {product}",
            "productFrequencyText": "QUARTERLY",
            "productFromDate": "1976-01-01",
            "productToDate": self.editions[-1],
            "productTotalFileSize": sum(entry["fileSize"] for entry in files),
            "productFileTotalQuantity": len(files),
            "lastModifiedDateTime": "2026-04-10 05:07:19",
            "mimeTypeIdentifierArrayText": ["TSV"],
        }
        if query.get("includeFiles") == ["true"]:
            dictionary = {
                "fileName": "PV_grant_data_dictionary.pdf",
                "fileSize": 1000,
                "fileTypeText": "Data Dictionary",
            }
            bag["productFileBag"] = {"count": len(files) + 1, "fileDataBag": [dictionary, *files]}
        return _json(200, {"count": 1, "bulkDataProductBag": [bag]})

    def _entry(self, product: str, edition: str, name: str) -> dict:
        released = RELEASED[edition]
        place = f"{product}/{edition}/{name}"
        return {
            "fileName": name,
            "fileSize": self.listed_sizes.get(place, len(self.body_of(product, edition, name))),
            "fileDataFromDate": "1976-01-01",
            "fileDataToDate": edition,
            "fileTypeText": "Data",
            "fileDownloadURI": f"{self.url}{_PRODUCTS}/files/{place}",
            "fileReleaseDate": f"{released} 05:07:19",
            "fileLastModifiedDateTime": f"{released} 05:07:19",
        }

    def _let_out(self, key: str, product: str, edition: str, name: str) -> Answer:
        if (
            product not in TABLES
            or edition not in self.editions
            or name.removesuffix(".tsv.zip") not in TABLES[product]
        ):
            return _json(404, {"code": 404, "message": "Not Found"})
        if name.removesuffix(".tsv.zip") in self.unposted:
            return _json(404, {"code": 404, "message": "Not Found", "detailedMessage": "File not found"})
        with self.lock:
            used = self.downloads[key, f"{product}/{name}"]
            used[:] = [at for at in used if at > self.clock.now() - YEAR]
            if len(used) >= self.allowance:
                text = (
                    f"You have submitted {len(used)} requests in 31,536,000 s for this file; the limit is"
                    f" {self.allowance}."
                )
                return _json(429, {"code": 429, "message": text})
            used.append(self.clock.now())
        place = f"{product}/{edition}/{name}"
        self.store.files[place] = self.body_of(product, edition, name)
        return Answer(302, b"", {"Location": self.store.permit(place)})

    def spoil(self, kind: str, target: str, answer: Answer) -> Answer:
        """Return a list with half of its files, as a service that timed out inside sends it."""
        if kind != "partial_200" or answer.document is None or "bulkDataProductBag" not in answer.document:
            return answer
        document = json.loads(answer.body)
        bag = document["bulkDataProductBag"][0]["productFileBag"]
        bag["fileDataBag"] = bag["fileDataBag"][: len(bag["fileDataBag"]) // 2]
        return _json(200, document)


def _json(status: int, document: dict) -> Answer:
    return Answer(status, json.dumps(document).encode(), {}, document)


if __name__ == "__main__":
    STORE = Store()
    serve(OdpDouble(STORE, editions=tuple(RELEASED)), STORE, told="key: test-key")
