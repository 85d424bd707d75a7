"""The files by which agents and people find the edge."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

TOKEN = "emulated-authtoken-0123456789"
"""In the configurations; made up, and not to be seen anywhere else."""

V2 = """\
# For the ngrok agent 2.x.
server_addr: {address}
root_cas: {ca}
authtoken: {token}
console_ui: false
update_check: false
"""

V3 = """\
# For the ngrok agent 3.x.
version: "3"
agent:
  authtoken: {token}
  connect_url: {address}
  connect_cas: {ca}
  crl_noverify: true
  console_ui: false
  update_check: false
"""


def write_configurations(directory: Path, addresses: dict[str, str]) -> None:
    """Write ngrok.yml, ngrok-v3.yml and, last, ready.json."""
    directory = directory.resolve()
    ca = directory / "ca.pem"
    config, config_v3 = directory / "ngrok.yml", directory / "ngrok-v3.yml"
    for path, text in ((config, V2), (config_v3, V3)):
        address = addresses["tunnel"]
        path.write_text(text.format(address=address, ca=json.dumps(str(ca)), token=TOKEN))
    ready = {
        "pid": os.getpid(),
        "tunnel_addr": addresses["tunnel"],
        "http_url": f"http://{addresses['http']}",
        "admin_url": f"http://{addresses['admin']}",
        "ca": str(ca),
        "config": str(config),
        "config_v3": str(config_v3),
    }
    partial = directory / "ready.json.part"
    partial.write_text(json.dumps(ready, indent=2))
    partial.replace(directory / "ready.json")
