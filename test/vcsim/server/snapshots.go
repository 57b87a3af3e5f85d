package main

import (
	"bytes"
	"net/http"
	"sync"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"
)

// The simulator's snapshots keep no more than their names. Here going back brings back hardware and power.
type snapshots struct {
	sync.Mutex
	taken map[string]moment
}

type moment struct {
	config types.VirtualMachineConfigInfo
	power  types.VirtualMachinePowerState
}

func (s *snapshots) rename(w http.ResponseWriter, ref types.ManagedObjectReference, request *types.RenameSnapshot) {
	for _, entity := range simulator.Map.All("VirtualMachine") {
		machine, ok := entity.(*simulator.VirtualMachine)
		if !ok || machine.Snapshot == nil {
			continue
		}
		found := false
		simulator.Map.WithLock(machine, func() {
			found = inTree(machine.Snapshot.RootSnapshotList, ref, func(node *types.VirtualMachineSnapshotTree) {
				if request.Name != "" {
					node.Name = request.Name
				}
				if request.Description != "" {
					node.Description = request.Description
				}
			})
			if found {
				simulator.Map.Update(machine, []types.PropertyChange{
					{Name: "snapshot.rootSnapshotList", Val: machine.Snapshot.RootSnapshotList},
				})
			}
		})
		if found {
			writeEmpty(w, "RenameSnapshot")
			return
		}
	}
	writeFault(w, &types.ManagedObjectNotFound{Obj: ref}, "The object has already been deleted or has not been completely created")
}

func inTree(tree []types.VirtualMachineSnapshotTree, ref types.ManagedObjectReference, change func(*types.VirtualMachineSnapshotTree)) bool {
	for i := range tree {
		if tree[i].Snapshot == ref {
			change(&tree[i])
			return true
		}
		if inTree(tree[i].ChildSnapshotList, ref, change) {
			return true
		}
	}
	return false
}

func (s *snapshots) after(c *call, task *simulator.Task) {
	switch request := c.request.(type) {
	case *types.CreateSnapshot_Task:
		snapshot, ok := task.Info.Result.(types.ManagedObjectReference)
		if machine := machineAt(c.this); ok && machine != nil {
			s.keep(machine, snapshot, request.Memory)
		}
	case *types.RevertToSnapshot_Task:
		s.goBack(c.this)
	case *types.RevertToCurrentSnapshot_Task:
		if machine := machineAt(c.this); machine != nil && machine.Snapshot != nil && machine.Snapshot.CurrentSnapshot != nil {
			s.goBack(*machine.Snapshot.CurrentSnapshot)
		}
	}
}

// Without its memory a machine comes back switched off, whatever it was.
func (s *snapshots) keep(machine *simulator.VirtualMachine, snapshot types.ManagedObjectReference, memory bool) {
	power := types.VirtualMachinePowerStatePoweredOff
	if memory {
		power = machine.Runtime.PowerState
	}
	simulator.Map.WithLock(machine, func() {
		config := *machine.Config
		config.Hardware.Device = copied(config.Hardware.Device)
		config.ExtraConfig = append([]types.BaseOptionValue(nil), config.ExtraConfig...)
		s.Lock()
		s.taken[snapshot.Value] = moment{config, power}
		s.Unlock()
		tree := machine.Snapshot.RootSnapshotList
		inTree(tree, snapshot, func(node *types.VirtualMachineSnapshotTree) { node.State = power })
		simulator.Map.Update(machine, []types.PropertyChange{{Name: "snapshot.rootSnapshotList", Val: tree}})
	})
}

func (s *snapshots) goBack(snapshot types.ManagedObjectReference) {
	s.Lock()
	then, known := s.taken[snapshot.Value]
	s.Unlock()
	if !known {
		return
	}
	for _, entity := range simulator.Map.All("VirtualMachine") {
		machine, ok := entity.(*simulator.VirtualMachine)
		if !ok || machine.Snapshot == nil {
			continue
		}
		if !inTree(machine.Snapshot.RootSnapshotList, snapshot, func(*types.VirtualMachineSnapshotTree) {}) {
			continue
		}
		hardware := then.config.Hardware
		set(machine,
			types.PropertyChange{Name: "config.hardware.numCPU", Val: hardware.NumCPU},
			types.PropertyChange{Name: "config.hardware.memoryMB", Val: hardware.MemoryMB},
			types.PropertyChange{Name: "config.hardware.device", Val: copied(hardware.Device)},
			types.PropertyChange{Name: "config.extraConfig", Val: then.config.ExtraConfig},
			types.PropertyChange{Name: "config.annotation", Val: then.config.Annotation},
			types.PropertyChange{Name: "summary.config.numCpu", Val: hardware.NumCPU},
			types.PropertyChange{Name: "summary.config.memorySizeMB", Val: hardware.MemoryMB},
			types.PropertyChange{Name: "runtime.powerState", Val: then.power},
			types.PropertyChange{Name: "summary.runtime.powerState", Val: then.power},
		)
	}
}

// The simulator changes devices where they are.
func copied(devices []types.BaseVirtualDevice) []types.BaseVirtualDevice {
	var text bytes.Buffer
	if err := xml.NewEncoder(&text).Encode(types.ArrayOfVirtualDevice{VirtualDevice: devices}); err != nil {
		panic(err)
	}
	decoder := xml.NewDecoder(&text)
	decoder.TypeFunc = types.TypeFunc()
	var read types.ArrayOfVirtualDevice
	if err := decoder.Decode(&read); err != nil {
		panic(err)
	}
	return read.VirtualDevice
}
