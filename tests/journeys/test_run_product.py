"""`make run` as a person meets it: everything comes up, everything goes down, and a second start finds what the first one left."""

import http.client
import json
import re
import signal
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import psutil
import pytest

from tests import servers


def get(address, path):
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(address).port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": urlsplit(address).netloc})
        response = connection.getresponse()
        return response.status, {name.title(): value for name, value in response.getheaders()}, response.read()
    finally:
        connection.close()


def test_every_part_is_ready_by_name(live_url):
    status, _, body = get(live_url, "/health/ready")
    parts = json.loads(body)["parts"]
    assert status == 200
    assert {"database", "migrations", "queue", "embedding", "index"} <= set(parts)
    assert set(parts.values()) == {"ok"}
    assert get(live_url, "/health")[0] == 200


def test_pages_come_with_a_strict_policy_and_files_named_by_their_content(live_url):
    status, headers, body = get(live_url, "/")
    assert status == 200
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    files = re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js))"', body.decode())
    assert files
    for path in files:
        assert re.search(r"\.[0-9a-f]{12}\.(css|js)$", path)
        status, headers, content = get(live_url, path)
        assert status == 200
        assert content
        assert "immutable" in headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/no-such-page", "/static/../secret_key", "/static/%2e%2e/secret_key", "/uploads/"])
def test_what_does_not_exist_is_not_found(live_url, path):
    status, _, body = get(live_url, path)
    assert status == 404
    assert b"Traceback" not in body


def test_a_wrong_host_name_is_refused(live_url):
    request = urllib.request.Request(live_url, headers={"Host": "evil.example"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    assert refused.value.code == 400
    assert "Traceback" not in refused.value.read().decode()


def test_the_sign_ins_of_the_demo_are_kept_from_others(demo_accounts, live_data_dir):
    assert (live_data_dir / "demo_accounts.json").stat().st_mode & 0o777 == 0o600
    assert [person["role"] for person in demo_accounts["staff"]] == ["administrator", "support staff"]
    assert demo_accounts["customers"][0]["email"]


def test_the_welcome_is_printed_when_all_is_ready(live_url, live_data_dir):
    for _ in servers.waiting(10):
        log = (live_data_dir / "product.log").read_text("utf-8")
        if "Ctrl-C stops everything" in log:
            break
    assert f"{live_url}/console/" in log


def test_one_signal_stops_everything_and_frees_the_port(copy_models, tmp_path):
    data_dir = tmp_path / "data"
    copy_models(data_dir)
    port = servers.free_port()
    with servers.running_product(data_dir, port, DEMO="false") as process:
        started = psutil.Process(process.pid).children(recursive=True)
        assert len(started) >= 2
        assert not (data_dir / "demo_accounts.json").exists()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    _, alive = psutil.wait_procs(started, timeout=5)
    assert alive == []
    assert not servers.is_ready(port)
