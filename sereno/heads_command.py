"""`sereno heads`: the signed heads of a station, as files.

In: head files, and the public key by which they are checked. Out: what they say; for `sereno audit verify --head` what
the station must hold. The key that signs is not read here: only the auditor may.
"""

from __future__ import annotations

import pathlib
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cyclopts import App

from dispatcher.auditor.head_files import (
    Unusable,
    head_paths,
    heads_folder,
    load_public_key,
    public_key_file,
    public_pem,
    read_heads,
)
from sereno.problems import give_up
from sereno.settings import Where
from station.chain import Altered
from station.heads import Expected, check_signature, follow

app = App(name="heads", help="Signed heads: what the station held at one time, kept on another host.")


@app.command(name="key", help_format="plaintext")
def key_command(*, where: Where = Where()) -> None:
    """Print the public key by which anybody can check a head. Keep a copy of it away from this host.

    For example:

      sereno heads key
    """
    print(public_pem(public_key(public_key_file(where.data))), end="")


@app.command(name="list", help_format="plaintext")
def list_command(
    *, head: tuple[pathlib.Path, ...] = (), head_key: pathlib.Path | None = None, where: Where = Where()
) -> None:
    """List heads, and whether each bears the station's signature. Exit code 1 if one does not.

    For example:

      sereno heads list --head /mnt/other-host/heads

    Args:
        head: Head files, or folders of them; the station's own if none is given.
        head_key: The public key, if not head.pub in the station's folder.
    """
    key = public_key(head_key or public_key_file(where.data))
    bad = False
    try:
        for signed in read_heads(_paths(head or (heads_folder(where.data),))):
            try:
                check_signature(signed, key)
                says = "signed"
            except Altered:
                says, bad = "NOT SIGNED by this key", True
            one = signed.head
            print(
                f"{one.number:>8}  {one.at:%Y-%m-%d %H:%M:%S} UTC  {one.incidents} incidents, {len(one.changed)} of "
                f"them new or changed  {one.signals} signals  {one.audit_n} audit rows  {says}"
            )
    except Unusable as error:
        print(f"Altered: {error}.")
        bad = True
    except OSError as error:
        give_up(f"{error.filename} can't be read: {error.strerror}")
    if bad:
        raise SystemExit(1)


def public_key(path: pathlib.Path) -> Ed25519PublicKey:
    """The key by which heads are checked.

    Raises:
        SystemExit: it can't be read; the user has been told.
    """
    try:
        return load_public_key(path)
    except OSError as error:
        give_up(f"The key {path} can't be read: {error.strerror}. Say where your copy of it is: --head-key FILE")
    except Unusable as error:
        give_up(f"{error}. Say where your copy of it is: --head-key FILE")


def expected_of(places: Sequence[pathlib.Path], key_file: pathlib.Path) -> Expected:
    """What the heads in `places`, files or folders, say that the station must hold.

    Raises:
        Altered: one of them is no head, is not signed by the station, or contradicts another.
        SystemExit: there are none, or they can't be read; the user has been told.
    """
    key = public_key(key_file)
    try:
        return follow(read_heads(_paths(places)), key)
    except Unusable as error:
        raise Altered(str(error)) from error
    except OSError as error:
        give_up(f"{error.filename} can't be read: {error.strerror}")


def _paths(places: Sequence[pathlib.Path]) -> list[pathlib.Path]:
    found = head_paths(places)
    if not found:
        give_up(f"There are no heads in {', '.join(str(place) for place in places)}.")
    return found
