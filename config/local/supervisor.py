"""Starts processes in waves, waits until each answers, starts again what dies, and stops all in reverse order."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from config.local.children import Account, spawn
from config.local.leash import Leash
from config.local.say import Progress, Trouble

STOP_ALL_WITHIN_S = 4.5
LOOK_EVERY_S = 0.02
LONGEST_PAUSE_S = 30.0
STEADY_AFTER_S = 60.0


@dataclass(frozen=True)
class Program:
    """One process of the house: how it starts, how it is known to be ready, how it is asked to stop."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    cwd: Path
    is_ready: Callable[[], bool]
    stop_signal: signal.Signals = signal.SIGTERM
    account: Account | None = None
    patience_s: float = 60.0


@dataclass
class Child:
    """A running Program."""

    program: Program
    process: subprocess.Popen[bytes]
    started: float
    failures: int = 0
    start_again_at: float | None = None


class Supervisor:
    """Owns the processes; must live in the main thread. Each has a file in `logs`, the one before it is kept as .1"""

    def __init__(self, *, logs: Path, progress: Progress) -> None:
        self.logs = logs
        self.progress = progress
        self.leash = Leash()
        self.waves: list[list[Child]] = []
        logs.mkdir(parents=True, exist_ok=True)

    def start(self, *programs: Program) -> None:
        """Start a wave together and wait until each is ready. Raises Trouble with the log's end of one that fails."""
        wave: list[Child] = []
        self.waves.append(wave)
        for program in programs:
            self._turn_log(program.name)
            wave.append(self._spawn(program))
        waiting = list(wave)
        while waiting:
            waiting = [child for child in waiting if not self._has_become_ready(child)]
            time.sleep(LOOK_EVERY_S if waiting else 0)

    def child(self, name: str) -> Child:
        """The running process of that name. Raises KeyError."""
        for child in self._children():
            if child.program.name == name:
                return child
        raise KeyError(name)

    def restart(self, name: str) -> None:
        """Start a process that has died, or that is killed now, and wait until it is ready."""
        child = self.child(name)
        self._end_group(child)
        self._revive(child)
        while not self._has_become_ready(child):
            time.sleep(LOOK_EVERY_S)

    def watch(self, *, until: Callable[[], bool] = lambda: False) -> None:
        """Start again what dies, later each time it dies soon, until `until()`."""
        while not until():
            for child in self._children():
                self._tend(child)
            time.sleep(0.2)

    def stop(self) -> None:
        """Stop the waves in reverse order within 5 s: first asked, then killed."""
        deadline = time.monotonic() + STOP_ALL_WITHIN_S
        while self.waves:
            kept_for_the_rest = 0.5 * (len(self.waves) - 1)
            self._stop_wave(self.waves[-1], by=deadline - kept_for_the_rest)
            self.waves.pop()
        self.leash.close()

    def _children(self) -> list[Child]:
        return [child for wave in self.waves for child in wave]

    def _spawn(self, program: Program) -> Child:
        with self._log(program.name).open("ab") as log:
            process = spawn(
                program.command,
                env=program.env,
                cwd=program.cwd,
                log=log.fileno(),
                account=program.account,
                dies_by=program.stop_signal,
            )
        self.leash.hold(process.pid)
        return Child(program=program, process=process, started=time.monotonic())

    def _has_become_ready(self, child: Child) -> bool:
        name = child.program.name
        if (code := child.process.poll()) is not None:
            raise Trouble(
                f"{name} stopped at once ({_ending(code)}). The end of {self._log(name)}:\n{self._tail(name)}"
            )
        is_ready, waited = child.program.is_ready(), time.monotonic() - child.started
        if is_ready:
            self.progress.took(name, waited)
            return True
        if waited > child.program.patience_s:
            raise Trouble(
                f"{name} does not answer after {waited:.0f} s. The end of {self._log(name)}:\n{self._tail(name)}"
            )
        return False

    def _tend(self, child: Child) -> None:
        now = time.monotonic()
        if child.start_again_at is None:
            if (code := child.process.poll()) is None:
                return
            self._end_group(child)
            child.failures = 1 if now - child.started > STEADY_AFTER_S else child.failures + 1
            pause = min(2.0 ** (child.failures - 1), LONGEST_PAUSE_S)
            child.start_again_at = now + pause
            name = child.program.name
            self.progress.line(
                f"  {name} stopped ({_ending(code)}); starts again in {pause:.0f} s, see {self._log(name)}"
            )
        elif now >= child.start_again_at:
            self._revive(child)

    def _revive(self, child: Child) -> None:
        again = self._spawn(child.program)
        child.process, child.started, child.start_again_at = again.process, again.started, None

    def _stop_wave(self, wave: Sequence[Child], *, by: float) -> None:
        for child in wave:
            if child.process.poll() is None:
                child.process.send_signal(child.program.stop_signal)
        while any(child.process.poll() is None for child in wave) and time.monotonic() < by:
            time.sleep(LOOK_EVERY_S)
        for child in wave:
            self._end_group(child)

    def _end_group(self, child: Child) -> None:
        """Nothing of the process's group is left after this."""
        with suppress(ProcessLookupError):
            os.killpg(child.process.pid, signal.SIGKILL)
        child.process.wait()
        self.leash.free(child.process.pid)

    def _log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def _turn_log(self, name: str) -> None:
        if self._log(name).exists():
            self._log(name).replace(self._log(name).with_suffix(".log.1"))

    def _tail(self, name: str, lines: int = 12) -> str:
        text = self._log(name).read_text(errors="replace")
        return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])


def _ending(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
