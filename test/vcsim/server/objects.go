package main

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// Changes properties so that whoever waits for updates hears of it.
func set(object mo.Reference, changes ...types.PropertyChange) {
	simulator.Map.WithLock(object, func() { simulator.Map.Update(object, changes) })
}

func machineAt(ref types.ManagedObjectReference) *simulator.VirtualMachine {
	machine, _ := simulator.Map.Get(ref).(*simulator.VirtualMachine)
	return machine
}

func machineNamed(name string) *simulator.VirtualMachine {
	for _, entity := range simulator.Map.All("VirtualMachine") {
		if machine, ok := entity.(*simulator.VirtualMachine); ok && machine.Name == name {
			return machine
		}
	}
	return nil
}

// A folder holds one machine of a name; the simulator lets any number in.
func nameTaken(c *call) types.BaseMethodFault {
	var name string
	var folder types.ManagedObjectReference
	switch request := c.request.(type) {
	case *types.CreateVM_Task:
		name, folder = request.Config.Name, request.This
	case *types.CloneVM_Task:
		name, folder = request.Name, request.Folder
	default:
		return nil
	}
	for _, entity := range simulator.Map.All("VirtualMachine") {
		parent := entity.Entity().Parent
		if entity.Entity().Name == name && parent != nil && *parent == folder {
			return &types.DuplicateName{Name: name, Object: entity.Reference()}
		}
	}
	return nil
}
