// Lists every machine as govmomi does, to hold a client of ours against. It prints one line of JSON.
package main

import (
	"context"
	"encoding/json"
	"log"
	"net/url"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/view"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

var properties = []string{
	"name", "config.hardware.numCPU", "config.hardware.memoryMB", "config.hardware.device", "config.guestId", "config.uuid",
	"datastore", "network", "runtime.powerState", "guest.net", "guest.ipAddress", "summary.storage",
}

// list-machines URL-with-user-and-password PAGE
func main() {
	if len(os.Args) != 3 {
		log.Fatal("list-machines URL PAGE")
	}
	address, err := url.Parse(os.Args[1])
	check(err)
	page, err := strconv.Atoi(os.Args[2])
	check(err)
	startedAt, ctx := time.Now(), context.Background()
	client, err := govmomi.NewClient(ctx, address, true)
	check(err)
	machines, devices := list(ctx, client, int32(page))
	check(client.Logout(ctx))
	var used syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	check(json.NewEncoder(os.Stdout).Encode(map[string]interface{}{
		"machines":   machines,
		"devices":    devices,
		"wallMs":     time.Since(startedAt).Milliseconds(),
		"cpuMs":      (used.Utime.Nano() + used.Stime.Nano()) / 1e6,
		"peakRssMiB": used.Maxrss / 1024,
	}))
}

func list(ctx context.Context, client *govmomi.Client, page int32) (machines, devices int) {
	all, err := view.NewManager(client.Client).CreateContainerView(
		ctx, client.ServiceContent.RootFolder, []string{"VirtualMachine"}, true)
	check(err)
	answer, err := methods.RetrievePropertiesEx(ctx, client.Client, &types.RetrievePropertiesEx{
		This:    client.ServiceContent.PropertyCollector,
		Options: types.RetrieveOptions{MaxObjects: page},
		SpecSet: []types.PropertyFilterSpec{{
			PropSet: []types.PropertySpec{{Type: "VirtualMachine", PathSet: properties}},
			ObjectSet: []types.ObjectSpec{{Obj: all.Reference(), Skip: types.NewBool(true), SelectSet: []types.BaseSelectionSpec{
				&types.TraversalSpec{Type: "ContainerView", Path: "view"},
			}}},
		}},
	})
	check(err)
	for result := answer.Returnval; result != nil; {
		var read []mo.VirtualMachine
		check(mo.LoadObjectContent(result.Objects, &read))
		machines += len(read)
		for _, machine := range read {
			if machine.Config != nil {
				devices += len(machine.Config.Hardware.Device)
			}
		}
		if result.Token == "" {
			break
		}
		next, err := methods.ContinueRetrievePropertiesEx(ctx, client.Client, &types.ContinueRetrievePropertiesEx{
			This: client.ServiceContent.PropertyCollector, Token: result.Token,
		})
		check(err)
		result = &next.Returnval
	}
	check(all.Destroy(ctx))
	return machines, devices
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
