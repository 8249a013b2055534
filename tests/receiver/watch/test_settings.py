"""Settings that mean nothing are refused before a receiver starts."""

from __future__ import annotations

import pytest

from receiver.runaway_rules import RunawayRules, check_runaway
from receiver.watch.settings import WatchSettings, check_watch


@pytest.mark.parametrize(
    "settings",
    [
        WatchSettings(),
        WatchSettings(unattended_command="aplay -q '/srv/a siren.wav'", unattended_stop_ack_after_s=0),
        WatchSettings(unattended_webhook="https://example.org:8443/hook?token=secret"),
    ],
)
def test_these_mean_something(settings: WatchSettings) -> None:
    check_watch(WatchSettings, settings)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        (WatchSettings(unattended_after_s=0), "unattended_after_s"),
        (WatchSettings(unattended_repeat_s=-1), "unattended_repeat_s"),
        (WatchSettings(unattended_look_s=float("nan")), "unattended_look_s"),
        (WatchSettings(unattended_stop_ack_after_s=-1), "unattended_stop_ack_after_s"),
        (WatchSettings(unattended_command="aplay 'siren.wav"), "unattended_command"),
        (WatchSettings(unattended_webhook="ftp://example.org"), "unattended_webhook"),
        (WatchSettings(unattended_webhook="example.org/hook"), "unattended_webhook"),
    ],
)
def test_what_means_nothing_is_named(settings: WatchSettings, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        check_watch(WatchSettings, settings)


def test_a_secret_in_the_web_address_is_not_printed() -> None:
    assert "secret" not in repr(WatchSettings(unattended_webhook="https://example.org/secret"))


def test_a_panel_must_be_allowed_something() -> None:
    check_runaway(RunawayRules, RunawayRules())
    with pytest.raises(ValueError, match="runaway_per_s"):
        check_runaway(RunawayRules, RunawayRules(runaway_per_s=0))
