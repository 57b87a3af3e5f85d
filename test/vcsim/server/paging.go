package main

import (
	"strconv"
	"sync"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// The simulator answers everything at once. A pagingCollector cuts answers as asked and as the server limits them; a token
// is good for one call.
type pagingCollector struct {
	simulator.PropertyCollector
}

type page struct {
	objects []types.ObjectContent
	size    int
}

// The simulator makes a collector for each session by reflection, so that what they know of pages cannot be a field.
var pages = struct {
	sync.Mutex
	limit int
	last  int
	rest  map[string]page
}{rest: map[string]page{}}

func installPaging(limit int) {
	pages.limit = limit
	collector := &pagingCollector{}
	collector.Self = types.ManagedObjectReference{Type: "PropertyCollector", Value: "propertyCollector"}
	if simulator.Map.IsESX() {
		collector.Self.Value = "ha-property-collector"
	}
	simulator.Map.Put(collector)
}

func cut(objects []types.ObjectContent, size int) *types.RetrieveResult {
	if size <= 0 || len(objects) <= size {
		return &types.RetrieveResult{Objects: objects}
	}
	pages.Lock()
	defer pages.Unlock()
	pages.last++
	token := strconv.Itoa(pages.last)
	pages.rest[token] = page{objects[size:], size}
	return &types.RetrieveResult{Token: token, Objects: objects[:size]}
}

func take(token string) (page, bool) {
	pages.Lock()
	defer pages.Unlock()
	rest, found := pages.rest[token]
	delete(pages.rest, token)
	return rest, found
}

func (pc *pagingCollector) RetrievePropertiesEx(ctx *simulator.Context, r *types.RetrievePropertiesEx) soap.HasFault {
	answer := pc.PropertyCollector.RetrievePropertiesEx(ctx, r)
	body, ok := answer.(*methods.RetrievePropertiesExBody)
	if !ok || body.Fault_ != nil || body.Res.Returnval == nil {
		return answer
	}
	size := pages.limit
	if asked := int(r.Options.MaxObjects); asked > 0 && (size == 0 || asked < size) {
		size = asked
	}
	body.Res.Returnval = cut(body.Res.Returnval.Objects, size)
	return body
}

func (pc *pagingCollector) ContinueRetrievePropertiesEx(r *types.ContinueRetrievePropertiesEx) soap.HasFault {
	rest, found := take(r.Token)
	if !found {
		return &methods.ContinueRetrievePropertiesExBody{Fault_: invalidToken()}
	}
	return &methods.ContinueRetrievePropertiesExBody{
		Res: &types.ContinueRetrievePropertiesExResponse{Returnval: *cut(rest.objects, rest.size)},
	}
}

func (pc *pagingCollector) CancelRetrievePropertiesEx(r *types.CancelRetrievePropertiesEx) soap.HasFault {
	if _, found := take(r.Token); !found {
		return &methods.CancelRetrievePropertiesExBody{Fault_: invalidToken()}
	}
	return &methods.CancelRetrievePropertiesExBody{Res: &types.CancelRetrievePropertiesExResponse{}}
}

func invalidToken() *soap.Fault {
	return simulator.Fault("A specified parameter was not correct: token", &types.InvalidArgument{InvalidProperty: "token"})
}
