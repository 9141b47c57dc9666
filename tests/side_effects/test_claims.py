"""Claims, in SQLite and PostgreSQL: one claimant at a time, and done is done."""

import asyncio
from datetime import UTC, datetime

from side_effects.claims import LEASE, Claim, Claims


async def test_one_of_many_claimants_at_once_is_first(claims: Claims) -> None:
    found = await asyncio.gather(*(claims.claim("key", f"run:{n}") for n in range(10)))
    assert sum(claim.is_ours for claim in found) == 1
    assert sum(claim.is_new for claim in found) == 1


async def test_retry_of_a_claimant_resumes_its_claim(claims: Claims) -> None:
    assert await claims.claim("key", "run:1") == Claim(None, is_new=True, is_ours=True)
    assert await claims.claim("key", "run:1") == Claim(None, is_new=False, is_ours=True)
    assert await claims.claim("key", "run:2") == Claim(None, is_new=False, is_ours=False)


async def test_claim_passes_on_after_its_lease(claims: Claims) -> None:
    start = datetime.now(UTC)
    claims._clock = lambda: start
    await claims.claim("key", "run:1")
    claims._clock = lambda: start + LEASE * 1.1
    assert (await claims.claim("key", "run:2")).is_ours
    assert not (await claims.claim("key", "run:1")).is_ours


async def test_done_effect_is_not_claimed_again(claims: Claims) -> None:
    start = datetime.now(UTC)
    await claims.claim("key", "run:1")
    await claims.settle("key", "R-0001")
    claims._clock = lambda: start + LEASE * 100
    for claimant in ("run:1", "run:2"):
        assert (await claims.claim("key", claimant)).receipt == "R-0001"
    await claims.release("key", "run:1")
    assert (await claims.claim("key", "run:1")).receipt == "R-0001"


async def test_refused_effect_may_be_claimed_again(claims: Claims) -> None:
    await claims.claim("key", "run:1")
    await claims.release("key", "run:2")  # not its claim
    assert not (await claims.claim("key", "run:2")).is_ours
    await claims.release("key", "run:1")
    assert await claims.claim("key", "run:2") == Claim(None, is_new=True, is_ours=True)
