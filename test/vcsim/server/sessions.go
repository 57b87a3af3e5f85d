package main

import (
	"net/http"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// A session of nobody, through which the simulator tells of the others.
func observer() *simulator.Session {
	return &simulator.Session{UserSession: types.UserSession{Key: "observer"}, Registry: simulator.NewRegistry()}
}

func liveSessions() []types.UserSession {
	manager := simulator.Map.SessionManager().Reference()
	return observer().Get(manager).(*simulator.SessionManager).SessionList
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
