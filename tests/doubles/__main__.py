"""Run the OpenAlex double by hand: `PYTHONPATH=tests python -m doubles --works 20000`.

It prints its address and serves until stopped.
"""

import argparse
import csv
import time
from pathlib import Path

from doubles.corpus import Corpus
from doubles.faults import FaultPlan
from doubles.openalex import OpenAlexDouble

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--works", type=int, default=20_000)
    parser.add_argument(
        "--topics",
        type=int,
        default=400,
        help="how many topics of config/openalex_topics.csv the works spread over",
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--budget", type=int, default=10_000)
    parser.add_argument("--faults", type=Path, help="a fault plan (JSON)")
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    topics = ROOT / "config" / "openalex_topics.csv"
    with topics.open(encoding="utf-8", newline="") as stream:
        ids = [row["topic_id"] for row in csv.DictReader(stream)][: options.topics]
    corpus = Corpus(topics, seed=options.seed, n_works=options.works, topic_ids=ids)
    faults = FaultPlan.from_file(options.faults) if options.faults else None
    with OpenAlexDouble(corpus, budget=options.budget, faults=faults, port=options.port) as double:
        print(f"{double.url}  (key: test-key)", flush=True)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            print(
                f"{double.calls} requests, {double.credits} credits, at most {double.most_in_a_second()} in a"
                " second"
            )


if __name__ == "__main__":
    main()
