"""The expert review.

Frozen rounds, ballots on an append-only log, decisions with two signatures, and what a build takes from them.

Its own application and database; no build opens it. Django is imported only inside this folder.

Reads: a promoted build's candidates.json and report/cards.html, config/review.yaml, a panel's CSV. Writes:
data/review (database, invitations, reminders, exports) and decisions.jsonl, which a build registers as a
source.
"""

from listgen.review.settings import set_up

set_up()  # models cannot be imported before
