"""Every package that gets installed stands in the licence list."""

from __future__ import annotations

import pathlib
import re

import pytest

_ROOT = pathlib.Path(__file__).parents[1]


@pytest.mark.parametrize("pins", ["requirements.txt", "requirements-dev.txt", "requirements-bench.txt"])
def test_licence_list_is_complete(pins: str) -> None:
    installed = set(re.findall(r"^([a-z0-9-]+)==", (_ROOT / pins).read_text(encoding="utf-8"), re.MULTILINE))
    listed = set(
        re.findall(r"^\| ([a-z0-9-]+) \|", (_ROOT / "docs" / "licences.md").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert len(installed) > 40
    assert installed <= listed


@pytest.mark.parametrize("pins", ["requirements.txt", "requirements-dev.txt", "requirements-bench.txt"])
def test_pins_name_no_index(pins: str) -> None:
    assert not re.search(
        r"https?://|--index-url|--extra-index|--find-links", (_ROOT / pins).read_text(encoding="utf-8")
    )
