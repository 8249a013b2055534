"""What is thrown at the parsers: any bytes, words of their own languages in any order, and captured frames, damaged.

Captured frames are those of `tests/receiver/data`; the words of the relaying protocols are taken from their manuals.
"""

from __future__ import annotations

import json
import pathlib
from typing import Final

from hypothesis import strategies as st

_DATA: Final = pathlib.Path(__file__).parents[1] / "receiver" / "data" / "frames.json"
CAPTURED: Final = tuple(bytes.fromhex(frame["hex"]) for frame in json.loads(_DATA.read_text(encoding="utf-8")))

#: What relays send, written by hand from the manuals of the protocols.
RELAYED: Final = (
    b"5011 181234E13001003\x14",
    b"S011[#1234|Nri1BA003]\x14",
    b"3011 1234    BA0003\x14",
    b"1011           @    \x14",
    b"8011 1234 1211 1111 1\x14",
    b"\n10 1234 18 E130 01 C003\r",
    b"\n00 OKAY @\r",
    b"\n10 1234 1 3\r",
    b"a0111234181130010031\x14",
)
WORDS: Final = (
    *(bytes([byte]) for byte in b"\n\r\x00\x14 \"#*^|/[]_':.,-+@0159AFNORLEPSZxz\x7f\x80\xc3\xff"),
    *(b"SIA-DCS", b"ADM-CID", b"NULL", b"XNM", b"ACK", b"ri", b"id", b"ti12:30", b"da06-15-26", b"pi", b"ai"),
    *(b"BA", b"FA", b"BA003", b"OP", b"*'x'NM", b'*"x"NM', b"^x^", b"#1234|", b"|N", b"|O", b"|A", b"]["),
    *(b"][V", b"][H", b"][G1", b"][J", b"][I", b"_12:00:00,06-15-2026", b"_99:99:99,99-99-9999", b"18", b"1131 01 003"),
    *(
        b'\n00000FFF"',
        b'\n0000000A"',
        b'\nab0010"',
        b"0000",
        b"0FFF",
        b"[#",
        b"\xc2\x80",
        b"\xe2\x80\xa8",
        b"\xed\xa0\x80",
    ),
    *(b"5011 18", b"S011[", b"1011 ", b"    @", b"OKAY @", b"E130"),
)

sentences: st.SearchStrategy[bytes] = st.lists(st.sampled_from(WORDS), max_size=60).map(b"".join)
anything: st.SearchStrategy[bytes] = st.binary(max_size=300)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A captured frame, bytes of it changed, cut out, doubled or with words in between."""
    frame = bytearray(draw(st.sampled_from((*CAPTURED, *RELAYED))))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(frame)))
        end = min(len(frame), start + draw(st.integers(0, 12)))
        match draw(st.sampled_from(("change", "cut", "double", "insert"))):
            case "change" if start < len(frame):
                frame[start] = draw(st.integers(0, 255))
            case "cut":
                del frame[start:end]
            case "double":
                frame[start:start] = frame[start:end]
            case _:
                frame[start:start] = draw(st.sampled_from(WORDS))
    return bytes(frame)


#: Several of them glued together.
traffic: st.SearchStrategy[bytes] = st.lists(st.one_of(damaged(), sentences, anything), max_size=6).map(b"".join)


def seeds() -> list[bytes]:
    """What a coverage-guided fuzzer begins with."""
    bodies = [frame[frame.find(b"[") + 1 : -1] for frame in CAPTURED]
    return [*CAPTURED, *RELAYED, *bodies, *WORDS]
