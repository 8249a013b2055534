"""`sereno operators`, as a user calls it."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import pty
import subprocess
import sys
from collections.abc import Sequence

import argon2
import pytest
import trio

from sereno.operators_command import NotAdded, add_operator
from station.store.database import Database
from tests.sereno.conftest import PATIENCE_S


async def operators(*words: str, folder: pathlib.Path, url: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run `sereno operators ...` on a station, without a terminal."""
    return await trio.to_thread.run_sync(
        lambda: subprocess.run(
            [sys.executable, "-m", "sereno", "operators", *words, "--database-url", url],
            cwd=folder,
            input=given,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
    )


async def test_a_short_password_is_refused(tmp_path: pathlib.Path, database_url: str, owner: Database) -> None:
    words = ("add", "ana", "--role", "operator", "--password-stdin")
    done = await operators(*words, folder=tmp_path, url=database_url, given="seven77\n")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "The password is too short. Take 8 characters or more.\n"
    assert await owner.fetch("select * from operator") == []


async def test_without_a_terminal_it_says_how_to_give_the_password(tmp_path: pathlib.Path, database_url: str) -> None:
    done = await operators("add", "ana", "--role", "operator", folder=tmp_path, url=database_url)
    assert done.returncode == 2
    assert "--password-stdin" in done.stderr


async def test_a_role_is_needed(tmp_path: pathlib.Path, database_url: str) -> None:
    done = await operators("add", "ana", "--password-stdin", folder=tmp_path, url=database_url, given="12345678\n")
    assert (done.returncode, "--role supervisor" in done.stderr) == (2, True)


@pytest.mark.parametrize("name", ["", " ana", "a|b", "a\nb", "x" * 61])
async def test_a_name_that_cannot_be_one_is_refused(database_url: str, name: str) -> None:
    with pytest.raises(NotAdded, match="1 to 60 characters"):
        await add_operator(database_url, name, "operator", "en", "12345678")


async def test_a_name_that_is_taken_is_refused_with_a_way_out(
    tmp_path: pathlib.Path, database_url: str, owner: Database
) -> None:
    words = ("add", "Ana", "--role", "supervisor", "--language", "pt", "--password-stdin")
    done = await operators(*words, folder=tmp_path, url=database_url, given="first-secret\r\n")
    assert (done.returncode, done.stdout, done.stderr) == (0, "Added Ana (supervisor).\n", "")

    again = ("add", "ana", "--role", "operator", "--password-stdin")
    done = await operators(*again, folder=tmp_path, url=database_url, given="second-secret\n")
    assert done.returncode == 1
    assert "sereno operators add 'ana' --replace-password" in done.stderr

    done = await operators(*again, "--replace-password", folder=tmp_path, url=database_url, given="third-secret\n")
    assert (done.returncode, done.stdout) == (0, "ana has a new password.\n")

    (row,) = await owner.fetch("select name, role, language, password_hash from operator")
    assert (row["name"], row["role"], row["language"]) == ("Ana", "supervisor", "pt")
    assert argon2.PasswordHasher().verify(row["password_hash"], "third-secret")
    audited = await owner.fetch("select actor, action, body from audit order by n")
    assert [(row["actor"], row["action"], json.loads(row["body"])) for row in audited] == [
        ("command", "operator_added", {"operator": 1, "role": "supervisor"}),
        ("command", "password_replaced", {"operator": 1}),
    ]

    done = await operators("list", folder=tmp_path, url=database_url)
    assert [line.split() for line in done.stdout.splitlines()] == [
        ["ID", "NAME", "ROLE", "LANGUAGE"],
        ["1", "Ana", "supervisor", "pt"],
    ]


async def test_nobody_has_a_password_replaced_who_is_not_there(tmp_path: pathlib.Path, database_url: str) -> None:
    words = ("add", "ana", "--replace-password", "--password-stdin")
    done = await operators(*words, folder=tmp_path, url=database_url, given="12345678\n")
    assert (done.returncode, done.stderr) == (
        1,
        "There is no operator ana. Leave --replace-password out and give a --role to add one.\n",
    )


@pytest.mark.parametrize(("again", "code"), [(b"correct horse", 0), (b"correct house", 2)])
async def test_on_a_terminal_it_asks_twice_and_shows_nothing(
    tmp_path: pathlib.Path, database_url: str, owner: Database, again: bytes, code: int
) -> None:
    words = ("add", "ana", "--role", "operator", "--database-url", database_url)
    ended, shown = await trio.to_thread.run_sync(_on_a_terminal, tmp_path, words, [b"correct horse\n", again + b"\n"])
    assert ended == code
    assert b"Password for ana: " in shown
    assert b"correct" not in shown
    assert len(await owner.fetch("select * from operator")) == (1 if code == 0 else 0)


def _on_a_terminal(folder: pathlib.Path, words: Sequence[str], answers: Sequence[bytes]) -> tuple[int, bytes]:
    """Answer each question when it is asked; the exit code, and all that the terminal showed."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "sereno", "operators", *words]
    with subprocess.Popen(
        command, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    ) as process:
        os.close(theirs)
        shown = b""
        for answer, question in zip(answers, (b"Password for ana: ", b"The same again: "), strict=True):
            while not shown.endswith(question):
                shown += os.read(ours, 1000)
            os.write(ours, answer)
        with contextlib.suppress(OSError):  # nobody writes any more: the command has ended
            while chunk := os.read(ours, 1000):
                shown += chunk
        os.close(ours)
        return process.wait(PATIENCE_S), shown
