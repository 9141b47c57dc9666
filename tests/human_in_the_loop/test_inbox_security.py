"""The service accepts no request of another site, and its pages load nothing from one."""

from durable_agents import connect

import pytest

from tests.human_in_the_loop.service import Service

CROSS_SITE = [
    {"origin": "https://evil.example"},
    {"origin": "http://localhost:1"},
    {"origin": "null"},
    {"origin": "http://[oops"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site", "origin": "http://localhost"},
]
FORM = {"workflow_id": "w", "id": "c", "digest": "d", "verdict": "reject", "by": "Ada"}


@pytest.mark.parametrize("headers", CROSS_SITE, ids=str)
@pytest.mark.parametrize("path", ["/decisions", "/requests", "/api/requests"])
async def test_post_of_another_site_is_refused(headers: dict[str, str], path: str) -> None:
    service = Service(await connect())
    data = FORM if path == "/decisions" else None
    response = await service.http.post(path, headers=headers, data=data)
    assert response.status_code == 403
    assert "page of another site" in response.text


@pytest.mark.parametrize(
    "headers",
    [{}, {"origin": "http://localhost"}, {"sec-fetch-site": "same-origin", "origin": "x"}],
    ids=str,
)
async def test_post_of_our_own_page_or_a_program_is_accepted(headers: dict[str, str]) -> None:
    response = await Service(await connect()).http.post("/decisions", headers=headers, data=FORM)
    assert response.status_code == 404
    assert "no workflow &#39;w&#39;" in response.text


@pytest.mark.parametrize("path", ["/", "/api/approvals", "/static/style.css", "/nowhere"])
async def test_responses_have_security_headers(path: str) -> None:
    headers = (await Service(await connect()).http.get(path)).headers
    assert headers["content-security-policy"].startswith("default-src 'self'; base-uri 'none'")
    assert headers["x-content-type-options"] == "nosniff"
    assert (headers.get("cache-control") == "no-store") != path.startswith("/static/")
    assert headers["referrer-policy"] == "same-origin"


async def test_other_host_names_are_rejected() -> None:
    service = Service(await connect())
    for host, status in {"localhost:8000": 200, "evil.example": 400}.items():
        assert (await service.http.get("/", headers={"host": host})).status_code == status


async def test_large_body_is_rejected() -> None:
    service = Service(await connect())
    response = await service.http.post("/decisions", data=FORM | {"message": "x" * 200_000})
    assert response.status_code == 413
