"""Where a frame begins and ends, and whether it is whole (DC-09 5.5.1: LF, CRC, length, CR)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs

from simulators.conformance.cases import Allowed, Basis, Case, CrcForm, Said, Token, Turn, UnderTest, answered, framed
from simulators.frames import CR, LF, crc16_arc

_CONTROL_BYTES: Final = (("LF", b"\n"), ("CR", b"\r"), ("a quote", b'"'), ("NUL", b"\0"))
_BODY_LIMIT_BYTES: Final = 0xFFF
_MANY: Final = 20


def cases(under_test: UnderTest) -> Iterator[Case]:
    """The cases of this subject."""
    yield from _crc_forms(under_test)
    yield from _panels_own_ways(under_test)
    yield from _pieces(under_test)
    yield from _damaged(under_test)
    yield from _found_again(under_test)


def _crc_forms(under_test: UnderTest) -> Iterator[Case]:
    binary = Case(
        subject="framing",
        name="binary CRC",
        basis=Basis.FIELD,
        source="habit 1: Lupus, Trikdis, OPAX, Egardia",
        turns=(),
    )
    yield attrs.evolve(
        binary,
        account="9413",
        turns=(
            Turn(
                (b'\n\x10\x9a0015"NULL"0000R1L1#9413[]\r',),
                (Said(Token.ACK, b"0000R1L1#9413", CrcForm.BINARY),),
            ),
        ),
    )
    yield attrs.evolve(
        binary,
        name="binary CRC that reads like text",
        account="41213",
        turns=(
            Turn(
                (b'\nY9002A"NULL"0000R8L0#41213[]_21:00:08,06-10-2022\r',),
                (Said(Token.ACK, b"0000R8L0#41213", CrcForm.BINARY),),
            ),
        ),
    )
    for named, byte in _CONTROL_BYTES:
        for where in (0, 1):
            turn = _with_binary_crc(under_test, where, byte)
            place = ("first", "last")[where]
            yield attrs.evolve(binary, name=f"binary CRC, its {place} byte is {named}", turns=(turn,))


def _with_binary_crc(under_test: UnderTest, where: int, byte: bytes) -> Turn:
    """A report whose CRC has `byte` at `where`: about one in 256 sequence numbers and zones gives it."""
    for sequence in range(1, 10_000):
        header, zone = b"%04dR0L0#%b" % (sequence, under_test.number), sequence * 7 % 1000
        turn = answered(
            header, b"[#%b|1131 01 %03d]" % (under_test.number, zone), token=b"ADM-CID", form=CrcForm.BINARY
        )
        frame = turn.sent[0]
        if isinstance(frame, bytes) and frame[1 + where : 2 + where] == byte:
            return turn
    raise AssertionError("each byte stands in some CRC of 9,999")


def _panels_own_ways(under_test: UnderTest) -> Iterator[Case]:
    lower = b'"SIA-DCS"1001R0L0#%b[#%b|Nri1/BA001]' % (under_test.number, under_test.number)
    hears_1001 = (Said(Token.ACK, b"1001R0L0#%b" % under_test.number),)
    hex_crc, length = b"%04x" % crc16_arc(lower), b"0%03x" % len(lower)
    visonic = LF + hex_crc.upper() + length + lower + CR
    plain = framed(lower)
    text = b'"SIA-DCS"1003R0L0#%b[#%b|Nri1/BA001][S%b]' % (under_test.number, under_test.number, "Улица 12".encode())
    lines = [b'"SIA-DCS"1004R0L0#%b[#%b|Nri1/BA001^' % (under_test.number, under_test.number), b"Hall^]"]

    def own(name: str, source: str, sent: bytes, comes: tuple[Said, ...] = hears_1001) -> Case:
        return _case(name, Basis.FIELD, source, Turn((sent,), comes))

    yield attrs.evolve(
        own(
            "CRC and length take in the CR",
            "habit 2: ELDES ESIM",
            b'\nAA1A0030"ADM-CID"0227R4F39L4F39#4F39[#4F39|3401 01 057]\r',
            (Said(Token.ACK, b"0227R4F39L4F39#4F39"),),
        ),
        account="4F39",
    )
    yield attrs.evolve(
        own(
            "NUL after the CR",
            "habit 3: G90B",
            b'\n78FC003B"SIA-DCS"0001L#22334455[#22334455|NCQ1]_14:33:53,02-09-2020\r\0',
            (Said(Token.ACK, b"0001L#22334455"),),
        ),
        account="22334455",
    )
    yield own("lower-case hex in CRC and length", "habit 4: TEKNIM", LF + hex_crc + length + lower + CR)
    yield own("lower-case hex in the length alone", "habit 4: Visonic", visonic)
    yield own("CR and LF around the frame", "habit 5", b"\r\n" + plain[1:] + b"\n")
    yield own("CR before the LF", "habit 5", b"\r" + plain)
    yield own("no LF at the start", "habit 5", plain[1:])
    yield own("NULs and blanks before the LF", "habit 3", b"\0\0  " + plain)
    yield own(
        "length counts bytes, not letters",
        "habit 6: a site name in Cyrillic",
        framed(text),
        (Said(Token.ACK, b"1003R0L0#%b" % under_test.number),),
    )
    yield own(
        "CR and LF inside the data",
        "habit 9: Visonic PowerLink",
        framed(b"\r\n".join(lines)),
        (Said(Token.ACK, b"1004R0L0#%b" % under_test.number),),
    )
    longest = b'"SIA-DCS"1005R0L0#%b[#%b|Nri1/BA001][I' % (under_test.number, under_test.number)
    yield _case(
        "the longest body, 4095 bytes",
        Basis.STANDARD,
        "the length has three hex digits",
        Turn(
            (framed(longest + b"x" * (_BODY_LIMIT_BYTES - len(longest) - 1) + b"]"),),
            (Said(Token.ACK, b"1005R0L0#%b" % under_test.number),),
        ),
    )


def _pieces(under_test: UnderTest) -> Iterator[Case]:
    turns = [
        answered(b"%04dR0L0#%b" % (1100 + n, under_test.number), b"[#%b|Nri1/BA%03d]" % (under_test.number, n))
        for n in range(1, _MANY + 1)
    ]
    frames = [b"".join(piece for piece in turn.sent if isinstance(piece, bytes)) for turn in turns]
    replies = [said for turn in turns for said in turn.comes]
    first, second = frames[:2]

    def streamed(name: str, pieces: tuple[bytes, ...], comes: list[Said]) -> Case:
        case = _case(name, Basis.STANDARD, "habit 7: TCP is a stream", Turn(pieces, tuple(comes)))
        return attrs.evolve(case, stream=True)

    yield streamed("a frame byte by byte", tuple(bytes([byte]) for byte in first), replies[:1])
    yield streamed("a frame cut inside its CRC", (first[:3], first[3:]), replies[:1])
    yield streamed("a frame cut inside its length", (first[:7], first[7:]), replies[:1])
    yield streamed("a frame cut before its CR", (first[:-1], first[-1:]), replies[:1])
    yield streamed("three frames in one segment", (b"".join(frames[:3]),), replies[:3])
    yield streamed("twenty frames without waiting for an answer", (b"".join(frames),), replies)
    yield streamed("a frame and a half, then the rest", (first + second[:20], second[20:]), replies[:2])
    yield streamed("two frames of a panel that ends each in NUL", (first + b"\0" + second + b"\0",), replies[:2])
    copies = _case(
        "a retransmission glued to its original",
        Basis.FIELD,
        "habit 7; DC-09: a copy is acknowledged again",
        Turn((first + first,), (replies[0], replies[0])),
    )
    yield attrs.evolve(copies, stream=True)


def _damaged(under_test: UnderTest) -> Iterator[Case]:
    body = b'"ADM-CID"1201R0L0#%b[#%b|1131 01 003]' % (under_test.number, under_test.number)
    sound = framed(body)
    ccitt = LF + b"%04X" % _crc16_ccitt(body) + sound[5:]

    def silent(name: str, sent: bytes, source: str = "a broken frame is not answered") -> Case:
        return _case(name, Basis.STANDARD, source, Turn((sent,), ()))

    yield attrs.evolve(
        silent("one bit flipped in the data", b'\n3C8E0029"ADM-CID"0010R0L0#1234[#1234|1131 01!003]\r'), account="1234"
    )
    yield silent("one bit flipped in the CRC", sound[:4] + bytes([sound[4] ^ 1]) + sound[5:])
    yield silent("another CRC: CCITT 0x1021", ccitt)
    yield silent("CRC 0000", LF + b"0000" + sound[5:])
    yield silent("length one too long", _relengthened(sound, 1))
    yield silent("length one too short", _relengthened(sound, -1))
    yield silent("length 000", LF + b"00000000" + CR)
    yield silent("letters that are no hex digits as CRC", LF + b"ZZZZ" + sound[5:])
    yield silent("no identifier", framed(b"1201R0L0#%b[]" % under_test.number))
    trailer = b"\n01010053\"SIA-DCS\"0007R0073L0011[#001365|NUA021*'detector hall'NM]7C9677F21948CC12|#001365\r"
    yield attrs.evolve(
        silent("the constant CRC 0101 of Aritech OH", trailer, "habit 25: for a listener of its own"),
        basis=Basis.HOUSE,
        allowed=(Allowed((Said(Token.ACK, b"0007R0073L0011"),), "the receiver knows this family"),),
    )
    half = Turn((sound[: len(sound) // 2],), (), then_half_closes=True)
    yield attrs.evolve(_case("half a frame, then no more", Basis.STANDARD, "it is not whole", half), stream=True)


def _found_again(under_test: UnderTest) -> Iterator[Case]:
    """A broken frame is not answered, and costs nothing but itself."""
    body = b'"ADM-CID"1301R0L0#%b[#%b|1131 01 003]' % (under_test.number, under_test.number)
    sound = framed(body)
    after = answered(b"1302R0L0#%b" % under_test.number, b"[#%b|Nri1/BA001]" % under_test.number)

    def then_sound(name: str, broken: bytes, free: str = "") -> Iterator[Case]:
        case = _case(name, Basis.STANDARD, "a receiver finds the next frame", Turn((broken,), (), free=free), after)
        yield case
        glued = b"".join(piece for piece in after.sent if isinstance(piece, bytes))
        yield attrs.evolve(
            case, name=f"{name}, in one segment", stream=True, turns=(Turn((broken + glued,), after.comes),)
        )

    yield from then_sound("a broken CRC, then a sound frame", sound[:-3] + b"!" + sound[-2:])
    yield from then_sound("a length too long, then a sound frame", _relengthened(sound, 9))
    yield from then_sound("a length too short, then a sound frame", _relengthened(sound, -9))
    yield from then_sound("noise, then a sound frame", b"\x7f\x01noise\xff", free="noise is no frame")


def _relengthened(sound: bytes, by: int) -> bytes:
    return sound[:5] + b"0%03X" % (int(sound[5:9], 16) + by) + sound[9:]


def _crc16_ccitt(text: bytes) -> int:
    """The CRC that some public code takes for that of DC-09."""
    crc = 0
    for byte in text:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ (0x1021 if crc & 0x8000 else 0)) & 0xFFFF
    return crc


def _case(name: str, basis: Basis, source: str, *turns: Turn) -> Case:
    return Case(subject="framing", name=name, basis=basis, source=source, turns=turns)
