"""What a score over several years hides.

A share that falls or rises within them, and who leads in the newest of them.

Reads: nothing itself; it is given the shares by year
Writes: nothing
"""

from __future__ import annotations

from listgen.config.loader import Config
from listgen.report import figures
from listgen.report.document import Row
from listgen.report.drawn import RECENT
from listgen.report.overview import country_name
from listgen.report.texts import Pair, pair


def lately(trends: list[Row], config: Config) -> list[Row]:
    """Return what the newest years say for or against a technology's strength.

    What two intervals leave open is not said.
    """
    return [line for trend in trends for line in (_shift(trend, config), _place(trend, config)) if line]


def _shift(trend: Row, config: Config) -> Row | None:
    """Return how the focal country's share moved from the first to the last of the newest years.

    None within both intervals.
    """
    first, last = trend["points"][-RECENT:][0], trend["points"][-1]
    if (
        first is last
        or first["lo"] is None
        or last["lo"] is None
        or (first["lo"] <= last["hi"] and last["lo"] <= first["hi"])
    ):
        return None
    is_for = last["value"] > first["value"]
    text = pair(
        f"lately.{'rising' if is_for else 'falling'}",
        basis=pair(f"trend.{trend['basis']}"),
        country=country_name(config, config.settings.focal_country),
        **_told("first", first),
        **_told("last", last),
    )
    return {"is_for": is_for, "text": text}


def _place(trend: Row, config: Config) -> Row | None:
    """Return who leads in the newest year, the focal country or another.

    None when their intervals overlap.
    """
    own, other = trend["points"][-1], trend["leader_point"]
    if own["lo"] is None or other["lo"] is None or (own["lo"] <= other["hi"] and other["lo"] <= own["hi"]):
        return None
    is_for = own["value"] > other["value"]
    text = pair(
        f"lately.{'ahead' if is_for else 'behind'}",
        basis=pair(f"trend.{trend['basis']}"),
        country=country_name(config, config.settings.focal_country),
        other=country_name(config, trend["leader"]),
        n=figures.show_count(own["n"]),
        **_told("own", own),
        **_told("their", other),
    )
    return {"is_for": is_for, "text": text}


def _told(name: str, point: Row) -> dict[str, str | Pair]:
    interval = figures.show_interval(point["lo"], point["hi"], "share")
    return {
        name: pair("lately.share", value=figures.show_value(point["value"], "share"), interval=interval),
        f"{name}_year": str(point["year"]),
        f"{name}_n": figures.show_count(point["n"]),
    }
