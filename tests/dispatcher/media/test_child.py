"""The process that fetches, as if a stranger had taken it over: the fetcher goes on, and believes nothing.

In: programs in its place, started as it is. Out: a picture, or a reason that may be shown.
"""

from __future__ import annotations

import os
import pathlib
import re
import sys
import textwrap
import uuid

import pytest
import structlog
import trio

from dispatcher.media.child import USER, in_a_child
from dispatcher.media.fetching import Fetched, NotNow
from dispatcher.media.rules import LARGEST_BYTES, Link, NotAllowed

LINK = Link("https", "cam.example.net", 443, "/a")
JPEG = "b'\\xff\\xd8\\xff\\xe0'"
#: Longer than any machine takes to start Python; only a child that is never ended comes near it.
PATIENCE_S = 60.0


async def run(program: str, within_s: float = PATIENCE_S) -> Fetched:
    """What the fetcher makes of a child that does this."""
    opening = "import os, signal, socket, sys\nsay = sys.stdout.buffer.write\n"
    with trio.fail_after(2 * PATIENCE_S):
        command = (sys.executable, "-c", opening + textwrap.dedent(program))
        return await in_a_child(LINK, program=command, within_s=within_s)


def alive(mark: str) -> list[str]:
    """Processes whose command line holds the mark."""
    found = []
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (process / "cmdline").read_bytes():
                found.append(process.name)
        except OSError:  # it ended meanwhile
            continue
    return found


async def test_a_picture_comes_through() -> None:
    found = await run(f"say(b'image/jpeg\\n' + {JPEG} + b'\\n\\n')")
    assert found == Fetched(b"\xff\xd8\xff\xe0\n\n", "image/jpeg")


async def test_the_kind_is_what_the_content_is_and_not_what_the_child_says() -> None:
    assert (await run(f"say(b'text/html\\n' + {JPEG})")).content_type == "image/jpeg"


@pytest.mark.parametrize(
    "says",
    [
        "pass",  # nothing
        "say(b'image/jpeg')",  # no line
        "say(b'image/jpeg\\n')",
        "say(b'image/jpeg\\n<script>alert(1)</script>')",
        "say(b'\\xff\\xfe\\x00' * 1000)",
        f"say({JPEG})",  # the content where the kind should be
    ],
)
async def test_garbage_is_no_picture(says: str) -> None:
    with pytest.raises(NotAllowed, match="neither a picture nor a film"):
        await run(says)


async def test_the_largest_picture_is_kept_and_a_larger_one_is_not() -> None:
    content = f"b'image/jpeg\\n' + {JPEG} + bytes({LARGEST_BYTES} - 4)"
    assert len((await run(f"say({content})")).content) == LARGEST_BYTES == 8 * 1024 * 1024
    with pytest.raises(NotNow, match="process failed"):
        await run(f"say({content} + b'x')")


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
async def test_a_child_that_says_too_much_is_ended(stream: str) -> None:
    with pytest.raises(NotNow, match="process failed"):
        await run(f"while True: sys.{stream}.buffer.write(b'x' * 65536)")


@pytest.mark.parametrize("first", ["", "os.close(1); os.close(2)", "say(b'image/jpeg\\n'); sys.stdout.flush()"])
async def test_a_child_that_never_ends_is_ended_and_stays_nowhere(first: str) -> None:
    mark = uuid.uuid4().hex
    program = f"""
    # {mark}
    for one in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
        signal.signal(one, signal.SIG_IGN)
    {first}
    while True:
        signal.pause()
    """
    with pytest.raises(NotNow, match="took too long"):
        await run(program, within_s=1.0)
    assert alive(mark) == []


async def test_one_whose_own_alarm_rang_took_too_long() -> None:
    with pytest.raises(NotNow, match="took too long"):
        await run("signal.alarm(1); signal.pause()")


@pytest.mark.parametrize("ends", ["os._exit(1)", "os._exit(5)", "os.abort()", "os.kill(os.getpid(), 9)", "1 / 0"])
async def test_a_child_that_dies_is_tried_again(ends: str) -> None:
    with pytest.raises(NotNow, match="process failed"):
        await run(f"say(b'image/jpeg\\n' + {JPEG}); sys.stdout.flush(); {ends}")


async def test_one_that_can_not_be_started_is_tried_again() -> None:
    with pytest.raises(NotNow, match="process failed"):
        await in_a_child(LINK, program=("/nowhere/python",))


@pytest.mark.parametrize(("code", "refusal"), [(3, NotAllowed), (4, NotNow)])
@pytest.mark.parametrize(
    ("says", "shown"),
    [
        ("the host answers 404\\nand more", "the host answers 404"),
        ("a\\x00b\\x1b[31mc\\u202ed\\x07e", "ab[31mcde"),
        ("x" * 5000, "x" * 200),
        ("", "the fetching process gave no reason"),
        ("\\x00\\x1b\\n", "the fetching process gave no reason"),
    ],
)
async def test_its_reason_is_one_short_line_that_may_be_shown(
    code: int, refusal: type[Exception], says: str, shown: str
) -> None:
    with pytest.raises(refusal) as caught:
        await run(f"say('{says}'.encode()); sys.stdout.flush(); os._exit({code})")
    assert str(caught.value) == shown


async def test_a_reason_of_other_bytes_is_shown_too() -> None:
    with pytest.raises(NotAllowed, match=r"^\ufffd+x$"):
        await run("say(b'\\xc3\\xffx'); sys.stdout.flush(); os._exit(3)")


async def test_nothing_that_it_says_moves_a_terminal() -> None:
    with structlog.testing.capture_logs() as logged, pytest.raises(NotNow):
        await run("sys.stderr.write('\\x1b[2J\\x1b]0;mine\\x07\\ngone'); os._exit(1)")
    (line,) = logged
    assert (line["event"], line["code"]) == ("fetch_failed", 1)
    assert re.search("[^ -~]", line["said"]) is None


async def test_it_gets_the_link_and_knows_no_more_of_us(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERENO_STATION_KEY_FILE", "/etc/sereno/key")
    with pytest.raises(NotNow) as caught:
        await run("say(sys.stdin.buffer.read() + repr([*os.environ]).encode()); sys.stdout.flush(); os._exit(4)")
    said = str(caught.value)
    assert said.startswith('{"scheme": "https", "host": "cam.example.net", "port": 443, "target": "/a"}')
    assert "PATH" in said
    assert "SERENO" not in said


RIGHTLESS = """
from dispatcher.media.child import give_up_rights
give_up_rights()
try:
    {tried}
except (OSError, MemoryError) as error:
    say(type(error).__name__.encode())
else:
    say(b'done')
sys.stdout.flush()
os._exit(4)
"""


@pytest.mark.parametrize(
    "tried",
    [
        "os.write(os.open('/tmp/' + str(os.getpid()), os.O_CREAT | os.O_WRONLY | os.O_EXCL), b'x')",
        "if os.fork() == 0: os._exit(0)",
        "bytearray(2 << 30)",
        "os.setuid(0)",
    ],
)
async def test_it_has_no_rights(tried: str) -> None:
    with pytest.raises(NotNow) as caught:
        await run(RIGHTLESS.format(tried=tried))
    assert str(caught.value) in {"OSError", "BlockingIOError", "PermissionError", "MemoryError"}


async def test_it_is_nobody_if_we_may_become_somebody_else() -> None:
    with pytest.raises(NotNow) as caught:
        await run("say(repr((os.getuid(), os.getgid(), os.getgroups())).encode()); sys.stdout.flush(); os._exit(4)")
    if os.geteuid() == 0:
        assert str(caught.value) == f"({USER}, {USER}, [])"
    else:
        assert str(caught.value).startswith(f"({os.geteuid()}, ")
