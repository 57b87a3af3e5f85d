package main

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Every request that came in, for whoever wants to know what was asked.
type requests struct {
	sync.Mutex
	keep   bool
	counts map[string]int
	bodies []recorded
}

type recorded struct {
	Method string `json:"method"`
	Body   string `json:"body"`
}

func (r *requests) note(method string, body []byte) {
	r.Lock()
	defer r.Unlock()
	r.counts[method]++
	if r.keep && body != nil {
		r.bodies = append(r.bodies, recorded{method, string(body)})
	}
}

// Answers the tests' own questions and orders, on another port and under a path that nobody guesses.
func (p *peer) serveControl() (string, error) {
	secret := make([]byte, 16)
	if _, err := rand.Read(secret); err != nil {
		return "", err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	path := "/" + hex.EncodeToString(secret)
	mux := http.NewServeMux()
	for name, handle := range map[string]func(*http.Request) (interface{}, error){
		"rules":      p.controlRules,
		"sessions":   p.controlSessions,
		"requests":   p.controlRequests,
		"counts":     p.controlCounts,
		"guests":     p.controlGuests,
		"privileges": p.controlPrivileges,
		"datastores": p.controlDatastores,
		"tasks":      p.controlTasks,
	} {
		handle := handle
		mux.HandleFunc(path+"/"+name, func(w http.ResponseWriter, r *http.Request) {
			answer, err := handle(r)
			w.Header().Set("Content-Type", "application/json")
			if err != nil {
				w.WriteHeader(http.StatusBadRequest)
				answer = map[string]string{"error": err.Error()}
			}
			_ = json.NewEncoder(w).Encode(answer)
		})
	}
	go func() { _ = http.Serve(listener, mux) }()
	return "http://" + listener.Addr().String() + path, nil
}

func (p *peer) controlRules(r *http.Request) (interface{}, error) {
	switch r.Method {
	case http.MethodPost:
		var one rule
		if err := json.NewDecoder(r.Body).Decode(&one); err != nil {
			return nil, err
		}
		id, err := p.rules.add(one)
		return map[string]int{"id": id}, err
	case http.MethodDelete:
		id, _ := strconv.Atoi(r.URL.Query().Get("id"))
		p.rules.remove(id)
	}
	return p.rules.all(), nil
}

func (p *peer) controlSessions(r *http.Request) (interface{}, error) {
	if r.Method == http.MethodDelete {
		return expireSessions(), nil
	}
	live, most := p.sessions.look()
	return map[string]int{"live": live, "most": most}, nil
}

func (p *peer) controlRequests(r *http.Request) (interface{}, error) {
	p.requests.Lock()
	defer p.requests.Unlock()
	return append([]recorded{}, p.requests.bodies...), nil
}

func (p *peer) controlCounts(r *http.Request) (interface{}, error) {
	p.requests.Lock()
	defer p.requests.Unlock()
	counts := map[string]int{}
	for method, count := range p.requests.counts {
		counts[method] = count
	}
	return counts, nil
}

func (p *peer) controlGuests(r *http.Request) (interface{}, error) {
	var told guest
	if err := json.NewDecoder(r.Body).Decode(&told); err != nil {
		return nil, err
	}
	return nil, p.guests.tell(told)
}

func (p *peer) controlPrivileges(r *http.Request) (interface{}, error) {
	var list []denial
	if err := json.NewDecoder(r.Body).Decode(&list); err != nil {
		return nil, err
	}
	p.denied.set(list)
	return nil, nil
}

func (p *peer) controlDatastores(r *http.Request) (interface{}, error) {
	name := r.URL.Query().Get("name")
	store := storeNamed(name)
	if store == nil {
		return nil, fmt.Errorf("there is no datastore %q", name)
	}
	if r.Method == http.MethodPost {
		p.stores.fill(store, r.URL.Query().Get("full") == "true")
	}
	if r.Method == http.MethodPut {
		ago, err := time.ParseDuration(r.URL.Query().Get("ago") + "ms")
		if err != nil {
			return nil, err
		}
		if err := leaveFile(store, r.URL.Query().Get("path"), time.Now().Add(-ago)); err != nil {
			return nil, err
		}
	}
	return filesOf(store), nil
}

func (p *peer) controlTasks(r *http.Request) (interface{}, error) {
	p.tasks.Lock()
	defer p.tasks.Unlock()
	return len(p.tasks.cancels), nil
}
