"""Rule 39: an outsider verifies with one file and the standard library, and with nothing of agentkit."""

import ast
import hashlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agentkit.money import AuditTrail, Ed25519Signer, HmacSigner, MemorySink
from agentkit.money.audit import verifier
from tests.money.audit.trails import START, lines

SIGNER = HmacSigner(b"0123456789abcdef")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with nothing but what an auditor is given."""
    trail = AuditTrail(MemorySink(lines()[:40]))
    trail.export(tmp_path / "verify_audit.py", "verifier")
    trail.export(tmp_path / "trail.jsonl")
    (tmp_path / "checkpoint").write_text(trail.checkpoint(SIGNER, at=START).text())
    (tmp_path / "key").write_text(f"hmac-sha256:{SIGNER.key.value.hex()}")
    return tmp_path


def run(folder: Path, *words: str) -> tuple[int, str]:
    """Run it as an outsider does: no packages, no environment, not this folder."""
    command = [sys.executable, "-I", "-S", "verify_audit.py", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


def test_rule_39_it_verifies_a_trail_alone(folder: Path) -> None:
    code, said = run(folder, "trail.jsonl")

    assert code == 0
    assert "40 entries verify" in said
    assert "not anchored" in said


def test_rule_39_it_verifies_against_a_signed_checkpoint(folder: Path) -> None:
    code, said = run(folder, "trail.jsonl", "--checkpoint", "checkpoint", "--key", "key")

    assert code == 0
    assert "anchored by a checkpoint of 40 entries" in said
    assert "signature of the checkpoint is valid" in said


CHANGES: dict[str, tuple[Callable[[bytes], bytes], int]] = {
    "a changed amount": (lambda data: data.replace(b'"total":"7.00"', b'"total":"8.00"'), 8),
    "no end of the line": (lambda data: data[:-1], 40),
    "another end of the line": (lambda data: data[:-1] + b"\r\n", 40),
    "no last entry": (lambda data: data[: -len(lines()[39])], 40),
    "nothing": (lambda _: b"", 1),
}


@pytest.mark.parametrize("name", CHANGES)
def test_rule_39_it_names_the_first_bad_entry(folder: Path, name: str) -> None:
    change, number = CHANGES[name]
    (folder / "trail.jsonl").write_bytes(change((folder / "trail.jsonl").read_bytes()))
    code, said = run(folder, "trail.jsonl", "--checkpoint", "checkpoint")

    assert code == 1
    assert said.startswith(f"BROKEN: entry {number}: ")


def test_rule_39_without_cryptography_it_says_that_a_signature_was_not_checked(folder: Path) -> None:
    pair = Ed25519Signer(bytes(32))
    made = AuditTrail(MemorySink(lines()[:40])).checkpoint(pair, at=START)
    (folder / "checkpoint").write_text(made.text())
    (folder / "key").write_text(f"ed25519:{pair.key.value.hex()}")
    code, said = run(folder, "trail.jsonl", "--checkpoint", "checkpoint", "--key", "key")

    assert code == 0
    assert "NOT CHECKED" in said


def test_a_wrong_key_and_missing_files_are_told_apart_from_a_broken_trail(folder: Path) -> None:
    (folder / "other").write_text("hmac-sha256:" + "00" * 16)

    assert run(folder, "trail.jsonl", "--checkpoint", "checkpoint", "--key", "other")[0] == 1
    for words in (("nothing",), ("trail.jsonl", "--key", "trail.jsonl"), ("trail.jsonl", "--checkpoint", "key"), ()):
        assert run(folder, *words)[0] == 2


def test_rule_39_the_verifier_imports_nothing_but_the_standard_library() -> None:
    tree = ast.parse(Path(verifier.__file__).read_text(encoding="utf-8"))
    names = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names])
    }

    assert names - {"cryptography"} <= set(sys.stdlib_module_names)


def test_it_says_the_same_when_agentkit_calls_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    against = ["trail.jsonl", "--checkpoint", "checkpoint"]
    for words in (["trail.jsonl"], against, [*against, "--key", "key"], ["nothing"]):
        said: list[str] = []
        code = verifier.main(words, said.append)

        assert (code, "\n".join(said) + "\n") == run(folder, *words)


def test_what_somebody_wrote_into_a_trail_does_nothing_to_a_terminal(folder: Path) -> None:
    odd = (folder / "trail.jsonl").read_bytes().replace(b'"number":"1"', b'"number":"\x1b[2J"', 1)
    body = verifier.body_of(odd.splitlines(keepends=True)[0]).replace(b"\x1b", rb"\u001b")
    line = b'{"entry":%b,"hash":"%b"}\n' % (body, hashlib.sha256(body).hexdigest().encode())
    (folder / "trail.jsonl").write_bytes(line)
    code, said = run(folder, "trail.jsonl")

    assert (code, "\x1b" in said) == (1, False)
    assert "entry ?[2J stands in its place" in said
