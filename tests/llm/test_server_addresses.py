"""Where a model may be asked: one's own servers too, but never where a cloud hands out credentials."""

import pytest

from llm.server_addresses import host_of, is_near, problem_with, problem_with_host


@pytest.mark.parametrize(
    "address",
    [
        "https://api.openai.com/v1",
        "http://localhost:11434/v1",
        "http://127.0.0.1:8081/v1",
        "http://192.168.1.20:8000/v1/",
        "http://[::1]:8000/v1",
        "https://models.shop.example/openai/v1",
    ],
)
def test_hosted_servers_and_servers_of_ones_own_are_fine(address):
    assert problem_with(address) == ""


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "with http:// or https://"),
        ("localhost:11434/v1", "with http:// or https://"),
        ("file:///etc/passwd", "with http:// or https://"),
        ("ftp://models.example", "with http:// or https://"),
        ("http://", "with http:// or https://"),
        ("http://[half", "the address of the server"),
        ("http://host:port/v1", "the address of the server"),
        ("http://ok.example\\@169.254.169.254/", "with http:// or https://"),
        ("https://ann:secret@models.example/v1", "without a name or password"),
        ("https://key@models.example/v1", "without a name or password"),
        ("https://models.example/v1?api-key=secret", "without ? or #"),
        ("https://models.example/v1#x", "without ? or #"),
        ("https://models.example/" + "x" * 600, "at most 500"),
    ],
)
def test_what_is_no_address_or_holds_a_secret_is_refused_in_a_sentence(address, said):
    assert said in problem_with(address)


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "169.254.170.2",
        "2852039166",
        "0xa9fea9fe",
        "0xA9.0xFE.0xA9.0xFE",
        "0251.0376.0251.0376",
        "169.254.43518",
        "[::ffff:169.254.169.254]",
        "[::ffff:a9fe:a9fe]",
        "[64:ff9b::a9fe:a9fe]",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "100.100.100.200",
        "168.63.129.16",
        "0.0.0.0",
        "metadata.google.internal",
        "METADATA.google.internal.",
        "metadata",
    ],
)
def test_where_a_cloud_hands_out_credentials_no_model_is_asked_however_it_is_written(host):
    assert "credentials" in problem_with(f"http://{host}/v1")


def test_a_name_that_leads_there_is_refused_as_well():
    said = problem_with_host("http://harmless.example/v1", ["203.0.113.7", "169.254.169.254"])
    assert "harmless.example" in said and "credentials" in said
    assert problem_with_host("http://harmless.example/v1", ["203.0.113.7", "10.0.0.7"]) == ""


def test_people_are_told_the_host_that_gets_the_key():
    assert host_of("https://models.example:8443/v1") == "models.example:8443"


@pytest.mark.parametrize(
    ("address", "near"),
    [
        ("http://localhost:11434/v1", True),
        ("http://127.1:8000/v1", True),
        ("http://192.168.1.20:8000/v1", True),
        ("http://[fd00::7]:8000/v1", True),
        ("http://ollama:11434/v1", True),
        ("http://llm.local/v1", True),
        ("https://api.openai.com/v1", False),
        ("http://8.8.8.8/v1", False),
        ("https://local.example.com/v1", False),
        ("", False),
    ],
)
def test_a_server_near_by_is_told_by_its_address(address, near):
    assert is_near(address) is near
