package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// The simulator does a task's work before it answers. Here a task can take time, report progress and be cancelled, and it
// can fail as told.
type tasks struct {
	sync.Mutex
	always  time.Duration
	cancels map[string]chan struct{}
}

type work func() (types.AnyType, types.BaseMethodFault)

func (p *peer) carryOutTask(w http.ResponseWriter, c *call, met map[string]action) {
	if bad, some := met["task-fault"]; some {
		fault, _ := bad.fault()
		writeTask(w, c.method, p.tasks.failed(c, fault))
		return
	}
	if simulator.Map.Get(c.this) == nil {
		p.simulate(w, c) // which says so
		return
	}
	if fault := p.refusal(c); fault != nil {
		writeTask(w, c.method, p.tasks.failed(c, fault))
		return
	}
	long := p.tasks.always
	if slow, some := met["slow-task"]; some {
		long = time.Duration(slow.Ms) * time.Millisecond
	}
	if long == 0 {
		p.simulateTask(w, c)
		return
	}
	writeTask(w, c.method, p.tasks.start(c, long, func() (types.AnyType, types.BaseMethodFault) {
		answer := httptest.NewRecorder()
		p.asServer(c, func(ours *call) { p.simulateTask(answer, ours) })
		if fault := faultOf(answer.Body.Bytes()); fault != nil {
			return nil, fault
		}
		done := taskOf(answer.Body.Bytes())
		if done == nil {
			return nil, &types.SystemError{Reason: "the simulator answered no task"}
		}
		if done.Info.Error != nil {
			return nil, done.Info.Error.Fault
		}
		return done.Info.Result, nil
	}))
}

// What the simulator accepts and a server does not.
func (p *peer) refusal(c *call) types.BaseMethodFault {
	if fault := p.stores.refusal(c); fault != nil {
		return fault
	}
	coming.Lock()
	defer coming.Unlock()
	return nameTaken(c)
}

// Held while a machine comes into a folder: of two who want one name, one comes second.
var coming sync.Mutex

// The simulator's task, with what it leaves undone.
func (p *peer) simulateTask(w http.ResponseWriter, c *call) {
	if c.method == "CreateVM_Task" || c.method == "CloneVM_Task" {
		coming.Lock()
		defer coming.Unlock()
		if fault := nameTaken(c); fault != nil {
			writeTask(w, c.method, p.tasks.failed(c, fault))
			return
		}
	}
	answer := httptest.NewRecorder()
	p.simulate(answer, c)
	if task := taskOf(answer.Body.Bytes()); task != nil && task.Info.Error == nil {
		p.snapshots.after(c, task)
	}
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

func (t *tasks) start(c *call, long time.Duration, do work) types.ManagedObjectReference {
	cancelled := make(chan struct{})
	task := simulator.CreateTask(c.this, strings.TrimSuffix(c.method, "_Task")+"Task", func(task *simulator.Task) (types.AnyType, types.BaseMethodFault) {
		const steps = 5
		for step := int32(1); step < steps; step++ {
			select {
			case <-cancelled:
				return nil, &types.RequestCanceled{}
			case <-time.After(long / steps):
			}
			set(task, types.PropertyChange{Name: "info.progress", Val: 100 * step / steps})
		}
		if !t.finish(task.Self.Value) {
			return nil, &types.RequestCanceled{}
		}
		return do()
	})
	t.Lock()
	t.cancels[task.Self.Value] = cancelled
	t.Unlock()
	set(task, types.PropertyChange{Name: "info.cancelable", Val: true})
	go task.Run()
	return task.Self
}

// From here on the task cannot be cancelled; false if it was.
func (t *tasks) finish(id string) bool {
	t.Lock()
	defer t.Unlock()
	_, waiting := t.cancels[id]
	delete(t.cancels, id)
	return waiting
}

func (t *tasks) failed(c *call, fault types.BaseMethodFault) types.ManagedObjectReference {
	task := simulator.CreateTask(c.this, strings.TrimSuffix(c.method, "_Task")+"Task", func(*simulator.Task) (types.AnyType, types.BaseMethodFault) {
		return nil, fault
	})
	return task.Run()
}

func (t *tasks) cancel(w http.ResponseWriter, ref types.ManagedObjectReference) {
	task, found := simulator.Map.Get(ref).(*simulator.Task)
	if !found {
		writeFault(w, &types.ManagedObjectNotFound{Obj: ref}, "The object has already been deleted or has not been completely created")
		return
	}
	t.Lock()
	cancelled, waiting := t.cancels[ref.Value]
	delete(t.cancels, ref.Value)
	t.Unlock()
	if !waiting {
		writeFault(w, &types.InvalidState{}, "The operation is not allowed in the current state.")
		return
	}
	set(task, types.PropertyChange{Name: "info.cancelled", Val: true})
	close(cancelled)
	writeEmpty(w, "CancelTask")
}

var taskId = regexp.MustCompile(`<returnval[^>]*>(task-\d+)<`)

func taskOf(answer []byte) *simulator.Task {
	found := taskId.FindSubmatch(answer)
	if found == nil {
		return nil
	}
	task, _ := simulator.Map.Get(types.ManagedObjectReference{Type: "Task", Value: string(found[1])}).(*simulator.Task)
	return task
}

func panicOf(do func()) (reason string) {
	defer func() {
		if failure := recover(); failure != nil {
			reason = fmt.Sprint(failure)
		}
	}()
	do()
	return ""
}
