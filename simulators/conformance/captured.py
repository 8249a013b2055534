"""Frames as real panels and published tests sent them, byte for byte. Each is sound, so each is acknowledged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from simulators.conformance.cases import Basis, Case, CrcForm, Said, Token, Turn, UnderTest

#: Whose it is, the account, what a reply echoes, the frame.
_HEX: Final = (
    ("Ajax link test", "1", b"0000L0#1", b'\n73000024"NULL"0000L0#1[]_09:15:05,02-25-2020\r'),
    ("Ajax test report", "AAA", b"0013L0#AAA",
     b'\nEDA70039"SIA-DCS"0013L0#AAA[#AAA|Nri0/RP0000]_09:19:30,02-20-2023\r'),
    ("Ajax link test, account 000", "000", b"0000L0#000", b'\n85420026"NULL"0000L0#000[]_21:58:31,08-08-2019\r'),
    ("Sigma link test", "008312", b"0000L0#008312", b'\nD3440015"NULL"0000L0#008312[]\r'),
    ("INIM test report", "000110", b"1660L0#000110",
     b'\n24810050"SIA-DCS"1660L0#000110[#000110|Nri0RP2^SL 1807110200065423^]_18:00:01,01-19-2022\r'),
    ("INIM burglary", "000110", b"1783L0#000110",
     b'\n01CD005F"SIA-DCS"1783L0#000110[#000110|Nri1BA503^Volum.Taverna   Appartam.Giorno ^]_11:49:27,01-20-2022\r'),
    ("Scantronic test report", "3080", b"0000L0#3080", b'\n1908002B"SIA-DCS"0000L0#3080[#3080|Nti19:44/id1/RP]\r'),
    ("Pyronix link test", "1409", b"0000L0#1409", b'\nEA740027"NULL"0000L0#1409[]_20:38:07,08-27-2026\r'),
    ("PROSEC link test", "0809", b"0000L000#0809", b'\nB0970029"NULL"0000L000#0809[]_21:00:01,02-20-2024\r'),
    ("PROSEC periodic test", "9757", b"0028L0#9757",
     b'\nF68B003B"ADM-CID"0028L0#9757[#9757|1602 00 000]_20:59:45,02-20-2024\r'),
    ("PROSEC test report", "36214", b"0442L000#36214",
     b'\nB4330036"SIA-DCS"0442L000#36214[36214|NRP]_00:00:00,02-21-2024\r'),
    ("PROSEC phone line restored", "51449", b"0001L0#51449",
     b'\n3F60003C"SIA-DCS"0001L0#51449[#51449|Nri0000/LR]_21:26:19,12-20-2023\r'),
    ("PROSEC opening", "3044", b"0005L000#3044", b'\n7B620035"SIA-DCS"0005L000#3044[3044|NOP1]_00:03:31,12-21-2023\r'),
    ("SATEL Perfecta opening", "AA1234", b"0002L0#AA1234",
     b'\n80DA0040"SIA-DCS"0002L0#AA1234[#AA1234|Nri2/id15/OP]_10:03:32,06-14-2023\r'),
    ("ELDES restore", "4F39", b"0228R4F39L4F39#4F39",
     b'\n155A0030"ADM-CID"0228R4F39L4F39#4F39[#4F39|3401 01 057]\r'),
    ("G90 burglary", "7303658550", b"0001L#7303658550",
     b'\nCEF0003F"SIA-DCS"0001L#7303658550[#7303658550|NBA4]_11:52:09,05-07-2019\r'),
    ("G90 link test, NUL after CR", "7303658550", b"0001L#7303658550",
     b'\nBB86002C"NULL"0001L#7303658550[]_15:39:38,06-07-2019\r\0'),
    ("coordinates from a test of another receiver", "78919", b"0002R1L232#78919",
     b'\n73580056"SIA-DCS"0002R1L232#78919[#78919|Nri1/BA012][X012W34.1][Y045N12.2]_14:12:04,09-25-2026\r'),
    ("burglary of the worked examples", "00A1B2", b"0003R1L1A#00A1B2",
     b'\nD9BB004D"SIA-DCS"0003R1L1A#00A1B2[#00A1B2|Nri1/BA003^Front door^]_12:00:00,06-15-2026\r'),
    ("Contact ID of the worked examples", "1234", b"0001R0L0#1234",
     b'\n6D4F0029"ADM-CID"0001R0L0#1234[#1234|1131 01 003]\r'),
)  # fmt: skip
_BINARY: Final = (
    ("OPAX link test", "41213", b"0000R8L0#41213", b'\n\xc5[002A"NULL"0000R8L0#41213[]_21:00:10,02-20-2024\r'),
    ("OPAX periodic test", "10064", b"0379R0L0#10064",
     b'\n\xc1~003E"ADM-CID"0379R0L0#10064[10064|1602 00 000]_00:00:43,02-21-2024\r'),
    ("OPAX periodic test, its CRC half text", "8362", b"0148R0L0#8362",
     b'\nl[003C"ADM-CID"0148R0L0#8362[8362|1602 00 000]_00:00:09,06-11-2022\r'),
    ("link test from a library's tests, binary CRC", "080027E62A64", b"0000RC0FFDL1234#080027E62A64",
     b'\n\xc2n0038"NULL"0000RC0FFDL1234#080027E62A64[]_13:40:27,06-22-2015\r'),
)  # fmt: skip


def cases(_: UnderTest) -> Iterator[Case]:
    """The cases of this subject."""
    for form, rows in ((CrcForm.HEX, _HEX), (CrcForm.BINARY, _BINARY)):
        for whose, account, header, frame in rows:
            yield Case(
                subject="captured",
                name=whose,
                basis=Basis.FIELD,
                source="captured or published",
                turns=(Turn((frame,), (Said(Token.ACK, header, form),)),),
                account=account,
            )
