"""The bytes of a published table as UTF-8 text DuckDB can read.

Other encodings, other line ends and workbooks are rewritten once.

Reads: a raw file.
Writes: a scratch copy beside the cache, gone when the file is parsed.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zipfile
from pathlib import Path
from typing import IO

import polars as pl

from listgen.base.errors import DataError, machine_trouble, nearest
from listgen.base.text import t
from listgen.config.table import Table
from listgen.stage.records.integrity import bad_file
from listgen.store.raw import HeldFile

_HEAD_BYTES = 1 << 20
_CHUNK = 1 << 20
# No cell and no line of a table is this long; a longer one took in the rows behind it. The limit is the
# whole process's, so it is set once: two files are read at a time.
MAX_CELL = 1 << 24
csv.field_size_limit(MAX_CELL)
# A workbook is unpacked in memory; beyond this it is asked for as text, which is read as a stream.
_MAX_WORKBOOK_BYTES = 400_000_000
_UTF8 = ("utf-8", "utf-8-sig", "ascii")


def as_grid(
    held: HeldFile, path: Path, table: Table, compression: str, folder: Path
) -> tuple[Path, str, str]:
    """Return a path and compression of the table as UTF-8 text, and the command for it (empty if it is so).

    The command names the raw file `{raw}` and the text `{text}`; `trace` gives it to whoever recomputes a
    figure with DuckDB alone.

    Args:
        held: The file, for messages and the name of the copy.
        path: Where its bytes are.
        table: The declaration.
        compression: `none` or `gzip`.
        folder: Where a copy may be left.

    Raises:
        DataError: The bytes are not in the declared encoding, or are no workbook with the declared sheet.
    """
    if table.format == "xlsx":
        target = folder / f"{held.raw_digest}.sheet.csv"
        _sheet_as_csv(held, path, table.sheet, target)
        shown = table.sheet or 1
        return target, "none", f'(save sheet "{shown}" of {{raw}} as CSV, every cell as text, in {{text}})'
    encoding = _codec(held, table.encoding)
    unpack = "gzip -dc" if compression == "gzip" else "cat"
    if table.packed_keys:
        target = folder / f"{held.raw_digest}.keys.txt"
        _unpack_keys(held, path, compression, table.encoding, target)
        split = r"sed -e '1s/\\[^\t]*//' -e ':a;s/^\([^\t]*\),/\1\t/;ta'"
        return target, "none", f"{unpack} < {{raw}} | {split} > {{text}}"
    change = _change_of_lines(path, compression)
    if encoding in _UTF8 and not change:
        return path, compression, ""
    target = folder / f"{held.raw_digest}.{encoding}.txt"
    _rewrite(held, path, compression, table.encoding, target)
    convert = f"iconv -f {table.encoding.replace('_', '-')} -t UTF-8"
    return target, "none", f"{unpack} < {{raw}}{change} | {convert} > {{text}}"


def _codec(held: HeldFile, encoding: str) -> str:
    """Return the name Python knows an encoding by."""
    try:
        return codecs.lookup(encoding).name
    except LookupError as error:
        raise DataError(
            t(
                'config/sources/{source}.yaml: "{encoding}" is no encoding.',
                source=held.source_id,
                encoding=encoding,
            ),
            t("Expected a name such as utf-8, cp932 or latin-1."),
        ) from error


def open_bytes(path: Path, compression: str) -> IO[bytes]:
    """Return a file's bytes as a stream, unpacked."""
    return gzip.open(path, "rb") if compression == "gzip" else path.open("rb")  # type: ignore[return-value]  # both read bytes


def _change_of_lines(path: Path, compression: str) -> str:
    """Return the command that makes all ends of lines alike.

    Of carriage returns alone, as old spreadsheet programs wrote them, or of both kinds.
    """
    with open_bytes(path, compression) as stream:
        head = stream.read(_HEAD_BYTES)
    if b"\r" in head and b"\n" not in head:
        return " | tr '\\r' '\\n'"
    n_both = head.count(b"\r\n")
    return " | tr -d '\\r'" if 0 < n_both < head.count(b"\n") else ""


def _rewrite(held: HeldFile, path: Path, compression: str, encoding: str, target: Path) -> None:
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(), translate=True)
    n_lines = 1
    try:
        with open_bytes(path, compression) as raw, target.open("w", encoding="utf-8", newline="") as stream:
            while chunk := raw.read(_CHUNK):
                text = decoder.decode(chunk)
                n_lines += text.count("\n")
                stream.write(text)
            stream.write(decoder.decode(b"", final=True))
    except UnicodeDecodeError as error:
        good = bytes(error.object[: error.start])
        raise wrong_encoding(held, encoding, n_lines + max(good.count(b"\n"), good.count(b"\r"))) from error


def _unpack_keys(held: HeldFile, path: Path, compression: str, encoding: str, target: Path) -> None:
    """Write Eurostat's TSV, where column one packs a row's keys ("A,NR,DE"), with a column for each key."""
    try:
        with open_bytes(path, compression) as raw, target.open("w", encoding="utf-8", newline="") as stream:
            for number, line in enumerate(io.TextIOWrapper(raw, encoding=encoding, newline=None)):
                keys, tab, figures = line.partition("\t")
                keys = keys.partition("\\")[0] if number == 0 else keys
                stream.write(keys.replace(",", "\t") + tab + figures)
    except UnicodeDecodeError as error:
        raise wrong_encoding(held, encoding, 1) from error


def _sheet_as_csv(held: HeldFile, path: Path, sheet: str | None, target: Path) -> None:
    """Write one sheet of a workbook, every cell as text, blank rows kept: row numbers agree."""
    import fastexcel

    _refuse_bomb(held, path)
    try:
        book = fastexcel.read_excel(path.read_bytes())
        if sheet is not None and sheet not in book.sheet_names:
            raise _no_sheet(held, sheet, book.sheet_names)
        frame = book.load_sheet(sheet or 0, header_row=None, skip_rows=0, dtypes="string").to_polars()
    except fastexcel.FastExcelError as error:
        raise bad_file(
            held, t("is no workbook that can be read ({reason})", reason=str(error).split("\n")[0])
        ) from error
    frame.select(pl.all().cast(pl.String)).write_csv(target, include_header=False, quote_style="always")


def sheet_names(held: HeldFile) -> list[str]:
    """Return the names of a workbook's sheets, in its order.

    Raises:
        DataError: The file is no workbook that can be read.
    """
    import fastexcel

    _refuse_bomb(held, held.path)
    try:
        return list(fastexcel.read_excel(held.path.read_bytes()).sheet_names)
    except fastexcel.FastExcelError as error:
        raise bad_file(
            held, t("is no workbook that can be read ({reason})", reason=str(error).split("\n")[0])
        ) from error


def _no_sheet(held: HeldFile, sheet: str, names: list[str]) -> DataError:
    return DataError(
        t(
            'Source {source}: {file} has no sheet "{sheet}".',
            source=held.source_id,
            file=held.file_name,
            sheet=sheet,
        )
        + nearest(sheet, names),
        t("Its sheets are: {sheets}.", sheets=", ".join(names[:12])),
        t(
            "Name one of them: --sheet for a draft, table.sheet in config/sources/{source}.yaml after it.",
            source=held.source_id,
        ),
    )


def _refuse_bomb(held: HeldFile, path: Path) -> None:
    """Refuse a workbook that unpacks to more than memory should hold."""
    if not zipfile.is_zipfile(path):
        return  # the older binary format is no archive
    try:
        with zipfile.ZipFile(path) as archive:
            n_bytes = sum(part.file_size for part in archive.infolist())
    except (zipfile.BadZipFile, OSError) as error:
        if machine_trouble(error):
            raise
        raise bad_file(held, t("is no workbook that can be read ({reason})", reason=error)) from error
    if n_bytes > _MAX_WORKBOOK_BYTES:
        raise bad_file(held, t("unpacks to {n:,} bytes; save the sheet as CSV", n=n_bytes))


def wrong_encoding(held: HeldFile, encoding: str, line: int) -> DataError:
    """Return the error for bytes that are not in the declared encoding."""
    return DataError(
        t(
            "Source {source}: {file} is not {encoding} from line {line} on.",
            source=held.source_id,
            file=held.file_name,
            encoding=encoding,
            line=line,
        ),
        t("Expected every byte to be in the declared encoding; nothing of the file was used."),
        t(
            "Correct table.encoding in config/sources/{source}.yaml, or run: listgen acquire {source}",
            source=held.source_id,
        ),
    )


def read_head(
    held: HeldFile, path: Path, compression: str, delimiter: str, encoding: str = "utf-8"
) -> list[list[str]]:
    """Return the first rows of a delimited UTF-8 file as lists of fields; blank rows are empty lists.

    Raises:
        DataError: The first bytes are not UTF-8.
    """
    with open_bytes(path, compression) as stream:
        head = stream.read(_HEAD_BYTES)
    if len(head) == _HEAD_BYTES:
        head = head[: head.rfind(b"\n") + 1] or head
    try:
        text = head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise wrong_encoding(held, encoding, head[: error.start].count(b"\n") + 1) from error
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
