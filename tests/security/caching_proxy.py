"""nginx as a shared cache in front of an app: it keeps whatever the app's headers allow it to keep."""

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

CONFIGURATION = """
daemon off;
master_process off;
pid {directory}/nginx.pid;
error_log {directory}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {directory}/body;
  proxy_temp_path {directory}/proxy;
  fastcgi_temp_path {directory}/fastcgi;
  uwsgi_temp_path {directory}/uwsgi;
  scgi_temp_path {directory}/scgi;
  proxy_cache_path {directory}/cache keys_zone=shared:1m;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://{behind};
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_cache shared;
      proxy_cache_key $request_uri;
      # Greedier than any sane cache: whatever is not forbidden by Cache-Control is kept, cookies and all.
      proxy_ignore_headers Set-Cookie;
      proxy_cache_valid any 10m;
      add_header X-Cache $upstream_cache_status always;
    }}
  }}
}}
"""


@contextlib.contextmanager
def caching(url: str, directory: Path) -> Iterator[str]:
    """The address of a cache in front of `url`."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        raise AssertionError("nginx is missing: sudo apt-get install nginx-light")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    directory.chmod(0o755)
    text = CONFIGURATION.format(directory=directory, port=port, behind=urlsplit(url).netloc)
    (directory / "nginx.conf").write_text(text)
    command = [program, "-c", str(directory / "nginx.conf"), "-p", str(directory)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        assert process.poll() is None, "nginx ended"
        time.sleep(0.05)
    raise AssertionError("nginx does not answer")
