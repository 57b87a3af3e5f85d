package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/vmware/govmomi/vim25/types"
)

// A rule says what happens to calls of some methods instead of, before or after what they ask for.
type rule struct {
	Id      int      `json:"id"`
	Methods []string `json:"methods"` // "*" is every SOAP method; uploads and downloads are "PUT /folder" and the like
	Skip    int      `json:"skip"`    // how many calls go by untouched
	Times   int      `json:"times"`   // how many calls it touches; 0 is all
	Used    int      `json:"used"`
	Action  action   `json:"action"`
}

type action struct {
	Kind    string          `json:"kind"` // fault, task-fault, status, reset-before, reset-after, delay, slow-task
	Fault   string          `json:"fault,omitempty"`
	Message string          `json:"message,omitempty"`
	With    json.RawMessage `json:"with,omitempty"` // the fault's properties
	Status  int             `json:"status,omitempty"`
	Ms      int             `json:"ms,omitempty"`
}

func (a action) check() error {
	switch a.Kind {
	case "status", "reset-before", "reset-after", "delay", "slow-task":
		return nil
	case "fault", "task-fault":
		_, err := a.fault()
		return err
	}
	return fmt.Errorf("there is no action %q", a.Kind)
}

func (a action) fault() (types.BaseMethodFault, error) {
	kind, found := types.TypeFunc()(a.Fault)
	if !found {
		return nil, fmt.Errorf("there is no fault %q", a.Fault)
	}
	value := reflect.New(kind).Interface()
	fault, ok := value.(types.BaseMethodFault)
	if !ok {
		return nil, fmt.Errorf("%s is not a fault", a.Fault)
	}
	if len(a.With) > 0 {
		if err := json.Unmarshal(a.With, value); err != nil {
			return nil, fmt.Errorf("%s: %w", a.Fault, err)
		}
	}
	return fault, nil
}

type rules struct {
	sync.Mutex
	last int
	list []*rule
}

func (r *rules) add(one rule) (int, error) {
	if len(one.Methods) == 0 {
		return 0, fmt.Errorf("methods: name at least one")
	}
	if err := one.Action.check(); err != nil {
		return 0, err
	}
	r.Lock()
	defer r.Unlock()
	r.last++
	one.Id, one.Used = r.last, 0
	r.list = append(r.list, &one)
	return one.Id, nil
}

// What happens to this call: of each kind of rule the first that still wants it.
func (r *rules) meet(method string) map[string]action {
	r.Lock()
	defer r.Unlock()
	met := map[string]action{}
	for _, one := range r.list {
		if _, already := met[one.Action.Kind]; already || !one.names(method) {
			continue
		}
		if one.Skip > 0 {
			one.Skip--
		} else if one.Times == 0 || one.Used < one.Times {
			one.Used++
			met[one.Action.Kind] = one.Action
		}
	}
	return met
}

func (one *rule) names(method string) bool {
	wildcard := "*"
	if strings.HasSuffix(method, " /folder") {
		wildcard = "* /folder"
	}
	for _, name := range one.Methods {
		if name == method || name == wildcard {
			return true
		}
	}
	return false
}

func (r *rules) all() []rule {
	r.Lock()
	defer r.Unlock()
	list := make([]rule, 0, len(r.list))
	for _, one := range r.list {
		list = append(list, *one)
	}
	return list
}

func (r *rules) remove(id int) {
	r.Lock()
	defer r.Unlock()
	kept := r.list[:0]
	for _, one := range r.list {
		if id != 0 && one.Id != id {
			kept = append(kept, one)
		}
	}
	r.list = kept
}
