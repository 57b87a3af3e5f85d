package main

import (
	"fmt"
	"net/http"
	"sync"

	"github.com/vmware/govmomi/vim25/types"
)

// What runs inside machines: the simulator has nothing there.
type guests struct {
	sync.Mutex
	deaf map[string]bool // these take a request to shut down and do nothing
}

type guest struct {
	Machine   string `json:"machine"`
	Tools     string `json:"tools"` // running, installed or absent
	Deaf      bool   `json:"deaf"`
	HostName  string `json:"hostName"`
	Addresses []struct {
		Mac string   `json:"mac"`
		Ips []string `json:"ips"`
	} `json:"addresses"`
}

func (g *guests) tell(told guest) error {
	machine := machineNamed(told.Machine)
	if machine == nil {
		return fmt.Errorf("there is no machine %q", told.Machine)
	}
	status, running := types.VirtualMachineToolsStatusToolsOk, types.VirtualMachineToolsRunningStatusGuestToolsRunning
	switch told.Tools {
	case "running":
	case "installed":
		status, running = types.VirtualMachineToolsStatusToolsNotRunning, types.VirtualMachineToolsRunningStatusGuestToolsNotRunning
	case "absent":
		status, running = types.VirtualMachineToolsStatusToolsNotInstalled, types.VirtualMachineToolsRunningStatusGuestToolsNotRunning
	default:
		return fmt.Errorf("tools: running, installed or absent, not %q", told.Tools)
	}
	nics, first := []types.GuestNicInfo{}, ""
	for i, address := range told.Addresses {
		nic := types.GuestNicInfo{MacAddress: address.Mac, IpAddress: address.Ips, Connected: true, DeviceConfigId: int32(4000 + i)}
		nic.IpConfig = &types.NetIpConfigInfo{}
		for _, ip := range address.Ips {
			if first == "" {
				first = ip
			}
			nic.IpConfig.IpAddress = append(nic.IpConfig.IpAddress, types.NetIpConfigInfoIpAddress{IpAddress: ip, State: "preferred"})
		}
		nics = append(nics, nic)
	}
	g.Lock()
	g.deaf[machine.Self.Value] = told.Deaf
	g.Unlock()
	set(machine,
		types.PropertyChange{Name: "guest.toolsStatus", Val: status},
		types.PropertyChange{Name: "guest.toolsRunningStatus", Val: string(running)},
		types.PropertyChange{Name: "guest.hostName", Val: told.HostName},
		types.PropertyChange{Name: "guest.ipAddress", Val: first},
		types.PropertyChange{Name: "guest.net", Val: nics},
		types.PropertyChange{Name: "summary.guest.ipAddress", Val: first},
		types.PropertyChange{Name: "summary.guest.toolsStatus", Val: status},
		types.PropertyChange{Name: "summary.guest.toolsRunningStatus", Val: string(running)},
	)
	return nil
}

// Whether the request to the guest is answered here; a shutdown that the guest obeys is the simulator's.
func (g *guests) answer(w http.ResponseWriter, c *call) bool {
	machine := machineAt(c.this)
	if machine == nil {
		return false
	}
	if machine.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOn {
		fault := &types.InvalidPowerState{RequestedState: types.VirtualMachinePowerStatePoweredOn, ExistingState: machine.Runtime.PowerState}
		writeFault(w, fault, "The attempted operation cannot be performed in the current state (Powered off).")
		return true
	}
	if machine.Guest == nil || machine.Guest.ToolsRunningStatus != string(types.VirtualMachineToolsRunningStatusGuestToolsRunning) {
		writeFault(w, &types.ToolsUnavailable{}, "Cannot complete operation because VMware Tools is not running in this virtual machine.")
		return true
	}
	g.Lock()
	deaf := g.deaf[c.this.Value]
	g.Unlock()
	if c.method == "ShutdownGuest" && !deaf {
		return false
	}
	writeEmpty(w, c.method)
	return true
}
