"""Drives a Proxmox VE API with proxmoxer: host, port and certificate are the arguments. Prints what it saw, as JSON."""

import io
import json
import sys
import time

from proxmoxer import ProxmoxAPI, ResourceException

host, port, certificate = sys.argv[1:4]
address = {"host": host, "port": int(port), "verify_ssl": certificate, "timeout": 20}
seen = {}


def wait(node, upid):
    while True:
        status = node.tasks(upid).status.get()
        if status["status"] == "stopped":
            return status["exitstatus"]
        time.sleep(0.02)


def walk(proxmox, vmid):
    node = proxmox.nodes(proxmox.nodes.get()[0]["node"])
    vm = node.qemu(vmid)
    task = node.qemu.create(
        vmid=vmid,
        name="walk",
        memory=128,
        net0="virtio,bridge=vmbr0",
        scsi0="local:1,format=qcow2",
        description="two\nlines, with = and &",
    )
    steps = {"create": wait(node, task)}
    steps["log"] = [line["t"] for line in node.tasks(task).log.get()]
    steps["start"] = wait(node, vm.status.start.post())
    steps["start again"] = wait(node, vm.status.start.post())
    steps["status"] = vm.status.current.get()["status"]
    steps["snapshot"] = wait(node, vm.snapshot.post(snapname="before", description="x"))
    vm.config.put(description="changed")
    steps["rollback"] = wait(node, vm.snapshot("before").rollback.post())
    steps["snapshots"] = sorted(snapshot["name"] for snapshot in vm.snapshot.get())
    steps["clone"] = wait(node, vm.clone.post(newid=vmid + 1, name="copy", full=1))
    steps["listed"] = sorted(machine["vmid"] for machine in node.qemu.get())
    steps["config"] = node.qemu(vmid + 1).config.get()["description"]
    for each in (vmid, vmid + 1):
        steps["delete %d" % (each - vmid)] = wait(node, node.qemu(each).delete(purge=1))
    return steps


def refusal(action):
    try:
        action()
        return None
    except ResourceException as error:
        return [error.status_code, error.content]


by_ticket = ProxmoxAPI(user="root@pam", password="secret", **address)
seen["version"] = by_ticket.version.get()["release"]
seen["ticket"] = walk(by_ticket, 100)
by_token = ProxmoxAPI(user="root@pam", token_name="t1", token_value="token-secret", **address)
seen["token"] = walk(by_token, int(by_token.cluster.nextid.get()))
node = by_token.nodes("pve1")
iso = io.BytesIO(b"x" * 70000)
iso.name = "a.iso"
seen["upload"] = wait(node, node.storage("local").upload.post(content="iso", filename=iso))
seen["content"] = [(volume["volid"], volume["size"]) for volume in node.storage("local").content.get()]
seen["missing"] = refusal(lambda: node.qemu(999).config.get())
seen["invalid"] = refusal(lambda: node.qemu.create(vmid=5))
print(json.dumps(seen))
