# The same reading with proxmoxer: every machine of the list, with its configuration, by eight threads.
import json
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlparse

import proxmoxer.backends.https as https
from proxmoxer import ProxmoxAPI

address = urlparse(sys.argv[1])

# It speaks HTTPS only; what is measured is the reading, so both sides go without.
original = https.ProxmoxHttpSession.request
https.ProxmoxHttpSession.request = lambda self, method, url, *rest, **more: original(
    self, method, url.replace("https://", "http://"), *rest, **more
)
login = https.requests.post
https.requests.post = lambda url, *rest, **more: login(url.replace("https://", "http://"), *rest, **more)

api = ProxmoxAPI(address.hostname, port=address.port, user="root@pam", password="simulator", verify_ssl=False)
began, before = time.monotonic(), time.process_time()
listed = api.cluster.resources.get(type="vm")
with ThreadPoolExecutor(8) as pool:
    read = list(pool.map(lambda vm: api.nodes(vm["node"]).qemu(vm["vmid"]).config.get(), listed))
with open("/proc/self/status") as status:
    peak = int(re.search(r"VmHWM:\s+(\d+) kB", status.read()).group(1)) // 1024
print(
    json.dumps(
        {
            "machines": len(read),
            "cpuS": time.process_time() - before,
            "peakMiB": peak,
            "wallS": time.monotonic() - began,
        }
    ),
    flush=True,
)
