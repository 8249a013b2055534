"""What a panel writes between the data brackets."""

from __future__ import annotations

from simulators.reports import Format, Happening, Report, data_field


def test_what_happens_at_once_is_told_in_one_frame() -> None:
    smoke = Report(Happening.FIRE, "2", "007")
    door = Report(Happening.BURGLARY, "1", "003", "Porta", others=(smoke, Report(Happening.OPENING, number="012")))

    assert data_field(door, "00A1B2", Format.SIA_DCS) == b"#00A1B2|Nri1/BA003^Porta^/ri2/FA007/ri1/OP012"


def test_contact_id_has_room_for_one_event() -> None:
    both = Report(Happening.BURGLARY, "1", "003", others=(Report(Happening.FIRE),))

    assert data_field(both, "1234", Format.ADM_CID) == b"#1234|1130 01 003"
