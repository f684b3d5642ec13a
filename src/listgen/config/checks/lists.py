"""Checks of reference lists: their items, their ids, and no list under two ids."""

from __future__ import annotations

import re

from listgen.base.text import folded, t
from listgen.config.checks.scope import Scope
from listgen.config.models import ReferenceList


def check_reference_list(scope: Scope, name: str, reference_list: ReferenceList) -> None:
    """Report items and ids of a list that do not fit one another."""
    ids = [item.id for item in reference_list.items]
    if reference_list.country_code is not None:
        scope.country(name, ("country_code",), reference_list.country_code)
    for index, item in enumerate(reference_list.items):
        scope.known(
            name, ("items", index, "domain"), item.domain, scope.config.domains, "config/domains.yaml"
        )
        if ids.index(item.id) != index:
            scope.report(name, ("items", index, "id"), t('item "{id}" stands twice', id=item.id))
        if not re.fullmatch(rf"{re.escape(reference_list.id)}/\d+", item.id):
            message = t(
                'item "{id}" must be named after its list and counted, such as {list}/01',
                id=item.id,
                list=reference_list.id,
            )
            scope.report(name, ("items", index, "id"), message)
    if not reference_list.id.endswith(f"_{reference_list.published[:4]}"):
        message = t(
            'is "{published}", but the id says {id}: it ends in the year of publication',
            published=reference_list.published,
            id=reference_list.id,
        )
        scope.report(name, ("published",), message)
    for index, gap in enumerate(reference_list.out_of_scope):
        scope.known(name, ("out_of_scope", index, "item"), gap.item, ids, t("this list's items"))


def check_lists_twice(scope: Scope) -> None:
    """Report a list that stands here under two ids; a later edition bears the same name and another date."""
    first: dict[tuple[str, str, str], str] = {}
    for stem, one in scope.config.reference_lists.items():
        other = first.setdefault((folded(one.issuer.en), folded(one.name.en), one.published), stem)
        if other != stem:
            message = t(
                "has the name, issuer and date of reference_lists/{other}.yaml; a later edition has another"
                " date",
                other=other,
            )
            scope.report(f"reference_lists/{stem}.yaml", ("name",), message)
