"""Which tries of people whom nobody knows are kept."""

from __future__ import annotations

from operators_ui.strangers import Strangers


def test_one_try_a_minute_is_kept() -> None:
    strangers = Strangers()
    tries = (5.0, 5.0, 30.0, 64.9, 65.0, 66.0, 124.9, 300.0)
    assert [now_s for now_s in tries if strangers.tried(now_s)] == [5.0, 65.0, 300.0]
