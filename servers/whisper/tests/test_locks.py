"""The locks: exact, hashed, and telling of no registry."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parents[1]
LOCKS = ("requirements.lock", "requirements-cuda.lock", "requirements-test.lock")


def pins(path: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)==([^\s;\\]+)", path.read_text(), re.M))


@pytest.mark.parametrize("name", LOCKS)
def test_every_requirement_is_exact_and_hashed(name: str) -> None:
    text = (HERE / name).read_text()
    assert text.startswith("--only-binary :all:\n")
    for block in re.split(r"\n(?=[a-z])", text)[1:]:
        assert re.match(r"[a-z0-9._-]+==\S+ (; .+ )?\\\n( +--hash=sha256:[0-9a-f]{64}( \\)?\n?)+$", block), block
    assert not re.search(r"://|index-url|find-links|trusted-host", text)


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_holds_what_was_asked_for(name: str) -> None:
    asked = pins(HERE / name.replace(".lock", ".in"))
    assert asked
    assert asked.items() <= pins(HERE / name).items()


def test_the_locks_agree() -> None:
    run, test = pins(HERE / "requirements.lock"), pins(HERE / "requirements-test.lock")
    assert {name: test[name] for name in run.keys() & test.keys()} == {name: run[name] for name in run.keys() & test.keys()}


def test_no_dependency_reports_home() -> None:
    # FastAPI sends telemetry by itself from 0.150 on, where OTEL_* variables stand in the environment.
    assert not {"opentelemetry-api", "opentelemetry-sdk"} & pins(HERE / "requirements.lock").keys()
