"""nginx as it is deployed: deploy/nginx.conf.template, filled in for processes on this machine."""

import os
import subprocess
from pathlib import Path

from tests import services

TEMPLATE = Path(__file__).resolve().parent.parent / "deploy" / "nginx.conf.template"
SETTINGS = ("UPSTREAMS", "LISTEN", "SERVER_NAME", "TLS", "REAL_IP")
AROUND = """
daemon off; pid {folder}/pid; error_log stderr warn; worker_processes 1; {user}
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/parvis.conf;
}}
"""


def start_nginx(
    *upstreams: str, port: int | None = None, listen: str = "", real_ip: str = ""
) -> "tuple[str, subprocess.Popen[bytes]]":
    """A proxy before these `host:port`s on a loopback port: its address and its process."""
    port = port or services.free_port()
    program, folder = services.nginx(), services.new_folder("parvis-nginx-")
    listed = " ".join(f"server {upstream};" for upstream in upstreams)
    site = {
        "UPSTREAMS": listed,
        "LISTEN": listen or f"127.0.0.1:{port}",
        "SERVER_NAME": "_",
        "TLS": "",
        "REAL_IP": real_ip,
    }
    (folder / "parvis.conf").write_text(render(TEMPLATE.read_text(), site))
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user=user))
    command = [program, "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")]
    process = services.start(command, log=folder / "log")
    services.wait_until(lambda: services.listens(port), "nginx", folder / "log")
    return f"http://127.0.0.1:{port}", process


def render(template: str, site: dict[str, str]) -> str:
    """As envsubst does it: only the named settings are filled in, nginx keeps its own variables."""
    for name in SETTINGS:
        template = template.replace("${" + name + "}", site[name])
    return template
