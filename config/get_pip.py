"""Put pip into the environment this Python belongs to, where Python came without `ensurepip` (Debian).

Standard library only. The wheel's name and hash are pinned; the index is pip's own variable's or pypi.org.
"""

import hashlib
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import urlopen

WHEEL = "pip-26.3-py3-none-any.whl"
SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"


def main() -> None:
    if certificate := os.environ.get("PIP_CERT"):
        os.environ.setdefault("SSL_CERT_FILE", certificate)
    page = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple").rstrip("/") + "/pip/"
    with urlopen(page, timeout=60) as answer:  # noqa: S310 - the index is the user's own setting
        links = re.findall(r'href="([^"]+)"', answer.read().decode())
    link = next((link for link in links if link.partition("#")[0].endswith("/" + WHEEL)), None)
    if link is None:
        sys.exit(f"{page} has no {WHEEL}.")
    with urlopen(urljoin(page, link), timeout=60) as answer:  # noqa: S310
        content = answer.read()
    if hashlib.sha256(content).hexdigest() != SHA256:
        sys.exit(f"{WHEEL} has not the pinned hash: not installed.")
    with tempfile.TemporaryDirectory() as folder:
        wheel = Path(folder) / WHEEL
        wheel.write_bytes(content)
        # A wheel is a zip file Python can run: pip installs itself.
        subprocess.run([sys.executable, wheel / "pip", "install", "--quiet", "--no-index", wheel], check=True)


if __name__ == "__main__":
    main()
