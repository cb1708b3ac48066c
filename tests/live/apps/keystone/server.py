"""Keystone's own server, with one identity provider, one mapping and one group.

    python server.py DIR PORT

The packages of keystone have to be there (pip install keystone). Everything is kept in DIR and made when it is absent.
"""
import json
import os
import subprocess
import sys
import threading
import urllib.request
from wsgiref.simple_server import WSGIRequestHandler, make_server

DIR, PORT = os.path.abspath(sys.argv[1]), int(sys.argv[2])
API = f"http://127.0.0.1:{PORT}/v3"
CONF = f"""[DEFAULT]
log_file = {DIR}/keystone.log
[database]
connection = sqlite:///{DIR}/keystone.db
[fernet_tokens]
key_repository = {DIR}/fernet/
[credential]
key_repository = {DIR}/credential/
[auth]
methods = password,token,openid,mapped
[openid]
remote_id_attribute = HTTP_OIDC_ISS
[federation]
remote_id_attribute = HTTP_OIDC_ISS
"""


def manage(*args):
    tool = os.path.join(os.path.dirname(sys.executable), "keystone-manage")
    subprocess.run([tool, "--config-file", f"{DIR}/keystone.conf", *args], check=True, capture_output=True)


def call(method, path, body=None, token=None):
    data = json.dumps(body).encode() if body else None
    headers = {"content-type": "application/json", **({"X-Auth-Token": token} if token else {})}
    answer = urllib.request.urlopen(urllib.request.Request(API + path, data, headers, method=method), timeout=30)
    return answer.headers, json.loads(answer.read() or "null")


def admin():
    who = {"methods": ["password"], "password": {"user": {"name": "admin", "domain": {"id": "default"}, "password": "pw"}}}
    scope = {"project": {"name": "admin", "domain": {"id": "default"}}}
    return call("POST", "/auth/tokens", {"auth": {"identity": who, "scope": scope}})[0]["X-Subject-Token"]


def set_up():
    token = admin()
    rules = json.load(open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "mapping.json")))
    call("POST", "/groups", {"group": {"name": "admins", "domain_id": "default"}}, token)
    call("PUT", "/OS-FEDERATION/mappings/m", {"mapping": {"rules": rules}}, token)
    call("PUT", "/OS-FEDERATION/identity_providers/lab", {"identity_provider": {"enabled": True}}, token)
    call("PUT", "/OS-FEDERATION/identity_providers/lab/protocols/openid", {"protocol": {"mapping_id": "m"}}, token)


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


new = not os.path.exists(f"{DIR}/keystone.db")
if new:
    for name in ("fernet", "credential"):
        os.makedirs(f"{DIR}/{name}", mode=0o700, exist_ok=True)
    with open(f"{DIR}/keystone.conf", "w") as conf:
        conf.write(CONF)
    manage("db_sync")
    manage("fernet_setup", "--keystone-user", "root", "--keystone-group", "root")
    manage("credential_setup", "--keystone-user", "root", "--keystone-group", "root")
    manage("bootstrap", "--bootstrap-password", "pw", "--bootstrap-public-url", API)
os.environ["OS_KEYSTONE_CONFIG_DIR"], os.environ["OS_KEYSTONE_CONFIG_FILES"] = DIR, f"{DIR}/keystone.conf"
sys.argv = ["keystone"]
from keystone.server.wsgi import initialize_public_application  # noqa: E402  (reads sys.argv)

server = make_server("127.0.0.1", PORT, initialize_public_application(), handler_class=Quiet)
threading.Thread(target=server.serve_forever).start()
if new:
    set_up()
print("\nready", admin(), flush=True)
