"""Known holes in what production installs, and secrets in what git holds: `python -m config.audit`.

Holes: pip-audit asks the package index for the pins of requirements.txt. One that is known fails, unless
`[[tool.audit.ignore]]` of pyproject.toml names it with a reason and a day until which that holds. Without an
index that answers it says so and does not fail: the same commit must not fail for want of a network.
Secrets: detect-secrets looks through the files of git; what `.secrets.baseline` does not hold fails.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TIMEOUT_SECONDS = 120


def holes(requirements: Path, ignored: list[dict[str, Any]], today: date) -> tuple[list[str], str]:
    """What is wrong, and a word on what was looked at."""
    command = [
        *(sys.executable, "-m", "pip_audit", "-r", str(requirements), "--require-hashes", "--disable-pip"),
        *("--format", "json", "--progress-spinner", "off", "--timeout", "20"),
    ]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False, cwd=ROOT
        )
        found = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        return [], "not looked at: the package index does not answer (no network?)"
    return judge(found, ignored, today)


def judge(found: list[dict[str, Any]], ignored: list[dict[str, Any]], today: date) -> tuple[list[str], str]:
    """pip-audit's rows against the list of what is accepted for a while."""
    known = {entry["id"]: entry for entry in ignored}
    wrong = []
    for package in found:
        for hole in package.get("vulns", []):
            accepted = next((known[i] for i in (hole["id"], *hole.get("aliases", [])) if i in known), None)
            fixed = ", ".join(hole.get("fix_versions", [])) or "no version yet"
            if accepted is None:
                wrong.append(f"{package['name']} {package['version']}: {hole['id']}, mended in {fixed}")
            elif accepted["until"] < today:
                wrong.append(f"{package['name']}: {hole['id']} was accepted until {accepted['until']} only")
    asked = sum("skip_reason" not in package for package in found)
    if not asked:
        return wrong, "not looked at: the package index knows nothing of holes (a mirror, or no network?)"
    left = len(found) - asked
    return wrong, f"{asked} packages looked at" + (f", {left} unknown to the index" if left else "")


def tracked() -> list[str]:
    """The files of git, but those that are compiled or made of hashes; none outside a checkout."""
    command = ["git", "ls-files", "-z"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    return [
        name
        for name in listed.stdout.split("\0")
        if name and not name.endswith((".mo", ".min.js")) and not name.startswith("requirements")
    ]


def secrets(files: list[str]) -> list[str]:
    """Places that look like a secret and are not in the baseline."""
    from detect_secrets.core.secrets_collection import SecretsCollection
    from detect_secrets.settings import transient_settings

    known = json.loads((ROOT / ".secrets.baseline").read_text(encoding="utf-8"))
    with transient_settings(known):
        found = SecretsCollection(root=str(ROOT))
        for name in files:
            found.scan_file(name)
    accepted = {
        (name, hit["type"], hit["hashed_secret"]) for name, hits in known["results"].items() for hit in hits
    }
    return [
        f"{name}:{secret.line_number}: {secret.type}"
        for name, secret in found
        if (name, secret.type, secret.secret_hash) not in accepted
    ]


def main() -> int:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"].get("audit", {})
    wrong, said = holes(ROOT / "requirements.txt", settings.get("ignore", []), datetime.now(UTC).date())
    sys.stdout.write(f"holes: {said}\n")
    files = tracked()
    leaked = secrets(files)
    sys.stdout.write(f"secrets: {len(leaked)} new in {len(files)} files\n")
    for line in wrong + leaked:
        sys.stdout.write(f"  {line}\n")
    return 1 if wrong or leaked else 0


if __name__ == "__main__":
    sys.exit(main())
