"""The data folder: what lies where in it, who may use it, and what a running station says about itself there.

In: `--data` and `--database-url`. Out: the database's URL and the station key, for every command; for `sereno run`
also the lock that keeps a second station out, and `station.json`. All of these files have mode 0600.
"""

from __future__ import annotations

import fcntl
import json
import os
import pathlib
from collections.abc import Mapping

from sereno.problems import CannotRun, give_up
from sereno.settings import Where
from station.station_key import StationKey


def station_file(data: pathlib.Path) -> pathlib.Path:
    """Where a running station says how it is reached."""
    return data / "station.json"


def key_file(data: pathlib.Path) -> pathlib.Path:
    """Where the station key lies."""
    return data / "station.key"


# For every command -----------------------------------------------------------------------------------------------


def database_url(where: Where) -> str:
    """The URL of the station's database: the one given, or that of the station that runs in the data folder.

    Raises:
        SystemExit: there is none; the user has been told.
    """
    if where.database_url is not None:
        return where.database_url
    try:
        url: str = json.loads(station_file(where.data).read_text(encoding="utf-8"))["database_url"]
    except FileNotFoundError:
        give_up(
            f"No station runs in {where.data}. Start one there with `sereno run --data {where.data}`, "
            "or say which one you mean: --data DIR or --database-url URL"
        )
    except (OSError, ValueError, KeyError) as error:
        give_up(f"{station_file(where.data)} can't be read ({error}). Name the database: --database-url URL")
    return url


def station_key(where: Where) -> StationKey:
    """The key in the data folder.

    Raises:
        SystemExit: there is none, or it is damaged; the user has been told.
    """
    path = key_file(where.data)
    try:
        return StationKey.from_text(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        give_up(f"There is no station key at {path}. Say where the station's folder is: --data DIR")
    except (OSError, ValueError) as error:
        give_up(f"The station key at {path} can't be read ({error}). Put back the copy that you keep of it.")


# For `sereno run` ------------------------------------------------------------------------------------------------


def occupy(data: pathlib.Path) -> int:
    """Make the data folder if need be, and keep other stations out while the returned descriptor is open.

    Raises:
        CannotRun: it can't be made or written, or another station runs in it.
    """
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(data / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise CannotRun(
            f"The data folder {data} can't be written: {error.strerror}. Choose a folder that you may write: --data DIR"
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(lock, 20, 0).decode().strip() or "unknown"
        os.close(lock)
        raise CannotRun(
            f"Another station runs in the data folder {data} (process {holder}). "
            "Stop it, or choose another folder: --data DIR"
        ) from None
    os.truncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    return lock


def load_or_make_key(data: pathlib.Path, *, installed: bool) -> StationKey:
    """The station key, made at the very first start.

    Raises:
        CannotRun: the database is in use already (`installed`), but its key is missing or damaged.
    """
    path = key_file(data)
    if path.exists():
        try:
            return StationKey.from_text(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise CannotRun(f"The station key {path} is damaged ({error}). Put back the copy that you keep.") from error
    if installed:
        raise CannotRun(
            f"The station key {path} is missing, and the database was used with it: without it the panel keys in "
            "there can't be read. Put back the copy that you keep of it, or choose a new folder and database."
        )
    key = StationKey.generate()
    write_private(path, key.to_text())
    return key


def make_private(folder: pathlib.Path) -> None:
    """Make a folder of mode 0700, unless it is there.

    Raises:
        CannotRun: it can't be made.
    """
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise CannotRun(
            f"The folder {folder} can't be made: {error.strerror}. Make room, or choose another."
        ) from error


def forget_station(paths: list[pathlib.Path]) -> None:
    """Remove what an earlier run said, before it misleads anybody.

    Raises:
        CannotRun: it can't be removed, or there is no folder to write it in.
    """
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise CannotRun(f"{path} can't be replaced: {error.strerror}. Choose another path.") from error
        if not path.parent.is_dir():
            raise CannotRun(
                f"{path} can't be written: there is no folder {path.parent}. Make it, or choose another path."
            )


def write_station(paths: list[pathlib.Path], station: Mapping[str, str]) -> None:
    """Say how the station is reached."""
    for path in paths:
        write_private(path, json.dumps(station, indent=2) + "\n")


def write_private(path: pathlib.Path, text: str) -> None:
    """Write a file of mode 0600 so that a reader sees all of it or none, even after a power cut.

    Raises:
        CannotRun: it can't be written.
    """
    half = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    except OSError as error:
        raise CannotRun(
            f"{path} can't be written: {error.strerror}. Free some space, or choose another path."
        ) from error
