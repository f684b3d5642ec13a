"""What configuration files say about one another.

Names must exist, and the error gives the nearest one that does.
"""

from __future__ import annotations

from collections.abc import Mapping

from listgen.config.checks import lineage, lists, sources, technologies
from listgen.config.checks.countries import check_countries
from listgen.config.checks.scope import CPC_FILE, TOPICS_FILE, Present, Scope
from listgen.config.checks.scoring import check_caveat_texts, check_scoring
from listgen.config.checks.settings import check_settings
from listgen.config.checks.texts import check_texts

__all__ = ["CPC_FILE", "TOPICS_FILE", "Present", "Scope", "check_configuration"]


def check_configuration(scope: Scope, documents: Mapping[str, object]) -> None:
    """Report every problem that cannot be seen in one file alone.

    Args:
        scope: The configuration as read, and where to report.
        documents: The files as read, by name.
    """
    check_settings(scope)
    check_scoring(scope)
    check_caveat_texts(scope)
    check_countries(scope)
    sources.check_sources(scope, documents)
    for stem, technology in scope.config.technologies.items():
        name = f"technologies/{stem}.yaml"
        technologies.check_technology(scope, name, technology)
        technologies.check_evidence(scope, name, technology)
        lineage.check_lineage(scope, name, technology)
        lineage.check_neighbours(scope, name, technology)
    lineage.check_duplicates(scope)
    sources.check_materials(scope)
    lists.check_lists_twice(scope)
    lineage.check_left_behind(scope)
    for stem, reference_list in scope.config.reference_lists.items():
        lists.check_reference_list(scope, f"reference_lists/{stem}.yaml", reference_list)
    check_texts(scope, documents)
