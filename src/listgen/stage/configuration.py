"""The configuration as frames, one per core table that only repeats what config/ declares.

Reads: config/.
Writes: the views config_<name> of the build's connection, while the stage step runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from listgen.config.loader import Config
from listgen.config.models import Source
from listgen.store.raw import HeldFile
from listgen.store.sqlfile import SqlFile

_TEXT, _FLAG, _NUMBER = pl.String, pl.Boolean, pl.Int64
_SCHEMAS: dict[str, dict[str, Any]] = {
    "config_country": {"country_code": _TEXT, "name_en": _TEXT, "name_ja": _TEXT, "is_like_minded": _FLAG},
    "config_m49": {"m49_code": _NUMBER, "country_code": _TEXT},
    "config_source": {
        **dict.fromkeys(
            (
                "source_id",
                "title_en",
                "title_ja",
                "producer",
                "grade",
                "sampling_frame_en",
                "sampling_frame_ja",
            ),
            _TEXT,
        ),
        **dict.fromkeys(("is_sample", "is_comparable", "is_universe", "is_one_office"), _FLAG),
        **dict.fromkeys(
            (
                "licence_id",
                "licence_class",
                "licence_text_en",
                "licence_text_ja",
                "citation",
                "url",
                "as_of_date",
            ),
            _TEXT,
        ),
    },
    "config_raw_file": {
        **dict.fromkeys(("raw_digest", "source_id", "file_name", "form_id", "as_of_date"), _TEXT),
        "n_bytes": _NUMBER,
    },
    "config_window": {
        "period_id": _TEXT,
        "n_years": _NUMBER,
        "lag_months": _NUMBER,
        "form_ids": pl.List(_TEXT),
    },
    "config_technology": dict.fromkeys(("technology_id", "name_en", "name_ja", "domain_id", "status"), _TEXT),
    "config_technology_topic": {"technology_id": _TEXT, "topic_id": _TEXT},
    "config_technology_cpc": {"technology_id": _TEXT, "cpc_prefix": _TEXT},
    "config_technology_series": {"technology_id": _TEXT, "series_id": _TEXT, "relation": _TEXT},
    "config_technology_commodity": {
        "technology_id": _TEXT,
        "commodity_id": _TEXT,
        "stage_id": _TEXT,
        "importance": pl.Float64,
    },
    "config_technology_hs": dict.fromkeys(("technology_id", "hs_code", "first_revision"), _TEXT),
    "config_hs_revision": {"source_id": _TEXT, "hs_revision": _TEXT},
    "config_trade": {"min_reported_share": pl.Float64},
    "config_table": {"source_id": _TEXT, "whole": pl.Float64, "years_covered": _NUMBER},
    "config_series": {
        **dict.fromkeys(
            (
                "series_id",
                "source_id",
                "series_key",
                "title_en",
                "title_ja",
                "measure",
                "unit",
                "counting",
                "universe_series_id",
            ),
            _TEXT,
        ),
        "printed_decimals": _NUMBER,
        "years_covered": _NUMBER,
        "is_one_office": _FLAG,
    },
}


def frames_of(
    config: Config, holdings: Sequence[HeldFile], readers: Mapping[str, SqlFile]
) -> dict[str, pl.DataFrame]:
    """Return the frames by view name.

    Args:
        config: The workspace's configuration.
        holdings: The raw files of the build.
        readers: Reader SQL by form; its header says which kind of evidence a form is.
    """
    rows = _source_tables(config, holdings, readers) | _technology_tables(config)
    frames = {
        name: pl.DataFrame(list(rows[name]), schema=schema, orient="row") for name, schema in _SCHEMAS.items()
    }
    topics = pl.read_csv(config.topics_path, infer_schema=False)
    frames["config_topic"] = topics.with_columns(pl.col("field_id").cast(pl.Int16))
    return frames


def _source_tables(
    config: Config, holdings: Sequence[HeldFile], readers: Mapping[str, SqlFile]
) -> dict[str, Iterable[Sequence[Any]]]:
    """Return the rows on countries, sources, files and windows."""
    return {
        "config_country": _country_rows(config),
        "config_m49": [
            (number, code) for code, country in config.countries.items() for number in country.m49
        ],
        "config_source": _source_rows(config, holdings),
        "config_raw_file": [
            (f.raw_digest, f.source_id, f.file_name, f.form_id, f.as_of_date, f.n_bytes) for f in holdings
        ],
        "config_window": _window_rows(config, readers),
        "config_hs_revision": [(i, s.hs_revision) for i, s in config.used_sources.items() if s.hs_revision],
        "config_trade": [(config.scoring.gates.min_reported_share,)],
        "config_table": [
            (i, s.table.whole, s.table.constants.years_covered)
            for i, s in config.used_sources.items()
            if s.table
        ],
        "config_series": _series_rows(config),
    }


def _technology_tables(config: Config) -> dict[str, Iterable[Sequence[Any]]]:
    """Return the rows on technologies and what they are measured by."""
    technologies = config.technologies.items()
    return {
        "config_technology": [
            (i, tech.name.en, tech.name.ja, tech.domain, tech.status) for i, tech in technologies
        ],
        "config_technology_topic": [(i, topic) for i, tech in technologies for topic in tech.works.topics],
        "config_technology_cpc": [(i, prefix) for i, tech in technologies for prefix in tech.patents.cpc],
        "config_technology_series": _technology_series_rows(config),
        "config_technology_commodity": [
            (i, link.commodity, link.stage, link.importance)
            for i, tech in technologies
            for link in tech.supply
        ],
        "config_technology_hs": [
            (i, code, config.hs_codes[code].since) for i, tech in technologies for code in tech.hs_codes
        ],
    }


def _country_rows(config: Config) -> list[tuple[Any, ...]]:
    """Return the countries; whether one is like-minded is known only where the workspace says which are."""
    group = config.settings.like_minded
    return [
        (code, c.name.en, c.name.ja, code in group if group else None) for code, c in config.countries.items()
    ]


def _source_rows(config: Config, holdings: Iterable[HeldFile]) -> list[tuple[Any, ...]]:
    newest: dict[str, str] = {}
    for file in holdings:
        newest[file.source_id] = max(file.as_of_date, newest.get(file.source_id, ""))
    return [
        (
            s.id,
            s.title.en,
            s.title.ja,
            s.producer,
            s.grade,
            s.frame.en,
            s.frame.ja,
            s.is_sample,
            s.frame.comparable,
            s.frame.universe,
            s.frame.one_office,
        )
        + (
            s.licence.id,
            s.licence.licence_class,
            s.licence.text.en,
            s.licence.text.ja,
            s.citation,
            s.url,
            newest.get(s.id, s.as_of),
        )
        for s in _sources_in_use(config, newest)
    ]


def _sources_in_use(config: Config, held: Iterable[str]) -> list[Source]:
    """Return the sources a workspace builds from, and the review's decisions once there are any."""
    return list((config.used_sources | {source_id: config.sources[source_id] for source_id in held}).values())


def _window_rows(config: Config, readers: Mapping[str, SqlFile]) -> list[tuple[Any, ...]]:
    windows = config.settings.windows
    rows = []
    for period_id, window in (
        ("works", windows.works),
        ("families", windows.families),
        ("statistics", windows.statistics),
    ):
        forms = [form for form, reader in readers.items() if reader.header["kind"] == period_id]
        rows.append((period_id, window.years, window.lag_months, forms))
    return rows


def _series_rows(config: Config) -> list[tuple[Any, ...]]:
    return [
        (
            s.id,
            source.id,
            s.row_key,
            s.title.en,
            s.title.ja,
            s.measure,
            s.unit,
            s.counting,
            s.universe,
            s.decimals,
            s.years_covered,
        )
        + (s.is_one_office or source.frame.one_office,)
        for source in config.used_sources.values()
        for s in config.series_of(source)
    ]


def _technology_series_rows(config: Config) -> list[tuple[Any, ...]]:
    """Return the links to series of sources in use.

    A link to another source's series waits until that source is used.
    """
    used = {row[0] for row in _series_rows(config)}
    declared = [
        (i, link.series, link.relation)
        for i, tech in config.technologies.items()
        for link in tech.statistics
        if link.series in used
    ]
    counted = [
        (tech.id, s, "exact")
        for source in config.used_sources.values()
        for s, tech in config.counted(source).items()
        if tech
    ]
    return [*declared, *counted]
