"""Invalid settings are one line and exit code 2, and the line never holds a secret."""

from durable_agents.environment import check_model_settings, connect_timeout
from durable_agents.errors import SettingsError

from pathlib import Path

import pytest

from sample_cli.catalog import find
from tests.harness.processes import ForkedScript

HELLO_WORLD = find("basic/hello_world")
SECRET = "sk-secret"


@pytest.fixture
def bad_files(tmp_path: Path) -> Path:
    (tmp_path / "broken.toml").write_text("[profile\n")
    (tmp_path / "cert.pem").write_text("certificate")
    return tmp_path


@pytest.mark.parametrize("which", ["starter", "worker"])
@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        (
            "TEMPORAL_TLS_SERVER_CA_CERT_PATH",
            "/missing.pem",
            "Temporal's settings: [Errno 2] No such file or directory: '/missing.pem'",
        ),
        (
            "TEMPORAL_TLS_CLIENT_CERT_PATH",
            "{folder}/cert.pem",
            "Temporal's settings: Must have both client cert and private key or neither",
        ),
        ("TEMPORAL_PROFILE", "missing", "Temporal's settings: Profile 'missing' not found"),
        (
            "TEMPORAL_CONFIG_FILE",
            "{folder}/broken.toml",
            "Temporal's settings: Configuration loading error: TOML parse error at line 1, column "
            "9 | 1 | [profile | ^ unclosed table, expected `]`",
        ),
        ("TEMPORAL_ADDRESS", "a b:1", "Temporal's settings: invalid target URL"),
        (
            "TEMPORAL_CONNECT_TIMEOUT",
            "soon",
            "TEMPORAL_CONNECT_TIMEOUT is 'soon'; give 0 to 3600 seconds.",
        ),
        ("TEMPORAL_NAMESPACE", "missing", "has no namespace 'missing'."),
        ("OPENAI_API_KEY", f"{SECRET}\n", "OPENAI_API_KEY contains a space, a line break"),
        ("OPENAI_API_KEY", f"{SECRET}é", "OPENAI_API_KEY contains a space, a line break"),
        ("OPENAI_BASE_URL", f"{SECRET}@host/v1", "OPENAI_BASE_URL is not an HTTP address; give"),
    ],
)
async def test_invalid_setting_is_one_line_and_exit_code_2(
    which: str,
    name: str,
    value: str,
    line: str,
    bad_files: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "unused")
    monkeypatch.setenv(name, value.format(folder=bad_files))
    with ForkedScript(getattr(HELLO_WORLD, which), folder=bad_files) as script:
        ended = await script.ended()
    assert (ended.code, ended.out, ended.err.count("\n")) == (2, "", 1), ended
    assert line in ended.err
    assert SECRET not in ended.err


async def test_socks_proxy_without_its_package_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "unused")
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1")
    with ForkedScript(HELLO_WORLD.worker, folder=tmp_path) as script:
        ended = await script.ended()
    assert (ended.code, ended.out, ended.err.count("\n")) == (2, "", 1), ended
    assert ended.err.startswith("A SOCKS proxy is set (ALL_PROXY, HTTPS_PROXY), and the package")


@pytest.mark.parametrize(
    "value", ["host", "host:8080/v1", "//host", "ftp://host", "http://", "http://h:x", "http://a b"]
)
def test_base_url_that_is_not_http_is_rejected(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", value)
    with pytest.raises(SettingsError):
        check_model_settings()


@pytest.mark.parametrize(
    "value", ["", "http://127.0.0.1:1/v1", "https://user:pw@host", "http://[::1]"]
)
def test_base_url_can_be_any_http_address(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", value)
    assert check_model_settings() is (value == "")


@pytest.mark.parametrize("value", ["-1", "nan", "inf", "3601"])
def test_connect_timeout_is_bounded(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_CONNECT_TIMEOUT", value)
    with pytest.raises(SettingsError):
        connect_timeout()


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("https://api.openai.com/v1", True),
        ("https://eu.api.openai.com/v1", True),
        ("https://mine.openai.azure.com", False),
        ("https://openai.com.example.org", False),
        ("http://127.0.0.1:8000/v1", False),
    ],
)
def test_openai_is_recognized_by_its_host(
    url: str, own: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", url)
    assert check_model_settings() is own
