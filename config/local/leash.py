"""Ends what the supervisor started when the supervisor itself is killed.

A process of its own, in a session of its own. It reads `+PID` and `-PID` lines from a pipe that only the supervisor
holds; the end of the pipe means that the supervisor is gone. Standard library only: it must start in a blink.
"""

import os
import signal
import subprocess
import sys
import time

GRACE_S = 2.0


class Leash:
    """The supervisor's end of the pipe."""

    def __init__(self) -> None:
        self.watcher = subprocess.Popen(
            [sys.executable, "-I", "-S", __file__], stdin=subprocess.PIPE, cwd="/", start_new_session=True
        )

    def hold(self, group: int) -> None:
        """From now on this process group ends when the supervisor does."""
        self._tell(f"+{group}\n")

    def free(self, group: int) -> None:
        """This process group has ended; its number may come back as somebody else's."""
        self._tell(f"-{group}\n")

    def close(self) -> None:
        """Everything held that still lives is ended now."""
        assert self.watcher.stdin is not None
        self.watcher.stdin.close()
        self.watcher.wait()

    def _tell(self, line: str) -> None:
        assert self.watcher.stdin is not None
        self.watcher.stdin.write(line.encode())
        self.watcher.stdin.flush()


def watch() -> None:
    """Follow the supervisor's lines until the pipe ends, then end every group that is still held."""
    held: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        if line[0] == "+":
            held.add(group)
        else:
            held.discard(group)
    held = {group for group in held if _send(group, signal.SIGINT)}
    deadline = time.monotonic() + GRACE_S
    while held and time.monotonic() < deadline:
        time.sleep(0.05)
        held = {group for group in held if _send(group, 0)}
    for group in held:
        _send(group, signal.SIGKILL)


def _send(group: int, number: int) -> bool:
    """Signal a process group; False when nobody is left in it."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


if __name__ == "__main__":
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    watch()
