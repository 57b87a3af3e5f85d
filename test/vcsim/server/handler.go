package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// A call is one SOAP request, read.
type call struct {
	method  string
	this    types.ManagedObjectReference
	request types.AnyType
	body    []byte
	http    *http.Request
}

func (p *peer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/folder/") {
		p.serveFolder(w, r)
		return
	}
	if r.Method != http.MethodPost || !strings.HasPrefix(r.URL.Path, "/sdk") {
		p.next.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	read, err := simulator.UnmarshalBody(types.TypeFunc(), body)
	if err != nil {
		p.requests.note("?", body)
		p.simulate(w, &call{body: body, http: r}) // which says what is wrong with it
		return
	}
	c := &call{method: read.Name, this: read.This, request: read.Body, body: body, http: r}
	p.requests.note(c.method, body)
	met := p.rules.meet(c.method)
	before(met, w)
	if answered := p.answerByRule(w, c, met); answered {
		return
	}
	answer := httptest.NewRecorder()
	p.carryOut(answer, c, met)
	if _, lost := met["reset-after"]; lost {
		panic(http.ErrAbortHandler)
	}
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

func before(met map[string]action, w http.ResponseWriter) {
	if delay, some := met["delay"]; some {
		time.Sleep(time.Duration(delay.Ms) * time.Millisecond)
	}
	if _, cut := met["reset-before"]; cut {
		panic(http.ErrAbortHandler)
	}
}

func (p *peer) answerByRule(w http.ResponseWriter, c *call, met map[string]action) bool {
	if status, some := met["status"]; some {
		w.WriteHeader(status.Status)
		return true
	}
	if bad, some := met["fault"]; some {
		fault, _ := bad.fault()
		writeFault(w, fault, bad.Message)
		return true
	}
	return false
}

// Does what the call asks for: first what is ours, then the simulator's.
func (p *peer) carryOut(w http.ResponseWriter, c *call, met map[string]action) {
	if !loggedIn(c.http) {
		p.simulate(w, c) // which says so, if it minds
		p.sessions.look()
		return
	}
	switch request := c.request.(type) {
	case *types.RenameSnapshot:
		p.snapshots.rename(w, c.this, request)
		return
	case *types.CancelTask:
		p.tasks.cancel(w, c.this)
		return
	case *types.HasPrivilegeOnEntities:
		p.denied.answer(w, request)
		return
	case *types.ShutdownGuest, *types.RebootGuest, *types.StandbyGuest:
		if p.guests.answer(w, c) {
			return
		}
	}
	if strings.HasSuffix(c.method, "_Task") {
		p.carryOutTask(w, c, met)
		return
	}
	p.simulate(w, c)
	if c.method == "AcquireGenericServiceTicket" {
		p.stores.remember(w)
	}
}

// Hands the call to the simulator. Where that panics, a server answers a fault.
func (p *peer) simulate(w http.ResponseWriter, c *call) {
	r := c.http.Clone(c.http.Context())
	r.Body = io.NopCloser(bytes.NewReader(c.body))
	answer := httptest.NewRecorder()
	if reason := panicOf(func() { p.next.ServeHTTP(answer, r) }); reason != "" {
		writeFault(w, &types.SystemError{Reason: reason}, "A general system error occurred: "+reason)
		return
	}
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}
