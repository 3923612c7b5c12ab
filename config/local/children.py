"""Starting a process so that it never outlives its parent, and as an unprivileged user when we are root."""

import ctypes
import errno
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from config.local.say import Trouble

PR_SET_PDEATHSIG = 1
NOT_ALLOWED = (errno.EPERM, errno.EINVAL)
UNPRIVILEGED = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """A user of this machine that a process runs as."""

    name: str
    uid: int
    gid: int


def unprivileged_account() -> Account | None:
    """Who PostgreSQL runs as: None when we are an ordinary user, else `postgres` or `nobody`. Raises Trouble."""
    if os.geteuid() != 0:
        return None
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid)
    raise Trouble("PostgreSQL does not run as root, and there is no user `nobody`; start this as an ordinary user.")


def account_of(path: Path) -> Account:
    """Who owns `path`."""
    owner = path.stat()
    return Account(name=f"user {owner.st_uid}", uid=owner.st_uid, gid=owner.st_gid)


def spawn(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    log: int,
    errors: int = subprocess.STDOUT,
    account: Account | None = None,
    dies_by: signal.Signals = signal.SIGTERM,
    stdin: IO[bytes] | int = subprocess.DEVNULL,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, its words to `log` and `errors`.

    On Linux the kernel sends it `dies_by` when we die, so this must be called from the main thread (the kernel watches
    the thread). Raises Trouble when the change of user is not allowed.
    """
    try:
        return subprocess.Popen(
            list(command),
            env=dict(env),
            cwd=cwd,
            stdin=stdin,
            stdout=log,
            stderr=errors,
            start_new_session=True,
            pass_fds=pass_fds,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            preexec_fn=_die_with_parent(dies_by),
        )
    except OSError as refused:
        if account is None or refused.errno not in NOT_ALLOWED:
            raise
        raise _cannot_become(account) from refused


def give(file: int | Path, *, to: Account) -> None:
    """Make a file (by path or descriptor) or a folder belong to `to`. Raises Trouble where that is not allowed."""
    try:
        os.chown(file, to.uid, to.gid)
    except OSError as refused:
        if refused.errno not in NOT_ALLOWED:
            raise
        raise _cannot_become(to) from refused


def _cannot_become(account: Account) -> Trouble:
    return Trouble(
        f"PostgreSQL must not run as root, and this machine does not let root become `{account.name}` "
        "(a container without that right?); start this as an ordinary user."
    )


def _die_with_parent(by: signal.Signals) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def ask_the_kernel() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(by))
        if os.getppid() != parent:
            os._exit(1)

    return ask_the_kernel
