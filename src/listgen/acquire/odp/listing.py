"""What the portal says a bulk product consists of: which files, how large, of which edition.

Asking costs no download.

An edition is the last day of the data (a quarter's end). Tables of two editions do not fit together, because
the provider disambiguates anew each time, so one edition is taken in which every wanted table of every wanted
product is there.

Reads: the network. Writes: nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from listgen.acquire.answer import lenient, parse_json, seconds
from listgen.acquire.http import AskAgainError, Client, Response, is_same_host
from listgen.acquire.odp.access import OdpAccess
from listgen.base.errors import DataError, RefusedError
from listgen.base.provenance import canonical_json, sha256_text
from listgen.base.text import t

_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:[ T].*)?")
_SUFFIX = ".tsv.zip"
_PRODUCTS = "/api/v1/datasets/products"


@dataclass(frozen=True, order=True)
class Listed:
    """One file of a product: `last` is the last day of its data, `released` the day it was posted."""

    product: str
    table: str
    last: str
    released: str
    n_bytes: int
    address: str

    @property
    def name(self) -> str:
        """Return the name the file is known by in a snapshot: another edition or release has another."""
        return f"{self.product}/{self.last}/released-{self.released}/{self.table}{_SUFFIX}"


@dataclass(frozen=True)
class Release:
    """One edition: its files, and what the portal said of each product."""

    edition: str
    files: tuple[Listed, ...]
    answers: Mapping[str, Response]

    @property
    def digest(self) -> str:
        """Return the identity of what is listed."""
        return sha256_text(canonical_json([[file.name, file.n_bytes] for file in self.files]))


def read_release(client: Client, access: OdpAccess) -> Release:
    """Return the edition that is to be had.

    Raises:
        DataError: No edition holds every wanted table.
        ProviderError: The portal could not be asked.
        RefusedError: It does not accept the key, or knows no such product.
    """
    answers: dict[str, Response] = {}
    listed: dict[tuple[str, str, str], Listed] = {}
    for product in sorted(access.products):
        answers[product], found = _ask(client, access, product)
        for file in found:  # of one edition posted twice, the later posting stands
            key = (file.product, file.table, file.last)
            listed[key] = max(file, listed.get(key, file), key=lambda entry: entry.released)
    wanted = {(product, table) for product, tables in access.products.items() for table in tables}
    by_edition: dict[str, dict[tuple[str, str], Listed]] = {}
    for (product, table, last), file in listed.items():
        if (product, table) in wanted:
            by_edition.setdefault(last, {})[product, table] = file
    whole = [edition for edition, files in by_edition.items() if files.keys() == wanted]
    edition = access.edition or max(whole, default="")
    if edition not in whole:
        raise _no_edition(client, edition, wanted, by_edition)
    return Release(edition, tuple(sorted(by_edition[edition].values())), answers)


def _no_edition(
    client: Client,
    edition: str,
    wanted: set[tuple[str, str]],
    found: Mapping[str, Mapping[tuple[str, str], Listed]],
) -> DataError:
    newest = edition or max(found, default="")
    lacking = sorted(f"{product}/{table}" for product, table in wanted - found.get(newest, {}).keys())
    return DataError(
        t(
            "{host} lists no whole edition {edition}; it lacks {tables}.",
            host=client.host,
            edition=newest,
            tables=", ".join(lacking[:8]),
        ),
        t(
            "Expected every wanted table of one edition; listed are: {editions}.",
            editions=", ".join(sorted(found)) or "-",
        ),
        t(
            "Correct odp.products or odp.edition in config/sources, or wait until all is posted, then run:"
            " {command}",
            command=client.resume,
        ),
    )


def _ask(client: Client, access: OdpAccess, product: str) -> tuple[Response, list[Listed]]:
    def judge(response: Response) -> tuple[Response, list[Listed]]:
        if response.status != 200:
            raise turned_away(client, access, response)
        return response, _files(client, product, access.products[product], parse_json(response.body))

    return client.get(f"{_PRODUCTS}/{product}", {"includeFiles": "true"}, judge)


def turned_away(client: Client, access: OdpAccess, response: Response) -> Exception:
    """Return the error for an answer that is none: one that may pass, or one that will not."""
    body = lenient(response.body)
    message = client.redact(str(body.get("message") or body.get("error") or body.get("detail") or ""))[:300]
    if response.status in (401, 403):
        return RefusedError(
            t("{host} does not accept the key in {variable}.", host=client.host, variable=access.secret),
            t("Expected a key that is valid now; everything received before is kept."),
            t("Set {variable} anew, then run: {command}", variable=access.secret, command=client.resume),
        )
    if response.status == 429:
        return AskAgainError(
            t("it asks to be asked more slowly"),
            seconds(response.headers.get("retry-after")) or 5.0,
            status=429,
        )
    if response.status >= 500 or response.status in (408, 425):
        return AskAgainError(t("it answers {status}", status=response.status), status=response.status)
    return RefusedError(
        t("{host} answers {status}: {message}", host=client.host, status=response.status, message=message),
        t("The request was {url}.", url=response.url[:300]),
        t("Correct config/sources, then run: {command}", command=client.resume),
    )


def _files(client: Client, product: str, tables: Sequence[str], document: Any) -> list[Listed]:  # noqa: ANN401 - any JSON
    """Return the wanted tables a product's description lists; a part of a list is no list."""
    bag = _one_product(product, document)
    files = bag.get("productFileBag")
    entries = files.get("fileDataBag") if isinstance(files, dict) else None
    if not isinstance(files, dict) or not isinstance(entries, list):
        raise AskAgainError(
            t("{field} is missing in the answer", field="bulkDataProductBag[0].productFileBag.fileDataBag")
        )
    count = files.get("count")
    if isinstance(count, int) and count != len(entries):
        raise AskAgainError(
            t("the list has {found} entries, expected {expected}", found=len(entries), expected=count)
        )
    wanted = {table + _SUFFIX for table in tables}
    return [
        _file(client, product, place, entry)
        for place, entry in enumerate(entries)
        if _field(entry, "fileName") in wanted
    ]


def _one_product(product: str, document: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    bags = document.get("bulkDataProductBag") if isinstance(document, dict) else None
    found = (
        [bag for bag in bags if isinstance(bag, dict) and bag.get("productIdentifier") == product]
        if isinstance(bags, list)
        else []
    )
    if len(found) != 1:
        raise AskAgainError(
            t("{field} is missing in the answer", field="bulkDataProductBag[0].productIdentifier")
        )
    return found[0]


def _field(entry: Any, name: str) -> Any:  # noqa: ANN401 - any JSON
    return entry.get(name) if isinstance(entry, dict) else None


def _file(client: Client, product: str, place: int, entry: Any) -> Listed:  # noqa: ANN401 - any JSON
    name, size = str(_field(entry, "fileName")), _field(entry, "fileSize")
    dates = {}
    for field in ("fileDataToDate", "fileReleaseDate"):
        match = _DATE.fullmatch(str(_field(entry, field) or ""))
        if match is None:
            raise AskAgainError(t("{field} is missing in the answer", field=f"fileDataBag[{place}].{field}"))
        dates[field] = match[1]
    if not isinstance(size, int) or isinstance(size, bool) or size <= 0:
        raise AskAgainError(t("{field} is missing in the answer", field=f"fileDataBag[{place}].fileSize"))
    address = str(
        _field(entry, "fileDownloadURI") or client.address(f"{_PRODUCTS}/files/{product}/{name}", {})
    )
    table = name.removesuffix(_SUFFIX)
    path = urlsplit(urljoin(address, ".")).path
    is_own = (
        is_same_host(address, client.base)
        and address.endswith(f"/{name}")
        and path.startswith(f"{_PRODUCTS}/files/")
    )
    if not is_own:
        raise DataError(
            t("{host} lists a file that leads elsewhere: {path}", host=client.host, path=address[:120]),
            t(
                "Expected an address below {address}; the key is sent nowhere else.",
                address=client.base + _PRODUCTS + "/files/",
            ),
            t("Run later: {command}", command=client.resume),
        )
    return Listed(product, table, dates["fileDataToDate"], dates["fileReleaseDate"], size, address)
