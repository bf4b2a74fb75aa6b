"""Files that are whole or absent, whatever happens to the process that writes them.

A file is written under another name beside its place, brought to the disk, and renamed; a process
that is killed leaves nothing in its place. Whoever writes holds a lock of the operating system on
what it writes, which ends with the process: so nobody is held up by a lock, or by an identifier
that another process bears by now, and what a killed process has left unfinished is known for what
it is.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

_UNFINISHED = re.compile(r"\..+\.\d+\.unfinished(?:\.\w+)?")
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP}
_NO_SYNC = {errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP}
_NO_LINKS = {*_NO_SYNC, errno.EPERM, errno.EMLINK}


class InUse(RuntimeError):
    """A file that another process holds."""

    def __init__(self, path: Path):
        super().__init__(f"{path}: another process is writing it; wait for it, and try again")


def write_atomically(path: Path, write: Callable[[Path], object], *, new: bool = False) -> None:
    """Write a file whole or not at all.

    Args:
        path: where it ends up.
        write: writes it to the path it is given, in the same folder.
        new: whether something that is there already is left alone.

    Raises:
        FileExistsError: ``new``, and there is something by now.
    """
    # The same suffix, since writers choose the format by it.
    unfinished = path.with_name(f".{path.stem}.{os.getpid()}.unfinished{path.suffix}")
    with held(unfinished):
        write(unfinished)
        _to_disk(unfinished)
        if new:
            _link(unfinished, path)
        else:
            os.replace(unfinished, path)
    _to_disk(path.parent)


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    write_atomically(path, lambda file: file.write_text(text, encoding="utf-8"))


@contextlib.contextmanager
def held(path: Path, content: str = "") -> Iterator[None]:
    """A file that this process alone holds, and that is gone afterwards.

    Args:
        path: the file; one that a killed process has left is taken over.
        content: what others may read in it.

    Raises:
        InUse: another process holds it.
        OSError: it cannot be made, or is something else than a file.
    """
    descriptor = _lock(path)
    try:
        os.write(descriptor, content.encode())
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def tidy(folder: Path) -> None:
    """Remove what killed processes have left unfinished in a folder, and nothing else."""
    for path in folder.glob(".*"):
        if _UNFINISHED.fullmatch(path.name):
            with contextlib.suppress(InUse, OSError):
                os.close(_lock(path, certainly=True))
                path.unlink()


def _lock(path: Path, certainly: bool = False) -> int:
    """A descriptor of an empty file that bears this process's lock.

    Some file systems of clusters know no locks. There it is for the user to keep processes apart,
    unless the lock has to be ``certainly`` this process's.
    """
    # A link would lead to somebody else's file.
    flags = os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK
    while True:
        descriptor = os.open(path, flags, 0o666)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OSError(errno.EEXIST, "it is no file", str(path))
            _flock(descriptor, path, certainly)
            # Its last holder may have removed the file between the two.
            if _is_at(descriptor, path):
                os.ftruncate(descriptor, 0)
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _flock(descriptor: int, path: Path, certainly: bool) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise InUse(path) from None
    except OSError as error:
        if certainly or error.errno not in _NO_LOCKS:
            raise


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.lstat(path))
    except FileNotFoundError:
        return False


def _to_disk(path: Path) -> None:
    """Wait until a file, or the names in a folder, would survive a loss of power."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise
    finally:
        os.close(descriptor)


def _link(unfinished: Path, path: Path) -> None:
    """Give a file its name where nothing has it; a rename would replace what is there."""
    try:
        os.link(unfinished, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        os.replace(unfinished, path)
