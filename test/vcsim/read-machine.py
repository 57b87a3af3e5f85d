"""Reads machines from a vCenter or an ESXi by pyvmomi, which is not ours. One JSON object in, one out."""

import json
import ssl
import sys

from pyVim.connect import Disconnect, SmartConnect
from pyVmomi import vim


def snapshots_of(tree):
    return [
        {
            "ref": node.snapshot._moId,
            "name": node.name,
            "description": node.description,
            "power": node.state,
            "quiesced": node.quiesced,
            "children": snapshots_of(node.childSnapshotList),
        }
        for node in tree
    ]


def disk_of(device):
    backing = device.backing
    return {
        "label": device.deviceInfo.label if device.deviceInfo else None,
        "capacityKiB": device.capacityInKB,
        "file": getattr(backing, "fileName", None),
        "thin": getattr(backing, "thinProvisioned", None),
        "eagerlyScrub": getattr(backing, "eagerlyScrub", None),
        "controller": device.controllerKey,
        "unit": device.unitNumber,
    }


def nic_of(device, networks):
    backing = device.backing
    port = getattr(backing, "port", None)
    name = networks.get(port.portgroupKey) if port else getattr(backing, "deviceName", None)
    connectable = device.connectable
    return {
        "type": type(device).__name__.rsplit(".", 1)[-1],
        "mac": device.macAddress,
        "addressType": device.addressType,
        "network": name,
        "startConnected": connectable.startConnected if connectable else None,
    }


def cdrom_of(device):
    connectable = device.connectable
    return {
        "iso": getattr(device.backing, "fileName", None),
        "connected": connectable.connected if connectable else None,
        "startConnected": connectable.startConnected if connectable else None,
    }


def facts_of(machine):
    config = machine.config
    devices = config.hardware.device
    networks = {
        network.key: network.name for network in machine.network if isinstance(network, vim.dvs.DistributedVirtualPortgroup)
    }
    of_kind = lambda kind: [device for device in devices if isinstance(device, kind)]
    snapshot = machine.snapshot
    boot = config.bootOptions
    return {
        "ref": machine._moId,
        "name": machine.name,
        "uuid": config.uuid,
        "instanceUuid": config.instanceUuid,
        "annotation": config.annotation,
        "guestId": config.guestId,
        "firmware": config.firmware,
        "template": config.template,
        "cpus": config.hardware.numCPU,
        "memoryMiB": config.hardware.memoryMB,
        "power": machine.runtime.powerState,
        "host": machine.runtime.host.name if machine.runtime.host else None,
        "pool": machine.resourcePool.name if machine.resourcePool else None,
        "folder": machine.parent.name if machine.parent else None,
        "datastores": [store.name for store in machine.datastore],
        "networks": [network.name for network in machine.network],
        "disks": [disk_of(device) for device in of_kind(vim.vm.device.VirtualDisk)],
        "nics": [nic_of(device, networks) for device in of_kind(vim.vm.device.VirtualEthernetCard)],
        "cdroms": [cdrom_of(device) for device in of_kind(vim.vm.device.VirtualCdrom)],
        "bootOrder": [type(item).__name__.rsplit(".", 1)[-1] for item in boot.bootOrder] if boot else [],
        "extraConfig": {option.key: option.value for option in config.extraConfig if isinstance(option.value, str)},
        "guest": {
            "tools": machine.guest.toolsRunningStatus if machine.guest else None,
            "hostName": machine.guest.hostName if machine.guest else None,
            "addresses": [list(nic.ipAddress) for nic in machine.guest.net] if machine.guest else [],
        },
        "snapshots": snapshots_of(snapshot.rootSnapshotList) if snapshot else [],
        "currentSnapshot": snapshot.currentSnapshot._moId if snapshot and snapshot.currentSnapshot else None,
    }


def main():
    asked = json.load(sys.stdin)
    trust = ssl.create_default_context(cadata=asked["caCertificate"])
    service = SmartConnect(
        host=asked["host"], port=asked["port"], user=asked["user"], pwd=asked["password"], sslContext=trust
    )
    try:
        content = service.RetrieveContent()
        view = content.viewManager.CreateContainerView(content.rootFolder, [vim.VirtualMachine], True)
        names = asked.get("names")
        machines = [facts_of(machine) for machine in view.view if names is None or machine.name in names]
        view.Destroy()
    finally:
        Disconnect(service)
    json.dump(machines, sys.stdout)


main()
