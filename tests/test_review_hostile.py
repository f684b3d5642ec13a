"""Whatever stands in a field or an address is answered with a sentence, never with an error of ours.

On either database.
"""

import re
from pathlib import Path

import review_world
from review_world import ROLES, Visitor
from test_review_rounds import build, cards, close, opened  # noqa: F401 - fixtures among them
from test_review_web import address_of, routes

TEMPLATES = Path(__file__).resolve().parents[1] / "src/listgen/review/web/templates"
VALUES = ("\0", "\u00b2", "9" * 2000, "0001-01-01T00:00", "9999-12-31T23:59:59+00:00", "\U0010ffff\u202e")
ADDRESSES = (
    "/i/%00",
    "/style/%00.css",
    "/static/%FF%FE",
    "/judge/%ED%A0%80",
    f"/staff/proposals/{'9' * 400}",
    "/%2e%2e/%2e%2e/etc/passwd",
)


def errors_of_ours(link_token, values):  # noqa: C901 - every route, role and field in one walk
    """Return where the server fails.

    Every route with its methods, by a role that reaches it, all fields of any page holding each value.
    """
    from listgen.review.domain import proposals
    from listgen.review.models import Proposal, Seat
    from listgen.review.web import access

    names = set(
        re.findall(
            r'name="(\w+)"', "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.glob("*.html"))
        )
    )
    names -= {"csrfmiddlewaretoken", "viewport"}
    assert {"reason", "revision", "sequence", "closes_at", "digest", "into"} <= names
    card, wrong = cards()[0], []
    proposals.propose(Seat.objects.first(), "split", card.technology_id, {"reason": "because"}, key="p")
    real = {"technology_id": card.technology_id, "number": str(Proposal.objects.get().pk)}
    with review_world.serving() as address:
        visitors = {role: Visitor(address).log_in(name) for name, role in ROLES.items()}
        visitors["expert"] = Visitor(address).open_link(link_token)
        # With its own mark a form is read to the end; with a hostile one it is refused before.
        mark = {"mark": visitors["expert"].fields("/propose")["mark"]}
        tokens = {
            role: one.fields("/propose" if role == "expert" else "/staff/login")["csrfmiddlewaretoken"]
            for role, one in visitors.items()
        }

        def attack(value):
            for pattern in routes():
                role = next((role for role in visitors if role in pattern.callback.roles), "expert")
                if pattern.name in ("leave", "leave_everywhere"):
                    continue
                post = [
                    ("POST", given)
                    for given in ({}, mark, mark | {"answer": "5", "decision": "accept", "outcome": "accept"})
                ]
                for method, given in [("GET", {}), *(post if "POST" in pattern.callback.methods else ())]:
                    fields = dict.fromkeys(names, value) | given
                    form = (
                        {"data": fields | {"csrfmiddlewaretoken": tokens[role]}}
                        if method == "POST"
                        else {"params": {"domain": value[:50]}}
                    )
                    response = visitors[role].client.request(method, address_of(pattern, real), **form)
                    if response.status_code >= 500:
                        wrong.append((pattern.name, method, value[:10]))
            access.forget_failures()

        for value in values:
            attack(value)
        close()
        attack(values[1])
        for path in ADDRESSES:
            if visitors["facilitator"].get(path).status_code >= 500:
                wrong.append(path)
    return wrong


def test_no_field_and_no_address_whatever_makes_an_error_of_ours(opened, caplog):  # noqa: F811 - the fixture
    assert (
        errors_of_ours(opened[1][0].link_token, VALUES) == [] and "Internal Server Error" not in caplog.text
    )
