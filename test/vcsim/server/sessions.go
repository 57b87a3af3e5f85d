package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"
)

// A session of nobody, through which the simulator tells of the others.
func observer() *simulator.Session {
	return &simulator.Session{UserSession: types.UserSession{Key: "observer"}, Registry: simulator.NewRegistry()}
}

// All sessions but the server's own.
func liveSessions() []types.UserSession {
	manager := simulator.Map.SessionManager().Reference()
	var live []types.UserSession
	for _, session := range observer().Get(manager).(*simulator.SessionManager).SessionList {
		if session.UserAgent != ourselves {
			live = append(live, session)
		}
	}
	return live
}

// Tells the peer's sessions from its clients'.
const ourselves = "the peer itself"

// Does something in a session of the server's own: a task goes on when the session that started it is over.
func (p *peer) asServer(c *call, do func(*call)) {
	manager := simulator.Map.SessionManager().Reference()
	cookie := ""
	ask := func(method, inner string) *httptest.ResponseRecorder {
		body := envelope + fmt.Sprintf(`<%s xmlns="urn:vim25"><_this type="%s">%s</_this>%s</%s></soapenv:Body></soapenv:Envelope>`,
			method, manager.Type, manager.Value, inner, method)
		answer, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/sdk", strings.NewReader(body))
		r.Header.Set("User-Agent", ourselves)
		r.Header.Set("Cookie", cookie)
		p.next.ServeHTTP(answer, r)
		return answer
	}
	var user, password bytes.Buffer
	_ = xml.EscapeText(&user, []byte(p.user))
	_ = xml.EscapeText(&password, []byte(p.password))
	answer := ask("Login", "<userName>"+user.String()+"</userName><password>"+password.String()+"</password>")
	cookie, _, _ = strings.Cut(answer.Header().Get("Set-Cookie"), ";")
	defer ask("Logout", "")
	ours := *c
	ours.http = httptest.NewRequest(http.MethodPost, "/sdk", nil)
	ours.http.Header.Set("User-Agent", ourselves)
	ours.http.Header.Set("Cookie", cookie)
	do(&ours)
}

// The most sessions that there were at a time.
type peak struct {
	sync.Mutex
	most int
}

func (k *peak) look() (live, most int) {
	k.Lock()
	defer k.Unlock()
	live = len(liveSessions())
	if live > k.most {
		k.most = live
	}
	return live, k.most
}

func expireSessions() int {
	var keys []string
	for _, session := range liveSessions() {
		keys = append(keys, session.Key)
	}
	ctx := &simulator.Context{Session: observer()}
	simulator.Map.SessionManager().TerminateSession(ctx, &types.TerminateSession{SessionId: keys})
	return len(keys)
}

func loggedIn(r *http.Request) bool {
	cookie, err := r.Cookie(soap.SessionCookieName)
	if err != nil {
		return false
	}
	for _, session := range liveSessions() {
		if session.Key == cookie.Value {
			return true
		}
	}
	return false
}
