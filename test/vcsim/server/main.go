// A vCenter or an ESXi for tests: govmomi's simulator, with what a driver's tests want besides. It reads one line of JSON
// from its standard input, answers one on its standard output, and ends when its standard input does, so that it never
// outlives whoever started it.
package main

import (
	"bufio"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/vmware/govmomi/simulator"
)

type config struct {
	Model           string `json:"model"`
	User            string `json:"user"`
	Password        string `json:"password"`
	Machines        int    `json:"machines"`
	PoweredOn       bool   `json:"poweredOn"`
	Datacenters     int    `json:"datacenters"`
	Hosts           int    `json:"hosts"`
	StandaloneHosts int    `json:"standaloneHosts"`
	Pools           int    `json:"pools"`
	Datastores      int    `json:"datastores"`
	PortGroups      int    `json:"portGroups"`
	PageLimit       int    `json:"pageLimit"`
	TaskMs          int    `json:"taskMs"`
	BareMs          int    `json:"bareMs"`
	IdleMs          int    `json:"idleMs"`
	Record          bool   `json:"record"`
}

type ready struct {
	URL           string `json:"url"`
	Control       string `json:"control"`
	CaCertificate string `json:"caCertificate"`
	Pid           int    `json:"pid"`
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "xsd" {
		_, _ = os.Stdout.Write(schema())
		return
	}
	input := bufio.NewReader(os.Stdin)
	line, err := input.ReadBytes('\n')
	if err != nil {
		log.Fatal("the first line of standard input is the configuration, as JSON")
	}
	var c config
	if err := json.Unmarshal(line, &c); err != nil {
		log.Fatal(err)
	}
	folder, err := os.MkdirTemp("", "virtkit-vcsim-")
	if err != nil {
		log.Fatal(err)
	}
	code := serve(c, folder, input)
	_ = os.RemoveAll(folder)
	os.Exit(code)
}

// Everything that the simulator writes lies in folder.
func serve(c config, folder string, input io.Reader) int {
	_ = os.Setenv("TMPDIR", folder)
	log.SetOutput(io.Discard)
	model := modelOf(c)
	simulator.SessionIdleTimeout = time.Duration(c.IdleMs) * time.Millisecond
	if err := model.Create(); err != nil {
		fmt.Fprintln(os.Stderr, "the model cannot be made:", err)
		return 1
	}
	defer model.Remove()
	simulator.Bare = time.Duration(c.BareMs) * time.Millisecond
	certificate, pem, err := selfSigned()
	if err != nil {
		fmt.Fprintln(os.Stderr, "no certificate:", err)
		return 1
	}
	model.Service.Listen = &url.URL{Host: "127.0.0.1:0", User: url.UserPassword(c.User, c.Password)}
	model.Service.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	server := model.Service.NewServer()
	peer := newPeer(c, server.Server.Config.Handler)
	server.Server.Config.Handler = peer
	control, err := peer.serveControl()
	if err != nil {
		fmt.Fprintln(os.Stderr, "no control endpoint:", err)
		return 1
	}
	address := *server.URL
	address.User = nil
	_ = json.NewEncoder(os.Stdout).Encode(ready{address.String(), control, pem, os.Getpid()})
	over := make(chan os.Signal, 1)
	signal.Notify(over, os.Interrupt, syscall.SIGTERM)
	go func() {
		_, _ = io.Copy(io.Discard, input)
		over <- syscall.SIGTERM
	}()
	<-over
	return 0 // without server.Close(), which waits for whoever still waits for updates
}

func modelOf(c config) *simulator.Model {
	var model *simulator.Model
	if c.Model == "esxi" {
		model = simulator.ESX()
	} else {
		model = simulator.VPX()
		model.Datacenter, model.Cluster, model.ClusterHost, model.Host = c.Datacenters, 1, c.Hosts, c.StandaloneHosts
		model.Pool, model.Portgroup = c.Pools, c.PortGroups
	}
	model.Datastore, model.Machine, model.Autostart = c.Datastores, c.Machines, c.PoweredOn
	return model
}

// A peer stands before the simulator and sees every request first.
type peer struct {
	next      http.Handler
	user      string
	password  string
	sessions  *peak
	rules     *rules
	requests  *requests
	tasks     *tasks
	stores    *stores
	snapshots *snapshots
	guests    *guests
	denied    *denials
}

func newPeer(c config, next http.Handler) *peer {
	installPaging(c.PageLimit)
	return &peer{
		next:      next,
		user:      c.User,
		password:  c.Password,
		sessions:  &peak{},
		rules:     &rules{},
		requests:  &requests{keep: c.Record, counts: map[string]int{}},
		tasks:     &tasks{always: time.Duration(c.TaskMs) * time.Millisecond, cancels: map[string]chan struct{}{}},
		stores:    &stores{full: map[string]bool{}, free: map[string]int64{}, tickets: map[string]bool{}},
		snapshots: &snapshots{taken: map[string]moment{}},
		guests:    &guests{deaf: map[string]bool{}},
		denied:    &denials{},
	}
}
