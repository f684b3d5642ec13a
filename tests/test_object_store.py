"""A release taken from an S3-compatible server made by others gives what the same files give in a folder."""

import boto3
import pytest
from botocore.config import Config
from doubles.clock import TurnedClock
from doubles.corpus import Corpus
from doubles.openalex import OpenAlexDouble
from doubles.release import write_release
from moto.server import ThreadedMotoServer
from openalex_world import TOPICS, World

from listgen.acquire.openalex.estimate import estimate
from listgen.acquire.order import Order
from listgen.base.errors import DataError, ProviderError


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    folder = tmp_path_factory.mktemp("release")
    works = Corpus(TOPICS, n_works=120, years=(2021, 2026))
    for form in ("jsonl", "parquet"):
        write_release(works, folder, form=form)
    return folder


@pytest.fixture(scope="module")
def store(released):
    """The server with the release in a bucket, and a client to change it."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    settings = Config(s3={"addressing_style": "path"}, proxies={})
    client = boto3.client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="none",
        aws_secret_access_key="none",
        config=settings,
    )
    client.create_bucket(Bucket="openalex")
    for path in sorted(released.rglob("*")):
        if path.is_file():
            client.put_object(
                Bucket="openalex",
                Key=path.relative_to(released).as_posix(),
                Body=path.read_bytes(),
                ACL="public-read",
            )
    yield url, client
    server.stop()


def of(tmp_path, **access) -> World:
    clock = TurnedClock()
    with OpenAlexDouble(Corpus(TOPICS, n_works=10), clock=clock) as double:
        pass
    return World(tmp_path, double, clock, **{"route": "snapshot"} | access)


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_an_s3_server_gives_what_the_folder_gives(tmp_path, released, store, form):
    url, _ = store
    direct = of(tmp_path / "direct", mirror=str(released), format=form).acquire()
    w = of(tmp_path / "s3", bucket_url=f"{url}/openalex", format=form)
    planned = estimate(w.workspace, w.source, Order(clock=w.clock))
    fetched = w.acquire()
    assert fetched.identity == direct.identity
    assert planned.n_bytes == sum(file.n_bytes for file in fetched.files if file.form_id != "manifest")
    assert w.acquire().number == fetched.number
    assert estimate(w.workspace, w.source, Order(clock=w.clock)).n_bytes == 0


def test_a_bucket_that_is_not_there_is_said_so(tmp_path, store):
    url, _ = store
    with pytest.raises(DataError, match="no manifest"):
        of(tmp_path, bucket_url=f"{url}/nowhere").acquire()


def test_a_part_that_was_changed_in_the_bucket_is_refused(tmp_path, released, store):
    url, client = store
    key = next(path for path in sorted(released.rglob("part_0000.gz"))).relative_to(released).as_posix()
    whole = (released / key).read_bytes()
    client.put_object(Bucket="openalex", Key=key, Body=whole[:-7], ACL="public-read")
    try:
        w = of(tmp_path, bucket_url=f"{url}/openalex")
        with pytest.raises((DataError, ProviderError), match=key.split("/")[-2]):
            w.acquire()
        assert not (w.workspace.raw / "snapshots" / "openalex").exists()
    finally:
        client.put_object(Bucket="openalex", Key=key, Body=whole, ACL="public-read")
