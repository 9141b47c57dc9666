"""FastAPI's reference page: every asset comes from the service."""

from durable_agents import connect

import re
from base64 import b64encode
from hashlib import sha256

from goal_agent.web.gateway import WorkflowGateway
from tests.goal_agent.web import Service


async def test_reference_loads_its_assets_from_the_service_under_a_strict_policy() -> None:
    service = Service(WorkflowGateway(await connect()))
    page = await service.get("/docs")
    loaded = re.findall(r'(?:src|href)="([^"#]+)"', page.text)
    assert "/static/swagger-ui-bundle.js" in loaded
    for link in [*loaded, "/openapi.json"]:
        assert link.startswith("/"), link
        assert (await service.get(link)).status_code == 200, link
    assert "https://" not in page.text
    [script] = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    digest = b64encode(sha256(script.encode()).digest()).decode()
    policy = page.headers["content-security-policy"]
    assert f"script-src 'self' 'sha256-{digest}';" in policy
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<style|\son\w+=|style=", page.text)
