"""Malformed works and answers, made from real-looking ones by changes that know their grammar.

None may end in a traceback.

A mutant of a record is staged: the record is kept, or quarantined with file, record and field. A mutant of an
answer is read by the connector: it is taken, or asked for again. Anything else, an unexpected error or a
hang, is a failure.
"""

import json
import random
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from miniature import held_file, open_miniature
from openalex_world import corpus

from listgen import stage
from listgen.acquire.answer import parse_json
from listgen.acquire.http import AskAgainError
from listgen.acquire.openalex.api import _check_shape
from listgen.base.errors import ListgenError
from listgen.stage.records.reading import stage_files
from listgen.store.warehouse import connect

_BATCH = 25
ODD_VALUES = (
    None, True, -1, 0, 10**30, 1.5, "", "x" * 10_000, "\u202eabc", "\x00", "=1+1", [], {}, [[]], [None],
    {"id": None}, "W12", "https://openalex.org/W",
    ["https://openalex.org/Wabc"], "NaN", "2024", [{"id": 5}], {"value": "high"},
)  # fmt: skip
ODD_BYTES = (
    b"",
    b"{",
    b"null",
    b"[]",
    b'"text"',
    b"{}",
    b"\xff\xfe\x00",
    b'{"id":NaN}',
    b'{"id":1e999}',
    b"[" * 5000,
    b'{"id":"W1","id":"W2"}',
)


def paths_of(value: object, path: tuple = ()) -> list[tuple]:
    """Return the place of every value in a record."""
    found = [path] if path else []
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, child in children:
        found += paths_of(child, (*path, key))
    return found


def mutate(record: dict, chance: random.Random) -> bytes:
    """Return one malformed form of a record.

    A value of another kind, a key gone, a cut, a flipped byte, or no JSON at all.
    """
    kind = chance.choice(["value", "value", "value", "drop", "rename", "cut", "flip", "bytes", "nest"])
    copy = json.loads(json.dumps(record))
    path = chance.choice(paths_of(copy))
    parent = copy
    for key in path[:-1]:
        parent = parent[key]
    if kind == "value":
        parent[path[-1]] = chance.choice(ODD_VALUES)
    elif kind == "drop":
        del parent[path[-1]]
    elif kind == "rename" and isinstance(parent, dict):
        parent[f"{path[-1]}_v2"] = parent.pop(path[-1])
    elif kind == "nest":
        parent[path[-1]] = json.loads("[" * 90 + "]" * 90)
    text = json.dumps(copy).encode()
    if kind == "cut":
        return text[: chance.randrange(len(text))]
    if kind == "flip":
        place = chance.randrange(len(text))
        return text[:place] + bytes([text[place] ^ 1 << chance.randrange(8)]) + text[place + 1 :]
    return chance.choice(ODD_BYTES) if kind == "bytes" else text


def run_mutants(folder: Path, n: int, seed: int = 1) -> bool:
    chance = random.Random(seed)
    records = [work for work in corpus().works(range(0, 300, 3))]
    mutants = [mutate(chance.choice(records), chance).replace(b"\n", b" ") for _ in range(n)]
    kept, quarantined, nameless, slow, failures = _stage_all(folder, mutants, records)
    read, again, rude = _read_all(mutants, chance)
    print(
        f"mutants: {n} records staged: {kept} kept, {quarantined} quarantined, {nameless} of them without"
        f" file, record and reason, {len(failures)} failures, slowest batch {slow:.1f} s; the same as"
        f" answers: {read} read, {again} asked for again, {rude} failures"
    )
    for failure in failures[:5]:
        print("  ", failure[:300])
    return not failures and not nameless and not rude and slow < 5 * _BATCH


def _stage_all(
    folder: Path, mutants: list[bytes], records: list[dict]
) -> tuple[int, int, int, float, list[str]]:
    """Stage the mutants in small files, a good record among each, so that no file is refused whole."""
    mini = open_miniature(folder / "mutants")
    source = mini.config.sources["mini_openalex"]
    config = replace(mini.config, sources=mini.config.sources | {source.id: source})
    kept = quarantined = nameless = 0
    slow, failures = 0.0, []
    for start in range(0, len(mutants), _BATCH):
        batch = mutants[start : start + _BATCH]
        path = folder / f"mutants-{start}.jsonl"
        path.write_bytes(b"\n".join([json.dumps(records[0]).encode(), *batch]) + b"\n")
        began = time.monotonic()
        try:
            staged = stage_files(
                stage.load_readers(), config, [held_file(path, source.id, "openalex_work")], folder / "cache"
            )[0]
        except ListgenError as error:
            quarantined += len(batch)
            nameless += path.name not in str(error)
            continue
        except Exception as error:  # the very thing that must not happen
            failures.append(f"{type(error).__name__}: {error}")
            continue
        slow = max(slow, time.monotonic() - began)
        with closing(connect()) as con:
            sql = (
                f"SELECT raw_line, reject_field, reject_reason FROM read_parquet('{staged.parquet}') WHERE"
                " reject_reason IS NOT NULL"
            )
            rows = con.execute(sql).fetchall()
        quarantined += len(rows)
        kept += staged.n_records - len(rows) - 1
        nameless += sum(1 for line, field, reason in rows if not line or field is None or not reason)
    return kept, quarantined, nameless, slow, failures


def _read_all(mutants: list[bytes], chance: random.Random) -> tuple[int, int, int]:
    """Read the mutants as pages of the API."""
    read = again = rude = 0
    for mutant in mutants:
        body = mutant if chance.random() < 0.3 else b'{"meta":{"count":1},"results":[' + mutant + b"]}"
        try:
            document = parse_json(body)
            if not isinstance(document, dict):
                raise AskAgainError("no object")
            _check_shape(document, "results")
            read += 1
        except AskAgainError:
            again += 1
        except Exception as error:  # the very thing that must not happen
            rude += 1
            print("  ", type(error).__name__, str(error)[:200])
    return read, again, rude
